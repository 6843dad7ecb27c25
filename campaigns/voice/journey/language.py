"""Which language: asked first, each in its own voice, and asked once (R12); then a first try of the keys (R11)."""

from campaigns.voice.call import Played, RememberLanguage
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, Words
from campaigns.voice.journey.silence import the_newest
from campaigns.voice.menu import BACK, LANGUAGE_KEYS, MAIN, SKIP
from campaigns.voice.state import Phase

PRACTICE_KEYS = ("1", "2", "3", SKIP)


def ask_language(m: Moment, lead: tuple[Played, ...] = ()) -> Next:
    """Ask for the language; where only one is spoken there is nothing to ask."""
    if len(m.menu.menu.languages) == 1:
        m.set(language=m.language)
        return to_the_menu(m, lead)
    m.set(phase=Phase.LANGUAGE)
    return m.ask(_languages(m), lead)


def to_the_menu(m: Moment, lead: tuple[Played, ...] = ()) -> Next:
    """On to the main menu; who is new tries the keys before (R11), if it was she who wanted the call."""
    if not m.state.is_new or m.has_our_message:
        return Go(MAIN, lead)
    m.set(phase=Phase.PRACTICE)
    return m.ask(_practice(m), lead)


def _languages(m: Moment) -> Words:
    return Words(tuple(m.menu.sound("this_language", tag) for tag in m.menu.menu.languages))


def _choose(m: Moment, key: str) -> Next | None:
    offered = dict(zip(LANGUAGE_KEYS, m.menu.menu.languages, strict=False))
    if key not in offered:
        return _back(m) if key == BACK and m.state.language else None
    is_first = m.state.language is None
    m.set(language=offered[key])
    if m.call.caller is not None:
        m.do(RememberLanguage(offered[key]))
    return to_the_menu(m) if is_first else _back(m)


def _back(m: Moment) -> Go:
    """To the menu where she wanted another language; from anywhere else to the main one."""
    return Go(m.node.name if m.is_at_a_menu() else MAIN)


def _practice(m: Moment) -> Words:
    return Words(m.say("practice"))


def _try_a_key(m: Moment, key: str) -> Next | None:
    return Go(MAIN) if key in PRACTICE_KEYS else None


LANGUAGE_LEG = Leg(_languages, _choose, give_up=the_newest, hurries=True)
PRACTICE_LEG = Leg(_practice, _try_a_key, give_up=the_newest, hurries=True)
