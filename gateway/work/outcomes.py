"""What a hand-over means for its delivery: from a carrier's answer, or the look that prevented it, to an outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.outreach.claim import Claimed
from campaigns.outreach.deliveries import DeliveryState
from campaigns.outreach.look import Sight
from campaigns.outreach.settle import Outcome, may_try_again, wait_before
from gateway.carriers.carrier import Accepted, ErrorKind, Refused, Unknown


@dataclass(frozen=True)
class Handed:
    """A delivery with what its hand-over came to."""

    row: Claimed
    line_id: int
    result: Accepted | Refused | Unknown | Sight


def outcome_of(handed: Handed, now: datetime) -> Outcome:
    """What a hand-over (or the look that prevented it) means for its delivery."""
    row, result = handed.row, handed.result
    match result:
        case Sight.WITHHOLD:
            return Outcome(row.id, row.attempt, DeliveryState.WITHHELD)
        case Sight():
            return Outcome(row.id, row.attempt, DeliveryState.QUEUED)
        case Accepted(sid=sid):
            return Outcome(row.id, row.attempt, DeliveryState.ACCEPTED, sid=sid)
        case Refused(code=code, kind=kind):
            return _refused(row, code, kind, now)
        case _:
            return Outcome(row.id, row.attempt, DeliveryState.UNKNOWN)


def _refused(row: Claimed, code: int | None, kind: ErrorKind, now: datetime) -> Outcome:
    retries = kind in (ErrorKind.RETRY_LATER, ErrorKind.OPERATOR)
    if kind is ErrorKind.OPERATOR or (retries and may_try_again(row.attempt)):
        due = now + (wait_before(row.attempt) if kind is ErrorKind.RETRY_LATER else timedelta())
        return Outcome(row.id, row.attempt, DeliveryState.QUEUED, error=code, again=True, due_at=due)
    return Outcome(row.id, row.attempt, DeliveryState.FAILED, error=code)
