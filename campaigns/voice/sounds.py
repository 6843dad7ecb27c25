"""What can be played to a caller."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sound:
    """One thing to be heard: its words, their language, and the recording; none only in a draft that is tried.

    `milliseconds` of the recording, 0 where it is not known.
    """

    text: str = field(repr=False)
    language: str
    blob: bytes | None = field(repr=False)
    milliseconds: int = 0
