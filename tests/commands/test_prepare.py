"""From an empty folder to an installation that can start; again and again without changing anything."""

import base64
import json
import re
import shutil
import stat
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from campaigns.consent import ledger
from campaigns.consent.events import Standing
from campaigns.consent.standing import Suppression
from campaigns.listening.keys import newest_key
from campaigns.outreach.campaigns import Campaign, Kind, State, wordings_of
from campaigns.people.contacts import Contact, find_contact
from campaigns.people.groups import Membership
from campaigns.people.numbers import Number, parse_number
from campaigns.programme.lines import Line, way_out_address
from campaigns.programme.programme import Programme, the_programme
from campaigns.staff.actor import ROLES, Permission, Staff
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing, KeysMissing
from gateway.commands import starter, training
from gateway.commands.prepare import prepare
from gateway.console.signin.accounts import account_by_name
from gateway.console.signin.passwords import is_right
from gateway.settings import Settings
from gateway.simulator.config import Config
from tests.commands.conftest import CARRIER, Paigham


@pytest.fixture
def house(installation: Path) -> Database:
    return Database(f"sqlite:///{installation / 'paigham.db'}")


def settings_of(data: Path, **others: object) -> Settings:
    told = {"data_dir": data, "runtime_dir": data / "runtime", "carrier_url": CARRIER}
    return Settings.model_validate({**told, **others})


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_the_starter_programme_is_made_on_either_engine(empty_database_url: str, tmp_path: Path) -> None:
    assert prepare(settings_of(tmp_path / "var", database_url=empty_database_url))

    database = Database(empty_database_url)
    keyring = KeyRing.open(tmp_path / "var" / "keys")
    with database.reading() as session:
        assert the_programme(session).training
        assert ledger.verify(session, keyring.vault(session)).fault is None
        assert session.scalar(select(func.count()).select_from(Contact)) == len(starter.HANDSETS) - 4
    database.dispose()


def test_preparing_again_changes_nothing(installation: Path) -> None:
    prepare(settings_of(installation))
    before = bytes_of(installation)

    assert prepare(settings_of(installation))

    assert bytes_of(installation) == before


def test_everything_is_its_owner_s_alone(prepared: Path) -> None:
    assert stat.S_IMODE(prepared.stat().st_mode) == 0o700
    for name in (
        "simulator.json",
        "environment.json",
        "trainees.json",
        "for-the-moderator/moderator-key.json",
    ):
        assert stat.S_IMODE((prepared / name).stat().st_mode) == 0o600


def test_the_first_four_handsets_are_unknown_and_the_others_have_histories(
    house: Database, installation: Path
) -> None:
    keyring = KeyRing.open(installation / "keys")
    with house.reading() as session:
        vault = keyring.vault(session)
        unknown = [
            plan.number
            for plan in starter.HANDSETS
            if find_contact(session, vault, Number(plan.number)) is None
        ]
        standing = session.scalar(select(func.count()).where(Standing.mask != 0))
        stopped = session.scalar(select(func.count()).select_from(Suppression))

    assert unknown == [f"+92399000010{place}" for place in (1, 2, 3, 4)]
    assert standing is not None
    assert stopped == Counter(plan.history.name for plan in starter.HANDSETS)["STOPPED"]
    assert 0 < stopped < 20 < 150 < standing < 196


def test_languages_places_and_groups_are_spread(house: Database) -> None:
    with house.reading() as session:
        languages = Counter(session.scalars(select(Contact.language)))
        places = Counter(session.scalars(select(Contact.place_id)))
        groups = Counter(session.scalars(select(Membership.tolana_id)))

    assert {name: round(100 * n / 196) for name, n in languages.items()} == {"ps": 60, "ur": 30, "en": 10}
    assert (len(places), len(groups)) == (3, 3)
    assert min(*places.values(), *groups.values()) > 30


def test_every_phone_is_invented(prepared: Path) -> None:
    assert all(parse_number(plan.number, "PK", training=True).is_invented for plan in starter.HANDSETS)
    numbers = [line for line in starter.LINES if line.two_way] + list(starter.VOICE_LINES)
    assert all(line.address.startswith("+92399") for line in numbers)


def test_stop_reaches_us_whichever_line_sends(house: Database) -> None:
    with house.reading() as session:
        ways_out = {way_out_address(session, line) for line in session.scalars(select(Line))}

    assert ways_out == {"+923990000017"}


