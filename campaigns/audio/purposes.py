"""What a sound is given for, and how much of it is taken."""

from enum import StrEnum

MOST_BYTES = 40 * 1024 * 1024  # of a file of any purpose


class Purpose(StrEnum):
    """What an upload becomes."""

    PROMPT = "prompt"  # a prompt of a voice line's menu
    SEGMENT = "segment"  # a part of a radio episode
    CLIP_EDIT = "clip_edit"  # a listener's clip as edited elsewhere
    CALL_WORDING = "call_wording"  # what a voice campaign says
    POLL = "poll"  # the question of the week

    @property
    def most_seconds(self) -> int:
        """How long it may be."""
        return _MOST_SECONDS[self]


_MOST_SECONDS = {
    Purpose.PROMPT: 60,
    Purpose.SEGMENT: 20 * 60,
    Purpose.CLIP_EDIT: 120,
    Purpose.CALL_WORDING: 180,  # voice.md R17
    Purpose.POLL: 60,
}
