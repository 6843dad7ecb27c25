"""Nobody presses a key: said again slower, then where the keys are, then the newest episode; never a bare end (R8)."""

from campaigns.radio.on_the_phone import EpisodeToPlay
from campaigns.voice.call import Played, Turn, how_long
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, Words
from campaigns.voice.menu import Node, NodeKind

ROUNDS = 3
CONTENT_WITHIN_MS = 60_000  # of silence, a caller reaches something to listen to


def next_round(m: Moment, leg: Leg) -> Next:
    """What is said after a round in which nothing good was pressed; after the third, what the leg gives up to.

    Where that is content, rounds for which the minute has no room are left out, and the hint may stand alone.
    """
    misses, words = m.misses, leg.words(m)
    slower, hint = m.say("nobody_pressed"), m.say("hint")
    newest = _newest(m) if leg.hurries else None
    if misses <= 1 and _is_time_for(m, newest, slower, words):
        return m.ask(words, lead=slower)
    if misses < ROUNDS and _is_time_for(m, newest, hint, words):
        return m.ask(words, lead=hint)
    if misses < ROUNDS and _is_time_for(m, newest, hint, Words()):
        return m.ask(Words(), lead=hint)
    return leg.give_up(m)


def the_newest(m: Moment) -> Next:
    """On to the newest episode of the first show that has one; when nothing is on, something else to hear."""
    newest = _newest(m)
    if newest is None:
        return m.goodbye(*m.say(m.menu.menu.cover))
    m.set(language=m.language)
    return Go(newest[0].name, lead=m.say("now_the_newest"), plainly=True)


def the_end(m: Moment) -> Turn:
    """Goodbye, where silence means nothing else: while recording and agreeing, and when all was heard."""
    return m.goodbye()


def _newest(m: Moment) -> tuple[Node, EpisodeToPlay] | None:
    for node in m.menu.menu.nodes.values():
        if node.kind is NodeKind.EPISODE and node.show:
            episode = m.on_air.newest(node.show, m.language)
            if episode is not None:
                return node, episode
    return None


def _is_time_for(
    m: Moment, newest: tuple[Node, EpisodeToPlay] | None, lead: tuple[Played, ...], words: Words
) -> bool:
    """Whether the newest episode, if that is what we come to, can still begin within the minute behind this."""
    if newest is None:
        return True
    announced = (*m.say("now_the_newest"), *m.place_said(1, len(newest[1].segments)))
    more = how_long((*lead, *words.first, *words.then, *announced)) + words.wait_seconds * 1000
    return m.state.waited_ms + more <= CONTENT_WITHIN_MS
