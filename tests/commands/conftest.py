"""Commands run as a person types them, in this process, on an installation of their own."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.commands.main import run
from gateway.commands.prepare import prepare
from gateway.settings import PREFIX, Settings
from tests.support.console import hash_quickly

CARRIER = "http://127.0.0.1:8001"


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


Paigham = Callable[..., Said]


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts cost what a test can spare: the work of hashing is tested where people sign in."""
    hash_quickly(monkeypatch)


@pytest.fixture
def paigham(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Paigham:
    """Run one command; settings are given by their names, as `data_dir=…`."""
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)

    def type_words(*words: str, **settings: object) -> Said:
        with monkeypatch.context() as environment:
            for name, value in settings.items():
                environment.setenv(f"{PREFIX}{name.upper()}", str(value))
            capsys.readouterr()
            code = run(words)
            said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return type_words


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training installation, made once; not to be changed."""
    data = tmp_path_factory.mktemp("prepared") / "var"
    with pytest.MonkeyPatch.context() as patched:
        hash_quickly(patched)
        prepare(Settings(data_dir=data, runtime_dir=data / "runtime", carrier_url=CARRIER))
    return data


@pytest.fixture
def installation(prepared: Path, tmp_path: Path) -> Path:
    """A training installation of the test's own."""
    return Path(shutil.copytree(prepared, tmp_path / "var"))
