"""A file that is not what it should be ends in a sentence for the person who gave it, and reaches nothing else."""

import io
import random
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from campaigns.audio.confined import ReaderDied, mend_confined
from campaigns.audio.mending import mend
from campaigns.audio.purposes import MOST_BYTES
from campaigns.audio.refusals import (
    REFUSALS,
    AudioRefused,
    DamagedAudio,
    NoSound,
    NotAudio,
    TooHeavy,
    TooLarge,
    TooLong,
    TooQuiet,
    UnusualAudio,
    Why,
)
from campaigns.audio.sound import silence
from campaigns.audio.sounds import tone
from tests.audio.spoken import FORMATS, as_file, film, read, speech, speech_db, wav

ROOT = Path(__file__).resolve().parents[2]
Refusals = type[AudioRefused] | tuple[type[AudioRefused], ...]


def zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("speech.wav", bytes(20_000_000))
    return file.getvalue()


def picture() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(4 * 13))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def wav_with(*, rate: int = 8_000, channels: int = 1, frames: int = 8_000, tag: int = 1) -> bytes:
    """A WAV whose head says so, whatever follows."""
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * channels * 2 % 2**32, channels * 2 % 2**16, 16)
    head = b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + b"WAVEfmt " + struct.pack("<I", len(form)) + form
    return head + b"data" + struct.pack("<I", 0xFFFFFFFF) + bytes([16, 32]) * min(frames * channels, 100_000)


def endless() -> bytes:
    """Small, and of more seconds than anybody may give."""
    return as_file(silence(90), "flac")


HOSTILE: dict[str, tuple[Callable[[], bytes], Refusals]] = {
    "nothing": (lambda: b"", NotAudio),
    "one byte": (lambda: b"R", NotAudio),
    "noise": (lambda: random.Random(1).randbytes(50_000), NotAudio),
    "zeros": (lambda: bytes(100_000), NotAudio),
    "a zip bomb": (zip_bomb, NotAudio),
    "a picture": (picture, NotAudio),
    "a page": (lambda: b"<!doctype html><script>alert(1)</script>" * 50, NotAudio),
    "a program": (lambda: b"\x7fELF" + bytes(5_000), NotAudio),
    "a list of addresses": (lambda: b"#EXTM3U\n#EXTINF:10,\nhttp://169.254.169.254/latest\n", NotAudio),
    "a film": (film, NoSound),
    "a film of another kind": (lambda: film("matroska"), NoSound),
    "a film list": (lambda: b'<?xml version="1.0"?><MPD><Period/></MPD>', NotAudio),
    "only the beginning of an M4A": (lambda: as_file(speech(), "m4a")[:2_000], NotAudio),
    "only the head of a WAV": (lambda: wav(speech())[:44], DamagedAudio),
    "a WAV of 4 million samples a second": (lambda: wav_with(rate=4_000_000), UnusualAudio),
    "a WAV of one sample a second": (lambda: wav_with(rate=1), UnusualAudio),
    "a WAV of no samples a second": (lambda: wav_with(rate=0), (NotAudio, UnusualAudio)),
    "a WAV of 60 channels": (lambda: wav_with(channels=60), UnusualAudio),
    "a WAV of 65,535 channels": (lambda: wav_with(channels=65_535, frames=1), (NotAudio, UnusualAudio)),
    "a WAV of no channels": (lambda: wav_with(channels=0), (NotAudio, UnusualAudio, DamagedAudio)),
    "a WAV with another codec in it": (lambda: wav_with(tag=0x0161), UnusualAudio),
    "a minute and a half of nothing in a few kilobytes": (endless, TooLong),
    "a silent hour's beginning": (lambda: wav(silence(3)), TooQuiet),
    "more than we take": (lambda: bytes(MOST_BYTES + 1), TooLarge),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_a_sentence(name: str) -> None:
    make, expected = HOSTILE[name]

    with pytest.raises(expected) as refused:
        mend(make(), most_seconds=60)

    assert str(refused.value) == refused.value.why.says


def test_every_refusal_has_its_words() -> None:
    assert set(REFUSALS) == set(Why)
    assert all(why.says.endswith((".", "again.")) and len(why.says) < 120 for why in Why)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(
            lambda there: f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{there}\n", id="a playlist"
        ),
        pytest.param(lambda there: f"ffconcat version 1.0\nfile '{there}'\n", id="a list of files"),
        pytest.param(lambda there: f"[playlist]\nFile1={there}\n", id="a list of songs"),
        pytest.param(
            lambda there: f"v=0\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\na={there}\n", id="a stream"
        ),
    ],
)
def test_a_list_that_names_another_file_does_not_bring_it_in(
    tmp_path: Path, write: Callable[[str], str]
) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(wav(speech()))

    with pytest.raises(NotAudio):
        mend(write(str(secret)).encode())


def test_half_a_recording_is_better_than_none() -> None:
    whole = as_file(speech(seconds=4), "mp3")

    mended = mend(whole[: len(whole) // 2])

    assert 1_000 < mended.milliseconds < 4_000
    assert speech_db(read(mended.telephone)) == pytest.approx(-22, abs=2)


def test_titles_in_any_spelling_are_no_hindrance() -> None:
    title = b"TIT2" + struct.pack(">I", 6) + b"\x00\x00\x03\xff\xfe\xc0\x80\xff"
    tagged = b"ID3\x03\x00\x00" + bytes([0, 0, 0, len(title)]) + title + as_file(speech(), "mp3")

    assert mend(tagged).milliseconds > 1_500


def test_even_tones_are_sounds_and_nothing_else() -> None:
    for hertz in (125, 250, 500, 1_000, 2_000):
        assert mend(wav(tone(1, hertz, level_db=-30))).milliseconds > 1_000


def test_spoilt_files_of_every_kind_are_taken_or_refused_and_nothing_else() -> None:
    chance = random.Random(20_261_121)
    for file in [as_file(speech(0.5), form) for form in FORMATS] + [film()]:
        for _ in range(12):
            spoilt = bytearray(file)
            for _ in range(chance.choice((1, 5, 40))):
                spoilt[chance.randrange(min(len(spoilt), chance.choice((200, len(spoilt)))))] = (
                    chance.randrange(256)
                )
            try:
                assert mend(bytes(spoilt), most_seconds=60).telephone
            except AudioRefused as refusal:
                assert refusal.why.says


def test_a_child_gives_what_its_parent_would_have_found() -> None:
    file = as_file(speech(level_db=-45), "m4a")

    assert mend_confined(file, most_seconds=60) == mend(file)
    with pytest.raises(NoSound):
        mend_confined(film(), most_seconds=60)


def test_a_child_that_takes_too_long_is_ended_with_a_sentence() -> None:
    with pytest.raises(TooHeavy, match="takes too long"):
        mend_confined(wav(speech()), most_seconds=60, wall_seconds=0.001)


def test_a_child_that_dies_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false") or "/usr/bin/false")

    with pytest.raises(ReaderDied, match="damaged") as died:
        mend_confined(wav(speech()), most_seconds=60)

    assert died.value.status == 1


@pytest.mark.parametrize("deed", ["bytearray(2 << 30)", "open('here', 'wb', 0).write(b'x')"])
def test_a_child_may_neither_take_much_memory_nor_write_a_file(deed: str, tmp_path: Path) -> None:
    program = f"from campaigns.audio import confined; confined._confine(); {deed}; print('did it')"
    child = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "did it" not in child.stdout
    assert not (tmp_path / "here").exists() or (tmp_path / "here").stat().st_size == 0
    assert child.returncode != 0
