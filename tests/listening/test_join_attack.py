"""The join attack of the privacy page: everything but the runtime key, and still no better than chance."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import SystemRandom

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from campaigns.listening.sealing import OUTER_BYTES, InnerBox, Kind, open_outer, seal_outer
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.listening.attack import (
    PEOPLE,
    Scene,
    boxes_any_stolen_key_opens,
    most_by_chance,
    one_round,
    right_guesses,
)
from tests.support.databases import MIGRATED, EngineName, copied_database, migrate
from tests.support.session_folder import open_folder

ROOM = "campaigns.listening"
ROUNDS = 8
# Eight ways on two engines in every run of the suite: five sigmas keep false alarms under one in a thousand runs.
# `scripts/bench_join.py` does many more rounds.
SIGMAS = 5


@pytest.fixture
def database_url(engine_name: EngineName, tmp_path: Path) -> Iterator[str]:
    """A database that nothing was ever deleted from: what lies where in it tells a thief the most."""
    with copied_database(engine_name, open_folder(), tmp_path, MIGRATED, migrate) as url:
        yield url


@pytest.fixture
def scene(database: Database, keyring: KeyRing, now: datetime, tmp_path: Path) -> Scene:
    """A programme whose twenty people act and write."""
    return Scene.open(database, keyring, tmp_path / "runtime", now)


def test_nobody_is_named_better_than_by_chance(scene: Scene) -> None:
    right = right_guesses(scene, ROUNDS)

    assert max(right.values()) <= most_by_chance(ROUNDS, SIGMAS), right


def test_nobody_is_named_by_voice_better_than_by_chance(
    database: Database, keyring: KeyRing, now: datetime, tmp_path: Path
) -> None:
    """Half a minute or two, and a single text among them: neither tells whose voice is whose."""
    scene = Scene.open(database, keyring, tmp_path / "runtime", now, Kind.VOICE)
    rounds = ROUNDS // 2

    right = right_guesses(scene, rounds)

    assert max(right.values()) <= most_by_chance(rounds, SIGMAS), right
    assert scene.rows("staging_voice") == []


def test_the_thief_really_has_both_dumps_and_the_log(scene: Scene) -> None:
    loot = one_round(scene)

    assert len(loot.arrivals) == len(loot.shelved) == len(loot.truth) == PEOPLE
    assert all(row.rid in loot.log for row in (*loot.arrivals, *loot.shelved))
    assert all(row.box[:48] in loot.log for row in loot.shelved)


def test_no_stolen_key_opens_what_waits_or_what_waited(scene: Scene) -> None:
    loot = one_round(scene)

    assert boxes_any_stolen_key_opens(scene, [row.box for row in loot.arrivals]) == 0


def test_a_shelving_leaves_one_transaction_and_no_hidden_row_numbers(scene: Scene) -> None:
    loot = one_round(scene)

    assert len({row.transaction for row in loot.shelved}) == 1
    if scene.database.dialect == "sqlite":
        with scene.database.engine.connect() as connection, pytest.raises(OperationalError):
            connection.execute(text("SELECT rowid FROM shelf"))


def test_nothing_of_staging_stays_in_the_database_file(scene: Scene) -> None:
    loot = one_round(scene)

    assert scene.rows("staging") == []
    if scene.database.dialect == "sqlite":
        with scene.database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        file = Path(str(scene.database.url.database)).read_bytes()
        assert not [row for row in loot.arrivals if row.rid in file]


class NeverShuffles(SystemRandom):
    """A shuffle that leaves everything where it was."""

    def shuffle(self, x: object) -> None:
        """Do nothing."""


def test_the_thief_is_no_straw_man_without_a_shuffle_he_names_most(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    if scene.database.dialect == "sqlite":
        pytest.skip("SQLite keeps the shelf in the order of its random ids anyway")
    monkeypatch.setattr("secrets.SystemRandom", NeverShuffles)

    right = right_guesses(scene, 2)

    # Not always all of them: a short row may fill a gap in an earlier page.
    assert min(right["pages"], right["log, ids"]) > PEOPLE


def test_the_thief_is_no_straw_man_with_one_seal_only_he_names_everyone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_inner(inner: InnerBox, _public: bytes) -> bytes:
        return inner.key_id + inner.box

    def take_inner(box: bytes, _private: object) -> InnerBox:
        return InnerBox(Kind.TEXT, box[:8], box[8:])

    monkeypatch.setattr(f"{ROOM}.staging.seal_outer", only_inner)
    monkeypatch.setattr(f"{ROOM}.shelving.open_outer", take_inner)

    right = right_guesses(scene, 2)

    assert right["both dumps, bytes"] == 2 * PEOPLE


def test_the_thief_is_no_straw_man_with_boxes_of_their_own_size_he_does_better(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why every outer box has one size: few long texts among short ones would be known again by their length."""

    def sized(inner: InnerBox, public: bytes) -> bytes:
        return seal_outer(inner, public) + bytes(len(inner.box))

    def unsized(box: bytes, private: X25519PrivateKey) -> InnerBox:
        return open_outer(box[: OUTER_BYTES[Kind.TEXT]], private)

    monkeypatch.setattr(f"{ROOM}.staging.seal_outer", sized)
    monkeypatch.setattr(f"{ROOM}.shelving.open_outer", unsized)

    right = right_guesses(scene, ROUNDS)

    assert right["both dumps, sizes"] > most_by_chance(ROUNDS, 2)
