"""Sounds that we make: tones, the beep over a name, and the marked drafts of prompts that nobody has spoken yet."""

import math
from array import array
from functools import cache

from campaigns.audio.kept import Audio
from campaigns.audio.levels import measure
from campaigns.audio.mending import LEAD_SECONDS, SPEECH_DB, TAIL_SECONDS
from campaigns.audio.sound import FULL_SCALE, TELEPHONE_RATE, Sound, silence, wav_of

BEEP_HERTZ = 1_000
_FADE_SECONDS = 0.008  # a tone that begins at once clicks
_SINE_DB = 3.01  # a sine's peak over its root mean square
# A scale in which any sequence sounds like one; every draft begins with the same two notes that no voice has.
_NOTES = (523, 587, 659, 784, 880, 1047, 1175, 1319, 1568, 1760)
_MARK = (440, 440)
_NOTE_SECONDS, _REST_SECONDS = 0.16, 0.06
_FOR_THE_REST_DB = 1.8


def tone(seconds: float, hertz: float, *, level_db: float = SPEECH_DB, rate: int = TELEPHONE_RATE) -> Sound:
    """One note whose root mean square is `level_db`, with soft ends."""
    count, fade = round(seconds * rate), max(1, round(_FADE_SECONDS * rate))
    height = 10 ** ((level_db + _SINE_DB) / 20) * FULL_SCALE
    turn = 2 * math.pi * hertz / rate
    return Sound(
        array(
            "h",
            (
                round(height * min(1.0, at / fade, (count - at) / fade) * math.sin(turn * at))
                for at in range(count)
            ),
        ),
        rate,
    )


def beep(seconds: float, *, rate: int = TELEPHONE_RATE) -> Sound:
    """What stands in place of a name: as loud as speech."""
    return tone(seconds, BEEP_HERTZ, rate=rate)


def draft_tone(n: int) -> Audio:
    """A placeholder for prompt number `n` (from 0): two equal notes that mark a draft, then one for each digit.

    About a second and a half long, at the level of speech; the same for the same number.
    """
    sound = silence(LEAD_SECONDS)
    for hertz in (*_MARK, *(_NOTES[int(digit)] for digit in f"{n:03d}")):
        sound += _note(hertz)
    sound += silence(TAIL_SECONDS - _REST_SECONDS)
    return Audio(wav_of(sound), sound.milliseconds, SPEECH_DB)


@cache
def _note(hertz: int) -> Sound:
    """A note and the rest after it. The note is as much louder as the rest makes the two softer."""
    return tone(_NOTE_SECONDS, hertz, level_db=SPEECH_DB + _FOR_THE_REST_DB) + silence(_REST_SECONDS)


def audio_from(sound: Sound) -> Audio:
    """A sound of ours as a blob is kept."""
    return Audio(wav_of(sound), sound.milliseconds, round(measure(sound).level_db, 1))
