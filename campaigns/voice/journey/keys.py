"""What a key means: one map, everywhere the same (R5); which keys there are when it was another one (R9)."""

from collections.abc import Callable, Mapping

from campaigns.voice.call import Counted, Heard
from campaigns.voice.journey.beginning import leave_quietly
from campaigns.voice.journey.language import ask_language
from campaigns.voice.journey.legs import LEGS
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, place_of
from campaigns.voice.journey.recording import recording_heard
from campaigns.voice.journey.silence import ROUNDS, next_round
from campaigns.voice.journey.stopping import ask_to_stop, pause, stop_or_go_on
from campaigns.voice.menu import AGAIN, BACK, DONE, HOME, LANGUAGE, MAIN, PAUSE, QUIETLY, STOP_CALLS
from campaigns.voice.state import Phase

GO_SOMEWHERE = (HOME, LANGUAGE, QUIETLY, STOP_CALLS)  # also out of a pause, which any other key ends


def answer(m: Moment, heard: Heard) -> Next:
    """What follows a key, a silence or a recording."""
    if m.state.phase is Phase.SPEAK:
        return recording_heard(m, heard)
    leg = LEGS.get(m.state.phase)
    if leg is None:
        return m.goodbye()
    if heard.key is None:
        return _silence(m, leg)
    m.set(pressed=True)
    if m.state.phase is Phase.NEUTRAL:  # before her key nobody learns what other keys do
        return leg.key(m, heard.key) or _silence(m, leg)
    if m.state.stopping and heard.key != QUIETLY:
        return stop_or_go_on(m, leg, heard.key)
    if m.state.paused and heard.key not in GO_SOMEWHERE:
        m.fresh()
        m.set(paused=0)
        return leg.say_again(m)
    return _pressed(m, leg, heard.key)


def _silence(m: Moment, leg: Leg) -> Next:
    if m.state.paused:
        return pause(m)
    if m.state.stopping:
        return ask_to_stop(m) or m.goodbye()
    if leg.silent is not None:
        return leg.silent(m)
    m.set(silent=m.state.silent + 1)
    m.count(place_of(m.state), Counted.SILENT)
    return next_round(m, leg)


def _pressed(m: Moment, leg: Leg, key: str) -> Next:
    before = m.state
    m.fresh()
    m.set(paused=0, stopping=0)
    everywhere = _EVERYWHERE.get(key)
    step = leg.key(m, key) or (everywhere(m, leg) if everywhere else None)
    if step is None:
        m.state = before
        return _another_key(m, leg)
    return step


def _another_key(m: Moment, leg: Leg) -> Next:
    """Say which keys there are, without blame; after three rounds what silence leads to as well."""
    m.set(invalid=m.state.invalid + 1, waited_ms=0)
    m.count(place_of(m.state), Counted.INVALID)
    if m.misses >= ROUNDS and leg.silent is None:
        return leg.give_up(m)
    return leg.say_again(m, m.say("which_keys"))


def _back(m: Moment, _leg: Leg) -> Next | None:
    return None if m.is_at_a_menu() else Go(m.above)


def _home(_m: Moment, _leg: Leg) -> Next:
    return Go(MAIN)


def _say_again(m: Moment, leg: Leg) -> Next:
    return leg.say_again(m)


def _other_language(m: Moment, leg: Leg) -> Next:
    return ask_language(m) if len(m.menu.menu.languages) > 1 else leg.say_again(m)


def _stop(m: Moment, _leg: Leg) -> Next | None:
    return ask_to_stop(m)


def _pause(m: Moment, _leg: Leg) -> Next:
    return pause(m)


def _quietly(m: Moment, _leg: Leg) -> Next:
    return leave_quietly(m)


_EVERYWHERE: Mapping[str, Callable[[Moment, Leg], Next | None]] = {
    HOME: _home,
    LANGUAGE: _other_language,
    BACK: _back,
    PAUSE: _pause,
    AGAIN: _say_again,
    QUIETLY: _quietly,
    STOP_CALLS: _stop,
    DONE: _say_again,  # many press # behind every key: it is no mistake
}
