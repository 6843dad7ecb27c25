"""The producer's voice line: a tree of what is heard, recordings taken in, and publishing only what is complete."""

import io
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns.audio.blobs import Audio, keep_blob
from campaigns.audio.uploads import Upload
from campaigns.programme.lines import Can, Line
from campaigns.staff.actor import Actor
from campaigns.storage.engine import Database
from campaigns.voice import prompts, publishing
from campaigns.voice.menu import prompts_of
from campaigns.voice.prompts import Recording
from campaigns.voice.studio import StudioSession
from campaigns.voice.versions import MenuVersion, SpokenBy, VersionState
from campaigns.voice.ways import Way
from campaigns.voice.written import read_menu
from tests.support.console import Browser
from tests.support.programme import TrainingProgramme

SignedIn = Callable[[str], Browser]
MENU = """
name: Gudar line
languages: [en, ur]
nodes:
  main:
    kind: menu
    label: Main menu
    options:
      - key: "1"
        go: help
      - key: "2"
        go: word
  help:
    kind: message
    label: People who help
  word:
    kind: feedback
    label: Leave a word
"""
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


class Studio:
    """A draft, and its recordings."""

    def __init__(self, database: Database, producer: Actor, now: datetime) -> None:
        self.database, self.producer, self.now = database, producer, now
        self.menu = read_menu(MENU)
        with database.writing() as session:
            self.id = publishing.change_menu(session, producer, self.menu, now=now).id

    def record_all(self, *, but: tuple[tuple[str, str], ...] = ()) -> None:
        """Write and record every prompt, but these."""
        names = [(name, language) for name in prompts_of(self.menu) for language in self.menu.languages]
        with self.database.writing() as session:
            words = {(name, language): name.replace("_", " ") for name, language in names}
            prompts.set_words(session, self.producer, self.id, words, now=self.now)
            for place, (name, language) in enumerate(names):
                if (name, language) not in but:
                    sound = Audio(b"RIFF" + place.to_bytes(4, "big"), 2_000, -22.0)
                    recording = Recording(keep_blob(session, sound), 2_000, -22.0, SpokenBy.PERSON)
                    prompts.attach(session, self.id, name, language, recording, actor=None, now=self.now)

    def state(self) -> VersionState:
        with self.database.reading() as session:
            return VersionState(session.get_one(MenuVersion, self.id).state)


@pytest.fixture
def studio(database: Database, programme: TrainingProgramme, now: datetime) -> Studio:
    """A draft without any recording."""
    return Studio(database, programme.actors["producer"], now)


def text(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_without_a_menu_one_can_be_brought_in_from_a_file(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme
) -> None:
    producer = signed_in("producer")
    assert "No menu yet" in text(producer, "/voice/")

    wrong = {"menu": (io.BytesIO(b"name: x\nnodes: 3\n"), "menu.yaml")}
    producer.post("/voice/menu.yaml", wrong)
    assert "The menu was not taken" in text(producer, "/voice/")
    producer.post("/voice/menu.yaml", {"menu": (io.BytesIO(MENU.encode()), "menu.yaml")})

    page = text(producer, "/voice/")
    assert "Version 1, draft" in page
    assert (
        page.index("Greeting") < page.index("Main menu") < page.index("Leave a word") < page.index("Goodbye")
    )


def test_an_incomplete_menu_is_not_published_and_what_is_missing_is_named(
    signed_in: SignedIn, studio: Studio
) -> None:
    studio.record_all(but=(("warning", "ur"),))
    producer = signed_in("producer")
    page = text(producer, "/voice/")
    assert "Publish: 1 to mend first" in page

    producer.post(f"/voice/{studio.id}/publish")

    said = text(producer, "/voice/")
    assert "Missing: Warning before a recording (Urdu)" in said
    assert studio.state() is VersionState.DRAFT


def test_a_complete_menu_is_published_and_the_next_draft_is_its_copy(
    signed_in: SignedIn, studio: Studio
) -> None:
    studio.record_all()
    producer = signed_in("producer")
    text(producer, "/voice/")

    producer.post(f"/voice/{studio.id}/publish")

    assert studio.state() is VersionState.PUBLISHED
    assert "Version 1, live" in text(producer, "/voice/")
    producer.post("/voice/draft")
    page = text(producer, "/voice/")
    assert "Version 2, draft" in page
    assert "0 missing" in page


def test_a_recording_is_taken_in_for_a_worker_to_mend(
    signed_in: SignedIn, studio: Studio, database: Database
) -> None:
    producer = signed_in("producer")
    address = f"/voice/{studio.id}/prompts/greeting/ur"
    text(producer, address)

    answer = producer.post(f"{address}/recording", {"recording": (io.BytesIO(b"RIFF some sound"), "x.wav")})

    assert answer.status_code == 303
    with database.reading() as session:
        row = session.scalars(select(Upload)).one()
        assert json.loads(row.about)["name"] == "greeting"
        assert len(json.loads(row.about)["staff"]) == 32
    waits = text(producer, answer.headers["Location"])
    assert "being measured and mended" in waits


@pytest.mark.parametrize("path", ["", "/prompts/no_such/ur", "/prompts/greeting/ha", "/sounds/00.wav"])
def test_what_is_not_there_is_not_found(signed_in: SignedIn, studio: Studio, path: str) -> None:
    address = f"/voice{path}" if path.startswith("/sounds") else f"/voice/{studio.id}{path}"
    assert signed_in("producer").get(address).status_code in (404, 405)


@pytest.mark.parametrize("role", ["coordinator", "moderator", "approver"])
def test_the_voice_line_is_the_producer_s(signed_in: SignedIn, studio: Studio, role: str) -> None:
    assert signed_in(role).get("/voice/").status_code == 403


def test_a_draft_is_thrown_away_only_when_asked_twice(
    signed_in: SignedIn, studio: Studio, database: Database, tmp_path: Path
) -> None:
    producer = signed_in("producer")
    assert "Throw this draft away?" in text(producer, f"/voice/{studio.id}/drop")

    producer.post(f"/voice/{studio.id}/drop")

    with database.reading() as session:
        assert session.get(MenuVersion, studio.id) is None


def test_a_code_for_the_studio_is_shown_once_and_kept_as_a_mark_only(
    signed_in: SignedIn, studio: Studio, database: Database, programme: TrainingProgramme
) -> None:
    producer = signed_in("producer")
    with database.writing() as session:
        session.get_one(Line, programme.two_way).can |= int(Can.VOICE_IN)
    text(producer, "/voice/")
    producer.post(f"/voice/lines/{programme.two_way}/way", {"way": str(int(Way.STUDIO))})
    assert "prompts to read" in text(producer, f"/voice/{studio.id}/studio")

    page = producer.post(f"/voice/{studio.id}/studio", {"language": "ur"}).get_data(as_text=True)

    code = re.search(r"<bdi[^>]*>([0-9]{6})</bdi>", page)
    assert code is not None
    with database.reading() as session:
        kept = session.scalars(select(StudioSession)).one()
        assert kept.language == "ur"
        assert code[1].encode() not in kept.code_mark
