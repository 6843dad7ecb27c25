"""Calls as the control endpoints and the page show them."""

from gateway.simulator.clock import ShownClock
from gateway.simulator.config import Config
from gateway.simulator.voice.calls import Call, Direction
from gateway.simulator.voice.switchboard import FORGET_MISSED_SECONDS, Live, Switchboard
from gateway.simulator.voice.transcript import Transcript

Document = dict[str, object]


def summary(call: Call) -> Document:
    """A call without what was said in it."""
    return {
        "sid": call.sid,
        "direction": call.direction,
        "line": call.line,
        "party": call.party,
        "status": call.status,
        "created": call.created,
        "started": call.started,
        "ended": call.ended,
        "seconds": call.seconds,
        "answered_by": call.answered_by,
    }


def whole(call: Call, transcript: Transcript | None) -> Document:
    """A call with all that happened in it; `entries` is null where it was too long ago."""
    entries = None if transcript is None else [entry.document() for entry in transcript.entries]
    return {**summary(call), "is_over": call.is_over, "entries": entries}


def on_screen(live: Live, switchboard: Switchboard, config: Config, clock: ShownClock) -> Document:
    """What her telephone shows of the call that it is in."""
    call, transcript = live.call, live.transcript
    line = config.line(call.line)
    missed = switchboard.missed_at.get(call.party)
    is_called_back = (
        call.direction is Direction.OUTBOUND
        and missed is not None
        and call.created - missed < FORGET_MISSED_SECONDS
    )
    return {
        **whole(call, transcript),
        "name": line.name if line is not None else "",
        "began": transcript.began,
        "pace": transcript.pace,
        "by_hand": live.is_by_hand,
        "answered_at": transcript.answered_at,
        "is_recording": transcript.is_recording,
        "missed": missed if is_called_back else None,
    }
