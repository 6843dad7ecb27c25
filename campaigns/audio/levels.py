"""Levels: how loud the speech in a sound is, where it begins and ends, and bringing it to the level we want.

Speech level is measured as ITU-T P.56 does it: over the time in which somebody speaks only, where "speaks" means at
most 15.9 dB below the level that comes out, and for a moment after. That moment is 100 ms and not its 200: prompts are
short, and so we stay within 1.5 dB of who counts no pause at all as well as of who counts every one. All levels are
dB below full scale.
"""

import math
from array import array
from dataclasses import dataclass
from operator import mul

from campaigns.audio.filtering import filtered
from campaigns.audio.sound import FULL_SCALE, Sound, frames_of, sound_of

FRAME_MS = 20
NOTHING_DB = -96.0
MARGIN_DB = 15.9
HANGOVER_FRAMES = 5
_ROUNDS = 20
_LOWEST_THRESHOLD_DB = -70.0
# A voice lasts: three of five frames. A click does not.
_RUN_FRAMES, _RUN_NEEDS = 5, 3


@dataclass(frozen=True)
class Speech:
    """What was measured. `begins` and `ends` are samples; both 0 when nothing is heard."""

    level_db: float
    peak_db: float
    floor_db: float
    begins: int
    ends: int


def measure(sound: Sound) -> Speech:
    """The level of the speech in a sound, its peak, what lies behind it, and where it begins and ends."""
    size = max(1, sound.rate * FRAME_MS // 1_000)
    energies = _energies(sound.samples, size)
    threshold = _power(_LOWEST_THRESHOLD_DB)
    level = 0.0
    for _ in range(_ROUNDS):
        found = _active_power(energies, threshold)
        if found == level:
            break
        level, threshold = found, max(threshold, found * 10 ** (-MARGIN_DB / 10))
    loud = [energy >= threshold for energy in energies]
    begins, ends = _first_run(loud), len(loud) - _first_run(loud[::-1])
    if begins >= ends or level == 0:
        return Speech(NOTHING_DB, peak_db(sound), NOTHING_DB, 0, 0)
    inside = sorted(energies[begins:ends])
    return Speech(
        _decibels(level),
        peak_db(sound),
        _decibels(inside[len(inside) // 10]),
        begins * size,
        min(ends * size, len(sound.samples)),
    )


def peak_db(sound: Sound) -> float:
    """The highest sample."""
    if not sound.samples:
        return NOTHING_DB
    highest = max(max(sound.samples), -min(sound.samples))
    return max(NOTHING_DB, 20 * math.log10(highest / FULL_SCALE)) if highest else NOTHING_DB


def louder(sound: Sound, gain_db: float, *, ceiling_db: float) -> Sound:
    """The same sound by so many dB louder, held below the ceiling by a limiter; as long as before."""
    limit = 10 ** (ceiling_db / 20)
    frames = filtered(
        frames_of(sound),
        ("aformat", "sample_fmts=dbl"),
        ("volume", f"volume={gain_db:.3f}dB:precision=double"),
        ("alimiter", f"limit={limit:.5f}:attack=5:release=50:level=disabled:latency=1"),
        ("aformat", "sample_fmts=s16"),
    )
    return sound_of(frames, sound.rate)


def _energies(samples: "array[int]", size: int) -> list[float]:
    pieces = (samples[start : start + size] for start in range(0, len(samples), size))
    return [sum(map(mul, piece, piece)) / len(piece) / FULL_SCALE**2 for piece in pieces]


def _active_power(energies: list[float], threshold: float) -> float:
    """The mean power of the frames over the threshold and of those just after them; 0 when there is none."""
    total, count, hanging = 0.0, 0, 0
    for energy in energies:
        hanging = HANGOVER_FRAMES if energy >= threshold else hanging - 1
        if hanging >= 0:
            total, count = total + energy, count + 1
    return total / count if count else 0.0


def _first_run(loud: list[bool]) -> int:
    """The first loud frame that begins a run; how many there are when there is none."""
    for at, is_loud in enumerate(loud):
        if is_loud and sum(loud[at : at + _RUN_FRAMES]) >= _RUN_NEEDS:
            return at
    return len(loud)


def _power(decibels: float) -> float:
    return float(10 ** (decibels / 10))


def _decibels(power: float) -> float:
    return max(NOTHING_DB, 10 * math.log10(power)) if power > 0 else NOTHING_DB
