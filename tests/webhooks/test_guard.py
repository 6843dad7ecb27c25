"""Whoever is not the carrier gets 4xx and nothing to read, whatever he sends."""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from urllib.parse import quote, unquote_to_bytes

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from gateway.console.access import OPEN_PAGES
from tests.support.programme import LONG_NUMBER
from tests.support.signing import (
    ACCOUNT,
    PUBLIC_URL,
    TEXTS,
    TOKEN,
    body_of,
    call_fields,
    call_status_fields,
    receipt_fields,
    recording_fields,
    signature,
    text_fields,
)
from tests.webhooks.conftest import FORM, WOMAN, Door, new_sid

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

# A sample of what `scripts/bench forged` sends in full.
HOW_MANY = int(os.environ.get("FORGERIES", "2000"))
SEED = 20261121
RECEIPTS, CALLS = "/carrier/twilio/receipts/7/0", "/carrier/twilio/calls"
BODIES = ("STOP", "JOIN", "yes", "ګډون", "the water is bad & brown", "", "a=b&From=+92300", "٪ + %20")


@dataclass(frozen=True)
class Knock:
    """One request, byte for byte."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str, value: str | None) -> "Knock":
        kept = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=kept if value is None else (*kept, (name, value)))


def genuine(chance: random.Random) -> Knock:
    """A request that the carrier could have made."""
    sid = new_sid()
    kind = chance.random()
    if kind < 0.4:
        path = TEXTS
        fields = text_fields(chance.choice(BODIES), sender=WOMAN, to=LONG_NUMBER, sid=sid)
    elif kind < 0.6:
        path = RECEIPTS
        fields = dict(receipt_fields(chance.choice(("sent", "delivered")), sid=sid, to=WOMAN, sender="GUDAR"))
    else:
        path, fields = of_a_call(chance, sid)
    signed = signature(PUBLIC_URL + path, fields.items())
    headers = (("Content-Type", FORM), ("X-Twilio-Signature", signed), ("X-Real-Ip", "203.0.113.9"))
    return Knock("POST", path, headers, body_of(fields.items()))


def of_a_call(chance: random.Random, sid: str) -> tuple[str, dict[str, str]]:
    """A call's beginning, a step of it, the word on a recording or on one of our calls."""
    asked = call_fields(caller=WOMAN, line=LONG_NUMBER, sid=sid)
    kinds = (
        (f"{CALLS}/begin", asked),
        (f"{CALLS}/step/a-token_1", {**asked, "Digits": chance.choice(("1", "#", ""))}),
        (f"{CALLS}/step/a-token_1", {**asked, "RecordingSid": "RE1", "RecordingDuration": "12"}),
        (
            "/carrier/twilio/recordings/a-token_1",
            recording_fields("absent", sid=sid, recording="RE1", seconds=0),
        ),
        (f"{CALLS}/status/7/0", call_status_fields("busy", sid=sid, to=WOMAN, line=LONG_NUMBER)),
    )
    return chance.choice(kinds)


def other_signature(knock: Knock, chance: random.Random) -> Knock:
    made_up = (
        None,
        "",
        "=" * 28,
        "é" * 28,
        signature(PUBLIC_URL + knock.path, (), "another token"),
        signature(f"http://{chance.random()}.example", ()),
        "A" * 9_000,
    )
    return knock.header("X-Twilio-Signature", chance.choice(made_up))


def flipped_signature(knock: Knock, chance: random.Random) -> Knock:
    signed = dict(knock.headers)["X-Twilio-Signature"]
    place = chance.randrange(27)
    return knock.header(
        "X-Twilio-Signature", signed[:place] + ("A" if signed[place] != "A" else "B") + signed[place + 1 :]
    )


def changed_bytes(knock: Knock, chance: random.Random) -> Knock:
    body = bytearray(knock.body)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(body))
        how = chance.randrange(3)
        if how == 0:
            body[place] = chance.randrange(256)
        elif how == 1:
            del body[place]
        else:
            body.insert(place, chance.choice(b"&=%+;\x00\xff{"))
    return replace(knock, body=bytes(body))


def cut_body(knock: Knock, chance: random.Random) -> Knock:
    return replace(knock, body=knock.body[: chance.randrange(len(knock.body))])


