"""A show with listeners' clips, and women and men who moderate."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest

from campaigns.audio.sound import wav_of
from campaigns.audio.sounds import tone
from campaigns.radio.clips import NOTHING_FOUND, Clip, MayBe, NewClip, Screened, Speaker, keep_clip
from campaigns.radio.moderation import ClipEdit, approve, decision_hash, edit_clip
from campaigns.radio.shows import create_show
from campaigns.staff.actor import ROLES, Actor, Permission, add_staff
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.house import House
from gateway.settings import Settings
from tests.support.programme import training_programme

SECONDS = 1.5
SOUND = wav_of(tone(SECONDS, 440))
EVERYTHING = MayBe.KEPT | MayBe.PLAYED | MayBe.BROADCAST


@dataclass(frozen=True)
class Studio:
    """A live programme (nobody may be two people) with the show "gudar" in Pashto and Urdu."""

    database: Database
    keyring: KeyRing
    house: House
    now: datetime
    show_id: int
    producer: Actor
    woman: Actor
    other_woman: Actor
    reader: Actor

    def left(
        self,
        *,
        consents: MayBe = EVERYTHING,
        speaker: Speaker = Speaker.WOMAN,
        language: str = "ps",
        code: str = "000000",
        sound: bytes = SOUND,
        question: int | None = None,
        at: datetime | None = None,
        screened: Screened = NOTHING_FOUND,
    ) -> bytes:
        """A clip as the worker keeps it."""
        new = NewClip(
            show="gudar",
            language=language,
            audio=sound,
            milliseconds=round(SECONDS * 1000),
            consents=consents,
            code=code,
            speaker=speaker,
            question_id=question,
            screened=screened,
        )
        with self.database.writing() as session:
            return keep_clip(session, self.keyring.vault(session), new, now=at or self.now)

    def clip(self, rid: bytes) -> Clip:
        """The row as it is now, without its sound."""
        with self.database.reading() as session:
            return session.get_one(Clip, rid)

    def seen(self, rid: bytes) -> bytes:
        """What a page would show of it."""
        with self.database.reading() as session:
            return decision_hash(session.get_one(Clip, rid))

    def edit(self, rid: bytes, edit: ClipEdit, *, by: Actor | None = None) -> None:
        """A moderator edits."""
        with self.database.writing() as session:
            edit_clip(session, self.keyring.vault(session), by or self.woman, rid, edit, now=self.now)

    def approve(self, rid: bytes, *, by: Actor | None = None, seen: bytes | None = None) -> int:
        """A moderator says yes to what she sees."""
        seen = seen or self.seen(rid)
        with self.database.writing() as session:
            return approve(session, by or self.woman, rid, seen, now=self.now)


@pytest.fixture
def studio(
    database: Database, database_url: str, keyring: KeyRing, now: datetime, make_house: Callable[[], House]
) -> Studio:
    people = training_programme(database, keyring, now, training=False)
    with database.writing() as session:

        def hired(name: str, permissions: Permission) -> Actor:
            return Actor(add_staff(session, name, permissions, now=now).rid, name, permissions)

        producer = people.actors["producer"]
        women = ROLES["moderator"] | Permission.HEAR_WOMEN
        show = create_show(session, producer, "gudar", "Gudar", ("ps", "ur"), now=now)
        return Studio(
            database,
            keyring,
            make_house(),
            now,
            show.id,
            producer,
            hired("Nazo B.", women),
            hired("Gulalai M.", women),
            people.moderator,
        )


@pytest.fixture
def make_house(database_url: str, keyring: KeyRing, now: datetime) -> Callable[[], House]:
    """What a worker is handed."""
    return lambda: House.from_settings(
        Settings.from_env({"PAIGHAM_DATABASE_URL": database_url, "PAIGHAM_KEYS_DIR": str(keyring.directory)})
    )
