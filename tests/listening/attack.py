"""The join attack: a thief of everything but the runtime key tries to name who sent each shelved item.

He knows, to the row, in which order twenty people joined and wrote: their logged acts lie beside their feedback.
He holds both dumps (before and after the shelving), every table with its system columns, the pages and the
write-ahead log, every key file, and the moderators' key to read with. What he must not have is better than chance.
"""

import json
import random
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection, text

from campaigns.consent.events import Act, Channel, keep_wording
from campaigns.consent.standing import request_opt_in, withdraw
from campaigns.listening import shelving, staging
from campaigns.listening.keys import make_key_file, register_key
from campaigns.listening.sealing import (
    BoxUnreadable,
    Feedback,
    FeedbackText,
    FeedbackVoice,
    Kind,
    open_inner,
    open_outer,
)
from campaigns.listening.shelving import open_first_run
from campaigns.people.contacts import remember_contact
from campaigns.people.numbers import Number
from campaigns.programme.programme import the_programme
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.programme import TrainingProgramme, training_programme

PEOPLE = 20
TABLES = {Kind.TEXT: "staging", Kind.VOICE: "staging_voice"}
PAGE = 8192  # bytes of one page of PostgreSQL's log
HEADS = 40, 24  # bytes of the head of a file's first page, and of every other's


@dataclass(frozen=True)
class Row:
    """One row of staging or of the shelf as the thief sees it; `place` is where it lies (page and position)."""

    rid: bytes
    box: bytes
    place: tuple[int, ...]
    transaction: int


@dataclass
class Scene:
    """A programme with a shelf, and all that the thief took of it."""

    database: Database
    keyring: KeyRing
    runtime: Path
    people: TrainingProgramme
    moderator_private: bytes
    now: datetime
    kind: Kind = Kind.TEXT
    joined: int = 0

    @classmethod
    def open(
        cls, database: Database, keyring: KeyRing, runtime: Path, now: datetime, kind: Kind = Kind.TEXT
    ) -> "Scene":
        """Fill a migrated, empty database; `kind` is what the thief looks for, among some of the other."""
        people = training_programme(database, keyring, now)
        public, content = make_key_file("for the attack")
        with database.writing() as session:
            the_programme(session).shelve_least = PEOPLE
            register_key(session, people.moderator, public, "for the attack", now)
            open_first_run(session, runtime, now)
        return cls(database, keyring, runtime, people, b64decode(json.loads(content)["private"]), now, kind)

    def act_and_write(self, who: int) -> None:
        """Somebody does something that is logged, and writes feedback a moment later (or before)."""
        self.now += timedelta(seconds=17)
        first = random.random() < 0.5
        if first:
            self._logged_act()
        staging.accept(self.database, self._feedback(who), now=self.now)
        if who == PEOPLE // 2:
            self._one_of_the_other_kind()
        if not first:
            self._logged_act()

    def _feedback(self, who: int) -> Feedback:
        """Most are short. A voice is kept once by a mark of its recording, which the thief has the key of."""
        if self.kind is Kind.TEXT:
            return FeedbackText(f"{who}|" + "ښ" * random.choice((10, 10, 10, 300, 600, 900)), "en")
        seconds = random.choice((30, 30, 30, 60, 120))
        return FeedbackVoice(f"{who}|".encode() + random.randbytes(2_000 * seconds - 8), "en")

    def _one_of_the_other_kind(self) -> None:
        other: Feedback = FeedbackText("0|", "en") if self.kind is Kind.VOICE else FeedbackVoice(b"0|", "en")
        staging.accept(self.database, other, now=self.now)

    def _logged_act(self) -> None:
        self.joined += 1
        number = Number(f"+92399{self.joined:07}")
        with self.database.writing() as session:
            vault = self.keyring.vault(session)
            wording = keep_wording(session, "en", Channel.SMS, "Do you want to join?")
            act = Act(Channel.SMS, "JOIN", self.people.two_way, "en", wording)
            contact = remember_contact(
                session,
                vault,
                number,
                language="en",
                place_id=self.people.places["Swat"],
                rhythm_id=self.people.rhythms["Swat"],
                now=self.now,
            )
            request_opt_in(session, vault, contact, number, act, now=self.now)
            if self.joined % 3 == 0:
                withdraw(session, vault, number, Act(Channel.SMS, "STOP"), now=self.now)

    def rows(self, table: str) -> list[Row]:
        """A whole table, in the order in which its rows lie in the file."""
        with self.database.engine.connect() as connection:
            if self.database.dialect == "postgresql":
                return _heap(connection, table)
            found = connection.execute(text(f"SELECT rid, box FROM {table}")).all()
        file = _file(self.database).read_bytes()
        return sorted((Row(rid, box, (file.find(rid),), 0) for rid, box in found), key=lambda row: row.place)


@dataclass
class Loot:
    """What one round gave the thief."""

    arrivals: list[Row]
    shelved: list[Row]
    log: bytes
    truth: dict[bytes, int]


def one_round(scene: Scene) -> Loot:
    """Twenty people act and write, the thief dumps, the shelf is filled, the thief dumps again."""
    known = {row.rid for row in scene.rows("shelf")}
    mark = _log_mark(scene.database)
    for who in range(PEOPLE):
        scene.act_and_write(who)
    arrivals = _in_order_of_arrival(scene)
    scene.now += timedelta(days=1)
    # A reader that stays, as a backup does, keeps SQLite's log from being cut: the thief copies it.
    with scene.database.reading() as reader:
        reader.execute(text("SELECT count(*) FROM shelf_key")).all()
        outcome = shelving.shelve(scene.database, scene.runtime, now=scene.now, kind=scene.kind)
        assert outcome.count == PEOPLE
        log = _log_since(scene.database, mark)
    shelved = [row for row in scene.rows("shelf") if row.rid not in known]
    truth = {row.rid: _writer(open_inner(row.box, scene.moderator_private)) for row in shelved}
    return Loot(arrivals, shelved, log, truth)


