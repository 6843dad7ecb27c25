"""The console as a browser without a screen sees it: an app on a test's database, and people who sign in."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse

from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.app import create_app
from gateway.console.signin import passwords
from gateway.console.signin.models import Account
from gateway.console.signin.passwords import hash_of
from gateway.console.signin.sessions import SignIn
from gateway.settings import Settings
from tests.support.programme import TrainingProgramme

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOBODY = QUICK.hash("a password that no account has")
PASSWORD = "nineteen quiet apricots"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def hash_quickly(patched: pytest.MonkeyPatch) -> None:
    """Hash passwords with the least work."""
    patched.setattr(passwords, "_HASHER", QUICK)
    patched.setattr(passwords, "_NOBODY", NOBODY)


class WallClock:
    """Real time for sign-in, moved by hand."""

    def __init__(self) -> None:
        """Begin with the present."""
        self.shown = datetime.now(UTC)

    def __call__(self) -> datetime:
        """The time it is."""
        return self.shown


@dataclass
class Browser:
    """One browser: keeps its cookie, and sends the token of the page it last saw."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **how: Any) -> TestResponse:
        """Open a page."""
        return self._seen(self.client.get(path, **how))

    def post(self, path: str, fields: Mapping[str, object] | None = None, **how: Any) -> TestResponse:
        """Send a form of the page last seen."""
        form = {"csrf_token": self.token, **(fields or {})}
        return self._seen(self.client.post(path, data=form, **how))

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        """Go to the sign-in page and enter name and password; returns the answer, which sends on when it is right."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"sign_in": name, "password": password})
        self.get("/account")  # a fresh token for the signed-in browser
        return answer

    def _seen(self, answer: TestResponse) -> TestResponse:
        if found := TOKEN.search(answer.get_data(as_text=True)):
            self.token = found.group(1)
        return answer


def console_app(
    database: Database,
    keyring: KeyRing,
    data: Path,
    *,
    doors: tuple[str, ...] = ("console",),
    **settings: str,
) -> Flask:
    """The console over a test's database and keys."""
    given = Settings(
        data_dir=data,
        keys_dir=keyring.directory,
        database_url=SecretStr(database.url.render_as_string(hide_password=False)),
        **settings,  # type: ignore[arg-type]
    )
    return create_app(given, doors)


def sign_in_of(app: Flask) -> SignIn:
    """The sign-in room of an app."""
    room = app.extensions["paigham.sign_in"]
    assert isinstance(room, SignIn)
    return room


def staff_accounts(
    database: Database, programme: TrainingProgramme, now: datetime, password: str = PASSWORD
) -> None:
    """An account for each role's member of staff, named for the role."""
    with database.writing() as session:
        session.add_all(
            Account(
                sign_in=role,
                staff=actor.staff,
                password=hash_of(password),
                active=True,
                fs_uniquifier=secrets.token_hex(32),
                recovery_codes="",
                since=now,
            )
            for role, actor in programme.actors.items()
        )