def changed_fields(knock: Knock, chance: random.Random) -> Knock:
    pairs = knock.body.split(b"&")
    place = chance.randrange(len(pairs))
    name, _, value = pairs[place].partition(b"=")
    odd = chance.choice(
        (
            [name + b"=" + value + b"x"],
            [name.lower() + b"=" + value],
            [b"x" + pairs[place]],
            [],
            [pairs[place], pairs[place]],
            [pairs[place], name + b"=other"],
            [name],
            [name + b"=%ff%fe"],
            [name + b"=%ed%a0%80"],
            [pairs[place], b"Dear=friend"],
            [pairs[place]] + [b"Field%d=x" % n for n in range(120)],
        )
    )
    return replace(knock, body=b"&".join([*pairs[:place], *odd, *pairs[place + 1 :]]))


def moved_boundary(knock: Knock, chance: random.Random) -> Knock:
    """A letter moves from a value into the name after it, or back: often the very same bytes are signed."""
    pairs = [pair.partition(b"=") for pair in sorted(knock.body.split(b"&"))]
    place = chance.randrange(len(pairs) - 1)
    (name, _, value), (next_name, _, next_value) = pairs[place], pairs[place + 1]
    if value and chance.random() < 0.5:
        tail = unquote_to_bytes(value.replace(b"+", b" "))[-1:]
        value = quote(unquote_to_bytes(value.replace(b"+", b" "))[:-1]).encode()
        next_name = quote(tail).encode() + next_name
    else:
        value, next_name = value + next_name[:1], next_name[1:]
    changed = [b"=".join((n, v)) for n, _, v in pairs]
    changed[place : place + 2] = [name + b"=" + value, next_name + b"=" + next_value]
    return replace(knock, body=b"&".join(changed))


def other_account(knock: Knock, chance: random.Random) -> Knock:
    """Rightly signed with our token, but for another account."""
    body = knock.body.replace(ACCOUNT.encode(), b"AC" + b"%032x" % chance.getrandbits(128))
    pairs = [
        (n, unquote_to_bytes(v.replace("+", " ")).decode())
        for n, _, v in (p.partition("=") for p in body.decode().split("&"))
    ]
    return replace(knock, body=body).header("X-Twilio-Signature", signature(PUBLIC_URL + knock.path, pairs))


