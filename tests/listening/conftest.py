"""A shelf that is open, with a moderators' key."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from campaigns.listening.keys import make_key_file, register_key
from campaigns.listening.sealing import FeedbackText, open_inner
from campaigns.listening.shelf import Shelf, Staging
from campaigns.listening.shelving import open_first_run
from campaigns.listening.staging import accept
from campaigns.programme.programme import the_programme
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.programme import TrainingProgramme, training_programme


@dataclass
class OpenShelf:
    """A database with a programme and an open gathering; the moderator's private half is in the test's hand only."""

    database: Database
    runtime: Path
    people: TrainingProgramme
    now: datetime
    private: bytes = field(repr=False)

    def hear(self, *bodies: str, at: datetime | None = None) -> None:
        """Feedback arrives."""
        for body in bodies:
            accept(self.database, FeedbackText(body, "en"), now=at or self.now)

    def staged(self) -> int:
        """How many items wait."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Staging)) or 0

    def labels(self) -> list[str]:
        """The labels of what lies on the shelf."""
        with self.database.reading() as session:
            return list(session.scalars(select(Shelf.bucket)))

    def read(self) -> list[str]:
        """What a moderator reads, in the order of the shelf's ids."""
        with self.database.reading() as session:
            boxes = list(session.scalars(select(Shelf.box).order_by(Shelf.rid)))
        opened = [open_inner(box, self.private) for box in boxes]
        return [item.body if isinstance(item, FeedbackText) else item.audio.decode() for item in opened]


@pytest.fixture
def open_shelf(
    database: Database, keyring: KeyRing, now: datetime, tmp_path: Path
) -> Callable[..., OpenShelf]:
    """Make one: `least` items a shelving; live (a fixed hour) unless `every_seconds` is given."""

    def make(least: int = 10, every_seconds: int | None = None) -> OpenShelf:
        people = training_programme(database, keyring, now, training=True)
        public, content = make_key_file("November")
        with database.writing() as session:
            programme = the_programme(session)
            programme.shelve_least, programme.shelve_every_seconds = least, every_seconds
            session.flush()
            register_key(session, people.moderator, public, "November", now)
            open_first_run(session, tmp_path / "runtime", now)
        private = b64decode(json.loads(content)["private"])
        return OpenShelf(database, tmp_path / "runtime", people, now, private)

    return make
