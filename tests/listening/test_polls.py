"""Polls: one vote a phone, poll and day; batches of ten; no share that fewer than ten people stand behind."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from campaigns.listening import polls
from campaigns.listening.polls import (
    LEAST_CELL,
    LEAST_VOTES,
    Poll,
    PollCount,
    PollIncomplete,
    Shares,
    add_batch,
    close_poll,
    create_poll,
    open_poll,
    options_of,
    shares,
    shares_of,
)
from campaigns.people.numbers import Number
from campaigns.staff.actor import Actor, NotPermitted
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.house import Clock, House
from gateway.settings import Settings
from gateway.webhooks.volatile import volatile
from gateway.webhooks.votes import Votes
from gateway.work.votes import WaitingVotes, count_votes
from tests.support.programme import ZONE, training_programme

OPTIONS = [{"en": "an elder woman"}, {"en": "the jirga"}, {"en": "the teacher"}]
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Asked:
    """A poll of three keys, open for a week."""

    database: Database
    producer: Actor
    reader: Actor
    poll: int

    def counts(self) -> dict[str, int]:
        """What the database knows."""
        with self.database.reading() as session:
            return dict(session.execute(select(PollCount.option, PollCount.n)).all())


@pytest.fixture
def asked(database: Database, keyring: KeyRing, now: datetime) -> Asked:
    people = training_programme(database, keyring, now)
    producer = people.actors["producer"]
    with database.writing() as session:
        poll = create_poll(
            session, producer, "Whom first?", OPTIONS, opens_at=now, closes_at=now + WEEK, now=now
        )
        return Asked(database, producer, people.moderator, poll.id)


@pytest.fixture
def house_at(database_url: str, redis_url: str, tmp_path: Path) -> Callable[[datetime], House]:
    """What the clock's process is handed, at a moment."""

    def house(moment: datetime) -> House:
        file = tmp_path / "clock.json"
        file.write_text(json.dumps({"real": 0.0, "shown": moment.timestamp(), "speed": 0.0}))
        settings = Settings.from_env({"PAIGHAM_DATABASE_URL": database_url, "PAIGHAM_REDIS_URL": redis_url})
        return House(settings, Clock(file), lock_wait_ms=1)

    return house


def phone(n: int) -> Number:
    return Number(f"+92399{n:07d}")


@given(st.dictionaries(st.sampled_from("123"), st.integers(0, 60)))
def test_nothing_that_is_shown_lets_fewer_than_ten_be_found(counts: Mapping[str, int]) -> None:
    shown = shares_of(counts)

    total = sum(counts.values())
    assert shown.votes == total
    if not shown.shown:
        return
    assert total >= LEAST_VOTES
    assert len(shown.shown) >= 2
    assert all(share.votes >= LEAST_CELL for share in shown.shown)
    # Every key is in one cell, so that nothing is left to be had by subtraction.
    assert sorted(key for share in shown.shown for key in share.options) == sorted(counts)
    assert sum(share.votes for share in shown.shown) == total
    assert all(share.votes == sum(counts[key] for key in share.options) for share in shown.shown)
    assert sum(share.percent for share in shown.shown) == 100


@pytest.mark.parametrize(
    ("counts", "cells"),
    [
        ((10, 10, 9), []),  # 29
        ((10, 10, 10), [("3",), ("2",), ("1",)]),
        ((20, 12, 9), [("1",), ("2", "3")]),  # nine are merged with the next smallest
        ((20, 6, 5), [("1",), ("2", "3")]),  # two small ones are enough together
        ((40, 1, 0), []),  # all would be merged
        ((47, 34, 19), [("1",), ("2",), ("3",)]),
    ],
)
def test_small_cells_are_merged_or_left_out(counts: tuple[int, ...], cells: list[tuple[str, ...]]) -> None:
    shown: Shares = shares_of(dict(zip("123", counts, strict=True)))
    assert [share.options for share in shown.shown] == cells