def _writer(feedback: Feedback) -> int:
    if isinstance(feedback, FeedbackVoice):
        return int(feedback.audio.partition(b"|")[0])
    return int(feedback.body.partition("|")[0])


def guesses(loot: Loot) -> dict[str, dict[bytes, int]]:
    """Each way of guessing: for every shelved item, which of the twenty wrote it."""
    shelved, arrivals = loot.shelved, loot.arrivals
    by_page = sorted(shelved, key=lambda row: row.place)
    by_id = sorted(shelved, key=lambda row: row.rid)
    return {
        "pages": _ranks(by_page),
        "transactions": _ranks(sorted(shelved, key=lambda row: (row.transaction, row.place))),
        "log, ids": _ranks(sorted(shelved, key=lambda row: loot.log.find(row.rid))),
        "log, boxes": _ranks(sorted(shelved, key=lambda row: loot.log.find(row.box[:48]))),
        "random ids": _ranks(by_id),
        "both dumps, ids": _matched(sorted(range(PEOPLE), key=lambda n: arrivals[n].rid), by_id),
        "both dumps, sizes": _matched(
            sorted(range(PEOPLE), key=lambda n: len(arrivals[n].box)),
            sorted(by_page, key=lambda row: len(row.box)),
        ),
        "both dumps, bytes": _alike(loot),
    }


def right_guesses(scene: Scene, rounds: int) -> dict[str, int]:
    """How often each way named the right person, of `rounds` × 20 items; chance is once a round."""
    right: dict[str, int] = {}
    for _ in range(rounds):
        loot = one_round(scene)
        for way, guess in guesses(loot).items():
            hits = sum(guess[rid] == who for rid, who in loot.truth.items())
            right[way] = right.get(way, 0) + hits
    return right


def boxes_any_stolen_key_opens(scene: Scene, boxes: list[bytes]) -> int:
    """How many staged boxes the thief opens with all key files and the moderators' key together."""
    keys = [*scene.keyring.keys.values(), scene.moderator_private]
    opened = 0
    for key in keys:
        for box in boxes:
            try:
                open_outer(box, X25519PrivateKey.from_private_bytes(key))
            except BoxUnreadable:
                continue
            opened += 1
    return opened


def most_by_chance(rounds: int, sigmas: float) -> float:
    """A random order has one right place on average, with variance one; rounds add up."""
    return float(rounds + sigmas * rounds**0.5)


def _ranks(rows: list[Row]) -> dict[bytes, int]:
    return {row.rid: rank for rank, row in enumerate(rows)}


def _matched(people: list[int], rows: list[Row]) -> dict[bytes, int]:
    return {row.rid: who for who, row in zip(people, rows, strict=True)}


def _alike(loot: Loot) -> dict[bytes, int]:
    """Whose staged box shares the most with the shelved one; by the order of ids where none does."""
    guess = _ranks(sorted(loot.shelved, key=lambda row: row.rid))
    for row in loot.shelved:
        middle = row.box[len(row.box) // 2 :][:24]
        for who, staged in enumerate(loot.arrivals):
            if row.box[:24] in staged.box or middle in staged.box:
                guess[row.rid] = who
    return guess


def _in_order_of_arrival(scene: Scene) -> list[Row]:
    rows = scene.rows(TABLES[scene.kind])
    if scene.database.dialect == "postgresql":
        return sorted(rows, key=lambda row: row.transaction)
    log = _log_since(scene.database, None)
    return sorted(rows, key=lambda row: log.find(row.rid))


def _heap(connection: Connection, table: str) -> list[Row]:
    found = connection.execute(text(f"SELECT rid, box, ctid::text, xmin::text FROM {table} ORDER BY ctid"))
    return [Row(bytes(r), bytes(b), tuple(map(int, c[1:-1].split(","))), int(x)) for r, b, c, x in found]


def _file(database: Database) -> Path:
    return Path(str(database.url.database))


def _log_mark(database: Database) -> Any:
    if database.dialect == "sqlite":
        return None
    with database.engine.connect() as connection:
        return connection.execute(text("SELECT pg_current_wal_insert_lsn()")).scalar_one()


def _log_since(database: Database, mark: Any) -> bytes:
    """The write-ahead log as it lies on the disk: SQLite's file, or PostgreSQL's segments from `mark` on."""
    if database.dialect == "sqlite":
        log = _file(database)
        return log.with_name(log.name + "-wal").read_bytes()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_switch_wal()"))
        folder = Path(str(connection.execute(text("SHOW data_directory")).scalar_one())) / "pg_wal"
        first = connection.execute(text("SELECT pg_walfile_name(:mark)"), {"mark": mark}).scalar_one()
        last = connection.execute(text("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")).scalar_one()
    segments = sorted(path for path in folder.glob("0*") if first <= path.name <= last and path.is_file())
    return b"".join(_records(path.read_bytes()) for path in segments)


def _records(segment: bytes) -> bytes:
    """What a segment of PostgreSQL's log holds but for the heads of its pages, over which a record just goes on."""
    first, other = HEADS
    pages = range(PAGE, len(segment), PAGE)
    return segment[first:PAGE] + b"".join(segment[page + other : page + PAGE] for page in pages)
