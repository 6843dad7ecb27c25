"""A house with a training programme and an open shelf, its webhooks, and somebody who signs like the carrier."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from campaigns.consent.events import ConsentEvent
from campaigns.listening.keys import make_key_file, register_key
from campaigns.listening.shelf import Staging
from campaigns.listening.shelving import open_first_run
from campaigns.storage.base import Base
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.app import create_app
from gateway.house import Clock, House
from gateway.settings import Settings
from tests.support.programme import LONG_NUMBER, TrainingProgramme, training_programme
from tests.support.signing import (
    ACCOUNT,
    NEXT_TOKEN,
    PUBLIC_URL,
    TEXTS,
    TOKEN,
    body_of,
    receipt_fields,
    signature,
    text_fields,
)

WOMAN = "+923990000101"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass
class Door:
    """The webhooks of one house, and how the carrier knocks."""

    house: House
    app: Flask
    people: TrainingProgramme
    clock_file: Path

    def knock(
        self,
        path: str,
        pairs: Iterable[tuple[str, str]],
        *,
        token: str = TOKEN,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """One signed POST; waits until what follows the answer is done too."""
        pairs = list(pairs)
        sent = {"X-Twilio-Signature": signature(PUBLIC_URL + path, pairs, token), **(headers or {})}
        return self.send(path, body_of(pairs), sent)

    def send(self, path: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> TestResponse:
        """One request, just as given."""
        with self.app.test_client() as client:
            response = client.open(path, method=method, data=body, headers={"Content-Type": FORM, **headers})
            response.get_data()
            response.close()
        return response

    def text(
        self, body: str, *, sender: str = WOMAN, to: str = LONG_NUMBER, sid: str = "", **more: str
    ) -> list[str]:
        """A text from a phone; what it is answered with."""
        fields = text_fields(body, sender=sender, to=to, sid=sid or new_sid(), **more)
        response = self.knock(TEXTS, fields.items())
        assert response.status_code == 200, response.status_code
        return answers_in(response)

    def receipt(self, delivery: int, attempt: int, status: str, **more: str) -> TestResponse:
        """A receipt of one attempt."""
        fields = receipt_fields(status, sid=new_sid(), to=WOMAN, sender="GUDAR", **more)
        return self.knock(f"/carrier/twilio/receipts/{delivery}/{attempt}", fields.items())

    def show(self, moment: datetime) -> None:
        """Set the clock, which stands still."""
        self.clock_file.write_text(json.dumps({"real": 0.0, "shown": moment.timestamp(), "speed": 0.0}))
        object.__setattr__(self.house, "clock", Clock(self.clock_file))

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        with self.house.database.reading() as session:
            return {
                table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for table in Base.metadata.sorted_tables
            }

    def events(self) -> list[ConsentEvent]:
        """The ledger's events, oldest first."""
        with self.house.database.reading() as session:
            return list(session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)))

    def staged(self) -> int:
        """How many items of feedback wait."""
        with self.house.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Staging)) or 0


def new_sid() -> str:
    """The name of a message that has not been."""
    return "SM" + secrets.token_hex(16)


def answers_in(response: TestResponse) -> list[str]:
    """The texts in an answer, read by a parser of XML."""
    assert response.content_type == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(response.get_data())  # noqa: S314 - our own answer
    assert root.tag == "Response"
    assert all(child.tag == "Message" and not len(child) for child in root)
    return [child.text or "" for child in root]


def house_on(
    database_url: str, redis_url: str, keyring: KeyRing, folder: Path, clock_file: Path, **more: str
) -> House:
    """A house whose carrier is Twilio-shaped and whose public address is an invented one."""
    settings = Settings.from_env(
        {
            "PAIGHAM_DATA_DIR": str(folder),
            "PAIGHAM_KEYS_DIR": str(keyring.directory),
            "PAIGHAM_DATABASE_URL": database_url,
            "PAIGHAM_REDIS_URL": redis_url,
            "PAIGHAM_PUBLIC_URL": PUBLIC_URL,
            "PAIGHAM_TWILIO_ACCOUNT_SID": ACCOUNT,
            "PAIGHAM_TWILIO_AUTH_TOKEN": TOKEN,
            "PAIGHAM_TWILIO_AUTH_TOKEN_NEXT": NEXT_TOKEN,
            "PAIGHAM_CLOCK_FILE": str(clock_file),
            **more,
        }
    )
    return House.from_settings(settings)


@pytest.fixture
def door(
    database: Database,
    database_url: str,
    redis_url: str,
    keyring: KeyRing,
    tmp_path: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    """A training programme with an open shelf behind its webhooks; the clock stands still at `now`."""
    # What one test counted must not reach the Redis or the database of the next.
    monkeypatch.setattr("gateway.webhooks.call_counts.EVERY_SECONDS", 0.0)
    monkeypatch.setattr("gateway.webhooks.together.EVERY_SECONDS", 0.0)
    people = training_programme(database, keyring, now)
    public, _ = make_key_file("November")
    with database.writing() as session:
        register_key(session, people.moderator, public, "November", now)
        open_first_run(session, tmp_path / "runtime", now)
    clock_file = tmp_path / "clock.json"
    house = house_on(database_url, redis_url, keyring, tmp_path, clock_file)
    app = create_app(house.settings, {"webhooks"}, house=house)
    made = Door(house, app, people, clock_file)
    made.show(now)
    return made
