"""What is heard on coming to a node, by what it does."""

from collections.abc import Callable, Mapping

from campaigns.voice.journey.joining import ask_to_join
from campaigns.voice.journey.menus import offer
from campaigns.voice.journey.moment import Go, Moment, Next
from campaigns.voice.journey.playing import open_clips, open_episode
from campaigns.voice.journey.polling import open_poll
from campaigns.voice.journey.recording import open_feedback, open_question
from campaigns.voice.menu import Node, NodeKind


def arrive(m: Moment, go: Go) -> Next:
    """Come to a node and do what is done there; perhaps that leads on at once."""
    m.set(node=go.node)
    node = m.node
    m.set(node=node.name)
    return _AT[node.kind](m, node, go)


def say_message(m: Moment, node: Node, go: Go) -> Next:
    """Say something (help lines, who we are), and back to the menu."""
    return Go(m.above, lead=(*go.lead, *m.say(node.prompt)), first=go.first)


_AT: Mapping[NodeKind, Callable[[Moment, Node, Go], Next]] = {
    NodeKind.MENU: offer,
    NodeKind.EPISODE: open_episode,
    NodeKind.CLIPS: open_clips,
    NodeKind.QUESTION: open_question,
    NodeKind.FEEDBACK: open_feedback,
    NodeKind.POLL: open_poll,
    NodeKind.JOIN: ask_to_join,
    NodeKind.MESSAGE: say_message,
}
