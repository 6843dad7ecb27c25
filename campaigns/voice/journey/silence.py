"""Nobody presses a key: said again slower, then where the keys are, then the newest episode; never a bare end (R8)."""

from campaigns.voice.call import Played, Turn, how_long
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, Words
from campaigns.voice.menu import NodeKind

ROUNDS = 3
CONTENT_WITHIN_MS = 60_000  # of silence, a caller reaches something to listen to


def next_round(m: Moment, leg: Leg) -> Next:
    """What is said after a round in which nothing good was pressed; after the third, what the leg gives up to.

    Where that is content, rounds for which the minute has no room are left out, and the hint may stand alone.
    """
    misses, words = m.misses, leg.words(m)
    slower, hint = m.say("nobody_pressed"), m.say("hint")
    if misses <= 1 and _fits(m, leg, slower, words):
        return m.ask(words, lead=slower)
    if misses < ROUNDS and _fits(m, leg, hint, words):
        return m.ask(words, lead=hint)
    if misses < ROUNDS and leg.hurries and _fits(m, leg, hint, Words()):
        return m.ask(Words(), lead=hint)
    return leg.give_up(m)


def the_newest(m: Moment) -> Next:
    """On to the newest episode of the first show that the menu has; when nothing is on, something else to hear."""
    for node in m.menu.menu.nodes.values():
        if node.kind is NodeKind.EPISODE and node.show and m.on_air.newest(node.show, m.language):
            m.set(language=m.language)
            return Go(node.name, lead=m.say("now_the_newest"), plainly=True)
    return m.goodbye(*m.say(m.menu.menu.cover))


def the_end(m: Moment) -> Turn:
    """Goodbye, where silence means nothing else: while recording and agreeing, and when all was heard."""
    return m.goodbye()


def _fits(m: Moment, leg: Leg, lead: tuple[Played, ...], words: Words) -> bool:
    if not leg.hurries:
        return True
    until_content = m.say("now_the_newest", "message_1", "of_12")
    more = how_long((*lead, *words.first, *words.then, *until_content)) + words.wait_seconds * 1000
    return m.state.waited_ms + more <= CONTENT_WITHIN_MS
