"""The menu as data: nodes, options and prompts of a voice line, and the one map of keys.

A menu names prompts; what is said for one in each language, and its recording, lies beside it (`prompts`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAIN = "main"  # the node that a call begins with, once the language is known

# One map everywhere (voice.md R5). 1 to 3 choose (4 only among languages, R2); the others are never options.
OPTION_KEYS = ("1", "2", "3")
LANGUAGE_KEYS = ("1", "2", "3", "4")
BACK, PAUSE, SKIP, STOP_CALLS, AGAIN, QUIETLY, HOME, LANGUAGE, DONE = (
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "0",
    "*",
    "#",
)

MOST_PARTS = 12  # segments that "message 2 of 5" can be said for


class NodeKind(StrEnum):
    """What a node does."""

    MENU = "menu"  # offers options
    EPISODE = "episode"  # plays a show's newest episode, resuming where she stopped
    CLIPS = "clips"  # plays approved clips that may be played to callers
    QUESTION = "question"  # leaves a question or a word for the show: a clip
    FEEDBACK = "feedback"  # leaves sealed feedback
    POLL = "poll"  # the question of the week, answered by key
    JOIN = "join"  # joins by keys, confirmed twice
    MESSAGE = "message"  # says one prompt (help lines, about us) and goes back


@dataclass(frozen=True)
class Option:
    """One choice of a menu: the key, the node it leads to, and what staff call it."""

    key: str
    go: str
    label: str


@dataclass(frozen=True)
class Node:
    """One place in the menu. `prompt` is what is heard on arriving; `show` the key of a radio show."""

    name: str
    kind: NodeKind
    prompt: str
    label: str
    options: tuple[Option, ...] = ()
    show: str | None = None


@dataclass(frozen=True)
class Menu:
    """A whole voice line's menu, in the order it is read aloud. `languages` in the order they are offered.

    `call_back`: calls are rejected as busy before they cost anything, and called back (R29).
    """

    name: str
    languages: tuple[str, ...]
    nodes: Mapping[str, Node] = field(default_factory=dict)
    cover: str = "cover"  # the prompt with neutral content that key 9 and shared phones hear (R21)
    call_back: bool = False

    def node(self, name: str) -> Node:
        """The node of this name. Raises NoSuchNode."""
        try:
            return self.nodes[name]
        except KeyError:
            raise NoSuchNode(name) from None

    def walk(self, start: str = MAIN, depth: int = 0) -> Iterator[tuple[int, Option | None, Node]]:
        """Every node below `start` in the order of its keys, with its depth and the option that led to it."""
        if depth == 0:
            yield 0, None, self.node(start)
        for option in self.node(start).options:
            yield depth + 1, option, self.node(option.go)
            yield from self.walk(option.go, depth + 1)

    def parents(self) -> dict[str, str]:
        """For each node but the main one, the node that offers it first."""
        above: dict[str, str] = {}
        for node in self.nodes.values():
            for option in node.options:
                above.setdefault(option.go, node.name)
        return above


class NoSuchNode(Exception):
    """A menu leads to a node that it does not have."""


# Prompts that every line says beside those of its nodes, and what each is for. Variants for new callers are longer
# (R11). The order is the order of the page.
FIXED_PROMPTS: Mapping[str, str] = {
    "greeting": "who is calling, that it is free",
    "this_language": "this language's name and its key, in its own voice",
    "practice": "a first try of the keys, for new callers",
    "nobody_pressed": "nobody pressed a key: said slower",
    "hint": "nobody pressed twice: where the keys are",
    "now_the_newest": "nobody pressed three times: the newest episode comes",
    "which_keys": "another key was pressed: which keys there are",
    "you_chose": "before the name of what was chosen",
    "resume": "to go on where you stopped press 1, from the beginning 2",
    "paused": "paused; any key goes on",
    "nothing_yet": "there is nothing here yet",
    "end_of_episode": "that was all; what can be done now",
    "warning": "before the beep: no names, no places; who hears it; how it is kept",
    "feedback_warning": "before the beep: nobody can trace it; what we cannot hide",
    "speak_now": "speak after the beep, done with the hash key",
    "too_short": "nothing was heard",
    "recorded": "to send press 1, again 2, delete 3, hear it 8",
    "sent": "thank you; it was kept",
    "deleted": "it was deleted",
    "may_we_play": "may other callers hear it: yes 1, no 2",
    "may_we_broadcast": "may it go on air: yes 1, no 2",
    "woman_or_man": "a woman's voice 1, a man's voice 2, rather not say 3",
    "your_code": "the code to take it back, before six digits",
    "join_ask": "what joining means; to agree press 1, not to 2, again 3",
    "join_confirm": "asked once more; to agree press 1",
    "joined": "thank you, you joined",
    "not_joined": "you did not join",
    "stop_ask": "to stop all our calls and texts press 7 once more; to go on, any other key",
    "stopped": "we shall not call or text again",
    "poll_thanks": "your answer was counted",
    "poll_over": "there is no open question now",
    "limit_reached": "that was enough for today; please call tomorrow",
    "help_lines": "numbers of people who help",
    "cover": "weather, health or a poem: nothing of who we are",
    "press_any_key": "a neutral greeting of a call from us: press 1 to listen, 9 to leave it",
    "goodbye": "goodbye",
    "line_closed": "what was asked for is closed now: nobody can take it in",
    **{f"message_{n}": f"message {n}" for n in range(1, MOST_PARTS + 1)},
    **{f"of_{n}": f"of {n}" for n in range(1, MOST_PARTS + 1)},
    **{f"digit_{n}": f"the digit {n}" for n in range(10)},
}


def prompts_of(menu: Menu) -> dict[str, str]:
    """Every prompt that this menu needs in each of its languages, with what it is for, in the order of the page.

    A node's own prompt also has a `…_short` for who has called before when it is a menu (R11), and its name alone
    as `…_name`, to confirm the choice (R18).
    """
    needed = {name: what for name, what in FIXED_PROMPTS.items() if name in ("greeting", "this_language")}
    for node in menu.nodes.values():
        needed[node.prompt] = node.label
        if node.kind is NodeKind.MENU:
            needed[f"{node.prompt}_short"] = f"{node.label}, shorter"
        if node.name != MAIN:
            needed[f"{node.name}_name"] = f"the name of “{node.label}”"
    return needed | {name: what for name, what in FIXED_PROMPTS.items() if name not in needed}
