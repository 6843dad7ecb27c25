"""What was answered to a message of the carrier, for a day; and which messages could not be taken in.

Keyed by the mark of the carrier's id; holds a reply's key and language: no number, no text.
"""

from dataclasses import dataclass

from redis import Redis

from gateway.webhooks.volatile import MISSED, SEEN, TROUBLE

REMEMBERED_SECONDS = 24 * 3600
MISSED_SECONDS = 48 * 3600


@dataclass(frozen=True)
class Answered:
    """What a message was answered with; without a key, with silence."""

    key: str | None
    language: str


class SeenMessages:
    """Best effort: with Redis away every message is new, and none is noted as missed."""

    def __init__(self, redis: Redis) -> None:
        """Take a client that does not wait long."""
        self._redis = redis

    def recall(self, source: bytes) -> Answered | None:
        """What this message was answered with, if it was."""
        try:
            kept = self._redis.get(SEEN + source.hex())
        except TROUBLE:
            return None
        if not isinstance(kept, bytes):
            return None
        key, _, language = kept.decode().partition(" ")
        return Answered(key if key != "-" else None, language)

    def remember(self, source: bytes, answered: Answered) -> None:
        """Answer a repetition of this message alike."""
        try:
            self._redis.set(SEEN + source.hex(), _packed(answered), ex=REMEMBERED_SECONDS)
        except TROUBLE:
            return

    def is_first(self, source: bytes, answered: Answered) -> bool:
        """Remember the answer unless the message has one; False when another copy of it was here before."""
        try:
            done = self._redis.set(SEEN + source.hex(), _packed(answered), ex=REMEMBERED_SECONDS, nx=True)
        except TROUBLE:
            return True
        return bool(done)

    def forget(self, source: bytes) -> None:
        """Take a remembered answer back: what it promised did not happen."""
        try:
            self._redis.delete(SEEN + source.hex())
        except TROUBLE:
            return

    def note_missed(self, source: bytes) -> None:
        """This message was answered but not taken in: the inbound sweep shall find it at the carrier."""
        try:
            self._redis.sadd(MISSED, source)
            self._redis.expire(MISSED, MISSED_SECONDS)
        except TROUBLE:
            return

    def is_missed(self, source: bytes) -> bool:
        """Whether this message still has to be taken in."""
        try:
            return bool(self._redis.sismember(MISSED, source))  # type: ignore[arg-type]
        except TROUBLE:
            return False

    def was_caught_up(self, source: bytes) -> None:
        """The message was taken in after all."""
        try:
            self._redis.srem(MISSED, source)
        except TROUBLE:
            return


def _packed(answered: Answered) -> str:
    return f"{answered.key or '-'} {answered.language}"
