"""What an episode lacks, when callers hear it, and the question of the week."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.radio.episodes import (
    Episode,
    EpisodeFinding,
    EpisodeIncomplete,
    EpisodeOnThePhone,
    Lack,
    NoSuchPlace,
    adviser_heard,
    attach_sound,
    create_episode,
    lacks_of,
    make_ready,
    remove_segment,
    segments_of,
    set_segment,
    take_off,
)
from campaigns.radio.on_the_phone import EpisodeToPlay, episode_to_play, newest_episode
from campaigns.radio.questions import (
    OpenQuestion,
    QuestionIncomplete,
    ask_question,
    attach_question_sound,
    close_question,
    open_question,
)
from campaigns.radio.shows import (
    NoSuchShow,
    OnAir,
    ShowKeyUnusable,
    TimeOutOfWeek,
    air_times,
    create_show,
    next_phone_time,
    set_air_times,
    set_phone_time,
    show_of,
)
from campaigns.staff.actor import NotPermitted
from tests.radio.conftest import Studio

TWO_MINUTES = 120_000
HOUR = timedelta(hours=1)
WORDS = {"ps": "په کلي کې څوک؟", "ur": "گاؤں میں کون؟"}


def made(studio: Studio, *, languages: tuple[str, ...] = ("ps", "ur"), pieces: int = 2) -> int:
    """An episode with sound in these languages."""
    with studio.database.writing() as session:
        episode = create_episode(
            session, studio.producer, studio.show_id, "Who draws the water", now=studio.now
        )
        for place in range(1, pieces + 1):
            for language in languages:
                set_segment(session, studio.producer, episode.id, place, language, f"piece {place}")
                blob = f"{episode.id} {place} {language}".ljust(32).encode()
                attach_sound(session, episode.id, place, language, blob=blob, milliseconds=TWO_MINUTES)
        return episode.id


def ready(studio: Studio, episode: int, at: datetime) -> None:
    with studio.database.writing() as session:
        make_ready(session, studio.producer, episode, at, now=studio.now)


def newest(studio: Studio, language: str = "ps", *, at: datetime | None = None) -> EpisodeToPlay | None:
    with studio.database.reading() as session:
        return newest_episode(session, "gudar", language, now=at or studio.now)


def resumed(studio: Studio, episode: int) -> EpisodeToPlay | None:
    with studio.database.reading() as session:
        return episode_to_play(session, episode, "ps", now=studio.now)


def lacks(studio: Studio, episode: int) -> list[EpisodeFinding]:
    with studio.database.writing() as session:
        adviser_heard(session, studio.producer, episode, studio.now.date(), now=studio.now)
        return lacks_of(session, session.get_one(Episode, episode))


def test_callers_hear_the_newest_episode_from_its_hour_on(studio: Studio) -> None:
    older, newer = made(studio), made(studio)
    assert newest(studio) is None
    ready(studio, older, studio.now - HOUR)
    ready(studio, newer, studio.now + HOUR)

    heard, later = newest(studio), newest(studio, at=studio.now + HOUR)

    assert heard is not None
    assert later is not None
    assert (heard.id, later.id) == (older, newer)
    assert [(piece.place, piece.title, piece.milliseconds) for piece in heard.segments] == [
        (1, "piece 1", TWO_MINUTES),
        (2, "piece 2", TWO_MINUTES),
    ]
    assert heard.segments[0].blob == f"{older} 1 ps".ljust(32).encode()
    assert newest(studio, "en") is None
    assert resumed(studio, newer) is None


def test_an_episode_that_was_taken_off_is_neither_begun_nor_resumed(studio: Studio) -> None:
    episode = made(studio)
    ready(studio, episode, studio.now)
    assert resumed(studio, episode) is not None
    with pytest.raises(EpisodeOnThePhone), studio.database.writing() as session:
        set_segment(session, studio.producer, episode, 1, "ps", "another")

    with studio.database.writing() as session:
        take_off(session, studio.producer, episode, now=studio.now)

    assert resumed(studio, episode) is None
    assert newest(studio) is None


def test_an_episode_with_a_language_missing_does_not_come_to_the_phone(studio: Studio) -> None:
    episode = made(studio, languages=("ps",))

    with pytest.raises(EpisodeIncomplete) as refused:
        ready(studio, episode, studio.now)

    assert refused.value.lacks == [EpisodeFinding(Lack.NO_SOUND, place, "ur") for place in (1, 2)]


def test_pieces_last_from_one_and_a_half_to_three_minutes_and_drafts_may_be_heard(studio: Studio) -> None:
    for milliseconds, draft, found in (
        (89_999, False, [Lack.SHORT]),
        (90_000, False, []),
        (180_000, False, []),
        (180_001, True, [Lack.LONG, Lack.DRAFT]),
    ):
        episode = made(studio, pieces=1)
        with studio.database.writing() as session:
            attach_sound(session, episode, 1, "ur", blob=bytes(32), milliseconds=milliseconds, draft=draft)

        assert [one.lack for one in lacks(studio, episode)] == found
        ready(studio, episode, studio.now)


def test_what_is_taken_out_closes_up_in_every_language(studio: Studio) -> None:
    episode = made(studio, pieces=3)
    with studio.database.writing() as session:
        remove_segment(session, studio.producer, episode, 2)
        left = [(row.place, row.language, row.title) for row in segments_of(session, episode)]

    assert left == [
        (1, "ps", "piece 1"),
        (1, "ur", "piece 1"),
        (2, "ps", "piece 3"),
        (2, "ur", "piece 3"),
    ]
    for place, language in ((0, "ps"), (13, "ps"), (1, "en")):
        with pytest.raises(NoSuchPlace), studio.database.writing() as session:
            set_segment(session, studio.producer, episode, place, language, "x")


def test_a_question_is_open_between_its_hours_and_has_words_in_every_language(studio: Studio) -> None:
    def asked(at: datetime) -> OpenQuestion | None:
        with studio.database.reading() as session:
            return open_question(session, "gudar", now=at)

    def ask(words: dict[str, str]) -> int:
        with studio.database.writing() as session:
            question = ask_question(
                session,
                studio.producer,
                studio.show_id,
                words,
                opens_at=studio.now,
                closes_at=studio.now + 2 * HOUR,
                poll=7,
                now=studio.now,
            )
            return question.id

    with pytest.raises(QuestionIncomplete):
        ask({"ps": WORDS["ps"], "ur": " "})
    question = ask(WORDS)
    with studio.database.writing() as session:
        attach_question_sound(session, question, "ps", blob=b"q" * 32, milliseconds=9_000)

    found = asked(studio.now)
    assert found is not None
    assert (found.id, found.poll, found.words, found.blobs) == (question, 7, WORDS, {"ps": b"q" * 32})
    assert asked(studio.now - HOUR) is None
    assert asked(studio.now + 2 * HOUR) is None
    with studio.database.writing() as session:
        close_question(session, studio.producer, question, now=studio.now + HOUR)
    assert asked(studio.now + HOUR) is None


def test_a_show_has_a_plain_key_of_its_own_and_times_within_the_week(studio: Studio) -> None:
    for key in ("gudar", "Poems", "po ems", "", "x" * 41, "پ"):
        with pytest.raises(ShowKeyUnusable), studio.database.writing() as session:
            create_show(session, studio.producer, key, "Poems", ("ps",), now=studio.now)
    with pytest.raises(NotPermitted), studio.database.writing() as session:
        create_show(session, studio.woman, "poems", "Poems", ("ps",), now=studio.now)
    with studio.database.writing() as session:
        set_air_times(session, studio.producer, studio.show_id, [OnAir(4, 17 * 60, "Radio Swat")])
        set_air_times(session, studio.producer, studio.show_id, [OnAir(6, 60, "B"), OnAir(4, 17 * 60, "A")])
        assert [row.station for row in air_times(session, studio.show_id)] == ["A", "B"]
        with pytest.raises(TimeOutOfWeek):
            set_air_times(session, studio.producer, studio.show_id, [OnAir(7, 0, "Radio Swat")])
        with pytest.raises(NoSuchShow):
            show_of(session, "drama")


def test_an_episode_usually_comes_to_the_phone_at_the_show_s_hour(studio: Studio) -> None:
    with studio.database.writing() as session:
        show = show_of(session, "gudar")
        assert next_phone_time(session, show, now=studio.now) is None
        set_phone_time(session, studio.producer, studio.show_id, 4, 18 * 60)  # Friday, 18:00 in Peshawar
        friday = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
        assert next_phone_time(session, show, now=studio.now) == friday
        assert next_phone_time(session, show, now=friday) == friday + timedelta(days=7)
