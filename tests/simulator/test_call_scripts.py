"""What a script can say, and what a file says of its own length."""

import io
import wave
from collections.abc import Callable

import av
import pytest

from gateway.simulator.voice.script import (
    HangUp,
    Pickup,
    Press,
    PressAnything,
    Script,
    ScriptWrong,
    StaySilent,
    Talk,
    Wait,
    WaitAsked,
    read_script,
)
from gateway.simulator.voice.sound import (
    NotSound,
    made_up,
    read_telephone_wav,
    seconds_of,
    write_wav,
)
from tests.simulator.conftest import a_wav


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", Script()),
        ("listen", Script()),
        (
            "wait 2, 1, wait, #, record 5, hang up in play 3",
            Script((Wait(2), Press("1"), WaitAsked(), Press("#"), Talk(5), HangUp(3))),
        ),
        ("Wait 0.5, 12*", Script((Wait(0.5), Press("1"), Press("2"), Press("*")))),
        ("now 9, silent, silent 3", Script((Press("9", at_once=True), StaySilent(1), StaySilent(3)))),
        ("record, hang up", Script((Talk(4), HangUp()))),
        ("hang up in play 2 at 30", Script((HangUp(2, 30),))),
        ("random 40", Script((PressAnything(40),))),
        ("answer 7, 1", Script((Press("1"),), Pickup("answer", 7))),
        ("no answer", Script((), Pickup("no answer"))),
        ("machine", Script((Wait(30), HangUp()), Pickup("machine"))),
        ("missed 4", Script((HangUp(),), None, 4)),
    ],
)
def test_a_script_is_read_step_by_step(text: str, script: Script) -> None:
    assert read_script(text) == script


@pytest.mark.parametrize(
    "text", ["press 1", "wait x", "1, answer 3", "record -1", "hang up in play", "1" * 2001]
)
def test_a_script_that_says_nothing_a_caller_does_is_refused(text: str) -> None:
    with pytest.raises(ScriptWrong):
        read_script(text)


def encoded(name: str, codec: str, rate: int, seconds: int, **options: str) -> bytes:
    """Silence in another format, written by a library of its own."""
    file = io.BytesIO()
    with av.open(file, "w", format=name) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono", options=options)
        assert isinstance(stream, av.AudioStream)
        frame_size = 1152
        for start in range(0, rate * seconds, frame_size):
            frame = av.AudioFrame(
                format="s16", layout="mono", samples=min(frame_size, rate * seconds - start)
            )
            frame.sample_rate = rate
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return file.getvalue()


@pytest.mark.parametrize(
    ("make", "content_type"),
    [
        (lambda: a_wav(30), "audio/wav"),
        (lambda: a_wav(30), "audio/x-wav; rate=8000"),
        (lambda: bytes(8000 * 30), "audio/ulaw"),
        (lambda: encoded("wav", "pcm_mulaw", 8000, 30), "audio/wav"),
        (lambda: encoded("mp3", "mp3", 8000, 30, b="16k"), "audio/mpeg"),
        (lambda: encoded("mp3", "mp3", 44100, 30, b="64k"), "audio/mpeg"),
        (lambda: encoded("mp3", "mp3", 22050, 30, b="32k", write_xing="0"), "audio/mpeg"),
    ],
)
def test_the_length_of_audio_is_read_from_its_header(make: Callable[[], bytes], content_type: str) -> None:
    assert seconds_of(make(), content_type) == pytest.approx(30, abs=0.3)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"<html>", b"\xff" * 500, a_wav()[:40]])
@pytest.mark.parametrize("content_type", ["audio/wav", "audio/mpeg"])
def test_what_is_not_audio_has_no_length(data: bytes, content_type: str) -> None:
    with pytest.raises(NotSound):
        seconds_of(data, content_type)


def test_a_made_up_voice_is_a_telephone_wav_and_no_silence() -> None:
    samples = made_up(2.5, voice=3)

    with wave.open(io.BytesIO(write_wav(samples))) as reading:
        assert (reading.getnchannels(), reading.getsampwidth(), reading.getframerate()) == (1, 2, 8000)
        assert reading.getnframes() == 20_000
    assert read_telephone_wav(write_wav(samples)).samples == samples
    assert samples == made_up(2.5, voice=3) != made_up(2.5, voice=4)
    assert max(samples) > 100


def test_speech_of_another_form_is_refused() -> None:
    with pytest.raises(NotSound, match="8000"):
        read_telephone_wav(encoded("wav", "pcm_s16le", 16000, 1))