METHODS = ("GET", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW")
TYPES = ("application/json", "text/plain", "multipart/form-data; boundary=x", "", None)
LENGTHS = ("-1", "many", "99999999999", "0", None)


def other_request(knock: Knock, chance: random.Random) -> Knock:
    return chance.choice(
        (
            replace(knock, method=chance.choice(METHODS)),
            knock.header("Content-Type", chance.choice(TYPES)),
            knock.header("Content-Length", chance.choice(LENGTHS)),
            knock.header("X-Twilio-Webhooks-Signature-Settings", "key=k,algorithm=HMAC_SHA256"),
            replace(knock, body=knock.body + b"&Pad=" + b"x" * 70_000),
        )
    )


def other_path(knock: Knock, chance: random.Random) -> Knock:
    paths = (
        knock.path + "/",
        knock.path + "?x=1",
        "/" + knock.path,
        knock.path.replace("carrier/", "carrier//"),
        knock.path + "%00",
        knock.path + "/../messages",
        "/carrier/twilio/receipts/7/1",
        "/carrier/twilio/receipts/-7/0",
        f"/carrier/twilio/receipts/{10**30}/0",
        "/carrier/twilio/receipts/7/٣",
        "/carrier/twilio",
        "/carrier/",
        "/carrier/other/messages",
        "/carrier/twilio/messages;x",
        "/carrier/twilio/calls/begin/7/0",
        "/carrier/twilio/calls/step",
        "/carrier/twilio/calls/step/another-token",
        "/carrier/twilio/heard/AAAA.wav",
    )
    return replace(knock, path=chance.choice([path for path in paths if path != knock.path]))


MUTATIONS: tuple[Callable[[Knock, random.Random], Knock], ...] = (
    other_signature,
    flipped_signature,
    changed_bytes,
    cut_body,
    changed_fields,
    moved_boundary,
    other_account,
    other_request,
    other_path,
)


def says_the_same(knock: Knock, original: Knock) -> bool:
    """Whether a mutation left a request that the carrier could have sent: the same fields, written otherwise."""

    def fields(body: bytes) -> list[tuple[bytes, ...]]:
        pairs = (pair.replace(b"+", b" ").partition(b"=") for pair in body.split(b"&"))
        return sorted((unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pairs)

    return replace(knock, body=b"") == replace(original, body=b"") and fields(knock.body) == fields(
        original.body
    )


def forgeries(how_many: int) -> Iterator[tuple[str, Knock]]:
    """Seeded: each genuine request is spoiled in one way."""
    chance = random.Random(SEED)
    made = 0
    while made < how_many:
        original = genuine(chance)
        mutation = chance.choice(MUTATIONS)
        forged = mutation(original, chance)
        if not says_the_same(forged, original):
            made += 1
            yield mutation.__name__, forged


def knock_on(door: Door, knock: Knock) -> tuple[int, bytes, str | None]:
    """Straight into the application, without a client that would mend anything: status, body, where to."""
    environ = EnvironBuilder(method="POST", path="/").get_environ()
    path, _, query = knock.path.partition("?")
    environ |= {
        "REQUEST_METHOD": knock.method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": quote(knock.path, safe="/?=%;.-"),
        "REQUEST_URI": quote(knock.path, safe="/?=%;.-"),
        "CONTENT_LENGTH": str(len(knock.body)),
        "wsgi.input": BytesIO(knock.body),
    }
    environ.pop("CONTENT_TYPE", None)
    for name, value in knock.headers:
        key = name.upper().replace("-", "_")
        environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value.encode().decode("latin-1")
    body, status, headers = run_wsgi_app(door.app, environ, buffered=True)
    return int(status.split()[0]), b"".join(body), headers.get("Location")


def test_the_carrier_itself_is_let_in(door: Door) -> None:
    for seed in range(40):
        status, _, _ = knock_on(door, genuine(random.Random(seed)))
        assert status in (200, 204)


@pytest.mark.timeout(300)
def test_forged_and_malformed_webhooks_are_all_turned_away_with_nothing_to_read(
    door: Door,
) -> None:
    # Given what the house holds
    before = door.rows()
    outcomes: Counter[tuple[str, int]] = Counter()
    wrong = []
    # When spoiled requests come
    for name, knock in forgeries(HOW_MANY):
        status, body, location = knock_on(door, knock)
        outcomes[name, status] += 1
        if not 400 <= status < 500 or body or location:
            wrong.append((name, status, knock))
    # Then none was accepted, none made a fault or a redirect, none was told anything
    assert wrong == []
    assert {name for name, _ in outcomes} == {mutation.__name__ for mutation in MUTATIONS}
    # And nothing was written
    assert door.rows() == before
    assert list(door.house.redis.scan_iter("paigham:*")) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [TEXTS, RECEIPTS, f"{CALLS}/begin", f"{CALLS}/step/x", TEXTS + "/", "/carrier", "/carrier/nothing"],
)
def test_no_other_method_or_path_redirects_or_answers(door: Door, method: str, path: str) -> None:
    response = door.send(path, b"", {}, method)
    assert 400 <= response.status_code < 500
    assert response.get_data() == b""


def test_a_fault_of_the_guard_itself_lets_nobody_in(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr("gateway.webhooks.guard.carrier_for", fails)
    fields = text_fields("STOP", sender=WOMAN, to=LONG_NUMBER, sid=new_sid())
    response = door.knock(TEXTS, fields.items())
    assert (response.status_code, response.get_data()) == (403, b"")


def test_forwarded_headers_of_a_stranger_change_nothing(door: Door) -> None:
    fields = text_fields("HELP", sender=WOMAN, to=LONG_NUMBER, sid=new_sid())
    headers = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "Host": "evil.example"}
    assert door.knock(TEXTS, fields.items(), headers=headers).status_code == 200


def test_every_view_of_the_door_is_marked_as_guarded(door: Door) -> None:
    views = [
        view
        for name, view in door.app.view_functions.items()
        if name.startswith("carrier.") and name not in OPEN_PAGES
    ]
    assert len(views) == 7
    assert all(getattr(view, "__guarded__", None) == "carrier" for view in views)


def test_signing_in_these_tests_is_with_our_token(door: Door) -> None:
    fields = text_fields("HELP", sender=WOMAN, to=LONG_NUMBER, sid=new_sid())
    assert door.knock(TEXTS, fields.items(), token="another").status_code == 403
    assert door.knock(TEXTS, fields.items(), token=TOKEN).status_code == 200
