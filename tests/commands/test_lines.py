"""A live programme gets its places and lines from the terminal, and no line to which nobody can say STOP."""

from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns.outreach.budget import CALL_BACKS, EACH
from campaigns.outreach.campaigns import Budget, Campaign, Kind
from campaigns.programme.lines import Line
from campaigns.programme.places import Place
from campaigns.programme.programme import the_programme
from campaigns.storage.engine import Database
from tests.commands.conftest import Paigham

OPERATOR = ("--as", "Amjad O.")
SHORT_CODE = ("line", "add", "--name", "Peace", "--address", "8300", "--price", "2.50")


def test_a_two_way_line_is_added_with_its_price_and_its_box_for_answers(
    paigham: Paigham, installation: Path
) -> None:
    said = paigham(*SHORT_CODE, "--two-way", *OPERATOR, data_dir=installation)

    assert said.code == 0, said.err
    assert "/carrier/twilio/messages" in said.out
    assert "8300             1/s 2.5 PKR two-way" in paigham("line", "list", data_dir=installation).out
    database = Database(f"sqlite:///{installation / 'paigham.db'}")
    with database.reading() as session:
        line = session.scalars(select(Line).where(Line.address == "8300")).one()
        answers = session.scalars(select(Campaign).where(Campaign.line_id == line.id)).one()
    database.dispose()
    assert answers.kind == Kind.ANSWERS


def test_a_one_way_sender_names_the_line_that_hears(paigham: Paigham, installation: Path) -> None:
    sender = ("line", "add", "--name", "Aman", "--address", "AMAN", "--price", "3", *OPERATOR)

    refused = paigham(*sender, data_dir=installation)
    taken = paigham(*sender, "--reply-to", "+923990000017", data_dir=installation)

    assert (refused.code, taken.code) == (2, 0), taken.err
    assert "STOP" in refused.err
    assert "STOP goes to +923990000017" in paigham("line", "list", data_dir=installation).out


@pytest.mark.parametrize(
    "words",
    [
        ("--address", "0300 1234567", "--two-way"),
        ("--address", "GUDAR2", "--two-way"),
        ("--address", "A sender too long"),
        ("--address", "+923990000017", "--two-way"),
        ("--address", "AMAN", "--reply-to", "8301"),
    ],
)
def test_what_no_carrier_could_use_is_refused(
    paigham: Paigham, installation: Path, words: tuple[str, ...]
) -> None:
    said = paigham("line", "add", "--name", "New", "--price", "1", *words, *OPERATOR, data_dir=installation)

    assert said.code == 2


def test_only_an_operator_adds_lines(paigham: Paigham, installation: Path) -> None:
    said = paigham(*SHORT_CODE, "--two-way", "--as", "Shahid R.", data_dir=installation)

    assert said.code == 2
    assert "OPERATE" in said.err


def test_a_place_lies_in_another_and_has_its_zone(paigham: Paigham, installation: Path) -> None:
    words = ("place", "add", "--name", "Dir", "--kind", "district", *OPERATOR)

    added = paigham(*words, "--in", "Khyber Pakhtunkhwa", data_dir=installation)
    nowhere = paigham(*words, "--in", "Atlantis", data_dir=installation)

    assert (added.code, nowhere.code) == (0, 2), added.err
    database = Database(f"sqlite:///{installation / 'paigham.db'}")
    with database.reading() as session:
        place = session.scalars(select(Place).where(Place.name == "Dir")).one()
        assert session.get_one(Place, place.parent_id).name == "Khyber Pakhtunkhwa"
    database.dispose()
    assert place.zone == "Asia/Karachi"
    assert "Dir" in paigham("place", "list", data_dir=installation).out


def test_a_voice_line_is_added_and_calls_back_once_it_has_a_cap(paigham: Paigham, installation: Path) -> None:
    line = ("line", "add-voice", "--name", "Radio", "--address", "+923990000021", "--price", "1.75")
    said = paigham(*line, "--calls-at-once", "8", *OPERATOR, data_dir=installation)
    caps = paigham(
        "programme", "caps", "--call-backs", "500", "--bar", "+92900", *OPERATOR, data_dir=installation
    )

    assert (said.code, caps.code) == (0, 0), said.err + caps.err
    assert "/carrier/twilio/calls/begin" in said.out
    assert "voice, 1 calls a second, 8 at once" in paigham("line", "list", data_dir=installation).out
    database = Database(f"sqlite:///{installation / 'paigham.db'}")
    with database.reading() as session:
        assert session.get_one(Budget, (CALL_BACKS, EACH)).cap == 500_000_000
        assert the_programme(session).barred == ("+92900",)
    database.dispose()


@pytest.mark.parametrize("words", [(), ("--day", "-1"), ("--bar", "0900")])
def test_caps_that_mean_nothing_are_refused(
    paigham: Paigham, installation: Path, words: tuple[str, ...]
) -> None:
    assert paigham("programme", "caps", *words, *OPERATOR, data_dir=installation).code == 2
