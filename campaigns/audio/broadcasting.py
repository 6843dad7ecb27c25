"""The broadcast copy: what a studio expects, 48 kHz, 16 bits, mono, -23 LUFS (EBU R 128)."""

import math

from campaigns.audio.decoding import decode
from campaigns.audio.filtering import filtered
from campaigns.audio.levels import louder
from campaigns.audio.mending import LONGEST_SECONDS
from campaigns.audio.refusals import TooQuiet
from campaigns.audio.sound import Sound, frames_of, wav_of

BROADCAST_RATE = 48_000
LOUDNESS_LUFS = -23.0
CEILING_DB = -2.1  # of samples: between them a converter may go a little higher, and R 128 allows -1 there
QUIETEST_LUFS = -55.0
_NEAR_ENOUGH = 0.2
_TRIES = 10
_INTEGRATED = "lavfi.r128.I"


def broadcast(data: bytes) -> bytes:
    """The recording as a WAV of 48 kHz, 16 bits, mono, at -23 LUFS: one gain for the whole, and a limiter.

    Raises TooQuiet and what `decoding.decode` raises.
    """
    sound = decode(data, rate=BROADCAST_RATE, most_seconds=LONGEST_SECONDS)
    loudness = loudness_of(sound)
    if loudness < QUIETEST_LUFS:
        raise TooQuiet
    gain, levelled = 0.0, sound
    for _ in range(_TRIES):
        lacking = LOUDNESS_LUFS - loudness
        if levelled is not sound and abs(lacking) <= _NEAR_ENOUGH:
            break
        gain += lacking
        levelled = louder(sound, gain, ceiling_db=CEILING_DB)
        loudness = loudness_of(levelled)
    return wav_of(levelled)


def loudness_of(sound: Sound) -> float:
    """The integrated loudness in LUFS (ITU-R BS.1770, gated); minus infinity for silence."""
    loudness = -math.inf
    # What is shorter than one of its blocks of 400 ms is not measured at all: it is heard twice or more then.
    least = sound.rate
    repeated = Sound(sound.samples * max(1, -(-least // max(1, len(sound.samples)))), sound.rate)
    for frame in filtered(frames_of(repeated), ("ebur128", "metadata=1:framelog=quiet")):
        loudness = float(frame.metadata.get(_INTEGRATED, loudness))
    return loudness