def test_a_poll_is_open_between_its_hours_and_only_producers_make_one(asked: Asked, now: datetime) -> None:
    def keys(at: datetime) -> tuple[str, ...]:
        with asked.database.reading() as session:
            return open_poll(session, asked.poll, now=at)

    assert keys(now) == ("1", "2", "3")
    assert keys(now + WEEK) == keys(now - WEEK) == ()
    with asked.database.writing() as session:
        assert open_poll(session, asked.poll + 1, now=now) == ()
        assert [option.words["en"] for option in options_of(session.get_one(Poll, asked.poll))][
            2
        ] == "the teacher"
        hours = {"opens_at": now, "closes_at": now + WEEK, "now": now}
        for options in (OPTIONS[:1], [*OPTIONS, {"en": "x"}], [{"en": "x"}, {"en": " "}], [{"en": "x"}, {}]):
            with pytest.raises(PollIncomplete):
                create_poll(session, asked.producer, "What?", options, **hours)
        with pytest.raises(NotPermitted):
            create_poll(session, asked.reader, "What?", OPTIONS, **hours)
        close_poll(session, asked.producer, asked.poll, now=now + timedelta(hours=1))
    assert keys(now + timedelta(hours=1)) == ()


def test_a_phone_has_one_vote_a_day_and_the_first_one_counts(
    asked: Asked, redis_url: str, now: datetime
) -> None:
    votes = Votes(volatile(redis_url))

    def vote(key: str, at: datetime = now, poll: int = asked.poll) -> bool:
        return votes.cast(phone(1), poll, key, zone=ZONE, now=at)

    assert [vote("1"), vote("1"), vote("2")] == [True, False, False]
    assert vote("1", poll=asked.poll + 1)
    assert vote("3", at=now + timedelta(days=1))
    redis = Redis.from_url(redis_url)
    assert WaitingVotes(redis).take(asked.poll) == {"1": 1, "3": 1}
    assert all(phone(1).e164[1:].encode() not in key for key in redis.scan_iter("*"))


def test_votes_come_to_the_database_by_tens_and_the_rest_when_the_poll_closes(
    asked: Asked, redis_url: str, house_at: Callable[[datetime], House], now: datetime
) -> None:
    votes = Votes(volatile(redis_url))
    for n in range(9):
        votes.cast(phone(n), asked.poll, "1", zone=ZONE, now=now)
    assert count_votes(house_at(now)) == 0
    assert asked.counts() == {"1": 0, "2": 0, "3": 0}

    votes.cast(phone(9), asked.poll, "2", zone=ZONE, now=now)
    assert count_votes(house_at(now)) == 10
    votes.cast(phone(10), asked.poll, "3", zone=ZONE, now=now)
    assert count_votes(house_at(now)) == 0
    assert count_votes(house_at(now + WEEK)) == 1

    assert asked.counts() == {"1": 9, "2": 1, "3": 1}
    assert WaitingVotes(volatile(redis_url)).polls() == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_votes_that_cannot_be_counted_wait(
    asked: Asked, redis_url: str, house_at: Callable[[datetime], House], now: datetime
) -> None:
    for n in range(12):
        Votes(volatile(redis_url)).cast(phone(n), asked.poll, "1", zone=ZONE, now=now)

    with asked.database.writing() as another:
        another.execute(select(Poll.id))  # holds the write lock
        with pytest.raises(OperationalError):
            count_votes(house_at(now))

    assert count_votes(house_at(now)) == 12


def test_a_vote_for_a_key_that_the_poll_lacks_is_not_counted(asked: Asked) -> None:
    with asked.database.writing() as session:
        assert add_batch(session, asked.poll, {"1": 20, "2": 11, "7": 5}) == 31
    with asked.database.reading() as session:
        assert shares(session, asked.poll) == shares_of({"1": 20, "2": 11, "3": 0})


def test_a_vote_without_redis_is_not_counted_and_breaks_nothing(tmp_path: object, now: datetime) -> None:
    away = Votes(volatile(f"unix://{tmp_path}/nothing.sock"))
    assert not away.cast(phone(1), 1, "1", zone=ZONE, now=now)


def test_no_table_of_polls_has_a_row_for_a_vote() -> None:
    assert {column.name for column in PollCount.__table__.columns} == {"poll_id", "option", "n"}
    assert polls.LEAST_BATCH >= 10
