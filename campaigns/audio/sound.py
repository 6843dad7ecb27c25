"""Sound in memory: one channel of 16-bit samples, as frames for FFmpeg and as a WAV file.

The telephone copy is 16-bit PCM in WAV and not µ-law: every carrier, every browser and Python's own `wave` read it,
and a carrier makes µ-law or A-law of it as its own network wants. It costs 16 kB a second: a segment of three
minutes has 2.9 MB.
"""

import io
import sys
import wave
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from av import AudioFrame

TELEPHONE_RATE = 8_000
FULL_SCALE = 32_768
SAMPLE_BYTES = 2
_FRAME_SAMPLES = 4_096


@dataclass(frozen=True, repr=False)
class Sound:
    """Mono samples from -32,768 to 32,767, `rate` of them a second."""

    samples: "array[int]"
    rate: int = TELEPHONE_RATE

    @property
    def milliseconds(self) -> int:
        """How long it lasts."""
        return len(self.samples) * 1_000 // self.rate

    def part(self, start: int, end: int) -> "Sound":
        """The samples from `start` to before `end`."""
        return Sound(self.samples[max(0, start) : max(0, end)], self.rate)

    def __add__(self, other: "Sound") -> "Sound":
        """One after the other; both have one rate."""
        return Sound(self.samples + other.samples, self.rate)


def silence(seconds: float, rate: int = TELEPHONE_RATE) -> Sound:
    """Nothing at all, for so long."""
    return Sound(array("h", bytes(round(seconds * rate) * SAMPLE_BYTES)), rate)


def frames_of(sound: Sound) -> Iterator[AudioFrame]:
    """The sound in pieces for FFmpeg."""
    for start in range(0, len(sound.samples), _FRAME_SAMPLES):
        piece = sound.samples[start : start + _FRAME_SAMPLES]
        frame = AudioFrame(format="s16", layout="mono", samples=len(piece), align=1)
        frame.planes[0].update(piece.tobytes())
        frame.sample_rate = sound.rate
        yield frame


def sound_of(frames: Iterable[AudioFrame], rate: int) -> Sound:
    """Mono 16-bit frames of this rate as one sound."""
    samples = array("h")
    for frame in frames:
        samples.frombytes(memoryview(frame.planes[0])[: frame.samples * SAMPLE_BYTES])
    return Sound(samples, rate)


def wav_of(sound: Sound) -> bytes:
    """The sound as a WAV file: 44 bytes of head and the samples, nothing else."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(SAMPLE_BYTES)
        out.setframerate(sound.rate)
        out.writeframes(_little_endian(sound.samples).tobytes())
    return file.getvalue()


def _little_endian(samples: "array[int]") -> "array[int]":
    if sys.byteorder == "little":
        return samples
    swapped = array("h", samples)
    swapped.byteswap()
    return swapped