def test_each_line_can_answer_and_one_campaign_waits_in_three_languages(house: Database) -> None:
    with house.reading() as session:
        campaigns = session.scalars(select(Campaign)).all()
        answers = [campaign for campaign in campaigns if campaign.kind == Kind.ANSWERS]
        drafts = [campaign for campaign in campaigns if campaign.kind != Kind.ANSWERS]
        languages = [wording.language for wording in wordings_of(session, drafts[0].id)]

    assert len(answers) == len(starter.LINES) + len(starter.VOICE_LINES)
    assert [campaign.state for campaign in drafts] == [State.DRAFT]
    assert languages == ["en", "ps", "ur"]


def test_each_role_has_a_trainee_whose_password_is_written_down(house: Database, installation: Path) -> None:
    trainees = json.loads((installation / "trainees.json").read_text())["trainees"]

    assert {trainee["role"] for trainee in trainees} == set(ROLES)
    with house.reading() as session:
        for trainee in trainees:
            account = account_by_name(session, trainee["sign_in"])
            assert is_right(trainee["password"], account.password)
            hears = Permission.HEAR_WOMEN if trainee["role"] == "moderator" else Permission(0)
            assert session.get_one(Staff, account.staff).permissions == ROLES[trainee["role"]] | hears


def test_the_moderator_s_key_is_registered_and_its_private_half_is_not_in_the_database(
    house: Database, installation: Path
) -> None:
    key = json.loads((installation / "for-the-moderator" / "moderator-key.json").read_text())
    with house.reading() as session:
        registered = newest_key(session)
    assert registered is not None
    assert registered.public == base64.b64decode(key["public"])
    assert base64.b64decode(key["private"]) not in (installation / "paigham.db").read_bytes()


def test_the_simulator_takes_what_was_written_for_it(prepared: Path) -> None:
    config = Config.read(prepared / "simulator.json")

    assert config.account_sid.startswith("AC")
    assert len(config.auth_token) == 32
    assert [line.is_reachable for line in config.lines] == [True, False, False, False, False]
    assert [line.voice_url is not None for line in config.lines] == [False, False, True, True, True]
    assert len(config.handsets) == 200


def test_another_port_changes_the_simulator_s_addresses_and_keeps_its_account(installation: Path) -> None:
    before = Config.read(installation / "simulator.json")

    prepare(settings_of(installation, public_url="http://127.0.0.1:9000"))

    after = Config.read(installation / "simulator.json")
    assert after.lines[0].sms_url == "http://127.0.0.1:9000/carrier/twilio/messages"
    assert after.lines[2].voice_url == "http://127.0.0.1:9000/carrier/twilio/calls/begin"
    assert (after.account_sid, after.auth_token) == (before.account_sid, before.auth_token)


def test_no_training_programme_is_made_beside_a_real_carrier(tmp_path: Path, paigham: Paigham) -> None:
    said = paigham("prepare", data_dir=tmp_path / "var")

    assert said.code == 0
    assert "paigham programme new" in said.out
    assert not (tmp_path / "var" / "simulator.json").exists()


def test_new_keys_are_never_made_for_a_database_that_has_others(installation: Path) -> None:
    shutil.rmtree(installation / "keys")

    with pytest.raises(KeysMissing, match="made with keys that are not"):
        prepare(settings_of(installation))
    assert not (installation / "keys").exists()


def test_a_start_that_was_interrupted_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "var"
    with monkeypatch.context() as patched:
        patched.setattr(training, "_write_trainees", interrupt)
        with pytest.raises(KeyboardInterrupt):
            prepare(settings_of(data))
    database = Database(f"sqlite:///{data / 'paigham.db'}")
    with database.reading() as session:
        assert session.get(Programme, 1) is None
    database.dispose()

    assert prepare(settings_of(data))


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_number_of_no_handset_is_in_clear_in_the_database(prepared: Path) -> None:
    content = b"".join(file.read_bytes() for file in prepared.glob("paigham.db*"))

    numbers = {plan.number.removeprefix("+92").encode() for plan in starter.HANDSETS}
    assert content
    assert all(number.startswith(b"399") and len(number) == 10 for number in numbers)
    assert numbers.isdisjoint(re.findall(rb"(?=(399\d{7}))", content))
