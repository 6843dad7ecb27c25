"""The door itself: two addresses for each carrier, and an empty answer to everything else under them."""

from contextlib import suppress

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from campaigns.language.lexicon import lexicon
from gateway.carriers.registry import CARRIERS, CarrierNotConfigured, carrier_for
from gateway.house import House
from gateway.webhooks.guard import guarded
from gateway.webhooks.media import RULE, SoundDoor
from gateway.webhooks.messages import TextDoor
from gateway.webhooks.receipts import ReceiptDoor

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
    # Open to everybody (console/access.py says why it may be): a carrier signs no request for a sound.
    door.add_url_rule(RULE, "audio", SoundDoor(house).give, methods=["GET"], provide_automatic_options=False)
    door.before_app_request(_answer_strays)
    return door


def _warm_up(house: House) -> None:
    """Read the catalogues and the carrier's SDK now: the first person to write should not wait for them."""
    lexicon()
    for carrier in CARRIERS:
        with suppress(CarrierNotConfigured):
            carrier_for(house, carrier)


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
