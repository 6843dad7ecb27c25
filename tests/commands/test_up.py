"""`paigham up` says in one plain sentence what stands in its way, and touches nothing that is not its own."""

import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.commands.children import HOST, Place, children_of, environment_of
from gateway.commands.data_folder import (
    DATABASE,
    FolderUnusable,
    empty_training_folder,
    only_one,
    open_folder,
)


def up(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway.commands.up", "--no-browser", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def is_one_plain_sentence(text: str) -> bool:
    return text.startswith("Error: ") and text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.parametrize("offset", [0, 1])
def test_a_port_in_use_is_named_with_another_to_take(tmp_path: Path, free_port: int, offset: int) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, free_port + offset))
        taken.listen()

        done = up("--port", str(free_port), "--data", str(tmp_path / "var"))

    assert done.returncode == 1
    assert f"Port {free_port + offset} is in use" in done.stderr
    assert "--port" in done.stderr
    assert is_one_plain_sentence(done.stderr)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, free_port: int) -> None:
    (tmp_path / "file").write_text("")

    done = up("--port", str(free_port), "--data", str(tmp_path / "file" / "var"))

    assert done.returncode == 1
    assert "cannot be written to" in done.stderr
    assert is_one_plain_sentence(done.stderr)


def test_a_setting_that_does_not_exist_is_named(
    tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAIGHAM_COLOUR", "red")

    done = up("--port", str(free_port), "--data", str(tmp_path / "var"))

    assert done.returncode == 1
    assert "PAIGHAM_COLOUR" in done.stderr
    assert is_one_plain_sentence(done.stderr)


def test_a_new_folder_is_its_owner_s_alone(tmp_path: Path) -> None:
    open_folder(tmp_path / "var")

    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_text("")

    with pytest.raises(FolderUnusable, match="holds other things"):
        open_folder(tmp_path)


def test_a_second_start_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    open_folder(tmp_path)

    with only_one(tmp_path), pytest.raises(FolderUnusable, match="runs already"), only_one(tmp_path):
        pass


def folder_with_programme(folder: Path, *, training: bool) -> Path:
    open_folder(folder)
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute("CREATE TABLE programme (id INTEGER PRIMARY KEY, training BOOLEAN)")
        connection.execute("INSERT INTO programme VALUES (1, ?)", (training,))
        connection.commit()
    (folder / "keys").mkdir()
    (folder / "keys" / "box.1.key").write_text("")
    return folder


def test_fresh_empties_a_training_folder(tmp_path: Path) -> None:
    folder = folder_with_programme(tmp_path / "var", training=True)
    runtime = tmp_path / "runtime"
    runtime.mkdir()

    empty_training_folder(folder, runtime)

    assert not (folder / "keys").exists()
    assert not (folder / DATABASE).exists()
    assert not runtime.exists()
    open_folder(folder)


def test_fresh_never_touches_a_programme_that_is_not_for_training(tmp_path: Path) -> None:
    folder = folder_with_programme(tmp_path / "var", training=False)

    with pytest.raises(FolderUnusable, match="not for training"):
        empty_training_folder(folder, tmp_path / "runtime")

    assert (folder / "keys" / "box.1.key").exists()


def test_fresh_never_touches_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_text("")

    with pytest.raises(FolderUnusable, match="leaves it alone"):
        empty_training_folder(tmp_path, tmp_path / "runtime")

    assert (tmp_path / "holiday.jpg").exists()


def test_the_house_starts_with_redis_and_has_no_simulator_outside_of_training(tmp_path: Path) -> None:
    place = Place(tmp_path, 8000)

    without = [child.name for child in children_of(place, environment_of(place, {}, simulated=False))]
    place.simulator_config.write_text("{}")
    within = [child.name for child in children_of(place, environment_of(place, {}, simulated=False))]

    assert without == ["redis", "web", "sender", "worker", "clock"]
    assert within == ["redis", "simulator", "web", "sender", "worker", "clock"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux a fork may go on as it is")
def test_loading_what_the_programs_share_leaves_a_process_that_may_still_fork() -> None:
    loads = "load(MODULES); assert 'gateway.work.sender' in sys.modules; assert may_fork()"
    imports = "import sys; from gateway.commands.children import MODULES; "
    imports += "from gateway.commands.forks import load, may_fork; "

    done = subprocess.run([sys.executable, "-c", imports + loads], timeout=60, check=False)

    assert done.returncode == 0


def test_a_redis_of_one_s_own_is_used_instead_of_the_embedded_one(tmp_path: Path) -> None:
    place = Place(tmp_path, 8000)
    outer = {"PAIGHAM_REDIS_URL": "redis://127.0.0.1:6379/0"}

    names = [child.name for child in children_of(place, environment_of(place, outer, simulated=False))]

    assert "redis" not in names


def test_a_training_house_speaks_to_the_simulated_carrier_and_no_other_does(tmp_path: Path) -> None:
    place = Place(tmp_path, 8000)
    place.simulator_config.write_text('{"account_sid": "AC1", "auth_token": "secret"}')

    training = environment_of(place, {}, simulated=True)
    real = environment_of(place, {}, simulated=False)

    assert training["PAIGHAM_CARRIER_URL"] == place.handsets_url
    assert training["PAIGHAM_TWILIO_ACCOUNT_SID"] == "AC1"
    assert not {"PAIGHAM_CARRIER_URL", "PAIGHAM_CLOCK_FILE", "PAIGHAM_TWILIO_ACCOUNT_SID"} & set(real)
