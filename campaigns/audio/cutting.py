"""Cutting and beeping out, and the waveform by which a person finds the places."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from campaigns.audio.decoding import decode
from campaigns.audio.mending import LONGEST_SECONDS
from campaigns.audio.refusals import TooShort
from campaigns.audio.sound import FULL_SCALE, TELEPHONE_RATE, Sound, wav_of
from campaigns.audio.sounds import beep

_FADE_SAMPLES = 40  # 5 ms; two ends put together bluntly would click
_HIGHEST_BAR = 100


@dataclass(frozen=True)
class Span:
    """From one millisecond of a sound to another."""

    begins_ms: int
    ends_ms: int

    def __post_init__(self) -> None:
        """Raise SpanUnusable when it ends before it begins."""
        if not 0 <= self.begins_ms < self.ends_ms:
            raise SpanUnusable


class SpanUnusable(Exception):
    """A place to cut or to beep that ends before it begins, or begins before the sound."""


def cut(data: bytes, cuts: Sequence[Span], beeps: Sequence[Span]) -> bytes:
    """The recording as a telephone WAV without the cuts, and with a beep in place of each of `beeps`.

    Both are places in the recording as it was given, may overlap, and may reach over its end. Nothing of what lay
    under a beep is left. Raises TooShort when nothing remains, and what `decoding.decode` raises.
    """
    sound = decode(data, rate=TELEPHONE_RATE, most_seconds=LONGEST_SECONDS)
    for begins, ends in _merged(beeps, sound):
        sound.samples[begins:ends] = beep((ends - begins) / sound.rate).samples
    kept, at = Sound(array("h"), sound.rate), 0
    for begins, ends in [*_merged(cuts, sound), (len(sound.samples), 0)]:
        if begins > at:
            kept += _softened(sound.part(at, begins))
        at = ends
    if not kept.samples:
        raise TooShort
    return wav_of(kept)


def waveform(data: bytes, n: int) -> list[int]:
    """The highest sample in each of `n` equal parts of a recording, 0 to 100. Raises what `decoding.decode` raises."""
    samples = decode(data, rate=TELEPHONE_RATE, most_seconds=LONGEST_SECONDS).samples
    edges = [len(samples) * part // n for part in range(n + 1)]
    parts = (samples[begins:ends] for begins, ends in pairwise(edges))
    return [max(max(part), -min(part)) * _HIGHEST_BAR // FULL_SCALE if part else 0 for part in parts]


def _merged(spans: Sequence[Span], sound: Sound) -> list[tuple[int, int]]:
    """The spans in samples, in order, those that touch made one."""
    merged: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: span.begins_ms):
        begins, ends = (
            min(place * sound.rate // 1_000, len(sound.samples)) for place in (span.begins_ms, span.ends_ms)
        )
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        elif begins < ends:
            merged.append((begins, ends))
    return merged


def _softened(piece: Sound) -> Sound:
    samples, fade = piece.samples, min(_FADE_SAMPLES, len(piece.samples) // 2)
    for at in range(fade):
        samples[at] = samples[at] * at // fade
        samples[-1 - at] = samples[-1 - at] * at // fade
    return piece
