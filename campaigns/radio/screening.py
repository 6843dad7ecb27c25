"""Listening by machine when a clip comes: blank and very short ones are set aside, others marked; none is rejected."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_

from campaigns.audio.confined import mend_confined
from campaigns.audio.kept import Finding
from campaigns.audio.refusals import TooQuiet, TooShort
from campaigns.radio.clips import Clip, ClipState, Screened

LONGEST_SECONDS = 120.0  # voice.md R30, the absolute limit of a recording
SHORTEST_MS = 3_000  # voice.md R31
SET_ASIDE = Screened.SHORT | Screened.BLANK
_FOUND = {Finding.CLIPPED: Screened.CLIPPED, Finding.BACKGROUND: Screened.NOISE}


def is_set_aside() -> ColumnElement[bool]:
    """That a clip stands apart, for a statement: nothing to listen to was found, and no moderator cut or beeped it."""
    return and_(
        Clip.state == int(ClipState.PENDING),
        Clip.screened.bitwise_and(int(SET_ASIDE)) != 0,
        Clip.cuts == "[]",
        Clip.beeps == "[]",
    )


@dataclass(frozen=True)
class ScreenedSound:
    """A recording as a clip keeps it: a telephone copy, and what was found."""

    audio: bytes = field(repr=False)
    milliseconds: int
    found: Screened


def screen(data: bytes) -> ScreenedSound:
    """A telephone copy of what was recorded, at the level of all others, and what a moderator should know of it.

    Takes a second, in a process of its own: for a worker, outside of a transaction. A recording in which nobody is
    heard is kept as it is, and said to be blank. Raises AudioRefused when it is no sound at all, or longer than two
    minutes.
    """
    try:
        mended = mend_confined(data, most_seconds=LONGEST_SECONDS)
    except (TooQuiet, TooShort):
        from campaigns.audio.decoding import decode  # FFmpeg is loaded only where a sound is made
        from campaigns.audio.sound import TELEPHONE_RATE, wav_of

        heard = decode(data, rate=TELEPHONE_RATE, most_seconds=LONGEST_SECONDS)
        short = Screened.SHORT if heard.milliseconds < SHORTEST_MS else Screened(0)
        return ScreenedSound(wav_of(heard), heard.milliseconds, Screened.BLANK | short)
    found = Screened.SHORT if mended.milliseconds < SHORTEST_MS else Screened(0)
    for finding, screened in _FOUND.items():
        found |= screened if finding in mended.findings else Screened(0)
    return ScreenedSound(mended.telephone, mended.milliseconds, found)
