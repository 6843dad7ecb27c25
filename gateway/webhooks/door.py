"""The door itself: the addresses of each carrier, and an empty answer to everything else under them."""

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from campaigns.language.lexicon import lexicon
from gateway.carriers.registry import CARRIERS, make_all
from gateway.house import House
from gateway.webhooks import echo
from gateway.webhooks.call_receipts import CallReceiptDoor
from gateway.webhooks.calls import CallDoor
from gateway.webhooks.echo import EchoDoor
from gateway.webhooks.guard import guarded
from gateway.webhooks.media import PASSING_RULE, RULE, SoundDoor
from gateway.webhooks.messages import TextDoor
from gateway.webhooks.receipts import ReceiptDoor
from gateway.webhooks.recordings import RecordingDoor

PREFIX = "/carrier"
NOT_FOUND = 404


def blueprint(house: House) -> Blueprint:
    """The carriers' webhooks under /carrier. They are signed, so a console's CSRF check must leave them out."""
    _warm_up(house)
    door = Blueprint("carrier", __name__, url_prefix=PREFIX)
    for carrier in CARRIERS:
        texts, receipts = TextDoor(house, carrier), ReceiptDoor(house, carrier)
        _add(door, f"/{carrier}/messages", f"{carrier}_messages", guarded(house, carrier, "text", texts.take))
        path = f"/{carrier}/receipts/<int:delivery>/<int:attempt>"
        _add(door, path, f"{carrier}_receipts", guarded(house, carrier, "receipt", receipts.take))
        _add_calls(door, house, carrier)
    # Open to everybody (console/access.py says why it may be): a carrier signs no request for a sound.
    sounds = SoundDoor(house)
    for rule, endpoint, view in (
        (RULE, "audio", sounds.give),
        (PASSING_RULE, "passing_audio", sounds.give_passing),
    ):
        door.add_url_rule(rule, endpoint, view, methods=["GET"], provide_automatic_options=False)
    door.before_app_request(_answer_strays)
    return door


def _add_calls(door: Blueprint, house: House, carrier: str) -> None:
    calls, ours = CallDoor(house, carrier), CallReceiptDoor(house, carrier)
    recordings = RecordingDoor(house, carrier)
    one_of_ours = "<int:delivery>/<int:attempt>"
    begin, step = guarded(house, carrier, "call", calls.begin), guarded(house, carrier, "call", calls.step)
    _add(door, f"/{carrier}/calls/begin", f"{carrier}_call", begin)
    _add(door, f"/{carrier}/calls/begin/{one_of_ours}", f"{carrier}_call_of_ours", begin)
    _add(door, f"/{carrier}/calls/step/<token>", f"{carrier}_step", step)
    status = guarded(house, carrier, "call_status", ours.take)
    _add(door, f"/{carrier}/calls/status/{one_of_ours}", f"{carrier}_call_status", status)
    said = guarded(house, carrier, "recording", recordings.take)
    _add(door, f"/{carrier}/recordings/<token>", f"{carrier}_recordings", said)
    # Open to everybody, as the carrier signs no request for a sound: its names open only with our key.
    heard, again = echo.RULE.format(carrier=carrier), EchoDoor(house, carrier)
    door.add_url_rule(heard, f"{carrier}_heard", again.give, methods=["GET"], provide_automatic_options=False)


def _warm_up(house: House) -> None:
    """Read the catalogues and the carrier's SDK now: the first person to write should not wait for them."""
    lexicon()
    make_all(house)


def _add(door: Blueprint, rule: str, endpoint: str, view: object) -> None:
    # A redirect would make the carrier call again by GET, without the fields: no slash is ever corrected.
    door.add_url_rule(
        rule,
        endpoint,
        view,  # type: ignore[arg-type]
        methods=["POST"],
        provide_automatic_options=False,
        strict_slashes=False,
        merge_slashes=False,
    )


def _answer_strays() -> Response | None:
    """Empty 404 or 405 for what nobody handles under /carrier, instead of a page or a redirect."""
    trouble = request.routing_exception
    if trouble is None or not request.path.startswith(PREFIX):
        return None
    status = trouble.code if isinstance(trouble, HTTPException) and trouble.code else NOT_FOUND
    return Response(status=status if 400 <= status < 500 else NOT_FOUND)
