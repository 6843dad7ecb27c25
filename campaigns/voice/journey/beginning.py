"""How a call begins: the greeting, or, when we call a phone that is shared, nothing of who we are (R1, R21)."""

from campaigns.voice.call import Outbound, Sound, Turn
from campaigns.voice.journey.language import ask_language, to_the_menu
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, Words
from campaigns.voice.journey.silence import ROUNDS
from campaigns.voice.menu import BACK, DONE, MAIN, OPTION_KEYS, QUIETLY, SKIP
from campaigns.voice.state import OurMessage, Phase

LISTEN = "1"
ON_TO_THE_MENU = (*OPTION_KEYS, BACK, SKIP, DONE)


def first_words(m: Moment) -> Next:
    """What is heard when a call is taken up, hers or ours."""
    if m.state.ours is None:
        return _greet(m)
    if m.state.quiet:
        m.set(phase=Phase.NEUTRAL)
        return m.ask(_neutral(m))
    return _ours(m)


def what_we_call_for(outbound: Outbound | None) -> OurMessage | None:
    """What a call of ours carries along."""
    if outbound is None:
        return None
    message = outbound.message or Sound("", "", None)
    return OurMessage(outbound.delivery, outbound.attempt, message.blob, message.milliseconds)


def leave_quietly(m: Moment) -> Turn:
    """Key 9: something harmless at once, whoever listens now, and the end (R21)."""
    return Turn(m.say(m.menu.menu.cover))


def _greet(m: Moment) -> Next:
    greeting = m.say("greeting")
    return to_the_menu(m, greeting) if m.state.language else ask_language(m, greeting)


def _ours(m: Moment) -> Next:
    """A call with a message says it; one without was asked for by a missed call, and is as if she had called."""
    if not m.has_our_message:
        return _greet(m)
    m.set(phase=Phase.OUR_CALL)
    return m.ask(_our_message(m))


def _our_message(m: Moment) -> Words:
    ours = m.state.ours
    if ours is None:
        return Words(m.say("greeting"))
    return Words((*m.say("greeting"), Sound("", m.language, ours.blob, ours.milliseconds)), wait_seconds=2)


def _after_our_message(m: Moment, key: str) -> Next | None:
    return _heard_to_its_end(m) if key in ON_TO_THE_MENU else None


def _heard_to_its_end(m: Moment) -> Next:
    m.fresh()
    return Go(MAIN) if m.state.language else ask_language(m)


def _neutral(m: Moment) -> Words:
    return Words(m.say("press_any_key", m.menu.menu.cover))


def _is_it_her(m: Moment, key: str) -> Next | None:
    if key == QUIETLY:
        return leave_quietly(m)
    return _ours(m) if key == LISTEN else None


def _still_not_her(m: Moment) -> Next:
    """Another key or none: the same harmless words; never which keys there are, never what this is."""
    m.set(silent=m.state.silent + 1)
    return m.ask(_neutral(m)) if m.state.silent < ROUNDS else leave_quietly(m)


OUR_CALL_LEG = Leg(_our_message, _after_our_message, give_up=_heard_to_its_end, silent=_heard_to_its_end)
NEUTRAL_LEG = Leg(_neutral, _is_it_her, give_up=leave_quietly, silent=_still_not_her)
