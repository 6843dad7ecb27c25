"""Versions of the menu: published only when complete, bound to their recordings, and unchanged from then on."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.audio.blobs import forget_blob, keep_blob
from campaigns.audio.sounds import audio_from, tone
from campaigns.staff.actor import Actor, NotPermitted
from campaigns.staff.audit import trail
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from campaigns.voice import publishing
from campaigns.voice.menu import Menu, Option
from campaigns.voice.prompts import NoSuchPrompt, Recording, attach, detach, set_words
from campaigns.voice.publishing import MenuFaulty, MenuIncomplete
from campaigns.voice.rules import Rule
from campaigns.voice.versions import (
    MenuVersion,
    NoSuchVersion,
    NotADraft,
    Prompt,
    SpokenBy,
    VersionState,
    content_hash,
    prompt_rows,
    published,
    version_heard,
)
from tests.support.menus import SOUND, drafted_menu, published_menu, starter_menu
from tests.support.programme import TrainingProgramme, training_programme

OTHER = audio_from(tone(0.4, 660))


@dataclass(frozen=True)
class Studio:
    """A live programme with a producer."""

    database: Database
    made: TrainingProgramme
    now: datetime

    @property
    def producer(self) -> Actor:
        return self.made.actors["producer"]

    def publish(self, session: Session, menu_id: int) -> MenuVersion:
        return publishing.publish(session, self.producer, menu_id, now=self.now)


@pytest.fixture
def studio(database: Database, keyring: KeyRing, now: datetime) -> Studio:
    return Studio(database, training_programme(database, keyring, now, training=False), now)


def only(name: str, menu: Menu) -> Menu:
    """The starter menu with one node of another label: a change that needs no other prompt."""
    return replace(menu, nodes={**menu.nodes, name: replace(menu.nodes[name], label="Another label")})


def test_a_menu_is_drafted_published_changed_and_published_again(studio: Studio) -> None:
    with studio.database.writing() as session:
        assert published(session) is None
        first = published_menu(session, studio.producer, studio.now).id
    with studio.database.writing() as session:
        again = publishing.open_draft(session, studio.producer, now=studio.now)
        assert publishing.open_draft(session, studio.producer, now=studio.now).id == again.id
        assert len(prompt_rows(session, again.id)) == len(prompt_rows(session, first))
        set_words(session, studio.producer, again.id, {("goodbye", "en"): "Go well."}, now=studio.now)
        recording = Recording(keep_blob(session, OTHER), 400, -22.0, SpokenBy.PERSON)
        attach(session, again.id, "goodbye", "en", recording, actor=studio.producer, now=studio.now)
    with studio.database.writing() as session:
        heard = published(session)
        assert heard is not None
        assert (heard.id, heard.sound("goodbye", "en").blob) == (first, SOUND.hash)
        assert version_heard(session, again.id).sound("goodbye", "en").text == "Go well."
        studio.publish(session, again.id)

    with studio.database.reading() as session:
        heard = published(session)
        assert heard is not None
        assert (heard.version, heard.sound("goodbye", "en").blob) == (2, OTHER.hash)
        before = version_heard(session, first)  # a call that began with it
        assert (before.version, before.sound("goodbye", "en").blob) == (1, SOUND.hash)
        acts = [entry.act for entry in trail(session, f"menu:{again.id}")]
    assert acts == ["menu published", "prompts written", "menu drafted"]


def test_publishing_what_is_not_complete_is_refused_with_the_names(studio: Studio) -> None:
    with studio.database.writing() as session:
        draft = drafted_menu(session, studio.producer, studio.now)
        detach(session, studio.producer, draft.id, "which_keys", "ps", now=studio.now)
        set_words(session, studio.producer, draft.id, {("own_poem", "ur"): ""}, now=studio.now)
        attach_lost(session, draft.id, studio)

        with pytest.raises(MenuIncomplete) as refused:
            studio.publish(session, draft.id)

    assert set(refused.value.missing) == {("own_poem", "ur"), ("which_keys", "ps")}
    assert "which_keys (ps)" in str(refused.value)
    with studio.database.reading() as session:
        assert published(session) is None


def attach_lost(session: Session, menu_id: int, studio: Studio) -> None:
    """A recording that nothing keeps any more."""
    recording = Recording(keep_blob(session, OTHER), 400, -22.0, SpokenBy.PERSON)
    attach(session, menu_id, "hint", "en", recording, actor=None, now=studio.now)
    forget_blob(session, OTHER.hash)


def test_publishing_a_recording_that_is_not_kept_is_refused(studio: Studio) -> None:
    with studio.database.writing() as session:
        draft = drafted_menu(session, studio.producer, studio.now)
        attach_lost(session, draft.id, studio)

        with pytest.raises(MenuIncomplete) as refused:
            studio.publish(session, draft.id)
    assert refused.value.missing == (("hint", "en"),)


def test_a_language_that_is_added_must_be_recorded_before_anybody_hears_it(studio: Studio) -> None:
    with studio.database.writing() as session:
        published_menu(session, studio.producer, studio.now)
        menu = starter_menu()
        draft = publishing.change_menu(
            session, studio.producer, replace(menu, languages=(*menu.languages, "hno")), now=studio.now
        )

        with pytest.raises(MenuIncomplete) as refused:
            studio.publish(session, draft.id)
    assert {language for _, language in refused.value.missing} == {"hno"}
    assert ("greeting", "hno") in refused.value.missing


def test_what_must_be_mended_is_not_published_and_a_tone_must_in_a_live_programme(studio: Studio) -> None:
    with studio.database.writing() as session:
        draft = drafted_menu(session, studio.producer, studio.now)
        recording = Recording(SOUND.hash, 500, -22.0, SpokenBy.TONE)
        attach(session, draft.id, "hint", "en", recording, actor=None, now=studio.now)

        with pytest.raises(MenuFaulty) as refused:
            studio.publish(session, draft.id)
    assert [finding.rule for finding in refused.value.findings] == [Rule.TONE]


def test_learners_may_publish_tones(database: Database, keyring: KeyRing, now: datetime) -> None:
    producer = training_programme(database, keyring, now).actors["producer"]
    with database.writing() as session:
        draft = drafted_menu(session, producer, now)
        recording = Recording(SOUND.hash, 500, -22.0, SpokenBy.TONE)
        attach(session, draft.id, "hint", "en", recording, actor=None, now=now)

        assert publishing.publish(session, producer, draft.id, now=now).state == VersionState.PUBLISHED


def test_what_was_published_never_changes(studio: Studio) -> None:
    with studio.database.writing() as session:
        menu_id = published_menu(session, studio.producer, studio.now).id
        row = session.get_one(MenuVersion, menu_id)
        recording = Recording(SOUND.hash, 500, -22.0, SpokenBy.PERSON)

        with pytest.raises(NotADraft):
            set_words(session, studio.producer, menu_id, {("goodbye", "en"): "Go."}, now=studio.now)
        with pytest.raises(NotADraft):
            attach(session, menu_id, "goodbye", "en", recording, actor=None, now=studio.now)
        with pytest.raises(NotADraft):
            publishing.drop_draft(session, studio.producer, menu_id, now=studio.now)
        with pytest.raises(NotADraft):
            studio.publish(session, menu_id)
        with pytest.raises(NoSuchVersion):
            studio.publish(session, 77)
        assert row.hash == content_hash(row.body, prompt_rows(session, menu_id))


def test_the_hash_covers_the_menu_the_words_and_the_recordings(studio: Studio) -> None:
    with studio.database.writing() as session:
        draft = drafted_menu(session, studio.producer, studio.now)
        rows = prompt_rows(session, draft.id)
        before = content_hash(draft.body, rows)

        def with_another(**changes: object) -> bytes:
            row = rows["goodbye", "en"]
            same = {"name": row.name, "language": row.language, "text": row.text, "blob": row.blob}
            return content_hash(draft.body, {**rows, ("goodbye", "en"): Prompt(**{**same, **changes})})

        changed = {
            with_another(text="Go well."),
            with_another(blob=OTHER.hash),
            content_hash(draft.body.replace("Main menu", "The start"), rows),
        }
        assert with_another() == before
    assert len(changed | {before}) == 4


def test_only_who_produces_radio_may_touch_the_line(studio: Studio) -> None:
    coordinator = studio.made.coordinator
    with studio.database.writing() as session:
        draft = drafted_menu(session, studio.producer, studio.now)
        for refused in (
            lambda: publishing.publish(session, coordinator, draft.id, now=studio.now),
            lambda: publishing.change_menu(session, coordinator, starter_menu(), now=studio.now),
            lambda: publishing.drop_draft(session, coordinator, draft.id, now=studio.now),
            lambda: set_words(session, coordinator, draft.id, {}, now=studio.now),
            lambda: detach(session, coordinator, draft.id, "hint", "en", now=studio.now),
        ):
            with pytest.raises(NotPermitted):
                refused()


def test_a_menu_that_cannot_be_walked_is_not_even_drafted(studio: Studio) -> None:
    menu = starter_menu()
    round_and_round = replace(menu.nodes["word"], options=(Option("1", "main", "Back"),))
    with studio.database.writing() as session, pytest.raises(MenuFaulty, match="leads back to main"):
        publishing.change_menu(
            session,
            studio.producer,
            replace(menu, nodes={**menu.nodes, "word": round_and_round}),
            now=studio.now,
        )


def test_words_changed_after_the_recording_are_found_until_it_is_recorded_again(studio: Studio) -> None:
    with studio.database.writing() as session:
        draft = drafted_menu(session, studio.producer, studio.now)
        set_words(session, studio.producer, draft.id, {("hint", "en"): "Press a key now."}, now=studio.now)
        found = publishing.findings_of(session, draft.id)
        assert [(finding.rule, str(finding.where)) for finding in found] == [(Rule.WORDS_CHANGED, "hint, en")]

        recording = Recording(SOUND.hash, 500, -22.0, SpokenBy.CALL)
        attach(session, draft.id, "hint", "en", recording, actor=studio.producer, now=studio.now)
        assert publishing.findings_of(session, draft.id) == []
        with pytest.raises(NoSuchPrompt):
            attach(session, draft.id, "nothing", "en", recording, actor=None, now=studio.now)


def test_what_a_draft_no_longer_needs_is_not_published(studio: Studio) -> None:
    menu = starter_menu()
    smaller = replace(menu, languages=("ps", "en"))
    with studio.database.writing() as session:
        draft = drafted_menu(session, studio.producer, studio.now)
        publishing.change_menu(session, studio.producer, smaller, now=studio.now)
        words = {("this_language", "en"): "For English, press 2."}
        set_words(session, studio.producer, draft.id, words, now=studio.now)
        assert ("hint", "ur") in prompt_rows(session, draft.id)
        studio.publish(session, draft.id)

        assert {language for _, language in prompt_rows(session, draft.id)} == {"ps", "en"}


def test_there_is_one_draft_and_one_published_version(studio: Studio) -> None:
    with studio.database.writing() as session:
        draft = drafted_menu(session, studio.producer, studio.now)
        body = draft.body
    for state in (VersionState.DRAFT, VersionState.PUBLISHED):
        second = MenuVersion(version=9, state=int(state), body=body, hash=b"h", made_at=studio.now)
        with pytest.raises(IntegrityError), studio.database.writing() as session:
            if state is VersionState.PUBLISHED:
                studio.publish(session, draft.id)
            session.add(second)
