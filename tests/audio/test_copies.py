"""The other copies of a recording: for a studio, edited, disguised, and to be sealed."""

import io
import wave
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import av
import pytest

from campaigns.audio.broadcasting import broadcast
from campaigns.audio.cutting import Span, SpanUnusable, cut, waveform
from campaigns.audio.disguising import LEAST_SHARE, MOST_SHARE, disguise
from campaigns.audio.levels import peak_db
from campaigns.audio.mending import mend
from campaigns.audio.refusals import TooLong, TooQuiet, TooShort
from campaigns.audio.sealing import for_sealing
from campaigns.audio.sound import Sound, silence
from campaigns.audio.sounds import tone
from tests.audio.spoken import as_file, read, speech, speech_db, wav, with_claps


def loudness(data: bytes) -> float:
    """LUFS, as FFmpeg's own meter says after hearing the whole."""
    graph = av.filter.Graph()
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.audio[0]
        source = graph.add_abuffer(
            sample_rate=stream.rate, format="s16", layout="mono", time_base=Fraction(1, stream.rate)
        )
        graph.link_nodes(source, graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("abuffersink"))
        graph.configure()
        levels = []
        for frame in container.decode(stream):
            graph.push(frame)
            while True:
                try:
                    levels.append(float(graph.pull().metadata["lavfi.r128.I"]))
                except av.BlockingIOError:
                    break
    return levels[-1]


def pitch_of(data: bytes) -> float:
    """The pitch of a tone in a telephone WAV, by how often its middle two seconds change their sign."""
    sound = read(data)
    middle = sound.samples[4_000:20_000]
    return sum((one < 0) != (other < 0) for one, other in pairwise(middle)) / 2 / (len(middle) / sound.rate)


@pytest.mark.parametrize(
    "recorded",
    [
        pytest.param(lambda: speech(seconds=4, level_db=-40), id="quiet"),
        pytest.param(lambda: speech(seconds=4, level_db=-4), id="loud"),
        pytest.param(lambda: speech(seconds=4, level_db=-30, before=3, after=3), id="with silence"),
        pytest.param(lambda: with_claps(speech(seconds=4, level_db=-36)), id="with bangs"),
        pytest.param(
            lambda: read(mend(wav(speech(seconds=4, level_db=-40))).telephone), id="from the telephone"
        ),
    ],
)
def test_the_broadcast_copy_has_the_loudness_that_studios_want(recorded: Callable[[], Sound]) -> None:
    sound = recorded()

    copy = broadcast(wav(sound))

    assert loudness(copy) == pytest.approx(-23, abs=0.5)
    assert peak_db(read(copy, 48_000)) <= -2.0
    with wave.open(io.BytesIO(copy)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 2)
        assert file.getnframes() / 48_000 == pytest.approx(sound.milliseconds / 1_000, abs=0.01)


def test_silence_cannot_be_broadcast() -> None:
    with pytest.raises(TooQuiet):
        broadcast(wav(silence(3)))


def test_what_is_cut_is_gone_and_what_is_beeped_out_is_only_a_beep() -> None:
    words = tone(1, 300) + tone(1, 700) + tone(1, 1_500) + tone(1, 2_200)

    edited = read(
        cut(wav(words), [Span(3_000, 9_000), Span(0, 1_000)], [Span(1_000, 2_000), Span(1_500, 2_000)])
    )

    assert edited.milliseconds == 2_000
    assert edited.samples[400:7_000] == tone(1, 1_000).samples[400:7_000]
    assert edited.samples[8_400:15_000] == tone(1, 1_500).samples[400:7_000]


@pytest.mark.parametrize("places", [(5, 5), (9, 2), (-1, 4)])
def test_a_place_that_ends_before_it_begins_is_none(places: tuple[int, int]) -> None:
    with pytest.raises(SpanUnusable):
        Span(*places)


def test_cutting_everything_is_refused() -> None:
    with pytest.raises(TooShort):
        cut(wav(speech()), [Span(0, 1_000), Span(1_000, 5_000)], [])


def test_the_waveform_shows_where_somebody_speaks() -> None:
    bars = waveform(wav(silence(1) + tone(1, 500, level_db=-9) + silence(2)), 8)

    assert bars[:2] == bars[4:][:2] == [0, 0]
    assert all(45 <= bar <= 55 for bar in bars[2:4])
    assert waveform(wav(speech()), 100_000).count(0) > 0


def test_a_disguised_voice_is_deeper_as_long_and_as_loud_and_not_twice_the_same() -> None:
    voice = tone(3, 1_000, level_db=-30)
    deeper = [disguise(wav(voice)) for _ in range(4)]

    assert len(set(deeper)) > 1
    for data in deeper:
        assert LEAST_SHARE * 1_000 - 20 <= pitch_of(data) <= MOST_SHARE * 1_000 + 20
        assert read(data).milliseconds == pytest.approx(3_400, abs=150)
        assert speech_db(read(data)) == pytest.approx(-22, abs=2)


@pytest.mark.parametrize(("seconds", "filled_up"), [(1.0, 30), (29.0, 30), (31.0, 60), (61.0, 120)])
def test_sealed_copies_have_one_of_three_sizes(seconds: float, filled_up: int) -> None:
    voice = tone(seconds, 400, level_db=-30)

    copy = for_sealing(wav(voice))

    with av.open(io.BytesIO(copy)) as file:
        stream = file.streams.audio[0]
        assert (file.format.name, stream.rate, stream.codec_context.layout.name) == ("mp3", 8_000, "mono")
        assert file.metadata == {}
    assert len(copy) == {30: 60_336, 60: 120_384, 120: 240_336}[filled_up]
    assert read(copy).milliseconds == pytest.approx(filled_up * 1_000, abs=300)


def test_the_sealed_copy_is_levelled_and_bears_nothing_of_the_files_own_words() -> None:
    file = as_file(speech(level_db=-45, before=2), "m4a")
    copy = for_sealing(file, is_disguised=False)

    spoken = read(copy).part(0, 20_000)
    assert speech_db(spoken) == pytest.approx(-22, abs=2)
    assert not copy.startswith(b"ID3")
    assert b"TAG" not in copy
    assert b"Xing" not in copy
    assert b"Info" not in copy


def test_over_two_minutes_is_not_sealed_and_silence_neither() -> None:
    with pytest.raises(TooLong):
        for_sealing(wav(tone(121, 400)))
    with pytest.raises(TooQuiet):
        for_sealing(wav(silence(5)))
