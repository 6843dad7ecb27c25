"""Only the carrier, only for our account, and only what can be read in one way."""

from collections.abc import Iterable

import pytest
from twilio.request_validator import RequestValidator

from gateway.carriers.carrier import (
    CarrierOptOut,
    CarrierState,
    Forged,
    Form,
    Malformed,
    NotFromAPhone,
    RawRequest,
)
from gateway.carriers.twilio.read import read_message, read_receipt
from gateway.carriers.twilio.verify import RECEIPT, TEXT, Kind, Verifier
from tests.support.signing import (
    ACCOUNT,
    NEXT_TOKEN,
    PUBLIC_URL,
    TEXTS,
    TOKEN,
    receipt_fields,
    signature,
    text_fields,
)

URL = PUBLIC_URL + TEXTS
SENDER, LINE = "+923990000101", "+923990000017"
SID = "SM" + "0a" * 16


def a_text(body: str = "salam", **more: str) -> dict[str, str]:
    return {**text_fields(body, sender=SENDER, to=LINE, sid=SID), **more}


def check(
    pairs: Iterable[tuple[str, str]],
    *,
    signed: str | None = None,
    kind: Kind = TEXT,
    token: str = TOKEN,
    url: str = URL,
) -> Form:
    """The fields that pass; signed for just these pairs unless another signature is given."""
    pairs = list(pairs)
    request = RawRequest(url, pairs, signature(url, pairs, token) if signed is None else signed)
    return Verifier(ACCOUNT, (TOKEN, NEXT_TOKEN)).fields(request, kind)


