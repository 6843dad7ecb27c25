"""Passwords: how long they must be, and their Argon2id hashes (RFC 9106, second recommended option)."""

import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError

LEAST, MOST = 15, 128  # characters; any kind (ASVS 6.2.1, 6.2.4, 6.2.9)
LEAST_IN_TRAINING = 6  # printed on the start screen of invented people: nothing is guarded by them

_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, type=Type.ID)
# A hash of no password, written down instead of worked out: comparing with it takes as long as with any other.
_NOBODY = f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}${'A' * 22}${'A' * 43}"


class PasswordTooShort(Exception):
    """The password has fewer characters than the programme asks for."""

    def __init__(self, least: int) -> None:
        """Keep how many there must be."""
        super().__init__(f"needs {least} characters")
        self.least = least


class PasswordTooLong(Exception):
    """The password has more than 128 characters."""


def check_length(password: str, *, training: bool) -> None:
    """Return when the password may be used. Raises PasswordTooShort, PasswordTooLong."""
    least = LEAST_IN_TRAINING if training else LEAST
    if len(_normal(password)) < least:
        raise PasswordTooShort(least)
    if len(_normal(password)) > MOST:
        raise PasswordTooLong


def hash_of(password: str) -> str:
    """The Argon2id hash with its parameters and salt in it."""
    return _HASHER.hash(_normal(password))


def is_right(password: str, hashed: str | None) -> bool:
    """Whether the password is the hashed one; takes the same time when there is no hash to compare with."""
    try:
        _HASHER.verify(hashed or _NOBODY, _normal(password[: MOST * 4]))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return hashed is not None


def is_outdated(hashed: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(hashed)


def _normal(password: str) -> str:
    # The same letters, however a keyboard composes them.
    return unicodedata.normalize("NFKC", password)
