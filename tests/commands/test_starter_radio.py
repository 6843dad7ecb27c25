"""The radio that a new training programme begins with: it can be listened to and answered at once."""

from datetime import datetime

from campaigns.listening.polls import open_poll
from campaigns.radio.episodes import Episode, Lack, lacks_of
from campaigns.radio.on_the_phone import newest_episode
from campaigns.radio.questions import open_question
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.commands.starter_radio import LANGUAGES, SHOWS, make_radio
from tests.support.programme import training_programme


def say(words: str, language: str) -> tuple[bytes, int]:
    """A voice that takes a minute for anything."""
    return f"{language}{len(words)}".ljust(32).encode(), 60_000


def test_both_shows_are_on_the_phone_and_the_question_is_open(
    database: Database, keyring: KeyRing, now: datetime
) -> None:
    producer = training_programme(database, keyring, now).actors["producer"]
    with database.writing() as session:
        make_radio(session, producer, say, now)

    with database.reading() as session:
        for plan in SHOWS:
            for language in LANGUAGES:
                episode = newest_episode(session, plan.key, language, now=now)
                assert episode is not None
                assert len(episode.segments) == len(plan.pieces)
        question = open_question(session, "gudar", now=now)
        assert question is not None
        assert set(question.words) == set(question.blobs) == set(LANGUAGES)
        assert question.poll is not None
        assert open_poll(session, question.poll, now=now) == ("1", "2", "3")
        # Short drafts, as the page says of them
        assert {one.lack for one in lacks_of(session, session.get_one(Episode, 1))} == {
            Lack.SHORT,
            Lack.DRAFT,
            Lack.ADVISER,
        }
