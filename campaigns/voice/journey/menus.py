"""A menu: options by key, long for who is new and for who asks again, short for who has called before (R11)."""

from campaigns.voice.call import Played
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, Words
from campaigns.voice.journey.silence import the_end, the_newest
from campaigns.voice.menu import AGAIN, BACK, MAIN, Node
from campaigns.voice.state import Phase


def offer(m: Moment, node: Node, go: Go) -> Next:
    """Say a menu's options."""
    m.set(phase=Phase.MENU, playing=None, asked=None)
    return m.ask(_options(m), go.lead, go.first)


def chosen(m: Moment, name: str) -> tuple[Played, ...]:
    """The word that confirms a choice (R18)."""
    return m.say("you_chose", f"{name}_name") if name != MAIN else ()


def _options(m: Moment, *, at_length: bool = False) -> Words:
    at_length = at_length or m.state.is_new or m.misses > 0
    return Words(m.say(m.node.prompt if at_length else f"{m.node.prompt}_short"))


def _choose(m: Moment, key: str) -> Next | None:
    for option in m.node.options:
        if option.key == key:
            return Go(option.go, lead=chosen(m, option.go))
    if key == AGAIN:
        return m.ask(_options(m, at_length=True))
    if key == BACK:
        return Go(m.above)
    return None


def _give_up(m: Moment) -> Next:
    """The newest episode; but not when we rang, said our message and nobody has pressed a key: it may be a machine."""
    return the_end(m) if m.has_our_message and not m.state.pressed else the_newest(m)


MENU_LEG = Leg(_options, _choose, give_up=_give_up, hurries=True)
