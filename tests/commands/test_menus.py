"""`paigham menu`: out into a folder and back without loss, checked, published, refused in plain words."""

from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns.audio.sound import wav_of
from campaigns.audio.sounds import tone
from campaigns.programme.lines import Line
from campaigns.storage.engine import Database
from campaigns.voice.publishing import draft
from campaigns.voice.versions import SpokenBy, prompt_rows, published
from campaigns.voice.ways import Way, way_of
from tests.commands.conftest import Paigham

AS = ("--as", "Bakht Z.")


@pytest.fixture
def house(installation: Path) -> Database:
    return Database(f"sqlite:///{installation / 'paigham.db'}")


@pytest.fixture
def exported(installation: Path, paigham: Paigham, tmp_path: Path) -> Path:
    """The starter line's menu in a folder."""
    said = paigham("menu", "export", str(tmp_path / "out"), data_dir=installation)
    assert said.code == 0, said.err
    assert "279 prompts, 279 recordings" in said.out
    return tmp_path / "out"


def test_a_menu_goes_out_and_comes_back_as_it_was(
    installation: Path, paigham: Paigham, house: Database, exported: Path
) -> None:
    said = paigham("menu", "import", str(exported), *AS, data_dir=installation)
    assert said.code == 0, said.err
    assert "0 to mend" in said.out

    with house.reading() as session:
        live, found = published(session), draft(session)
        assert live is not None
        assert found is not None
        was, now = prompt_rows(session, live.id), prompt_rows(session, found.id)
    assert {place: (row.text, row.blob, row.spoken_by) for place, row in now.items()} == {
        place: (row.text, row.blob, row.spoken_by) for place, row in was.items()
    }


def test_a_changed_prompt_is_brought_in_and_published(
    installation: Path, paigham: Paigham, house: Database, exported: Path
) -> None:
    texts = (exported / "prompts.yaml").read_text(encoding="utf-8")
    (exported / "prompts.yaml").write_text(texts.replace("Khuda hafiz", "Go well"), encoding="utf-8")
    loud = wav_of(tone(1.0, 500, level_db=-6, rate=16_000))
    (exported / "sounds" / "en" / "goodbye.wav").write_bytes(loud)

    assert paigham("menu", "import", str(exported), *AS, data_dir=installation).code == 0
    said = paigham("menu", "publish", *AS, data_dir=installation)

    assert (said.code, said.out) == (0, "Version 2 is live: the next caller hears it.\n")
    with house.reading() as session:
        live = published(session)
        assert live is not None
        assert live.sound("goodbye", "en").text == "Thank you for calling. Go well."
        goodbye = prompt_rows(session, live.id)["goodbye", "en"]
        assert goodbye.level_db == pytest.approx(-22, abs=1)
        assert goodbye.spoken_by == SpokenBy.MACHINE  # so the folder says still


def test_publishing_what_is_not_complete_names_what_is_missing(
    installation: Path, paigham: Paigham, exported: Path
) -> None:
    menu = (exported / "menu.yaml").read_text(encoding="utf-8")
    (exported / "menu.yaml").write_text(menu.replace("- en\n", "- en\n- hno\n", 1), encoding="utf-8")

    assert paigham("menu", "import", str(exported), *AS, data_dir=installation).code == 0
    said = paigham("menu", "publish", *AS, data_dir=installation)
    assert said.code == 2
    assert said.err.startswith("Error: Nothing was published: it is not complete; missing: greeting (hno), ")

    checked = paigham("menu", "lint", data_dir=installation)
    assert checked.code == 1
    assert "mend  R12  greeting, hno: Nothing is recorded here. Record it." in checked.out


def test_a_file_that_is_no_menu_is_refused_with_the_place(
    installation: Path, paigham: Paigham, exported: Path
) -> None:
    (exported / "menu.yaml").write_text("name: A line\nlanguages: [en]\nnodes: 7\n")

    said = paigham("menu", "import", str(exported), *AS, data_dir=installation)

    assert (said.code, said.err) == (2, "Error: menu.yaml, nodes: should hold names with values.\n")


def test_a_sound_that_is_none_is_refused_with_its_name(
    installation: Path, paigham: Paigham, exported: Path
) -> None:
    (exported / "sounds" / "en" / "goodbye.wav").write_bytes(b"not a sound")

    said = paigham("menu", "import", str(exported), *AS, data_dir=installation)

    assert said.code == 2
    assert "goodbye.wav: This is not a sound file that we can read" in said.err


def test_only_a_producer_brings_a_menu_in(installation: Path, paigham: Paigham, exported: Path) -> None:
    said = paigham("menu", "import", str(exported), "--as", "Zarghuna K.", data_dir=installation)

    assert said.code == 2
    assert "PRODUCE_RADIO" in said.err


def test_the_live_line_has_nothing_to_mend_and_its_versions_are_listed(
    installation: Path, paigham: Paigham
) -> None:
    said = paigham("menu", "lint", data_dir=installation)
    assert said.code == 0
    assert said.out.endswith("0 to mend, 279 to look at.\n")
    listed = paigham("menu", "list", data_dir=installation).out
    assert listed == "version 1    published  Gudar line · ps ur en\n"


def test_an_operator_says_what_a_line_does(installation: Path, paigham: Paigham, house: Database) -> None:
    words = ("menu", "line", "--address", "+923990000020", "--way", "calls-back", "--as", "Amjad O.")
    assert paigham(*words, data_dir=installation).code == 0
    refused = paigham(
        "menu", "line", "--address", "GUDAR", "--way", "studio", "--as", "Amjad O.", data_dir=installation
    )

    assert refused.err == "Error: This line takes no calls: see `paigham line list`.\n"
    with house.reading() as session:
        line = session.scalars(select(Line).where(Line.address == "+923990000020")).one()
        assert way_of(session, line.id) is Way.CALLS_BACK
