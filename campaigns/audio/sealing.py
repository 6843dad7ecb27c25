"""The copy of a spoken feedback that is sealed: small, without any data but the voice, and of three lengths only."""

import io

import av

from campaigns.audio.decoding import decode
from campaigns.audio.disguising import lowered
from campaigns.audio.levels import measure
from campaigns.audio.mending import level, trim
from campaigns.audio.refusals import TooLong
from campaigns.audio.sound import TELEPHONE_RATE, Sound, frames_of, silence

LENGTHS_SECONDS = (30, 60, 120)
BITS_PER_SECOND = 16_000
# No title, no coder's name, no table of contents: nothing but frames, each of one size.
_BARE = {"fflags": "bitexact", "write_xing": "0", "id3v2_version": "0", "write_id3v1": "0"}


def for_sealing(data: bytes, *, is_disguised: bool = True) -> bytes:
    """The recording as 8 kHz mono MP3 of 16 kbit/s, its silence cut, its voice disguised, filled up with silence to
    30, 60 or 120 seconds: copies of one length have one size (anonymity.md 3.3).

    Raises what `mending.mend` raises; TooLong over two minutes.
    """
    longest = LENGTHS_SECONDS[-1]
    sound = decode(data, rate=TELEPHONE_RATE, most_seconds=longest)
    voice = trim(sound, measure(sound))
    voice = level(lowered(voice) if is_disguised else voice)
    return _mp3(_filled(voice))


def _filled(voice: Sound) -> Sound:
    for seconds in LENGTHS_SECONDS:
        missing = seconds * voice.rate - len(voice.samples)
        if missing >= 0:
            return voice + silence(missing / voice.rate, voice.rate)
    raise TooLong


def _mp3(sound: Sound) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options=_BARE) as container:
        stream = container.add_stream("libmp3lame", rate=sound.rate, layout="mono")
        stream.bit_rate = BITS_PER_SECOND
        stream.codec_context.options = {"reservoir": "0"}
        for frame in frames_of(sound):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
