"""Staff, halt, ledger and moderators' keys from the terminal: each act is somebody's, and is on record."""

import json
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from campaigns.consent import ledger
from campaigns.listening.keys import list_keys
from campaigns.programme.programme import Programme, the_programme
from campaigns.staff.actor import Staff
from campaigns.staff.audit import Audit, trail
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.console.signin.accounts import account_by_name
from gateway.console.signin.models import Account
from tests.commands.conftest import Paigham

OPERATOR, APPROVER = "Amjad O.", "Shahid R."
PASSWORD = "a password for tests"
NEW = ("staff", "add", "--name", "Palwasha N.", "--role", "coordinator", "--sign-in", "palwasha")


@pytest.fixture
def database(installation: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{installation / 'paigham.db'}")
    yield opened
    opened.dispose()


def last_act(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(Audit.act).order_by(Audit.id.desc()).limit(1)).one()


def test_a_member_of_staff_is_added_with_an_account(
    paigham: Paigham, installation: Path, database: Database
) -> None:
    said = paigham(*NEW, "--as", OPERATOR, "--password", PASSWORD, data_dir=installation)

    assert said.code == 0, said.err
    assert PASSWORD not in said.out + said.err
    with database.reading() as session:
        account = account_by_name(session, "palwasha")
        assert session.get_one(Staff, account.staff).name == "Palwasha N."
    assert last_act(database) == "staff added as coordinator"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--as", OPERATOR, "--password", "short"), "6"),
        (("--as", APPROVER, "--password", PASSWORD), "permission OPERATE"),
        (("--as", "Nobody", "--password", PASSWORD), "Nobody on the staff"),
        (("--password", PASSWORD), "--as"),
    ],
)
def test_nobody_is_added_by_halves(
    paigham: Paigham, installation: Path, database: Database, words: tuple[str, ...], says: str
) -> None:
    said = paigham(*NEW, *words, data_dir=installation)

    assert said.code == 2
    assert says in said.err
    with database.reading() as session:
        assert session.scalars(select(Staff).where(Staff.name == "Palwasha N.")).one_or_none() is None


def test_a_sign_in_name_is_given_once(paigham: Paigham, installation: Path) -> None:
    words = ("staff", "add", "--name", "Another", "--role", "producer", "--sign-in", "zarghuna")
    said = paigham(*words, "--as", OPERATOR, "--password", PASSWORD, data_dir=installation)

    assert said.code == 2
    assert "choose another" in said.err


def test_who_is_disabled_may_do_nothing_and_cannot_sign_in(
    paigham: Paigham, installation: Path, database: Database
) -> None:
    said = paigham("staff", "disable", APPROVER, "--as", OPERATOR, data_dir=installation)

    assert said.code == 0, said.err
    with database.reading() as session:
        assert not account_by_name(session, "shahid").active
    assert f"{APPROVER:<24} approver     disabled" in paigham("staff", "list", data_dir=installation).out
    assert paigham("halt", "--as", APPROVER, data_dir=installation).code == 2


def test_a_lost_second_factor_is_forgotten(paigham: Paigham, installation: Path, database: Database) -> None:
    with database.writing() as session:
        account = session.scalars(select(Account).where(Account.sign_in == "shahid")).one()
        account.tf_primary_method, account.tf_totp_secret = "authenticator", "sealed"

    said = paigham("staff", "reset-second-factor", APPROVER, "--as", OPERATOR, data_dir=installation)

    assert said.code == 0, said.err
    with database.reading() as session:
        assert not account_by_name(session, "shahid").has_second_factor
    assert last_act(database) == "second factor reset"


def test_halt_and_resume_are_somebody_s(paigham: Paigham, installation: Path, database: Database) -> None:
    assert paigham("halt", "--as", APPROVER, data_dir=installation).code == 0
    assert "everything is paused since" in paigham("programme", "show", data_dir=installation).out
    assert paigham("resume", "--as", OPERATOR, data_dir=installation).code == 0

    with database.reading() as session:
        assert the_programme(session).halted_at is None
        assert [row.act for row in trail(session, "programme:1")][:2] == ["resumed", "halted"]


def test_keys_are_rotated_by_an_operator_while_halted(
    paigham: Paigham, installation: Path, database: Database
) -> None:
    refused = paigham("keys", "rotate", "--as", OPERATOR, data_dir=installation)
    assert refused.code == 2
    assert "paigham halt" in refused.err

    paigham("halt", "--as", OPERATOR, data_dir=installation)
    said = paigham("keys", "rotate", "--as", OPERATOR, data_dir=installation)

    assert said.code == 0, said.err
    assert "epoch 2" in said.out
    assert last_act(database) == "keys rotated"


