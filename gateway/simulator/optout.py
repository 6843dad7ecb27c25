"""The carrier's own STOP handling, for lines that have it switched on: exact single words, its list, its answers."""

from enum import StrEnum

_WORDS = {
    "STOP": ("STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"),
    "START": ("START", "YES", "UNSTOP"),
    "HELP": ("HELP", "INFO"),
}


class OptOut(StrEnum):
    """What the carrier's own opt-out handling understood."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


ANSWERS = {
    OptOut.STOP: (
        "You have been unsubscribed and will get no more messages from this number. Reply START to resubscribe."
    ),
    OptOut.START: "You are subscribed again and will get messages from this number.",
    OptOut.HELP: "Reply STOP to unsubscribe. Message and data rates may apply.",
}

_MEANING = {word: OptOut(kind) for kind, words in _WORDS.items() for word in words}


def meaning(text: str) -> OptOut | None:
    """What the carrier makes of a text; `STOP please` means nothing to it."""
    return _MEANING.get(text.strip().upper())
