"""What becomes of a call to a number: chosen by its last digits, then by the faults, then by who holds the phone."""

from dataclasses import dataclass

from gateway.simulator.outcomes import ENDINGS, Answer
from gateway.simulator.voice.script import Pickup

BUSY, NO_ANSWER, FAILED, MACHINE = (Pickup(how) for how in ("busy", "no answer", "failed", "machine"))


@dataclass(frozen=True)
class CallEnding:
    """What the last four digits of a number stand for when it is called."""

    pickup: Pickup | None = None
    answer: Answer = Answer.AT_ONCE
    refusal: int | None = None
    is_silent: bool = False
    """The call goes as usual, and no status callback is ever sent."""


_ORDINARY = CallEnding()

CALL_ENDINGS: dict[str, CallEnding] = {
    "0003": CallEnding(NO_ANSWER),
    "0005": CallEnding(FAILED),
    "0404": CallEnding(FAILED),
    "0486": CallEnding(BUSY),
    "0487": CallEnding(NO_ANSWER),
    "0490": CallEnding(MACHINE),
    "1216": CallEnding(refusal=21216),
    **{
        digits: CallEnding(answer=ending.answer, is_silent=ending.is_silent)
        for digits, ending in ENDINGS.items()
        if ending.answer is not Answer.AT_ONCE or ending.is_silent
    },
}

# The published numbers of Twilio's test credentials.
TEST_CALL_TO = {
    "+15005550001": 21217,
    "+15005550002": 21214,
    "+15005550003": 21215,
    "+15005550004": 21216,
}
TEST_CALL_FROM = {"+15005550001": 21212}


def ending_of(number: str) -> CallEnding:
    """What the last four digits of a number choose to happen to calls to it."""
    return CALL_ENDINGS.get(number[-4:], _ORDINARY)
