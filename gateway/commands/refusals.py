"""What can be expected to go wrong at any command, and how it is said to the person at the terminal."""

from collections.abc import Callable
from typing import Any

from redis import RedisError
from sqlalchemy.exc import DBAPIError, NoResultFound

from campaigns.programme.lines import NoSuchLine
from campaigns.staff.actor import NotPermitted
from campaigns.storage.vault import KeysExposed, KeysMissing
from campaigns.voice.publishing import MenuFaulty, MenuIncomplete
from campaigns.voice.versions import NoSuchVersion, NotADraft
from campaigns.voice.written import Unreadable
from gateway.commands.acting import NobodyOfThisName
from gateway.commands.data_folder import FolderUnusable
from gateway.settings import SettingsInvalid

EXPECTED: dict[type[Exception], Callable[[Any], str]] = {
    SettingsInvalid: str,
    FolderUnusable: str,
    KeysMissing: lambda error: (
        f"{error}: put the key files back, or run `paigham prepare` for a new installation."
    ),
    KeysExposed: str,
    NobodyOfThisName: str,
    NotPermitted: lambda error: f"This {error}: act as somebody who holds it (see `paigham staff list`).",
    Unreadable: lambda error: f"{error}.",
    MenuIncomplete: lambda error: f"Nothing was published: {error}.",
    MenuFaulty: lambda error: f"The menu must be mended first: {error}",
    NoSuchVersion: lambda _error: "There is no such version of the menu: see `paigham menu list`.",
    NotADraft: lambda _error: "This version is no draft any more; nothing was changed.",
    NoSuchLine: lambda _error: "This line takes no calls: see `paigham line list`.",
    NoResultFound: lambda _error: "There is no programme here yet: run `paigham prepare` first.",
    DBAPIError: lambda error: (
        f"The database refuses ({type(error.orig).__name__}): see that it runs and is yours to "
        "use, then run `paigham prepare`."
    ),
    RedisError: lambda error: (
        f"Redis does not answer ({type(error).__name__}): see that it runs, and that "
        "PAIGHAM_REDIS_URL is its address."
    ),
}


def in_plain_words(error: Exception) -> str:
    """One sentence on an expected error: what is wrong and what to do; never a value of the database."""
    return next(words(error) for kind, words in EXPECTED.items() if isinstance(error, kind))
