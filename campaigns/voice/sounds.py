"""What can be played to a caller."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sound:
    """One thing to be heard: its words, their language, and the recording; none only in a draft that is tried.

    `milliseconds` of the recording, 0 where it is not known. `passing`: it may be taken back at any moment, as what
    listeners left, so that nobody on the way to her ear may keep a copy.
    """

    text: str = field(repr=False)
    language: str
    blob: bytes | None = field(repr=False)
    milliseconds: int = 0
    passing: bool = False
