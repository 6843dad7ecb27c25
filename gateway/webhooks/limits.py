"""The day's limits of feedback, by tokens that nobody can test a number against once the day is over.

A token is HMAC(K_day, number ‖ purpose): K_day is 32 random bytes in Redis alone, which keeps nothing on disk, and
expires with every token at the programme's midnight (reference/anonymity.md section 3.4).

Phones that show no number cannot be told apart. They share one count, by the hour: whoever uses it up keeps the others
of them out until the next, but fills no gathering and spends no budget.
"""

import hashlib
import hmac
import secrets
import time
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from redis import Redis

from campaigns.listening.limits import TEXTS_A_DAY
from campaigns.people.numbers import Number
from gateway.webhooks.volatile import DAY, TROUBLE

KEY_BYTES = 32
BELIEVED_SECONDS = 30.0
TOKEN_BYTES = 16
# From all phones together: above it somebody floods the shelf, and each text costs a part in answer.
MOST_AN_HOUR = 3_000
HOUR_SECONDS = 3_600


class RedisDayLimits:
    """Counts in Redis, shared by all web processes. Implements campaigns.listening.limits.DayLimits."""

    def __init__(self, redis: Redis) -> None:
        """Take a client that does not wait long."""
        self._redis = redis

    def allows(self, number: Number, purpose: str, *, zone: str, now: datetime) -> bool:
        """Count one more; False when this phone had its three today, or all phones theirs this hour."""
        try:
            of_phone, of_all = self._count(number, purpose, 1, now.astimezone(ZoneInfo(zone)))
        except TROUBLE:
            return True
        return of_phone <= TEXTS_A_DAY and of_all <= MOST_AN_HOUR

    def give_back(self, number: Number, purpose: str, *, zone: str, now: datetime) -> None:
        """Take one back: what it was counted for did not happen."""
        with suppress(*TROUBLE):
            self._count(number, purpose, -1, now.astimezone(ZoneInfo(zone)))

    def left(self, number: Number | None, purpose: str, most: int, *, zone: str, now: datetime) -> int | None:
        """How many more this phone may have today, and all phones in this hour; counts nothing.

        Without a number: how many more all phones that show none may have in this hour. None when it cannot be known: a
        limit that is down silences nobody.
        """
        try:
            of_phone, of_all = self._count(number, purpose, 0, now.astimezone(ZoneInfo(zone)))
        except TROUBLE:
            return None
        return max(0, min(most - of_phone, MOST_AN_HOUR - of_all))

    def add(self, number: Number | None, purpose: str, n: int, *, zone: str, now: datetime) -> int | None:
        """Count so many more, or fewer; how many the phone has had today, None when nobody knows.

        Without a number: how many all phones that show none have had in this hour.
        """
        try:
            return self._count(number, purpose, n, now.astimezone(ZoneInfo(zone)))[0]
        except TROUBLE:
            return None

    def _count(self, number: Number | None, purpose: str, step: int, local: datetime) -> tuple[int, int]:
        """Add to both counts; returns those of the phone's day (of withheld numbers' hour), and of everybody's hour."""
        hour = f"{DAY}{local:%Y-%m-%d}:hour:{local:%H}:{purpose}"
        token, lives = f"{hour}:withheld", HOUR_SECONDS
        if number is not None:
            token, lives = day_token(self._redis, number, purpose, local)
        counts = self._redis.pipeline(transaction=False)
        counts.incrby(token, step)
        counts.expire(token, lives)
        counts.incrby(hour, step)
        counts.expire(hour, HOUR_SECONDS)
        of_phone, _, of_all, _ = counts.execute()
        return int(of_phone), int(of_all)


def day_token(redis: Redis, number: Number, purpose: str, local: datetime) -> tuple[str, int]:
    """The key that stands for this phone and purpose on the day of `local`, and the seconds until it is forgotten."""
    day, lives = f"{DAY}{local:%Y-%m-%d}:", _seconds_to_midnight(local)
    told = f"{number.e164}\x1f{purpose}".encode()
    secret = _day_keys.of(redis, f"{day}key", lives)
    return day + hmac.new(secret, told, hashlib.sha256).hexdigest()[: 2 * TOKEN_BYTES], lives


class _DayKeys:
    """The day's key as this process believes it, for half a minute: each step of a call would ask for it otherwise.

    One key at a time, so that yesterday's goes with the first question of today.
    """

    def __init__(self) -> None:
        self._known = ("", b"", 0.0)  # its name, the key, until when that is believed

    def of(self, redis: Redis, name: str, lives: int) -> bytes:
        """The key of this name, made when it is not there. Raises what is in `TROUBLE`."""
        name_here = f"{id(redis)} {name}"
        known, key, until = self._known
        if known == name_here and time.monotonic() < until:
            return key
        asking = redis.pipeline(transaction=False)
        asking.set(name, secrets.token_bytes(KEY_BYTES), ex=lives, nx=True)
        asking.get(name)
        found = asking.execute()[1]
        key = found if isinstance(found, bytes) else secrets.token_bytes(KEY_BYTES)
        self._known = (name_here, key, time.monotonic() + min(lives, BELIEVED_SECONDS))
        return key


_day_keys = _DayKeys()


def _seconds_to_midnight(local: datetime) -> int:
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((midnight - local).total_seconds()))