def test_the_published_vector_comes_out_as_published() -> None:
    # Given the five parameters and the token of Twilio's own documentation
    pairs = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    # Then our signer and Twilio's validator agree with what it prints
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature(url, pairs.items(), "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert RequestValidator("12345").validate(url, pairs, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


@pytest.mark.parametrize(
    "body", ["salam", "", "ګډون", "STOP From here", "a=b&c=d+e", "BodyFrom", "x" * 1600, "\n ✌🏽"]
)
def test_a_genuine_text_passes_whatever_it_says(body: str) -> None:
    assert check(a_text(body).items())["Body"] == body


def test_both_tokens_pass_while_one_takes_over_from_the_other() -> None:
    assert check(a_text().items(), token=NEXT_TOKEN)
    with pytest.raises(Forged):
        check(a_text().items(), token="an old token")


@pytest.mark.parametrize("signed", ["", "x", "ß", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "=" * 28])
def test_a_wrong_signature_is_forged_and_no_error(signed: str) -> None:
    with pytest.raises(Forged):
        check(a_text().items(), signed=signed)


def test_no_signature_is_forged() -> None:
    with pytest.raises(Forged):
        Verifier(ACCOUNT, (TOKEN,)).fields(RawRequest(URL, list(a_text().items()), None), TEXT)


def test_a_signature_by_an_algorithm_or_key_we_do_not_hold_is_forged() -> None:
    pairs = list(a_text().items())
    for settings in ("key=k,algorithm=HMAC_SHA256", "algorithm=none"):
        request = RawRequest(URL, pairs, signature(URL, pairs), settings)
        with pytest.raises(Forged):
            Verifier(ACCOUNT, (TOKEN,)).fields(request, TEXT)


def test_another_address_than_ours_is_forged() -> None:
    pairs = list(a_text().items())
    with pytest.raises(Forged):
        check(pairs, signed=signature("https://other.example" + TEXTS, pairs))


def test_another_account_is_forged_though_the_signature_fits() -> None:
    with pytest.raises(Forged):
        check(a_text(AccountSid="AC" + "6" * 32).items())


RECUT = {
    "the text is cut into a STOP": ({"Body": "STOP Dear friend"}, {"Body": "STOP ", "Dear": " friend"}, ()),
    "the text is cut into a YES": ({"Body": "Yes EasyPaisa me"}, {"Body": "Yes ", "EasyPaisa": " me"}, ()),
    "a sender is carved out of the text": (
        {"Body": "hi From+923990000200FromAB"},
        {"Body": "hi ", "From": "+923990000200", "FromAB": f"From{SENDER}"},
        (),
    ),
    "the true sender becomes a name": (
        {"Body": "hi From+923990000200"},
        {"Body": "hi ", "From": "+923990000200", f"From{SENDER}": ""},
        (),
    ),
    "the id swallows its neighbour": ({}, {"MessageSid": f"{SID}NumMedia0"}, ("NumMedia",)),
    "the carrier's STOP is hidden": (
        {"OptOutType": "STOP"},
        {"OptOut": "TypeSTOP"},
        ("OptOutType",),
    ),
    "the carrier's STOP is swallowed": (
        {"OptOutType": "STOP"},
        {"NumSegments": "1OptOutTypeSTOP"},
        ("OptOutType",),
    ),
}


@pytest.mark.parametrize("case", RECUT)
def test_a_caught_request_cut_at_other_places_is_refused(case: str) -> None:
    # Given a genuine request and its signature
    change, forgery, gone = RECUT[case]
    genuine = a_text(**change)
    caught = signature(URL, genuine.items())
    # When names and values are cut elsewhere, so that the same signature fits
    forged = {name: value for name, value in {**genuine, **forgery}.items() if name not in gone}
    assert RequestValidator(TOKEN).validate(URL, forged, caught), "the forgery would not even verify"
    # Then it is refused for its shape
    assert check(genuine.items(), signed=caught)
    with pytest.raises(Malformed):
        check(forged.items(), signed=caught)


def test_a_field_given_twice_is_refused_though_its_signature_fits() -> None:
    pairs = list(a_text().items())
    with pytest.raises(Malformed):
        check([*pairs, ("Body", "salam")], signed=signature(URL, pairs))


@pytest.mark.parametrize("missing", sorted(TEXT.required))
def test_a_text_without_a_field_that_we_read_is_refused(missing: str) -> None:
    with pytest.raises(Malformed):
        check([pair for pair in a_text().items() if pair[0] != missing])


ADDED_ONE_DAY = {
    "ChannelHint": "",
    "TrafficClass": "a b",
    "AddOns": '{"status": "ok"}',
    "FromCarrier": "Jazz",
    "MediaUrl0": "https://api.example/Media/ME1",
}


@pytest.mark.parametrize(("name", "value"), ADDED_ONE_DAY.items())
def test_a_field_that_the_carrier_adds_one_day_is_taken(name: str, value: str) -> None:
    assert check(a_text(**{name: value}).items())


@pytest.mark.parametrize(
    "name", ["", "from", "mFrom", "Fro", "Fr om", "From+9", "Dear", "X" * 60, "متن", "Sms", "A1b"]
)
def test_a_name_that_may_be_a_piece_of_something_else_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        check(a_text(**{name: "x"}).items())


def test_a_receipt_is_read_into_state_code_and_name() -> None:
    url = f"{PUBLIC_URL}/carrier/twilio/receipts/7/0"
    fields = receipt_fields(
        "undelivered", sid=SID, to=SENDER, sender=LINE, ErrorCode="30003", ErrorMessage=""
    )
    form = check(fields.items(), kind=RECEIPT, url=url)
    receipt = read_receipt(form)
    assert (receipt.state, receipt.error, receipt.sid) == (CarrierState.UNDELIVERED, 30003, SID)


@pytest.mark.parametrize("status", ["received", "receiving"])
def test_a_receipt_of_an_inbound_text_is_refused(status: str) -> None:
    with pytest.raises(Malformed):
        read_receipt({"MessageStatus": status, "MessageSid": SID})


def test_a_status_invented_tomorrow_means_that_the_carrier_has_it() -> None:
    assert read_receipt({"MessageStatus": "pondering", "MessageSid": SID}).state is CarrierState.TAKEN


def test_a_text_from_an_operator_s_sender_name_is_from_no_phone() -> None:
    for sender in ("Jazz", "8888", "anonymous", "+0300", "+92 300", "+٩٢٣٠٠٠٠٠٠٠"):
        with pytest.raises(NotFromAPhone):
            read_message({**a_text(), "From": sender})


def test_the_carrier_s_own_stop_is_read() -> None:
    assert read_message(a_text(OptOutType="STOP")).opt_out is CarrierOptOut.STOP
    assert read_message(a_text()).opt_out is None


def test_nothing_read_shows_number_or_text() -> None:
    text = read_message(a_text("canary text"))
    assert SENDER not in repr(text)
    assert "canary" not in repr(text)
    assert "canary" not in repr(RawRequest(URL, list(a_text("canary text").items()), "x"))
