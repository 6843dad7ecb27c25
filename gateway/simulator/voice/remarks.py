"""The line below a telephone after a call, in plain words."""

from gateway.simulator.phones import clock_time
from gateway.simulator.voice.calls import Call, CallStatus, Direction, whole_seconds
from gateway.simulator.voice.transcript import Entry

_UNANSWERED = {
    CallStatus.BUSY: "it was busy",
    CallStatus.NO_ANSWER: "nobody answered",
    CallStatus.FAILED: "the call failed",
    CallStatus.CANCELED: "the call was taken back",
}


def ended(call: Call, fault: Entry | None) -> str:
    """What became of a call, told from her side; first the carrier's trouble with what it was answered."""
    if fault is not None:
        return f"{fault.code}: {fault.text}"
    began = clock_time(call.started or call.created)
    if call.status is CallStatus.COMPLETED:
        verb = "Called" if call.direction is Direction.INBOUND else "Was called"
        cost = "" if call.direction is Direction.INBOUND else "; nothing was charged to her"
        return f"{verb} {began}, {minutes(whole_seconds(call))}{cost}"
    if call.direction is Direction.INBOUND:
        return f"Missed call {began}: {_UNANSWERED[call.status]}"
    return f"Was rung {began}: {_UNANSWERED[call.status]}"


def minutes(seconds: int) -> str:
    """2:06"""
    return f"{seconds // 60}:{seconds % 60:02}"
