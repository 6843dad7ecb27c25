"""Disguise: a voice that an acquaintance does not know at once. It is not anonymity.

Pitch and the shape of the voice are lowered together by a share that is drawn for each recording, so that one number
does not undo them all. Words, dialect and habits of speech remain, and somebody with the means can undo it
(anonymity.md 3.3): the pages must say so.
"""

import secrets

from campaigns.audio.decoding import decode
from campaigns.audio.filtering import filtered
from campaigns.audio.levels import measure
from campaigns.audio.mending import LONGEST_SECONDS, level, trim
from campaigns.audio.sound import TELEPHONE_RATE, Sound, frames_of, sound_of, wav_of

# Less is recognised at once; more is not understood over a telephone.
LEAST_SHARE, MOST_SHARE = 0.78, 0.86
_STEPS = 1_000


def disguise(data: bytes) -> bytes:
    """The recording in a lowered voice, at the level of all others, about as long as before: a telephone WAV.

    Raises what `mending.mend` raises.
    """
    sound = decode(data, rate=TELEPHONE_RATE, most_seconds=LONGEST_SECONDS)
    return wav_of(level(lowered(trim(sound, measure(sound)))))


def lowered(sound: Sound) -> Sound:
    """The same words in a deeper voice."""
    share = LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * secrets.randbelow(_STEPS) / _STEPS
    slowed = round(sound.rate * share)
    frames = filtered(
        frames_of(sound),
        ("asetrate", str(slowed)),
        ("atempo", f"{sound.rate / slowed:.5f}"),
        ("aresample", str(sound.rate)),
        ("aformat", f"sample_fmts=s16:channel_layouts=mono:sample_rates={sound.rate}"),
    )
    return sound_of(frames, sound.rate)
