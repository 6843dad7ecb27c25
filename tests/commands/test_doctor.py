"""The doctor finds each thing that is wrong, says what to mend, and shows no secret."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import text

from campaigns.consent.events import Act, Channel
from campaigns.consent.standing import withdraw
from campaigns.people.numbers import Number
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.commands import checks_of_machine as machine
from gateway.commands import checks_of_services as services
from gateway.commands.findings import Finding, Grade
from gateway.house import House
from gateway.settings import Settings
from gateway.work.queues import beat
from tests.commands.conftest import Paigham
from tests.support.programme import training_programme

SID, TOKEN = "AC" + "1" * 32, "0123456789abcdef0123456789abcdef"


def said(findings: Iterator[Finding]) -> dict[str, Grade]:
    """The grade of each thing that was looked at; the worst where there are several."""
    found: dict[str, Grade] = {}
    for finding in findings:
        if found.get(finding.about) is not Grade.WRONG:
            found[finding.about] = finding.grade
    return found


@contextmanager
def carrier_that(answers: int, status: str = "active") -> Iterator[str]:
    """A carrier that knows one account."""

    class Account(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            knows = self.path == f"/2010-04-01/Accounts/{SID}.json" and "Authorization" in self.headers
            self.send_response(answers if knows else 404)
            self.end_headers()
            self.wfile.write(json.dumps({"status": status}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Account)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def house(
    database_url: str, database: Database, keyring: KeyRing, redis_url: str, now: datetime, tmp_path: Path
) -> House:
    """A house on either engine that is well as far as database and Redis go."""
    training_programme(database, keyring, now)
    return House.from_settings(
        Settings(
            data_dir=tmp_path,
            keys_dir=keyring.directory,
            runtime_dir=tmp_path / "runtime",
            database_url=SecretStr(database_url),
            redis_url=SecretStr(redis_url),
        )
    )


def test_all_that_is_well_is_said_to_be(paigham: Paigham, installation: Path, redis_url: str) -> None:
    installation.chmod(0o700)
    with carrier_that(200) as carrier, Redis.from_url(redis_url) as redis:
        for name in ("clock", "sender", "worker"):
            beat(redis, name, time.time())
        told = {"redis_url": redis_url, "carrier_url": carrier}
        account = {"twilio_account_sid": SID, "twilio_auth_token": TOKEN}
        with Database(f"sqlite:///{installation / 'paigham.db'}").writing() as session:
            session.execute(text("DELETE FROM consent_unsealed"))
        done = paigham("doctor", data_dir=installation, **told, **account)

    assert done.code == 0, done.out
    assert "✗" not in done.out
    assert TOKEN not in done.out


def test_the_findings_can_be_read_by_a_program(paigham: Paigham, tmp_path: Path) -> None:
    done = paigham("doctor", "--json", data_dir=tmp_path / "nothing")

    findings = json.loads(done.out)
    assert done.code == 1
    assert {
        "about": "data folder",
        "grade": "✗",
        "says": "is not there",
        "mend": "run `paigham prepare`",
    } in findings


def test_wrong_settings_end_the_visit(paigham: Paigham) -> None:
    done = paigham("doctor", public_url="not an address")

    assert done.code == 1
    assert done.out.startswith("✗ settings: PAIGHAM_PUBLIC_URL")


@pytest.mark.parametrize(("mode", "grade"), [(0o700, Grade.WELL), (0o750, Grade.WRONG), (0o705, Grade.WRONG)])
def test_the_data_folder_is_the_owner_s_alone(tmp_path: Path, mode: int, grade: Grade) -> None:
    tmp_path.chmod(mode)

    assert said(machine.check_folders(Settings(data_dir=tmp_path))) == {"data folder": grade}


def test_keys_are_looked_at(keyring: KeyRing) -> None:
    settings = Settings(keys_dir=keyring.directory)
    assert said(machine.check_keys(settings)) == {"keys": Grade.WELL}

    (keyring.directory / "chain.key").write_bytes(bytes(32))
    assert said(machine.check_keys(settings)) == {"keys": Grade.WRONG}
    (keyring.directory / "chain.key").unlink()
    assert said(machine.check_keys(settings)) == {"keys": Grade.WRONG}


def test_a_key_folder_that_others_may_list_is_found(keyring: KeyRing) -> None:
    keyring.directory.chmod(0o755)

    assert said(machine.check_keys(Settings(keys_dir=keyring.directory))) == {"keys": Grade.WRONG}


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"database_url": "postgresql://gateway:password@db/paigham"}, "default"),
        ({"database_url": "postgresql://gateway:short@db/paigham"}, "shorter"),
        ({"redis_url": "redis://:xxxxxxxxxxxxxxxx@db"}, "default"),
        ({"twilio_account_sid": SID, "twilio_auth_token": "0123456789"}, "shorter"),
        (
            {"twilio_account_sid": SID, "twilio_auth_token": TOKEN, "twilio_auth_token_next": TOKEN},
            "two secrets are the same",
        ),
    ],
)
def test_default_short_and_equal_secrets_are_found_and_not_shown(names: dict[str, str], says: str) -> None:
    findings = list(machine.check_secrets(Settings.model_validate(names)))

    assert [finding.grade for finding in findings] == [Grade.WRONG]
    assert says in findings[0].says
    assert "xxxx" not in findings[0].line()


@pytest.mark.parametrize(
    ("names", "wrong"),
    [
        ({"public_url": "https://gudar.example"}, set()),
        ({"public_url": "http://gudar.example"}, {"public address"}),
        ({"public_url": "http://127.0.0.1:8000"}, {"public address"}),
        ({"public_url": "https://gudar.example", "carrier_url": "http://127.0.0.1:8001"}, {"carrier"}),
        ({"public_url": "https://gudar.example", "clock_file": "/tmp/clock"}, {"clock"}),
    ],
)
def test_a_live_programme_has_a_real_address_carrier_and_clock(
    names: dict[str, str], wrong: set[str]
) -> None:
    found = said(machine.check_addresses(Settings.model_validate(names), training=False))

    assert {about for about, grade in found.items() if grade is Grade.WRONG} == wrong


def test_a_training_programme_may_be_on_this_machine_only() -> None:
    settings = Settings(carrier_url="http://127.0.0.1:8001")

    assert said(machine.check_addresses(settings, training=True)) == {"public address": Grade.WELL}


def test_a_runtime_folder_on_a_disk_and_swap_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mounts").write_text("disk / ext4 rw 0 0\nshm /dev/shm tmpfs rw 0 0\n")
    (tmp_path / "swaps").write_text("Filename Type Size\n/dev/sda2 partition 100\n")
    monkeypatch.setattr(machine, "MOUNTS", tmp_path / "mounts")
    monkeypatch.setattr(machine, "SWAPS", tmp_path / "swaps")

    on_disk = said(machine.check_memory(Settings(runtime_dir=Path("/srv/paigham"))))
    in_memory = said(machine.check_memory(Settings(runtime_dir=Path("/dev/shm/paigham"))))

    assert on_disk == {"runtime folder": Grade.NOTE, "swap": Grade.NOTE}
    assert in_memory == {"runtime folder": Grade.WELL, "swap": Grade.NOTE}


def test_a_database_in_order_is_well(house: House) -> None:
    found = said(services.check_database(house))

    assert Grade.WRONG not in {grade for about, grade in found.items() if about != "moderators' key"}
    assert found["moderators' key"] is Grade.WRONG


def test_a_ledger_that_could_be_changed_is_found(house: House) -> None:
    with house.database.writing() as session:
        if house.database.dialect == "sqlite":
            session.execute(text("DROP TRIGGER consent_event_no_update"))
        else:
            session.execute(text("ALTER TABLE consent_event DISABLE TRIGGER consent_event_no_change"))

    assert said(services.check_database(house))["ledger"] is Grade.WRONG


def test_a_database_without_the_newest_schema_is_found(empty_database_url: str, tmp_path: Path) -> None:
    house = House.from_settings(Settings(data_dir=tmp_path, database_url=SecretStr(empty_database_url)))

    assert said(services.check_database(house)) == {"database": Grade.WRONG}
    house.database.dispose()


def test_a_database_that_is_away_is_found() -> None:
    house = House.from_settings(Settings(database_url=SecretStr("postgresql://127.0.0.1:1/paigham")))

    assert said(services.check_database(house)) == {"database": Grade.WRONG}


def test_keys_of_another_installation_are_found(house: House) -> None:
    with house.database.writing() as session:
        session.execute(text("UPDATE vault_epoch SET epoch = 7"))

    assert said(services.check_database(house))["keys"] is Grade.WRONG


def test_consent_that_waits_too_long_is_found(house: House, keyring: KeyRing) -> None:
    assert said(services.check_ledger(house)) == {"ledger": Grade.WELL}
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with house.database.writing() as session:
        number = Number("+923990000123")
        withdraw(session, keyring.vault(session), number, Act(Channel.SMS, "STOP"), now=long_ago)

    assert said(services.check_ledger(house)) == {"ledger": Grade.WRONG}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_redis_that_writes_to_disk_is_found(house: House) -> None:
    assert said(services.check_redis(house)) == {"redis": Grade.WELL}

    try:
        house.redis.config_set("save", "60 1000")
        assert said(services.check_redis(house)) == {"redis": Grade.WRONG}
    finally:
        house.redis.config_set("save", "")


def test_a_redis_that_is_away_is_found(tmp_path: Path) -> None:
    house = House.from_settings(Settings(redis_url=SecretStr(f"unix://{tmp_path / 'none.sock'}")))

    assert said(services.check_redis(house)) == {"redis": Grade.WRONG}
    assert said(services.check_programs(house)) == {}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_program_without_a_sign_of_life_is_found(house: House) -> None:
    for name in ("sender", "worker"):
        beat(house.redis, name, time.time())

    found = said(services.check_programs(house))

    assert found == {"clock": Grade.WRONG, "sender": Grade.WELL, "worker": Grade.WELL}


@pytest.mark.parametrize(
    ("answers", "status", "grade"),
    [(200, "active", Grade.WELL), (200, "suspended", Grade.WRONG), (401, "active", Grade.WRONG)],
)
def test_the_carrier_is_asked_for_the_account(answers: int, status: str, grade: Grade) -> None:
    with carrier_that(answers, status) as url:
        account = {"twilio_account_sid": SID, "twilio_auth_token": TOKEN, "carrier_url": url}
        house = House.from_settings(Settings.model_validate(account))

        assert said(services.check_carrier(house)) == {"carrier": grade}


def test_a_carrier_that_is_away_or_without_account_is_found(free_port: int) -> None:
    away = Settings.model_validate(
        {
            "twilio_account_sid": SID,
            "twilio_auth_token": TOKEN,
            "carrier_url": f"http://127.0.0.1:{free_port}",
        }
    )

    for settings in (away, Settings()):
        assert said(services.check_carrier(House.from_settings(settings))) == {"carrier": Grade.WRONG}
