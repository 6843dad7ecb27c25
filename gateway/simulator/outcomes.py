"""What becomes of a message: chosen by the last digits of the number, never by anything the gateway keeps secret."""

from dataclasses import dataclass
from enum import Enum, auto

from gateway.simulator.messages import Status


class Answer(Enum):
    """How a create is answered."""

    AT_ONCE = auto()
    DROP = auto()
    """Taken, then the connection drops."""
    HANG = auto()
    """Taken, answered after `HANG_SECONDS`."""
    BROKEN = auto()
    """500, nothing taken."""
    BUSY_AT_FIRST = auto()
    """429 for the first three tries for the number, nothing taken."""


@dataclass(frozen=True)
class Fate:
    """How a message ends; a code of None with DELIVERED is the ordinary case."""

    final: Status = Status.DELIVERED
    code: int | None = None

    @property
    def passes_sent(self) -> bool:
        """Whether the message leaves the carrier at all before it ends."""
        return self.final is not Status.FAILED


@dataclass(frozen=True)
class Ending:
    """What the last four digits of a number stand for."""

    fate: Fate = Fate()
    answer: Answer = Answer.AT_ONCE
    refusal: int | None = None
    is_silent: bool = False
    """The message arrives, and no receipt is ever sent."""


HANG_SECONDS = 30.0
BUSY_TRIES = 3

DELIVERED = Fate()
EXPIRED = Fate(Status.FAILED, 30001)
_ORDINARY = Ending()

ENDINGS: dict[str, Ending] = {
    "0003": Ending(Fate(Status.UNDELIVERED, 30003)),
    "0005": Ending(Fate(Status.UNDELIVERED, 30005)),
    "0006": Ending(Fate(Status.UNDELIVERED, 30006)),
    "0007": Ending(Fate(Status.UNDELIVERED, 30007)),
    "0008": Ending(Fate(Status.UNDELIVERED, 30008)),
    "0010": Ending(refusal=21610),
    "0014": Ending(refusal=21614),
    "0410": Ending(Fate(Status.FAILED, 30410)),
    "0429": Ending(answer=Answer.BUSY_AT_FIRST),
    "0500": Ending(answer=Answer.BROKEN),
    "0504": Ending(answer=Answer.HANG),
    "0599": Ending(is_silent=True),
    "0777": Ending(answer=Answer.DROP),
}

# The published numbers of Twilio's test credentials.
TEST_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
TEST_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
TEST_SENDER = "+15005550006"


def ending_of(number: str) -> Ending:
    """What the last four digits of a number choose to happen to its messages."""
    return ENDINGS.get(number[-4:], _ORDINARY)


def fate_of_code(code: int) -> Fate:
    """Codes that say that the message never left the carrier end as failed, the others as undelivered."""
    never_left = {30001, 30002, 30410}
    return Fate(Status.FAILED if code in never_left else Status.UNDELIVERED, code)
