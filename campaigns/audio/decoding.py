"""Decoding: from any usual file to samples. What comes in may be hostile: it has no name, reaches nothing beyond its
own bytes, is read by no reader but those listed here, and is left as soon as it is longer than it may be."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import av
from av import AudioCodecContext, AudioFrame
from av.container import InputContainer

from campaigns.audio.filtering import Filter, filtered
from campaigns.audio.purposes import MOST_BYTES
from campaigns.audio.refusals import (
    DamagedAudio,
    NoSound,
    NotAudio,
    TooHeavy,
    TooLarge,
    TooLong,
    UnusualAudio,
)
from campaigns.audio.sound import Sound, sound_of

MOST_CHANNELS = 8
RATES = range(4_000, 192_001)
# By the names of FFmpeg's readers. None of them opens another file, as playlists do.
CONTAINERS = (
    "wav",
    "w64",
    "mp3",
    "mov",
    "mp4",
    "ogg",
    "matroska",
    "webm",
    "amr",
    "flac",
    "aac",
    "aiff",
    "caf",
    "au",
)
DECODERS = frozenset(
    {
        *(
            "mp3",
            "mp3float",
            "mp2",
            "mp2float",
            "aac",
            "aac_fixed",
            "opus",
            "libopus",
            "vorbis",
            "flac",
            "alac",
        ),
        *("amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "gsm", "gsm_ms"),
        *("adpcm_ima_wav", "adpcm_ms", "adpcm_ima_qt", "pcm_alaw", "pcm_mulaw", "pcm_s8", "pcm_u8"),
        *(
            "pcm_s16le",
            "pcm_s16be",
            "pcm_s24le",
            "pcm_s24be",
            "pcm_s32le",
            "pcm_s32be",
            "pcm_f32le",
            "pcm_f32be",
        ),
        *("pcm_f64le", "pcm_f64be"),
    }
)
# How those begin that say plainly what they are, and where in the file. To guess is FFmpeg's way with the others only:
# to some of its guesses an even tone in a WAV passes for a television stream.
_BEGINNINGS = (
    (0, b"RIFF", "wav"),
    (0, b"RF64", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (4, b"ftyp", "mov"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"#!AMR", "amr"),
    (0, b"FORM", "aiff"),
    (0, b"caff", "caf"),
    (0, b".snd", "au"),
)
_OPTIONS = {
    "format_whitelist": ",".join(CONTAINERS),
    "codec_whitelist": ",".join(sorted(DECODERS)),
    "protocol_whitelist": "none",
    "max_probe_packets": "0",  # a track is what its head says
    "probesize": "1000000",
    "analyzeduration": "2000000",
}
# Titles may be in any encoding; from version 19 on PyAV reads them all the same, and knows no such word any more.
_TAGS: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
_MOST_BAD_PACKETS = 200
_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_GRACE_SECONDS = 0.25  # coders add some tens of milliseconds of their own

Frames = Iterator[AudioFrame]


@dataclass
class Source:
    """A file that is being decoded: what is known of it so far."""

    data: bytes = field(repr=False)
    most_seconds: float
    channels: int = 0
    rate: int = 0
    seconds: float = 0.0
    bad_packets: int = 0

    def frames(self) -> Iterator[AudioFrame]:
        """Every frame of its first sound track as it was coded.

        Raises NotAudio, NoSound, UnusualAudio, DamagedAudio, TooLarge, TooLong, TooHeavy.
        """
        if len(self.data) > MOST_BYTES:
            raise TooLarge
        with _opened(self.data) as container:
            yield from self._checked(_track(container, self))
        if self.seconds == 0:
            raise DamagedAudio

    def sound(self, rate: int, *filters: Filter, watch: Callable[[Frames], Frames] = iter) -> Sound:
        """The whole as mono samples after `filters`; `watch` sees each frame at the source's own rate, 16 bits, mono.

        Raises what `frames` raises.
        """
        try:
            single = filtered(self.frames(), ("aformat", "sample_fmts=s16:channel_layouts=mono"))
            return sound_of(filtered(watch(single), *mono(rate), *filters), rate)
        except (av.MemoryError, MemoryError):
            raise TooHeavy from None
        except av.FFmpegError:
            raise DamagedAudio from None

    def _checked(self, frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
        for frame in frames:
            if frame.sample_rate not in RATES or not 1 <= frame.layout.nb_channels <= MOST_CHANNELS:
                raise UnusualAudio
            self.channels, self.rate = frame.layout.nb_channels, frame.sample_rate
            self.seconds += frame.samples / frame.sample_rate
            if self.seconds > self.most_seconds + _GRACE_SECONDS:
                raise TooLong
            if frame.samples:
                yield frame


def decode(data: bytes, *, rate: int, most_seconds: float) -> Sound:
    """The sound of any usual file as mono samples. Raises what `Source.frames` raises."""
    return Source(data, most_seconds).sound(rate)


def mono(rate: int) -> tuple[Filter, ...]:
    """The filters that bring any frames to one channel of 16-bit samples at this rate."""
    return (
        ("aresample", str(rate)),
        ("aformat", f"sample_fmts=s16:channel_layouts=mono:sample_rates={rate}"),
    )


@contextmanager
def _opened(data: bytes) -> Iterator[InputContainer]:
    try:
        with av.open(
            io.BytesIO(data), "r", format=_reader(data), options=_OPTIONS, io_open=_refuse_to_open, **_TAGS
        ) as container:
            yield container
    except (av.MemoryError, MemoryError):
        raise TooHeavy from None
    except av.FFmpegError:
        raise NotAudio from None


def _reader(data: bytes) -> str | None:
    for at, beginning, reader in _BEGINNINGS:
        if data[at : at + len(beginning)] == beginning:
            return reader
    return None


def _refuse_to_open(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    """What a file may ask for beyond its own bytes: nothing."""
    raise NotAudio


def _track(container: InputContainer, source: Source) -> Iterator[AudioFrame]:
    if not container.streams.audio:
        raise NoSound
    stream = container.streams.audio[0]
    if stream.codec_context is None or stream.codec_context.name not in DECODERS:
        raise UnusualAudio
    stream.codec_context.thread_count = 1
    _name_channels(stream.codec_context)
    packets = container.demux(stream)
    while source.bad_packets <= _MOST_BAD_PACKETS:
        try:
            frames = next(packets).decode()
        except (StopIteration, av.EOFError):
            return
        except av.InvalidDataError:
            source.bad_packets += 1
            continue
        except ValueError:  # its codec turns out, on the way, to be none that is known
            raise UnusualAudio from None
        yield from frames
    raise DamagedAudio


def _name_channels(context: AudioCodecContext) -> None:
    """A WAV need not say where its channels stand, and without that they cannot be mixed."""
    count = context.layout.nb_channels
    if context.layout.name == f"{count} channels" and count in _LAYOUTS:
        context.layout = _LAYOUTS[count]
