"""The command finds its rooms quickly, and says in one plain sentence what is wrong."""

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gateway.commands.main import ROOMS
from tests.commands.conftest import Paigham


def is_one_plain_sentence(text: str) -> bool:
    return text.startswith("Error: ") and text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.parametrize("word", sorted(ROOMS))
def test_every_word_leads_to_a_command(word: str) -> None:
    module, _, name = ROOMS[word][0].partition(":")

    assert isinstance(getattr(importlib.import_module(module), name), click.Command)


def test_help_names_every_word_and_loads_no_room() -> None:
    program = (
        "import sys; from gateway.commands.main import run; code = run(['--help']); "
        "heavy = {'sqlalchemy', 'flask', 'redis', 'rq', 'twilio'} & set(sys.modules); "
        "sys.exit(code or len(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in ROOMS)


def test_it_runs_as_a_module_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway.commands.main", "programme", "show"],
        capture_output=True,
        text=True,
        check=False,
        env={"PAIGHAM_DATA_DIR": str(tmp_path / "nothing")},
    )

    assert done.returncode == 2
    assert is_one_plain_sentence(done.stderr)


@pytest.mark.parametrize(
    "words", [("programme", "show"), ("ledger", "verify"), ("halt", "--as", "Shahid R.")]
)
def test_without_an_installation_it_says_what_to_run(
    paigham: Paigham, tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = paigham(*words, data_dir=tmp_path / "nothing")

    assert said.code == 2
    assert is_one_plain_sentence(said.err)
    assert "paigham prepare" in said.err


def test_a_setting_that_does_not_exist_is_named(paigham: Paigham, tmp_path: Path) -> None:
    said = paigham("programme", "show", data_dir=tmp_path, colour="red")

    assert said.code == 2
    assert is_one_plain_sentence(said.err)
    assert "PAIGHAM_COLOUR" in said.err


def test_a_database_that_is_away_is_named_without_its_password(paigham: Paigham, installation: Path) -> None:
    url = "postgresql://gateway:opensesame@127.0.0.1:1/paigham"
    said = paigham("programme", "show", data_dir=installation, database_url=url)

    assert said.code == 2
    assert is_one_plain_sentence(said.err)
    assert "opensesame" not in said.err


def test_keys_that_others_may_read_are_named(paigham: Paigham, installation: Path) -> None:
    (installation / "keys" / "chain.key").chmod(0o644)

    said = paigham("ledger", "verify", data_dir=installation)

    assert said.code == 2
    assert is_one_plain_sentence(said.err)
    assert "chain.key" in said.err


def test_what_nobody_expected_is_not_hidden(paigham: Paigham, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROOMS, "doctor", ("gateway.commands.nowhere:nothing", "Breaks."))

    with pytest.raises(ModuleNotFoundError):
        paigham("doctor")
