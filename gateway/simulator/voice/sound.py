"""Sound as a telephone network handles it: how long a file is, and the WAV that a recording becomes."""

import math
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

RATE = 8000
BYTES_PER_SECOND = 2 * RATE
AUDIO_TYPES = frozenset({"audio/wav", "audio/wave", "audio/x-wav", "audio/mpeg", "audio/ulaw"})
WAV_TYPE = "audio/x-wav"
VOICES = 8

_PCM = 1
_ANY_MP3_LAYER_3 = {3: 44100, 2: 22050, 0: 11025}
_MP3_RATES = (1.0, 48000 / 44100, 32000 / 44100)
_MP3_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


class NotSound(Exception):
    """The bytes are not audio that can be played; the text says what is wrong with them."""


@dataclass(frozen=True, repr=False)
class Speech:
    """What a person said: `samples` are 16-bit, 8 kHz, mono; None where no real voice was given."""

    seconds: float
    samples: bytes | None = None


def seconds_of(data: bytes, content_type: str) -> float:
    """How long the audio lasts, read from its header. Raises `NotSound`."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "audio/ulaw":
        return len(data) / RATE
    if kind == "audio/mpeg":
        return _mp3_seconds(data)
    form, body = _wav_parts(data)
    bytes_per_second = struct.unpack_from("<I", form, 8)[0]
    if not bytes_per_second:
        raise NotSound("Its header gives no rate.")
    return float(len(body) / bytes_per_second)


def read_telephone_wav(data: bytes) -> Speech:
    """The speech in a WAV file of 8 kHz, one channel, 16 bits. Raises `NotSound` for any other."""
    form, body = _wav_parts(data)
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if (tag, channels, rate, bits) != (_PCM, 1, RATE, 16):
        raise NotSound("A recording is WAV with 8000 samples a second, one channel, 16 bits.")
    samples = body[: len(body) // 2 * 2]
    return Speech(len(samples) / BYTES_PER_SECOND, samples)


def write_wav(samples: bytes) -> bytes:
    """A WAV file of 16-bit samples at 8 kHz, one channel."""
    form = struct.pack("<HHIIHH", _PCM, 1, RATE, BYTES_PER_SECOND, 2, 16)
    head = struct.pack(
        "<4sI4s4sI16s4sI", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, form, b"data", len(samples)
    )
    return head + samples


def joined(pieces: Sequence[tuple[float, float, Speech]], begins: float, ends: float, voice: int) -> bytes:
    """Samples from `begins` to `ends`. A piece is (starts, stops, speech) in seconds; between pieces it is silent."""
    samples = bytearray(_size(ends - begins))
    for starts, stops, speech in pieces:
        size = _size(stops - starts)
        said = made_up(stops - starts, voice) if speech.samples is None else speech.samples[:size]
        place = _size(starts - begins)
        samples[place : place + len(said)] = said
    return bytes(samples)


def made_up(seconds: float, voice: int) -> bytes:
    """Samples that sound like a hum in the rhythm of speech; the same voice always hums the same."""
    second, size = _one_second(voice % VOICES), _size(seconds)
    return (second * (size // len(second) + 1))[:size]


@lru_cache(maxsize=VOICES)
def _one_second(voice: int) -> bytes:
    """Four syllables at about -20 dBFS; its end joins its beginning."""
    pitch = 110 + 20 * voice
    wave = array("h", bytes(BYTES_PER_SECOND))
    for place in range(RATE):
        turn = 2 * math.pi * place / RATE
        tone = math.sin(pitch * turn) + 0.6 * math.sin(4 * pitch * turn) + 0.3 * math.sin(9 * pitch * turn)
        wave[place] = int(2600 * tone * math.sin(4 * turn / 2) ** 2)
    return wave.tobytes()


def _size(seconds: float) -> int:
    return max(round(seconds * RATE), 0) * 2


def _wav_parts(data: bytes) -> tuple[bytes, bytes]:
    """The chunks `fmt ` and `data`. A size that says more than there is counts as far as the file goes."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise NotSound("It is not WAV.")
    form, place = None, 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        body = data[place + 8 : place + 8 + size]
        if name == b"fmt " and len(body) >= 16:
            form = body
        elif name == b"data" and form is not None:
            return form, body
        place += 8 + size + size % 2
    raise NotSound("It is WAV without sound.")


def _mp3_seconds(data: bytes) -> float:
    """From the count of frames where the first frame tells it, else from the first frame's bit rate."""
    place = _after_id3(data)
    while place + 4 <= len(data):
        frame = _mp3_frame(data[place : place + 4])
        if frame is not None:
            break
        place += 1
    else:
        raise NotSound("It is not MP3.")
    rate, kbits, samples = frame
    for name in (b"Xing", b"Info"):
        at = data.find(name, place, place + 200)
        if at >= 0 and len(data) >= at + 12 and data[at + 7] & 1:
            return float(struct.unpack_from(">I", data, at + 8)[0] * samples / rate)
    return (len(data) - place) / (kbits * 125)


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    a, b, c, d = data[6:10]
    return 10 + (a << 21 | b << 14 | c << 7 | d)


def _mp3_frame(head: bytes) -> tuple[float, int, int] | None:
    """(samples a second, kbit/s, samples a frame) of a layer 3 frame header, or None."""
    version, layer, bits, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if (
        head[0] != 0xFF
        or head[1] & 0xE0 != 0xE0
        or version == 1
        or layer != 1
        or rate == 3
        or bits in (0, 15)
    ):
        return None
    kbits = (_MP3_KBITS_1 if version == 3 else _MP3_KBITS_2)[bits]
    return _ANY_MP3_LAYER_3[version] * _MP3_RATES[rate], kbits, 1152 if version == 3 else 576
