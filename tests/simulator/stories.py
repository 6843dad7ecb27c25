"""A call's transcript as a few words that a test can compare."""

from typing import Any

_DETAILS = {
    "ask": ("path", "text"),
    "play": ("path",),
    "say": ("text",),
    "key": ("text",),
    "fault": ("code",),
    "end": ("text",),
    "recorded": ("seconds",),
}


def story(call: dict[str, Any]) -> list[str]:
    """One line for each entry: the call's second, what happened, and its detail."""
    return [_line(entry) for entry in call["entries"]]


def heard(call: dict[str, Any]) -> list[str]:
    """What the person heard and did, without the times and the gateway's part."""
    kinds = {"say", "play", "key", "recorded", "silence", "fault", "end"}
    return [_line(entry).partition(" ")[2] for entry in call["entries"] if entry["kind"] in kinds]


def _line(entry: dict[str, Any]) -> str:
    details = [entry[name] for name in _DETAILS.get(entry["kind"], ()) if name in entry]
    words = [f"{detail:g}" if isinstance(detail, float) else str(detail) for detail in details]
    lost = ["lost"] if entry.get("is_lost") else []
    return " ".join([f"{entry['at']:g}", entry["kind"], *words, *lost])
