"""The question of the week, answered by one key; who answered is counted nowhere but in the day's tokens (R32)."""

from campaigns.voice.call import Sound, Vote
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, Words
from campaigns.voice.journey.silence import the_end
from campaigns.voice.menu import Node
from campaigns.voice.state import Asked, Phase


def open_poll(m: Moment, node: Node, go: Go) -> Next:
    """Put the show's open poll to her. A withheld number has no vote: it could have many."""
    question = m.on_air.question(node.show) if node.show else None
    keys = m.on_air.poll_keys(question.poll) if question and question.poll else ()
    can_be_heard = question_sound(m, node.show) != ()
    if question is None or question.poll is None or not keys or not can_be_heard or m.call.caller is None:
        return Go(m.above, lead=(*go.lead, *m.say("poll_over")))
    m.set(phase=Phase.POLL, asked=Asked(question.poll, len(keys)))
    return m.ask(_question(m), go.lead, go.first)


def question_sound(m: Moment, show: str | None) -> tuple[Sound, ...]:
    """The show's open question in her language, where it was recorded: no carrier reads Pashto aloud (R14)."""
    question = m.on_air.question(show) if show else None
    if question is None or m.language not in question.blobs:
        return ()
    return (Sound(question.words[m.language], m.language, question.blobs[m.language]),)


def _question(m: Moment) -> Words:
    return Words((*m.say(m.node.prompt), *question_sound(m, m.node.show)))


def _answer(m: Moment, key: str) -> Next | None:
    asked = m.state.asked
    keys = m.on_air.poll_keys(asked.poll_id) if asked else ()
    if asked is None or not keys:
        return Go(m.above, lead=m.say("poll_over"))
    if key not in keys:
        return None
    m.do(Vote(asked.poll_id, int(key)))
    return Go(m.above, lead=m.say("poll_thanks"))


POLL_LEG = Leg(_question, _answer, give_up=the_end)
