"""Twilio's error codes as a table: what each means for the text, for the phone, and for whom to call.

Source: reference/twilio.md section 1. What is not listed may pass by itself: try once more, then tell the operator.
"""

from dataclasses import dataclass

from gateway.carriers.carrier import ErrorKind

_P, _R, _O = ErrorKind.PERMANENT, ErrorKind.RETRY_LATER, ErrorKind.OPERATOR


@dataclass(frozen=True)
class Meaning:
    """What a code means; `why` is a phrase of ours that names nobody."""

    kind: ErrorKind
    why: str


UNLISTED = Meaning(_R, "a code that is not listed")
WRONG_ACCOUNT = Meaning(_O, "the account or its token is refused")
TOO_MANY = Meaning(_R, "too many requests at once")
NEVER_REACHED = Meaning(_R, "the carrier could not be reached")
NOT_TRUSTED = Meaning(_O, "the carrier's certificate is not trusted")

ROWS: tuple[tuple[tuple[int, ...], ErrorKind, str], ...] = (
    ((20003, 20403), _O, WRONG_ACCOUNT.why),
    ((20404,), _P, "no such thing at the carrier"),
    ((20429,), _R, TOO_MANY.why),
    ((20500, 20503), _R, "a fault of the carrier"),
    ((21211, 21217, 21401), _P, "no such number"),
    ((21212, 21606, 21657), _O, "the sender cannot be used"),
    ((21214, 21612), _P, "the number cannot be reached by this route"),
    ((21408, 21215, 13227), _O, "the country is switched off in the account"),
    ((21210, 21219, 21608), _O, "a trial account sends to verified numbers only"),
    ((21216, 13225), _P, "the carrier blocks this number"),
    ((21220, 30409), _P, "it was settled already"),
    ((21602, 21603, 21604, 21617), _P, "the text, the sender or the number is missing, or the text too long"),
    ((21609,), _O, "our public address is not one that the carrier can call"),
    ((21610,), ErrorKind.OPTED_OUT, "the carrier has a STOP of this phone"),
    ((21611,), _R, "the sender's queue is full"),
    ((21614,), _P, "not a mobile phone"),
    ((21703, 21704, 21705), _O, "the messaging service has no usable sender"),
    ((14107,), _R, "too many replies to one phone: a loop?"),
    ((30001,), _R, "the queue overflowed, or its time ran out"),
    ((30002,), _O, "the account is suspended"),
    ((30003,), _R, "phone off or out of reach"),
    ((30004,), _P, "blocked at the network"),
    ((30005, 30006), _P, "number not in use, a landline, or out of reach"),
    ((30007,), _O, "stopped as spam: look at the wording"),
    ((30008,), _R, "the network does not say why"),
    ((30017,), _R, "the network is congested"),
    ((30018, 30024), _O, "the sender is not registered in the country"),
    ((30022, 30023), _R, "the day's limit of the network"),
    ((30032, 30034), _O, "the sender is not registered"),
    # It may have arrived: the carrier does not resend it either, and neither does a machine of ours.
    ((30410,), _P, "the network did not answer: it may have arrived"),
    ((30450,), _O, "stopped by the carrier's fraud guard"),
    ((63003, 63024), _P, "no such number on this channel"),
    ((63013, 63016), _O, "the channel's rules forbid this text"),
    ((63018, 63038), _R, "the channel's limit"),
    ((35111, 35114, 35118), _P, "the time to send at is not possible"),
    ((32018,), _P, "the text is too long for the carrier"),
)
MEANINGS = {code: Meaning(kind, why) for codes, kind, why in ROWS for code in codes}


def meaning_of(code: int | None, *, status: int | None = None) -> Meaning:
    """What a code means; the HTTP status decides where the code is unknown or absent."""
    if code is not None and code in MEANINGS:
        return MEANINGS[code]
    if status in (401, 403):
        return WRONG_ACCOUNT
    if status == 429:
        return TOO_MANY
    return UNLISTED
