"""Words of the voice room: what prompts, nodes and findings are called."""

from campaigns.voice.menu import Node, NodeKind
from campaigns.voice.rules import Finding
from campaigns.voice.versions import SpokenBy
from campaigns.voice.ways import Way
from gateway.console.people.words import language_words
from gateway.console.words import _, ngettext


def fixed_words(name: str) -> str:
    """What a prompt is called; one that belongs to a node, or has no better name, goes by its own."""
    return {
        "greeting": _("Greeting"),
        "this_language": _("Choose a language"),
        "nobody_pressed": _("Nobody pressed a key"),
        "which_keys": _("Another key was pressed"),
        "goodbye": _("Goodbye"),
        "cover": _("Cover: what key 9 plays"),
        "warning": _("Warning before a recording"),
        "feedback_warning": _("Warning before feedback"),
        "join_ask": _("Asked to join"),
        "join_confirm": _("Asked once more"),
        "stop_ask": _("Asked before stopping"),
        "help_lines": _("Numbers of people who help"),
    }.get(name, name.replace("_", " "))


def kind_words(node: Node) -> str:
    """What a node does, in a few words."""
    match node.kind:
        case NodeKind.MENU:
            return ngettext("%(num)s choice", "%(num)s choices", len(node.options))
        case NodeKind.EPISODE:
            return _("newest episode of %(show)s; goes on where she stopped", show=node.show or "")
        case NodeKind.CLIPS:
            return _("what listeners said and we may play")
        case NodeKind.QUESTION:
            return _("up to 60 seconds, for the show; asks what may be done with it")
        case NodeKind.FEEDBACK:
            return _("kept without her number; the warning is always heard")
        case NodeKind.POLL:
            return _("the question of the week, answered by key")
        case NodeKind.JOIN:
            return _("asked twice, by key")
        case NodeKind.MESSAGE:
            return _("says this and goes back")


def where_words(finding: Finding, labels: dict[str, str]) -> str:
    """The place of a finding, as a title."""
    where = finding.where
    name = labels.get(where.node or "", "") or (fixed_words(where.prompt) if where.prompt else _("The menu"))
    return f"{name} ({language_words(where.language)})" if where.language else name


def says(finding: Finding) -> str:
    """What is wrong and how it is mended."""
    return _(finding.rule.says) % finding.facts


def speaker_words(spoken_by: int | None) -> str:
    """Who or what is heard."""
    match SpokenBy(spoken_by) if spoken_by else None:
        case SpokenBy.PERSON:
            return _("a person, uploaded or recorded here")
        case SpokenBy.CALL:
            return _("a person, by phone")
        case SpokenBy.MACHINE:
            return _("a machine; a draft to be recorded by a person")
        case SpokenBy.TONE:
            return _("a tone that marks the place")
        case _:
            return _("nobody yet")


def keypad() -> list[tuple[str, str, bool]]:
    """The one map of keys: the key, what it does everywhere, and whether it is a choice."""
    choice = _("choice")
    return [
        ("1", choice, True),
        ("2", choice, True),
        ("3", choice, True),
        ("4", _("back"), False),
        ("5", _("pause"), False),
        ("6", _("skip"), False),
        ("7", _("stop calling me"), False),
        ("8", _("again"), False),
        ("9", _("leave quietly"), False),
        ("*", _("language"), False),
        ("0", _("main menu"), False),
        ("#", _("done"), False),
    ]


def ways() -> list[tuple[int, str]]:
    """What a voice line can do with a call."""
    return [
        (int(Way.ANSWERS), _("answers with the menu")),
        (int(Way.CALLS_BACK), _("is busy, and calls back for free")),
        (int(Way.STUDIO), _("is the studio, for producers")),
    ]
