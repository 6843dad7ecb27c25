"""An instant means the same on both engines, and nothing without a zone is taken for one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from campaigns.staff.audit import Audit
from campaigns.storage.columns import RID_BYTES, from_micros, new_rid, to_micros
from campaigns.storage.engine import Database

PESHAWAR = timezone(timedelta(hours=5))


def kept_and_read(database: Database, at: datetime) -> datetime:
    with database.writing() as session:
        session.add(Audit(at=at, act="tried", about="nothing"))
    with database.reading() as session:
        return session.scalars(select(Audit.at)).one()


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 18, 7, 0, 0, 123_457, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2262, 4, 12, tzinfo=UTC),
    ],
)
def test_an_instant_comes_back_to_the_microsecond(database: Database, at: datetime) -> None:
    assert kept_and_read(database, at) == at


def test_an_instant_comes_back_in_utc_whatever_zone_it_was_given_in(database: Database) -> None:
    read = kept_and_read(database, datetime(2026, 11, 18, 12, 0, tzinfo=PESHAWAR))

    assert read.tzinfo is UTC
    assert read.hour == 7


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="time zone"):
        kept_and_read(database, datetime(2026, 11, 18, 12, 0))  # noqa: DTZ001 - the very thing refused


def test_instants_compare_in_the_database(database: Database, now: datetime) -> None:
    with database.writing() as session:
        session.add_all(
            Audit(at=now + timedelta(microseconds=step), act="tried", about=str(step)) for step in (-1, 0, 1)
        )

    with database.reading() as session:
        found = session.scalars(select(Audit.about).where(Audit.at < now)).all()

    assert found == ["-1"]


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_and_instants_are_the_same_thing(at: datetime) -> None:
    assert from_micros(to_micros(at)) == at


def test_random_ids_are_random() -> None:
    rids = {new_rid() for _ in range(100)}

    assert len(rids) == 100
    assert {len(rid) for rid in rids} == {RID_BYTES}
