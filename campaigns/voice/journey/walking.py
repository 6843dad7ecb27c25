"""One step of a call from end to end: what she did, where it leads, what is counted and done, what she hears."""

from dataclasses import replace

from campaigns.voice.call import (
    Act,
    Counted,
    DropRecording,
    Heard,
    KeepRecording,
    MoreMinutes,
    Turn,
)
from campaigns.voice.journey.arriving import arrive
from campaigns.voice.journey.beginning import first_words
from campaigns.voice.journey.keys import answer
from campaigns.voice.journey.moment import Moment, Next, piece_of, place_of
from campaigns.voice.journey.recording import let_go
from campaigns.voice.state import CallState

MOST_STEPS = 200  # of one call: whoever leans on a key hears goodbye at last
MOST_HOPS = 4  # from node to node without a word between: a menu that leads in a ring ends


def first_step(m: Moment) -> Turn:
    """What a call begins with."""
    m.set(began_at=m.epoch_seconds)
    return _finished(m, None, _follow(m, first_words(m)))


def next_step(m: Moment, heard: Heard) -> Turn:
    """What follows what was heard. Every call ends: after 200 steps at the latest, with a word."""
    before = m.state
    _count_listening(m)
    m.set(steps=before.steps + 1)
    has_hung_up = heard.recording is not None and heard.recording.hung_up
    step = answer(m, heard) if has_hung_up or m.state.steps < MOST_STEPS else m.goodbye()
    turn = _follow(m, step)
    return _finished(m, before, turn, has_hung_up=has_hung_up)


def _follow(m: Moment, step: Next) -> Turn:
    for _ in range(MOST_HOPS):
        if isinstance(step, Turn):
            return step
        let_go(m)
        came_to, step = step.node, arrive(m, step)
        if not isinstance(step, Turn):
            m.count(came_to, Counted.ENTERED)
            m.count(came_to, Counted.LEFT)
    return step if isinstance(step, Turn) else m.goodbye()


def _finished(m: Moment, before: CallState | None, turn: Turn, *, has_hung_up: bool = False) -> Turn:
    """The turn with what is counted and done. What a call to a draft did is not kept."""
    if turn.then is None:
        let_go(m)
    after = m.state if turn.then is not None else None
    if not has_hung_up:
        _count_going(m, place_of(before) if before else None, place_of(after) if after else None)
        _count_going(m, piece_of(before) if before else None, piece_of(after) if after else None)
    then = replace(turn.then, next=m.state) if turn.then is not None else None
    if m.state.draft:
        return Turn(turn.first, then, (), _of_a_trial(m.acts))
    return Turn(turn.first, then, tuple(m.counts), tuple(m.acts))


def _count_going(m: Moment, before: str | None, after: str | None) -> None:
    if before == after:
        return
    if before is not None:
        m.count(before, Counted.LEFT)
    if after is not None:
        m.count(after, Counted.ENTERED)


def _count_listening(m: Moment) -> None:
    """How many seconds of a segment were heard before this step; of a hang-up nothing is known."""
    piece, playing = piece_of(m.state), m.state.playing
    if piece is None or playing is None or m.state.paused or m.state.stopping:
        return
    spent_ms = (m.epoch_seconds - m.state.asked_at) * 1000 - playing.intro_ms
    seconds = max(0, min(spent_ms, playing.piece_ms)) // 1000
    if seconds:
        m.count(piece, Counted.SECONDS, seconds)
        m.do(MoreMinutes(seconds))


def _of_a_trial(acts: list[Act]) -> tuple[Act, ...]:
    recordings = {act.carrier_id for act in acts if isinstance(act, KeepRecording | DropRecording)}
    return tuple(DropRecording(carrier_id) for carrier_id in sorted(recordings))
