"""Joining by keys: what it means, heard whole; agreed to, and agreed to once more. Silence is no consent (R23)."""

from campaigns.voice.call import JoinByKeys
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, Words
from campaigns.voice.menu import Node
from campaigns.voice.state import Phase

AGREE, NOT, HEAR_AGAIN = "1", "2", "3"


def ask_to_join(m: Moment, node: Node, go: Go) -> Next:
    """Say what joining means and ask. A withheld number cannot join: nobody could be called."""
    if m.call.caller is None:
        return Go(m.above, lead=(*go.lead, *m.say("not_joined")))
    m.set(phase=Phase.JOIN_ASK)
    return m.ask(_what_it_means(m), go.lead, go.first)


def _what_it_means(m: Moment) -> Words:
    return Words(first=m.say(*_asked_with(m)))


def _once_more(m: Moment) -> Words:
    return Words(first=m.say("join_confirm"))


def _asked_with(m: Moment) -> tuple[str, ...]:
    return ("join_ask",) if m.node.prompt == "join_ask" else (m.node.prompt, "join_ask")


def _agree_first(m: Moment, key: str) -> Next | None:
    if key == AGREE:
        m.set(phase=Phase.JOIN_CONFIRM)
        return m.ask(_once_more(m))
    return _not_agreed(m, key)


def _agree_again(m: Moment, key: str) -> Next | None:
    if key != AGREE:
        return _not_agreed(m, key)
    m.do(JoinByKeys(m.language, m.wording(*_asked_with(m), "join_confirm")))
    return Go(m.above, lead=m.say("joined"))


def _not_agreed(m: Moment, key: str) -> Next | None:
    if key == NOT:
        return Go(m.above, lead=m.say("not_joined"))
    if key == HEAR_AGAIN:
        return m.ask(_what_it_means(m) if m.state.phase is Phase.JOIN_ASK else _once_more(m))
    return None


def _silence_is_no_consent(m: Moment) -> Next:
    return m.goodbye(*m.say("not_joined"))


JOIN_ASK_LEG = Leg(_what_it_means, _agree_first, give_up=_silence_is_no_consent)
JOIN_CONFIRM_LEG = Leg(_once_more, _agree_again, give_up=_silence_is_no_consent)
