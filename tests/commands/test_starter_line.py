"""The voice line that a new training programme begins with: complete, clean, spoken in drafts that say so."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns.audio.blobs import Blob, audio_of
from campaigns.audio.decoding import Source
from campaigns.audio.sound import TELEPHONE_RATE
from campaigns.programme.lines import Line
from campaigns.radio.episodes import Segment
from campaigns.radio.on_the_phone import newest_episode
from campaigns.radio.shows import shows
from campaigns.storage.engine import Database
from campaigns.voice.folder import read_folder, sounds_of
from campaigns.voice.menu import NodeKind, prompts_of
from campaigns.voice.publishing import draft, findings_of
from campaigns.voice.rules import Rule, Severity
from campaigns.voice.versions import SpokenBy, prompt_rows, published
from campaigns.voice.ways import Way, way_of
from gateway.commands.starter_line import STARTER, name_of_words
from gateway.commands.starter_radio import QUESTION, SHOWS
from gateway.house import Clock

MOST_BYTES = 1_500_000


@pytest.fixture
def house(prepared: Path) -> Database:
    return Database(f"sqlite:///{prepared / 'paigham.db'}")


def test_a_new_programme_has_a_published_menu_with_nothing_missing(house: Database) -> None:
    with house.reading() as session:
        heard = published(session)
        assert heard is not None
        assert (heard.version, draft(session)) == (1, None)
        rows = prompt_rows(session, heard.id)
        kept = set(session.scalars(select(Blob.hash)))

    wanted = {(name, language) for name in prompts_of(heard.menu) for language in heard.menu.languages}
    assert rows.keys() == wanted
    assert all(row.text and row.blob in kept for row in rows.values())
    assert {node.kind for node in heard.menu.nodes.values()} >= {*NodeKind} - {NodeKind.MESSAGE}


def test_the_linter_finds_nothing_but_that_these_are_drafts(house: Database) -> None:
    with house.reading() as session:
        heard = published(session)
        assert heard is not None
        found = findings_of(session, heard.id, shows=[show.key for show in shows(session)])
        speakers = Counter(
            (language, row.spoken_by) for (_, language), row in prompt_rows(session, heard.id).items()
        )

    assert {(finding.rule, finding.severity) for finding in found} == {
        (Rule.MACHINE_VOICE, Severity.LOOK),
        (Rule.TONE, Severity.LOOK),
    }
    assert {language: SpokenBy(speaker or 0) for language, speaker in speakers} == {
        "en": SpokenBy.MACHINE,
        "ur": SpokenBy.MACHINE,
        "ps": SpokenBy.TONE,
    }


def test_its_shows_can_be_heard_and_their_pieces_say_that_they_are_drafts(
    house: Database, prepared: Path
) -> None:
    with house.reading() as session:
        for show in shows(session):
            for language in ("ps", "ur", "en"):
                episode = newest_episode(session, show.key, language, now=Clock(None).now())
                assert episode is not None
                assert all(audio_of(session, piece.blob).data for piece in episode.segments)
        assert all(session.scalars(select(Segment.draft)))


def test_three_lines_are_called_one_answers_one_calls_back_one_is_the_studio(house: Database) -> None:
    with house.reading() as session:
        lines = session.scalars(select(Line).where(Line.address.like("+9239900000_0"))).all()
        ways = {line.address: way_of(session, line.id) for line in lines}

    assert ways == {
        "+923990000020": Way.ANSWERS,
        "+923990000030": Way.CALLS_BACK,
        "+923990000040": Way.STUDIO,
    }


def test_everything_that_is_said_in_english_and_urdu_was_spoken_as_it_is_written_now() -> None:
    spoken = sounds_of(STARTER)
    folder = read_folder(STARTER)
    on_air = [QUESTION, *(piece.says for show in SHOWS for piece in show.pieces)]
    wanted = {(name_of_words(words[language]), language) for words in on_air for language in ("en", "ur")}
    wanted |= {(name, language) for name in prompts_of(folder.menu) for language in ("en", "ur")}

    assert spoken.keys() == wanted  # ./scripts/draft_prompts speaks what is new and forgets what is old
    assert sum(sound.path.stat().st_size for sound in spoken.values()) < MOST_BYTES


def test_the_drafts_are_levelled_and_can_be_decoded() -> None:
    spoken = sounds_of(STARTER)
    for place in (("greeting", "en"), ("join_ask", "ur"), ("digit_7", "en")):
        sound = Source(spoken[place].path.read_bytes(), 60).sound(TELEPHONE_RATE)
        assert sound.milliseconds > 300
    assert all(sound.level_db and abs(sound.level_db + 22) < 2 for sound in spoken.values())
