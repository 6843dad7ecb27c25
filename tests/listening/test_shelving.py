"""Shelving: together or not at all, at a fixed hour, and whoever lacks the runtime key learns nothing."""

import stat
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from campaigns.listening.keys import (
    key_id_of,
    keys_in_use,
    list_keys,
    make_key_file,
    register_key,
    sealing_key,
)
from campaigns.listening.runs import RunState, is_due, next_shelving, run_state
from campaigns.listening.sealing import OUTER_BYTES, FeedbackText, FeedbackVoice, Kind
from campaigns.listening.shelf import Shelf, ShelfRun, Staging, StagingVoice
from campaigns.listening.shelving import TableBusy, destroy_stale_keys, open_first_run, shelve
from campaigns.listening.staging import NoModeratorKey, NoOpenRun, accept
from campaigns.programme.programme import the_programme
from campaigns.staff.audit import Audit
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.listening.conftest import OpenShelf
from tests.support.programme import training_programme

TEN = tuple(f"item {n}" for n in range(10))
MakeShelf = Callable[..., OpenShelf]


def keys_in(runtime: Path) -> set[str]:
    return {path.name for path in (runtime / "shelf").glob("*.key")}


def test_ten_items_come_to_the_shelf_together_with_their_week(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    shelf.hear(*TEN)

    outcome = shelve(shelf.database, shelf.runtime, now=shelf.now + timedelta(days=1))

    assert (outcome.count, outcome.waiting, outcome.lost) == (10, False, False)
    assert sorted(shelf.read()) == sorted(TEN)
    assert set(shelf.labels()) == {"2026-W47"}
    assert shelf.staged() == 0


def test_nine_items_wait(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    shelf.hear(*TEN[:9])

    outcome = shelve(shelf.database, shelf.runtime, now=shelf.now + timedelta(days=1))

    assert outcome.waiting
    assert shelf.staged() == 9
    assert shelf.labels() == []


def test_a_pool_that_waited_for_more_than_fourteen_days_is_labelled_by_its_month(
    open_shelf: MakeShelf,
) -> None:
    shelf = open_shelf()
    later = shelf.now + timedelta(days=15)
    shelf.hear(*TEN)

    shelve(shelf.database, shelf.runtime, now=later)

    assert set(shelf.labels()) == {"2026-12"}


def test_every_box_in_staging_has_one_size(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    shelf.hear("x", "پ" * 201, "long " * 190, "𞤀" * 1000)
    with shelf.database.reading() as session:
        assert {len(box) for box in session.scalars(select(Staging.box))} == {OUTER_BYTES[Kind.TEXT]}


def test_the_run_key_is_private_while_it_lives_and_gone_after(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    before = keys_in(shelf.runtime)
    shelf.hear(*TEN)
    paths = list((shelf.runtime / "shelf").glob("*.key"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE(paths[0].parent.stat().st_mode) == 0o700

    shelve(shelf.database, shelf.runtime, now=shelf.now)

    after = keys_in(shelf.runtime)
    assert len(before) == len(after) == len(Kind)
    assert len(before & after) == len(Kind) - 1


def test_a_lost_run_key_is_said_and_the_next_run_works(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    shelf.hear("never read")
    for path in (shelf.runtime / "shelf").glob("*"):
        path.unlink()

    lost = shelve(shelf.database, shelf.runtime, now=shelf.now)
    shelf.hear(*TEN)
    found = shelve(shelf.database, shelf.runtime, now=shelf.now)

    assert (lost.lost, lost.count) == (True, 0)
    assert found.count == 10
    assert sorted(shelf.read()) == sorted(TEN)
    with shelf.database.reading() as session:
        [line] = session.scalars(select(Audit).where(Audit.act == "gathered feedback lost"))
        assert line.at == datetime.fromisoformat("2026-11-18T00:00:00+05:00")


def test_a_lost_key_of_an_empty_pool_loses_nothing(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    for path in (shelf.runtime / "shelf").glob("*"):
        path.unlink()
    assert not shelve(shelf.database, shelf.runtime, now=shelf.now).lost


def test_boxes_nobody_sealed_are_counted_out(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    shelf.hear(*TEN)
    with shelf.database.writing() as session:
        session.add(Staging(rid=bytes(16), box=bytes(OUTER_BYTES[Kind.TEXT])))

    outcome = shelve(shelf.database, shelf.runtime, now=shelf.now)

    assert (outcome.count, outcome.unreadable) == (10, 1)


def test_it_is_due_once_a_day_from_the_fixed_hour_on(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    tomorrow_at_four = datetime.fromisoformat("2026-11-19T04:00:00+05:00")

    def due(at: datetime) -> bool:
        with shelf.database.reading() as session:
            return is_due(session, shelf.runtime, at)

    assert due(shelf.now)  # a clock that has never looked today
    shelve(shelf.database, shelf.runtime, now=shelf.now)
    shelf.hear(*TEN)
    assert not due(shelf.now + timedelta(hours=1))
    assert not due(tomorrow_at_four - timedelta(seconds=1))
    assert due(tomorrow_at_four)
    shelve(shelf.database, shelf.runtime, now=tomorrow_at_four)
    assert not due(tomorrow_at_four + timedelta(seconds=1))


def test_in_training_it_is_due_every_so_many_seconds_once_there_is_enough(open_shelf: MakeShelf) -> None:
    shelf = open_shelf(least=2, every_seconds=60)

    def due(at: datetime) -> bool:
        with shelf.database.reading() as session:
            return is_due(session, shelf.runtime, at)

    shelf.hear("one")
    assert not due(shelf.now + timedelta(seconds=61))
    shelf.hear("two")
    assert not due(shelf.now + timedelta(seconds=59))
    assert due(shelf.now + timedelta(seconds=60))


def test_the_next_shelving_is_the_fixed_hour_in_the_programmes_zone(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    with shelf.database.reading() as session:
        assert next_shelving(the_programme(session), shelf.now).isoformat() == "2026-11-19T04:00:00+05:00"


def test_runs_keep_no_time_finer_than_their_day(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    shelf.hear(*TEN)
    shelve(shelf.database, shelf.runtime, now=shelf.now)
    with shelf.database.reading() as session:
        opened = set(session.scalars(select(ShelfRun.opened)))
    assert opened == {datetime.fromisoformat("2026-11-18T00:00:00+05:00")}


def test_opening_first_runs_twice_opens_one_of_each_kind(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    with shelf.database.writing() as session:
        assert not open_first_run(session, shelf.runtime, shelf.now)
    with shelf.database.reading() as session:
        assert sorted(session.scalars(select(ShelfRun.kind))) == sorted(Kind)
        assert run_state(session, shelf.runtime)[0] is RunState.HELD
        assert run_state(session, shelf.runtime / "elsewhere")[0] is RunState.KEY_NOT_HERE


def test_keys_left_by_a_killed_process_are_destroyed_and_the_open_one_stays(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    kept = keys_in(shelf.runtime)
    (shelf.runtime / "shelf" / "0123456789abcdef.key").write_bytes(bytes(32))

    destroy_stale_keys(shelf.database, shelf.runtime)

    assert keys_in(shelf.runtime) == kept


def test_without_a_moderators_key_nothing_is_kept(
    database: Database, keyring: KeyRing, now: datetime, tmp_path: Path
) -> None:
    training_programme(database, keyring, now)
    with pytest.raises(NoOpenRun):
        accept(database, FeedbackText("salam", "en"), now=now)
    with database.writing() as session:
        open_first_run(session, tmp_path / "runtime", now)
    with pytest.raises(NoModeratorKey):
        accept(database, FeedbackText("salam", "en"), now=now)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Staging)) == 0


def test_feedback_while_shelving_loses_nothing_and_keeps_nothing_twice(open_shelf: MakeShelf) -> None:
    shelf = open_shelf(least=8)
    writers, each = 4, 50
    done = threading.Event()
    failures: list[BaseException] = []

    def write(who: int) -> None:
        try:
            for n in range(each):
                accept(shelf.database, FeedbackText(f"{who}-{n}", "en"), now=shelf.now)
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            failures.append(error)

    def keep_shelving() -> None:
        try:
            while not done.is_set():
                shelve(shelf.database, shelf.runtime, now=shelf.now)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    shelver = threading.Thread(target=keep_shelving)
    for thread in (*threads, shelver):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    shelver.join()
    last = [f"last {n}" for n in range(8)]
    shelf.hear(*last)
    shelve(shelf.database, shelf.runtime, now=shelf.now)

    assert failures == []
    written = [f"{who}-{n}" for who in range(writers) for n in range(each)]
    assert sorted(shelf.read()) == sorted(written + last)
    with shelf.database.reading() as session:
        assert (session.scalar(select(func.count()).select_from(ShelfRun)) or 0) > 2


def voices(*said: str) -> list[FeedbackVoice]:
    return [FeedbackVoice(one.encode(), "ps") for one in said]


def test_voices_are_mixed_with_voices_only(open_shelf: MakeShelf) -> None:
    """Nine voices wait beside ten texts: a box of another size would be known again."""
    shelf = open_shelf()
    shelf.hear(*TEN)
    for voice in voices(*TEN[:9]):
        accept(shelf.database, voice, now=shelf.now)
    tomorrow = shelf.now + timedelta(days=1)

    assert shelve(shelf.database, shelf.runtime, now=tomorrow).count == 10
    assert shelve(shelf.database, shelf.runtime, now=tomorrow, kind=Kind.VOICE).waiting
    for voice in voices(TEN[9]):
        accept(shelf.database, voice, now=tomorrow)
    assert shelve(shelf.database, shelf.runtime, now=tomorrow, kind=Kind.VOICE).count == 10

    assert sorted(shelf.read()) == sorted(TEN * 2)
    with shelf.database.reading() as session:
        assert sorted(session.scalars(select(Shelf.kind))) == ["text"] * 10 + ["voice"] * 10
        assert session.scalar(select(func.count()).select_from(StagingVoice)) == 0


def test_a_recording_that_is_sealed_again_after_a_crash_lies_there_once(open_shelf: MakeShelf) -> None:
    shelf = open_shelf(least=2)
    for said, mark in (("one", b"1" * 32), ("one", b"1" * 32), ("two", b"2" * 32)):
        accept(shelf.database, voices(said)[0], now=shelf.now, once=mark)

    assert shelve(shelf.database, shelf.runtime, now=shelf.now, kind=Kind.VOICE).count == 2
    assert sorted(shelf.read()) == ["one", "two"]


def test_an_empty_pool_takes_up_a_newer_key_and_one_that_waits_does_not(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    with shelf.database.reading() as session:
        first = list_keys(session)[0].key_id
    accept(shelf.database, voices("one")[0], now=shelf.now)
    later = shelf.now + timedelta(days=2)
    with shelf.database.writing() as session:
        public, _ = make_key_file("December")
        register_key(session, shelf.people.moderator, public, "December", shelf.now + timedelta(days=1))
    for kind in Kind:
        shelve(shelf.database, shelf.runtime, now=later, kind=kind)

    with shelf.database.reading() as session:
        voice = sealing_key(session, later, Kind.VOICE)
        assert keys_in_use(session, later) == {first, key_id_of(public)}
    assert voice is not None
    assert voice.key_id == first


def test_two_clocks_shelving_at_once_bring_each_item_once(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    shelf.hear(*TEN)
    outcomes = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(shelve(shelf.database, shelf.runtime, now=shelf.now)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcome.count for outcome in outcomes) == [0, 10]
    assert not any(outcome.lost for outcome in outcomes)
    assert sorted(shelf.read()) == sorted(TEN)


def test_two_dumps_differ_by_nothing_or_by_a_whole_pool(open_shelf: MakeShelf) -> None:
    """Dumps an hour apart over days of trickling feedback: each finds 0 or at least 10 new rows."""
    shelf = open_shelf()
    seen: set[bytes] = set()
    differences = []
    for hour in range(24 * 6):
        at = shelf.now + timedelta(hours=hour)
        if hour % 5 == 0:
            shelf.hear(f"hour {hour}", at=at)
        with shelf.database.reading() as session:
            due = is_due(session, shelf.runtime, at)
        if due:
            shelve(shelf.database, shelf.runtime, now=at)
        with shelf.database.reading() as session:
            dump = set(session.scalars(select(Shelf.rid)))
        differences.append(len(dump - seen))
        assert not seen - dump
        seen = dump
    assert sum(differences) > 0
    assert all(new == 0 or new >= 10 for new in differences)


def test_a_dump_that_holds_the_table_makes_shelving_wait_and_nothing_is_lost(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    if shelf.database.dialect != "postgresql":
        pytest.skip("SQLite's readers hold nobody up")
    shelf.hear(*TEN)
    with shelf.database.engine.connect() as dump:
        dump.execute(text("LOCK TABLE staging IN ACCESS SHARE MODE"))
        with pytest.raises(TableBusy):
            shelve(shelf.database, shelf.runtime, now=shelf.now)
    assert shelve(shelf.database, shelf.runtime, now=shelf.now).count == 10
