"""The day's limits and the memory of messages, on a real Redis, and without one."""

from datetime import datetime, timedelta

import pytest
from redis import Redis

from campaigns.listening.limits import DayLimits
from campaigns.people.numbers import Number
from gateway.webhooks.limits import RedisDayLimits
from gateway.webhooks.seen import Answered, SeenMessages
from gateway.webhooks.volatile import DAY, volatile

WOMAN, OTHER = Number("+923990000101"), Number("+923990000102")
ZONE = "Asia/Karachi"
SOURCE = bytes(32)


@pytest.fixture
def limits(redis_url: str) -> DayLimits:
    return RedisDayLimits(volatile(redis_url))


@pytest.fixture
def away(tmp_path: object) -> Redis:
    """A Redis that is not there."""
    return volatile(f"unix://{tmp_path}/nothing.sock")


def test_three_a_day_for_each_phone_and_purpose(limits: DayLimits, now: datetime) -> None:
    asked = [limits.allows(WOMAN, "feedback", zone=ZONE, now=now) for _ in range(5)]
    assert asked == [True, True, True, False, False]
    assert limits.allows(OTHER, "feedback", zone=ZONE, now=now)
    assert limits.allows(WOMAN, "recording", zone=ZONE, now=now)


def test_the_day_ends_at_the_programme_s_midnight_and_not_before(limits: DayLimits) -> None:
    evening = datetime.fromisoformat("2026-11-18T18:59:59+00:00")  # one second to midnight in Peshawar
    assert not [limits.allows(WOMAN, "feedback", zone=ZONE, now=evening) for _ in range(4)][-1]
    assert limits.allows(WOMAN, "feedback", zone=ZONE, now=evening + timedelta(seconds=1))


def test_everything_dies_with_the_day_and_nothing_tells_a_number(
    limits: DayLimits, redis_url: str, now: datetime
) -> None:
    limits.allows(WOMAN, "feedback", zone=ZONE, now=now)
    redis = Redis.from_url(redis_url)
    keys = list(redis.scan_iter("*"))
    # Noon in Peshawar: twelve hours are left
    assert {key.decode().startswith(DAY) for key in keys} == {True}
    assert all(0 < redis.ttl(key) <= 12 * 3600 for key in keys)
    assert all(WOMAN.e164[1:].encode() not in key for key in keys)


def test_two_web_processes_count_together(redis_url: str, now: datetime) -> None:
    first, second = RedisDayLimits(Redis.from_url(redis_url)), RedisDayLimits(Redis.from_url(redis_url))
    asked = [one.allows(WOMAN, "feedback", zone=ZONE, now=now) for one in (first, second, first, second)]
    assert asked == [True, True, True, False]


def test_what_is_given_back_may_be_used_again(limits: DayLimits, now: datetime) -> None:
    for _ in range(10):
        assert limits.allows(WOMAN, "feedback", zone=ZONE, now=now)
        limits.give_back(WOMAN, "feedback", zone=ZONE, now=now)


def test_a_limit_that_is_down_silences_nobody(away: Redis, now: datetime) -> None:
    limits = RedisDayLimits(away)
    assert all(limits.allows(WOMAN, "feedback", zone=ZONE, now=now) for _ in range(10))
    limits.give_back(WOMAN, "feedback", zone=ZONE, now=now)


def test_an_answer_is_remembered_also_one_of_silence(redis_url: str) -> None:
    seen = SeenMessages(volatile(redis_url))
    assert seen.recall(SOURCE) is None
    for answered in (Answered("joined", "ps"), Answered(None, "ur")):
        seen.remember(SOURCE, answered)
        assert seen.recall(SOURCE) == answered


def test_only_one_of_two_copies_is_the_first(redis_url: str) -> None:
    seen = SeenMessages(volatile(redis_url))
    thanks = Answered("thanks_feedback", "en")
    assert seen.is_first(SOURCE, thanks)
    assert not seen.is_first(SOURCE, thanks)
    seen.forget(SOURCE)
    assert seen.is_first(SOURCE, thanks)


def test_without_redis_every_message_is_new_and_nothing_breaks(away: Redis) -> None:
    seen = SeenMessages(away)
    seen.remember(SOURCE, Answered("joined", "ps"))
    seen.note_missed(SOURCE)
    seen.was_caught_up(SOURCE)
    seen.forget(SOURCE)
    assert seen.recall(SOURCE) is None
    assert seen.is_first(SOURCE, Answered("joined", "ps"))
    assert not seen.is_missed(SOURCE)
