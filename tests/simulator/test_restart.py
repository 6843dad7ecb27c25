"""What a restart keeps."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.conftest import SimulatedClient
from tests.support.carrier import LINE, WOMAN, SimulatedCarrier, a_config
from tests.support.ports import free_ports
from tests.support.waiting import until


@pytest.fixture
def lasting(tmp_path: Path) -> Iterator[SimulatedCarrier]:
    process = SimulatedCarrier(free_ports(), tmp_path, a_config(), "--data", str(tmp_path / "data"))
    process.start()
    yield process
    process.kill()


def test_a_killed_carrier_comes_back_with_messages_inboxes_and_faults(lasting: SimulatedCarrier) -> None:
    client = SimulatedClient(lasting.url)
    made = [client.messages.create(to=WOMAN, from_=LINE, body=f"پیغام {n}").sid for n in range(3)]
    lasting.text("JOIN")
    lasting.post("faults", late=1)
    until(lambda: len(lasting.inbox()) == 4)
    client.messages(made[0]).update(body="")
    client.messages(made[1]).delete()
    before, inbox = lasting.get("stats"), lasting.inbox()

    lasting.kill()
    lasting.start()

    assert lasting.inbox() == inbox
    assert lasting.get("stats")["handsets"] == before["handsets"]
    listed = client.messages.list(to=WOMAN)
    assert [(message.sid, message.body) for message in listed] == [(made[2], "پیغام 2"), (made[0], "")]
    assert [message.body for message in client.messages.list(to=LINE)] == ["JOIN"]
    assert lasting.get("faults")["late"] == 1
    assert next(message.sid for message in client.messages.list()) != made[2]


def test_a_message_on_its_way_arrives_after_the_restart(lasting: SimulatedCarrier) -> None:
    lasting.post("config", pace=1)
    lasting.post("clock", speed=0)
    client = SimulatedClient(lasting.url)
    sid = client.messages.create(to=WOMAN, from_=LINE, body="Salaam").sid

    lasting.kill()
    lasting.start()

    until(lambda: client.messages(sid).fetch().status == "delivered")
    assert [text["text"] for text in lasting.inbox()] == ["Salaam"]


def test_a_second_restart_keeps_what_the_first_kept(lasting: SimulatedCarrier) -> None:
    lasting.post("handsets", number="+923990000199", label="New", language="ur")
    lasting.text("hello", sender="+923990000199")
    for _ in range(2):
        lasting.stop()
        lasting.start()

    assert [text["text"] for text in lasting.inbox("+923990000199")] == ["hello"]


def test_half_a_line_in_the_file_is_passed_over(lasting: SimulatedCarrier, tmp_path: Path) -> None:
    lasting.text("hello")
    lasting.kill()
    file = tmp_path / "data" / "carrier.jsonl"
    with file.open("ab") as held:
        held.write(b'{"kind":"message","sid":"SM12')

    lasting.start()

    assert len(lasting.inbox()) == 1
    assert all(json.loads(line) for line in file.read_text().splitlines())
    assert file.stat().st_mode & 0o077 == 0


def test_a_reset_is_kept_too(lasting: SimulatedCarrier) -> None:
    lasting.text("hello")
    lasting.post("reset")
    lasting.kill()
    lasting.start()

    assert lasting.inbox() == []


def test_no_log_line_holds_a_number_or_a_text(lasting: SimulatedCarrier) -> None:
    client = SimulatedClient(lasting.url)
    client.messages.create(to=WOMAN, from_=LINE, body="canary", status_callback="http://127.0.0.1:9/x")
    lasting.text("canary")
    until(lambda: lasting.get("events")["events"])
    lasting.stop()

    assert "webhook.trouble" in lasting.log
    assert "canary" not in lasting.log
    assert "92399" not in lasting.log


def test_a_port_in_use_or_a_wrong_file_is_one_plain_sentence(
    lasting: SimulatedCarrier, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"colour": "blue"}')

    assert run("--port", str(lasting.port)).startswith(f"The simulator cannot start on port {lasting.port}: ")
    assert run("--port", "1", "--config", str(wrong)).startswith("The simulator cannot start: colour: ")
    assert run("--port", "1", "--config", str(tmp_path / "none")).count("\n") == 1


def run(*options: str) -> str:
    """What it says when it cannot start."""
    command = [sys.executable, "-m", "gateway.simulator", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 2
    return ended.stderr
