"""Speech made of sums of sines, and files of it in every usual form: the tests need no recordings and no programs."""

import io
import math
from array import array
from fractions import Fraction
from functools import cache
from operator import mul
from typing import cast

import av
from av import AudioFrame, AudioStream, VideoFrame, VideoStream

from campaigns.audio.decoding import decode
from campaigns.audio.sound import FULL_SCALE, Sound, frames_of, silence, wav_of

RATE = 16_000
PITCH_HERTZ = 140
# Loud and soft harmonics, so that the peaks stand well over the mean as in a voice.
HARMONICS = (0.6, 1.0, 0.8, 0.7, 0.5, 0.2, 0.3, 0.35, 0.3, 0.15, 0.1, 0.1)
SYLLABLE_SECONDS, BETWEEN_SECONDS, WORD_SYLLABLES, PAUSE_SECONDS = 0.16, 0.03, 4, 0.15
FRAME_SECONDS = 0.02
NEAR_DB = 25.0

# Container and codec by FFmpeg's names, and the rate that the codec wants.
_ALL_FORMATS = {
    "mp3": ("mp3", "libmp3lame", 44_100),
    "m4a": ("mp4", "aac", 44_100),
    "ogg opus": ("ogg", "libopus", 48_000),
    "webm of a browser": ("webm", "libopus", 48_000),
    "3gp amr": ("3gp", "libopencore_amrnb", 8_000),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "flac": ("flac", "flac", 48_000),
    "wav": ("wav", "pcm_s16le", 44_100),
    "wav of 24 bits": ("wav", "pcm_s24le", 48_000),
    "wav of a telephone": ("wav", "pcm_mulaw", 8_000),
    "aiff": ("aiff", "pcm_s16be", 44_100),
    "aac": ("adts", "aac", 22_050),
}
# From its version 19 on PyAV reads AMR and does not write it.
FORMATS = {name: form for name, form in _ALL_FORMATS.items() if form[1] in av.codecs_available}


@cache
def _voice(seconds: float, rate: int) -> tuple[float, ...]:
    """Words of four syllables, between -1 and 1 or so."""
    word = WORD_SYLLABLES * (SYLLABLE_SECONDS + BETWEEN_SECONDS) + PAUSE_SECONDS
    samples = []
    for at in range(round(seconds * rate)):
        time = at / rate
        in_word = time % word
        in_syllable = in_word % (SYLLABLE_SECONDS + BETWEEN_SECONDS)
        spoken = in_word < word - PAUSE_SECONDS and in_syllable < SYLLABLE_SECONDS
        height = math.sin(math.pi * in_syllable / SYLLABLE_SECONDS) if spoken else 0.0
        turn = 2 * math.pi * (PITCH_HERTZ + 20 * math.sin(3 * time)) * time
        samples.append(
            height and height * sum(a * math.cos(n * turn) for n, a in enumerate(HARMONICS, 1)) / 5
        )
    return tuple(samples)


def speech(
    seconds: float = 2.0,
    level_db: float = -22.0,
    *,
    rate: int = RATE,
    before: float = 0.0,
    after: float = 0.0,
) -> Sound:
    """Somebody speaking so loud, with silence before and after; what is over full scale is clipped."""
    voice = _voice(seconds, rate)
    raw = Sound(array("h", (round(8_000 * sample) for sample in voice)), rate)
    gain = 10 ** ((level_db - speech_db(raw)) / 20)
    samples = (max(-FULL_SCALE, min(FULL_SCALE - 1, round(8_000 * gain * sample))) for sample in voice)
    return silence(before, rate) + Sound(array("h", samples), rate) + silence(after, rate)


def noisy(sound: Sound, level_db: float) -> Sound:
    """The same over a hiss."""
    height = 10 ** (level_db / 20) * FULL_SCALE * math.sqrt(3)
    seed, samples = 1, array("h")
    for sample in sound.samples:
        seed = (seed * 1_103_515_245 + 12_345) % 2**31
        samples.append(max(-FULL_SCALE, min(FULL_SCALE - 1, sample + round(height * (seed / 2**30 - 1)))))
    return Sound(samples, sound.rate)


def with_claps(sound: Sound) -> Sound:
    """The same with something that bangs at full scale every third of a second."""
    samples = array("h", sound.samples)
    for start in range(0, len(samples) - 20, sound.rate // 3):
        samples[start : start + 16] = array("h", [FULL_SCALE - 1, -FULL_SCALE] * 8)
    return Sound(samples, sound.rate)


def as_file(sound: Sound, form: str) -> bytes:
    """The sound as a file of one of `FORMATS`."""
    container_name, codec, rate = FORMATS[form]
    file = io.BytesIO()
    with av.open(file, "w", format=container_name) as container:
        stream = cast(AudioStream, container.add_stream(codec, rate=rate, layout="mono"))
        at = 0
        for frame in _resampled(sound, stream.format.name, rate):
            frame.pts, frame.time_base = at, Fraction(1, rate)
            at += frame.samples
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _resampled(sound: Sound, sample_format: str, rate: int) -> list[AudioFrame]:
    resampler = av.AudioResampler(format=sample_format, layout="mono", rate=rate, frame_size=1_024)
    frames = []
    for frame in frames_of(sound):
        frames += resampler.resample(frame)
    return frames + resampler.resample(None)


def film(container_name: str = "mp4", codec: str = "mpeg4") -> bytes:
    """Pictures without a sound."""
    file = io.BytesIO()
    with av.open(file, "w", format=container_name) as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=10))
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(10):
            container.mux(stream.encode(VideoFrame(32, 32, "yuv420p")))
        container.mux(stream.encode(None))
    return file.getvalue()


def read(data: bytes, rate: int = 8_000) -> Sound:
    """A file of ours as samples."""
    return decode(data, rate=rate, most_seconds=3_600)


def speech_db(sound: Sound) -> float:
    """The level of what is spoken, found more simply than the room does: frames at most 25 dB below the loudest."""
    size = round(FRAME_SECONDS * sound.rate)
    pieces = [sound.samples[start : start + size] for start in range(0, len(sound.samples) - size + 1, size)]
    powers = [sum(map(mul, piece, piece)) / size for piece in pieces]
    spoken = [power for power in powers if power > max(powers) * 10 ** (-NEAR_DB / 10)]
    return 10 * math.log10(sum(spoken) / len(spoken) / FULL_SCALE**2)


def seconds_around(sound: Sound) -> tuple[float, float]:
    """How much silence stands before the first and after the last thing that is heard."""
    heard = [at for at, sample in enumerate(sound.samples) if abs(sample) > FULL_SCALE // 200]
    return heard[0] / sound.rate, (len(sound.samples) - 1 - heard[-1]) / sound.rate


def wav(sound: Sound) -> bytes:
    """The sound as a WAV file of its own rate."""
    return wav_of(sound)
