"""Is it Twilio, for our account, and can it be read in only one way?

The signature covers names and values run together, so it does not say where a name ends and a value begins
(reference/anonymity.md 0.7): a caught request could be cut differently under the same signature. Therefore every
name stands at most once, those we read exactly once, and a name we do not know is taken only where it cannot be a
piece of somebody's text. `docs/decisions/0002-known-fields.md` tells why these rules are enough.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from twilio.request_validator import HMAC_SHA1, RequestValidator, get_signature_algorithm

from gateway.carriers.carrier import Forged, Form, Malformed, RawRequest

MOST_FIELDS = 80
_PLACES = frozenset(
    f"{side}{part}"
    for side in ("From", "To", "Caller", "Called")
    for part in ("City", "State", "Zip", "Country")
)
_EVERYWHERE = frozenset({"AccountSid", "ApiVersion", "ErrorCode", "ErrorUrl", "From", "To"})
_OF_MESSAGES = _EVERYWHERE | _PLACES | {"MessageSid", "MessagingServiceSid", "SmsSid"}
_OF_CALLS = (
    _EVERYWHERE
    | _PLACES
    | {"AnsweredBy", "CallSid", "CallStatus", "CallToken", "Called", "Caller", "CallerName", "Direction"}
    | {"ForwardedFrom", "ParentCallSid", "StirPassportToken", "StirVerstat"}
)
_OF_RECORDINGS = frozenset({"RecordingDuration", "RecordingSid", "RecordingUrl"})


@dataclass(frozen=True)
class Kind:
    """One kind of webhook: what it must have, what it may have, which field holds a person's own words, and what a
    field looks like that has swallowed another."""

    required: frozenset[str]
    known: frozenset[str]
    free_text: str | None
    swallowed: re.Pattern[str]


# A field's name with the beginning of its value, inside another value: two fields were run together.
_SWALLOWED_ANYWHERE = r"AccountSid|ApiVersion|(?:From|To)(?:City|State|Zip|Country|[+0-9])"
_SWALLOWED_MESSAGE = (
    _SWALLOWED_ANYWHERE + r"|MessageSid|MessageStatus|MessagingServiceSid|NumMedia|NumSegments|OptOutType"
    r"|SmsSid|SmsStatus"
)
_SWALLOWED_CALL = re.compile(
    _SWALLOWED_ANYWHERE + r"|CallSid|CallStatus|CallDuration|CallToken|CallbackSource|Digits|Direction"
    r"|Call(?:ed|er)(?:City|State|Zip|Country|[+0-9])|FinishedOnKey|Recording(?:Sid|Url|Duration|Status)"
    r"|AnsweredBy|SequenceNumber|SipResponseCode"
)
# In the networks' own long tokens every short string turns up by chance, but never a plus sign.
_SWALLOWED_TOKEN = re.compile(r"(?:From|To|Called|Caller)\+|AccountSid|CallSid|CallStatus|RecordingSid")
LONG_TOKENS = frozenset({"CallToken", "StirPassportToken"})

TEXT = Kind(
    required=frozenset({"AccountSid", "MessageSid", "From", "To", "Body"}),
    known=_OF_MESSAGES
    | {"Body", "NumMedia", "NumSegments", "OptOutType", "SmsMessageSid", "SmsStatus"}
    | {f"{name}{n}" for name in ("MediaUrl", "MediaContentType") for n in range(10)},
    free_text="Body",
    swallowed=re.compile(_SWALLOWED_MESSAGE + "|Body"),
)
RECEIPT = Kind(
    required=frozenset({"AccountSid", "MessageSid", "MessageStatus"}),
    known=_OF_MESSAGES | {"ErrorMessage", "MessageStatus", "RawDlrDoneDate", "SmsStatus"},
    free_text=None,
    swallowed=re.compile(_SWALLOWED_MESSAGE),
)
CALL = Kind(
    required=frozenset({"AccountSid", "CallSid", "CallStatus", "Direction", "From", "To"}),
    known=_OF_CALLS | _OF_RECORDINGS | {"CallDuration", "Digits", "FinishedOnKey", "msg"},
    free_text=None,
    swallowed=_SWALLOWED_CALL,
)
RECORDING = Kind(
    required=frozenset({"AccountSid", "CallSid", "RecordingSid", "RecordingStatus"}),
    known=_OF_CALLS
    | _OF_RECORDINGS
    | {"RecordingChannels", "RecordingSource", "RecordingStartTime", "RecordingStatus", "RecordingTrack"},
    free_text=None,
    swallowed=_SWALLOWED_CALL,
)
CALL_STATUS = Kind(
    required=frozenset({"AccountSid", "CallSid"}),
    known=_OF_CALLS
    | _OF_RECORDINGS
    | {"CallDuration", "CallbackSource", "Duration", "MachineDetectionDuration", "SequenceNumber"}
    | {"SipResponseCode", "Timestamp"},
    free_text=None,
    swallowed=_SWALLOWED_CALL,
)

# What these fields look like, always; a value that has swallowed its neighbour does not.
SHAPES: Mapping[str, re.Pattern[str]] = {
    "AnsweredBy": re.compile(r"[a-z_]{0,30}"),
    "ApiVersion": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "CallDuration": re.compile(r"[0-9]{0,6}"),
    "CallSid": re.compile(r"[A-Za-z0-9-]{1,64}"),
    "CallStatus": re.compile(r"[a-z-]{1,20}"),
    "CallbackSource": re.compile(r"[a-z-]{0,40}"),
    "Called": re.compile(r"[A-Za-z0-9 +:_&.@-]{0,60}"),
    "Caller": re.compile(r"[^\r\n]{0,60}"),
    "Digits": re.compile(r"[0-9*#A-D]{0,32}|hangup"),
    "Direction": re.compile(r"[a-z-]{1,20}"),
    "Duration": re.compile(r"[0-9]{0,6}"),
    "ErrorCode": re.compile(r"[0-9]{0,6}"),
    "ErrorUrl": re.compile(r"(https?://\S*)?"),
    "FinishedOnKey": re.compile(r"[0-9*#A-D]?"),
    "From": re.compile(r"\S[^\r\n]{0,39}"),
    "MachineDetectionDuration": re.compile(r"[0-9]{0,9}"),
    "MessageSid": re.compile(r"[A-Za-z0-9-]{1,64}"),
    "MessageStatus": re.compile(r"[a-z_]{1,30}"),
    "MessagingServiceSid": re.compile(r"[A-Za-z0-9-]{0,64}"),
    "NumMedia": re.compile(r"[0-9]{0,3}"),
    "NumSegments": re.compile(r"[0-9]{0,3}"),
    "OptOutType": re.compile(r"[A-Z]{1,10}"),
    "ParentCallSid": re.compile(r"[A-Za-z0-9-]{0,64}"),
    "RawDlrDoneDate": re.compile(r"[0-9]{0,14}"),
    "RecordingChannels": re.compile(r"[0-9]{0,2}"),
    "RecordingDuration": re.compile(r"-?[0-9]{0,6}"),
    "RecordingSid": re.compile(r"[A-Za-z0-9-]{1,64}"),
    "RecordingStatus": re.compile(r"[a-z-]{1,20}"),
    "RecordingUrl": re.compile(r"(https?://[!-~]{1,300})?"),
    "SequenceNumber": re.compile(r"[0-9]{0,6}"),
    "SipResponseCode": re.compile(r"[0-9]{0,3}"),
    "SmsStatus": re.compile(r"[a-z_]{1,30}"),
    "To": re.compile(r"[A-Za-z0-9 +:_&.@-]{1,60}"),
    "msg": re.compile(r"[A-Za-z ]{0,30}"),
}
SAME_AS = {"SmsSid": "MessageSid", "SmsMessageSid": "MessageSid"}

UNKNOWN_NAME = re.compile(r"[A-Z][A-Za-z]{1,40}[0-9]{0,2}")
SIP_HEADER = re.compile(r"SipHeader_[A-Za-z0-9_-]{1,60}")  # what a line's own trunk hands on, of calls only
COMPOUND_NAME = re.compile(r"([A-Z][a-z]+){2,}[0-9]{0,2}")
SPACE = re.compile(r"\s")
DIGITS = "0123456789"


class Verifier:
    """Checks webhooks for one account, with each token that may sign them: the present, and the next in rotation."""

    def __init__(self, account_sid: str, tokens: tuple[str, ...]) -> None:
        """Take the account and the tokens."""
        self._account_sid = account_sid
        self._validators = [RequestValidator(token) for token in tokens]

    def fields(self, request: RawRequest, kind: Kind) -> Form:
        """The request's fields by name. Raises Malformed when they cannot be Twilio's, Forged when not ours."""
        form = _once_each(request, kind)
        _refuse_other_readings(form, kind)
        if not hmac.compare_digest(form["AccountSid"].encode(), self._account_sid.encode()):
            raise Forged
        self._check_signature(request, form)
        return form

    def _check_signature(self, request: RawRequest, form: Form) -> None:
        # We hold no shared keys: whatever another key or algorithm signed is not signed for us.
        if not request.signature or get_signature_algorithm(request.signature_settings) != HMAC_SHA1:
            raise Forged
        try:
            genuine = [
                validator.validate(request.url, dict(form), request.signature)
                for validator in self._validators
            ]
        except (ValueError, TypeError, IndexError):
            raise Forged from None
        if not any(genuine):
            raise Forged


def _once_each(request: RawRequest, kind: Kind) -> Form:
    form = dict(request.pairs)
    if len(form) != len(request.pairs) or len(form) > MOST_FIELDS or not kind.required <= form.keys():
        raise Malformed
    return form


def _refuse_other_readings(form: Form, kind: Kind) -> None:
    """Raise Malformed where names and values might be another request's, cut at other places."""
    for name, value in form.items():
        shape = SHAPES.get(name)
        if shape is not None and shape.fullmatch(value) is None:
            raise Malformed
        if name in SAME_AS and form.get(SAME_AS[name], value) != value:
            raise Malformed
        swallowed = _SWALLOWED_TOKEN if name in LONG_TOKENS else kind.swallowed
        if value and name != kind.free_text and swallowed.search(value):
            raise Malformed
    unknown = sorted(form.keys() - kind.known)
    if not all(_may_be_new(name, form, kind) for name in unknown):
        raise Malformed
    if unknown and kind.swallowed.search("".join(name + form[name] for name in unknown)):
        raise Malformed


def _may_be_new(name: str, form: Form, kind: Kind) -> bool:
    """Whether an unknown name can only be a field that Twilio added, not the tail of a text or half a known name."""
    if SIP_HEADER.fullmatch(name) is not None and "CallSid" in kind.required:
        return True
    if UNKNOWN_NAME.fullmatch(name) is None or any(known.startswith(name) for known in kind.known):
        return False
    if name.rstrip(DIGITS) in kind.known:
        return False  # a count or a key whose first digit became part of its name
    if kind.free_text is None:
        return True
    follows = min(known for known in kind.required if known > kind.free_text)
    if not kind.free_text < name < follows:
        return True
    # Here the end of her text could have been cut off: "Yes EasyPaisa me" as "Yes ", EasyPaisa=" me".
    before, value = form[kind.free_text], form[name]
    return COMPOUND_NAME.fullmatch(name) is not None and not SPACE.search(value) and before.rstrip() == before
