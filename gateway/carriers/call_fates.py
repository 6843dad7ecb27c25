"""What a call came to, in the outbox's words: heard, not answered, busy, a machine, or a network that failed."""

from dataclasses import dataclass

from campaigns.outreach.calling import BUSY, CONGESTED, HARDLY_HEARD, MACHINE, NO_ANSWER
from campaigns.outreach.deliveries import DeliveryState
from gateway.carriers.calls import AnsweredBy, CallStage

HEARD_SECONDS = 10  # shorter is a phone that was put down at once (voice.md R28)
# No such number, gone, not acceptable: ringing again reaches nobody (RFC 3261 section 21).
NOBODY_THERE = frozenset({404, 410, 484, 604})
NO_SUCH_NUMBER = 6


@dataclass(frozen=True)
class Fate:
    """The delivery's state, and why it came to nothing (`campaigns.outreach.calling`)."""

    state: DeliveryState
    error: int | None = None


def fate_of(
    stage: CallStage, seconds: int | None, answered_by: AnsweredBy | None, *, sip_code: int | None
) -> Fate:
    """What a call's stage means for its delivery. What is hung up on a machine counts as a ring, not as heard."""
    match stage:
        case CallStage.WAITING | CallStage.RINGING:
            return Fate(DeliveryState.ACCEPTED)
        case CallStage.ON:
            return Fate(DeliveryState.SENT)
        case CallStage.BUSY:
            return Fate(DeliveryState.UNDELIVERED, BUSY)
        case CallStage.NO_ANSWER:
            return Fate(DeliveryState.UNDELIVERED, NO_ANSWER)
        case CallStage.CANCELLED:
            return Fate(DeliveryState.CANCELLED)
        case CallStage.FAILED:
            if sip_code in NOBODY_THERE:
                return Fate(DeliveryState.FAILED, NO_SUCH_NUMBER)
            return Fate(DeliveryState.UNDELIVERED, CONGESTED)
        case _:
            if answered_by is AnsweredBy.MACHINE:
                return Fate(DeliveryState.UNDELIVERED, MACHINE)
            if (seconds or 0) < HEARD_SECONDS:
                return Fate(DeliveryState.UNDELIVERED, HARDLY_HEARD)
            return Fate(DeliveryState.DELIVERED)


def hung_up_on_a_machine() -> Fate:
    """A machine answered, and we hang up: the phone rang, and nobody was reached."""
    return Fate(DeliveryState.UNDELIVERED, MACHINE)