@pytest.fixture
def head(installation: Path, database: Database, now: datetime) -> str:
    """The head of the ledger after its first block, as it is printed."""
    keyring = KeyRing.open(installation / "keys")
    with database.writing() as session:
        ledger.seal_events(session, keyring.vault(session), now=now)
        sealed = ledger.head(session)
    assert sealed is not None
    return f"{sealed.n}:{sealed.hash.hex()}"


def test_the_head_is_printed_as_it_is_asked_for(paigham: Paigham, installation: Path, head: str) -> None:
    assert paigham("ledger", "head", data_dir=installation).out.strip() == head
    verified = paigham("ledger", "verify", "--head", head, data_dir=installation)

    assert verified.code == 0
    assert "nothing was altered" in verified.out


def test_an_altered_ledger_ends_with_one_and_names_the_event(
    paigham: Paigham, installation: Path, database: Database, head: str
) -> None:
    with database.writing() as session:
        session.execute(text("DROP TRIGGER consent_event_no_update"))
        session.execute(text("UPDATE consent_event SET purposes = 63 WHERE id = 5"))

    said = paigham("ledger", "verify", data_dir=installation)

    assert said.code == 1
    assert "event 5 is not what was sealed" in said.out


def test_a_ledger_that_is_not_the_trustees_ends_with_one(
    paigham: Paigham, installation: Path, head: str
) -> None:
    said = paigham("ledger", "verify", "--head", f"1:{'0' * 64}", data_dir=installation)

    assert said.code == 1
    assert "trustees" in said.out


@pytest.mark.parametrize("written", ["1", "1:00", "one:" + "0" * 64])
def test_a_head_that_is_none_is_refused(paigham: Paigham, installation: Path, written: str) -> None:
    assert paigham("ledger", "verify", "--head", written, data_dir=installation).code == 2


def test_a_moderators_key_is_made_in_one_place_and_registered_in_another(
    paigham: Paigham, installation: Path, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "stick" / "key.json"
    made = paigham("moderator-key", "new", "--out", str(file), "--label", "December")
    content = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert content["private"] not in made.out

    register = ("moderator-key", "register", content["public"], "--label", "December")
    said = paigham(*register, "--as", "Gulalai M.", data_dir=installation)

    assert said.code == 0, said.err
    with database.reading() as session:
        assert {key.label for key in list_keys(session)} == {"Training", "December"}
    again = paigham(*register, "--as", "Gulalai M.", data_dir=installation)
    assert again.code == 2
    assert "before" in again.err


def test_a_moderators_key_is_never_written_over(paigham: Paigham, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text("the only copy")

    said = paigham("moderator-key", "new", "--out", str(tmp_path / "key.json"))

    assert said.code == 2
    assert (tmp_path / "key.json").read_text() == "the only copy"


def test_a_live_programme_is_made_once_and_gets_its_first_person_without_another(
    paigham: Paigham, tmp_path: Path
) -> None:
    data = tmp_path / "live"
    new = ("programme", "new", "--name", "Aman", "--zone", "Asia/Kabul", "--region", "AF")
    paigham("prepare", data_dir=data)

    made = paigham(*new, data_dir=data)
    again = paigham(*new, data_dir=data)
    first = ("staff", "add", "--name", "Nasreen", "--role", "operator", "--sign-in", "nasreen")
    added = paigham(*first, "--password", PASSWORD, data_dir=data)

    assert (made.code, again.code, added.code) == (0, 2, 0), made.err + added.err
    database = Database(f"sqlite:///{data / 'paigham.db'}")
    with database.reading() as session:
        programme = session.get_one(Programme, 1)
    database.dispose()
    assert (programme.training, programme.shelve_least, programme.shelve_every_seconds) == (False, 10, None)


@pytest.mark.parametrize(
    ("name", "value"), [("--zone", "Kabul"), ("--region", "ZZ"), ("--languages", "ps xx")]
)
def test_a_programme_is_made_of_what_exists(paigham: Paigham, tmp_path: Path, name: str, value: str) -> None:
    words = {"--name": "Aman", "--zone": "Asia/Kabul", "--region": "AF", name: value}

    said = paigham(
        "programme", "new", *(word for pair in words.items() for word in pair), data_dir=tmp_path / "var"
    )

    assert said.code == 2
    assert name in said.err
