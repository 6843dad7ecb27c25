"""Which phone tries which draft of the menu: a keyed mark in Redis that dies after half an hour."""

import hashlib
import hmac
from datetime import timedelta

from redis import Redis

from campaigns.people.numbers import Number
from campaigns.storage.vault import KeyRing
from gateway.webhooks.volatile import TRIES, TROUBLE

TRIED_FOR = timedelta(minutes=30)


class Trying:
    """Best effort: with Redis away nobody tries a draft, and everybody hears what is published."""

    def __init__(self, redis: Redis, keyring: KeyRing) -> None:
        """Take a client that does not wait long."""
        self._redis, self._key = redis, keyring.keys["token"]

    def begin(self, number: Number, menu_id: int) -> bool:
        """Let calls from this phone hear a draft; False when that could not be noted."""
        try:
            self._redis.set(self._name(number), str(menu_id), ex=int(TRIED_FOR.total_seconds()))
        except TROUBLE:
            return False
        return True

    def draft_for(self, number: Number | None) -> int | None:
        """The draft that this phone tries now."""
        if number is None:
            return None
        try:
            kept = self._redis.get(self._name(number))
        except TROUBLE:
            return None
        return int(kept) if isinstance(kept, bytes) else None

    def _name(self, number: Number) -> str:
        told = f"tries\x1f{number.e164}".encode()
        return TRIES + hmac.new(self._key, told, hashlib.sha256).hexdigest()[:32]
