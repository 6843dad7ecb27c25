"""Whatever is given becomes a telephone copy as loud as all others, with little silence round it (voice.md R16)."""

import io
import wave
from collections.abc import Callable

import pytest

from campaigns.audio.kept import Finding
from campaigns.audio.levels import measure, peak_db
from campaigns.audio.mending import mend
from campaigns.audio.refusals import TooQuiet, TooShort
from campaigns.audio.sound import Sound, silence
from campaigns.audio.sounds import beep, draft_tone, tone
from tests.audio.spoken import (
    FORMATS,
    as_file,
    noisy,
    read,
    seconds_around,
    speech,
    speech_db,
    wav,
    with_claps,
)

WANTED_DB = -22.0


def is_as_wanted(telephone: bytes) -> None:
    sound = read(telephone)
    lead, tail = seconds_around(sound)
    assert speech_db(sound) == pytest.approx(WANTED_DB, abs=2)
    assert peak_db(sound) <= -3.0
    assert lead <= 0.15
    assert 0.25 <= tail <= 0.5


@pytest.mark.parametrize("form", FORMATS)
def test_every_usual_file_becomes_the_same_telephone_copy(form: str) -> None:
    mended = mend(as_file(speech(level_db=-30, before=0.4, after=0.8), form))

    is_as_wanted(mended.telephone)
    assert mended.milliseconds == pytest.approx(2_480, abs=60)
    with wave.open(io.BytesIO(mended.telephone)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8_000, 1, 2)
        assert file.getnframes() == mended.milliseconds * 8


@pytest.mark.parametrize(
    ("recorded", "findings"),
    [
        pytest.param(lambda: speech(level_db=-22), set(), id="as it should be"),
        pytest.param(lambda: speech(level_db=-50), {Finding.RAISED}, id="hardly to be heard"),
        pytest.param(lambda: speech(level_db=-8), {Finding.CLIPPED}, id="too near"),
        pytest.param(lambda: speech(level_db=4), {Finding.LOWERED, Finding.CLIPPED}, id="overdriven"),
        pytest.param(
            lambda: speech(level_db=-26, before=4, after=6), {Finding.TRIMMED}, id="long silence round it"
        ),
        pytest.param(lambda: noisy(speech(level_db=-26), -34), {Finding.BACKGROUND}, id="a motor behind it"),
        pytest.param(lambda: with_claps(speech(level_db=-26)), {Finding.CLIPPED}, id="bangs in it"),
        pytest.param(lambda: speech(seconds=0.3, level_db=-35), {Finding.RAISED}, id="one digit"),
    ],
)
def test_quiet_loud_and_spoilt_recordings_come_to_one_level(
    recorded: Callable[[], Sound], findings: set[Finding]
) -> None:
    mended = mend(wav(recorded()))

    is_as_wanted(mended.telephone)
    assert set(mended.findings) == findings


def test_mending_what_is_mended_changes_next_to_nothing() -> None:
    once = mend(wav(speech(level_db=-40, before=1)))
    twice = mend(once.telephone)

    assert twice.milliseconds == pytest.approx(once.milliseconds, abs=40)
    assert twice.level_db == pytest.approx(once.level_db, abs=0.5)
    assert twice.findings == ()


def test_a_click_long_before_the_first_word_is_silence_too() -> None:
    clicked = silence(2.0, 16_000)
    clicked.samples[4_000:4_040] = tone(0.0025, 3_000, level_db=-10, rate=16_000).samples
    mended = mend(wav(clicked + speech()))

    assert mended.milliseconds < 2_600


@pytest.mark.parametrize(
    "recorded", [lambda: silence(3.0), lambda: speech(level_db=-70), lambda: noisy(silence(2.0), -70)]
)
def test_a_recording_in_which_nobody_is_heard_is_refused(recorded: Callable[[], Sound]) -> None:
    with pytest.raises(TooQuiet, match="nearer to the microphone"):
        mend(wav(recorded()))


def test_a_recording_of_a_bang_only_is_refused() -> None:
    with pytest.raises(TooShort):
        mend(wav(silence(0.5) + tone(0.06, 500) + silence(0.5)))


def test_a_voice_in_one_ear_only_is_as_loud_as_any() -> None:
    voice = speech(level_db=-28)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(voice.rate)
        both = [
            sample
            for pair in zip(voice.samples, silence(2.0, voice.rate).samples, strict=True)
            for sample in pair
        ]
        out.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in both))

    is_as_wanted(mend(file.getvalue()).telephone)


def test_drafts_differ_and_are_as_loud_as_speech() -> None:
    drafts = [draft_tone(n) for n in range(120)]

    assert len({draft.hash for draft in drafts}) == 120
    assert {draft.milliseconds for draft in drafts} == {1_510}
    assert measure(read(drafts[119].data)).level_db == pytest.approx(drafts[119].level_db, abs=0.3)
    assert draft_tone(7) == drafts[7]
    assert speech_db(beep(0.5)) == pytest.approx(WANTED_DB, abs=0.5)
