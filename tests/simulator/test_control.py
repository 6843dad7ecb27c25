"""The control endpoints: what the page polls, and who may reach them."""

import json
from pathlib import Path

import pytest

from tests.simulator.conftest import SimulatedClient
from tests.support.carrier import LINE, WOMAN, SimulatedCarrier, request
from tests.support.waiting import until


def test_the_state_tells_only_what_is_new(carrier: SimulatedCarrier, client: SimulatedClient) -> None:
    first = carrier.get("state?since=0")
    client.messages.create(to=WOMAN, from_=LINE, body="Salaam")
    until(lambda: carrier.inbox())

    second = carrier.get(f"state?since={first['version']}&epoch={first['epoch']}")

    assert [handset["number"] for handset in second["handsets"]] == [WOMAN]
    assert [bubble["text"] for bubble in second["handsets"][0]["bubbles"]] == ["Salaam"]
    assert "Delivered" in second["handsets"][0]["note"]
    third = carrier.get(f"state?since={second['version']}&epoch={second['epoch']}")
    assert third["handsets"] == []


def test_a_page_from_before_a_restart_is_told_everything(carrier: SimulatedCarrier) -> None:
    version = carrier.get("state?since=0")["version"]
    assert len(carrier.get(f"state?since={version}&epoch=other")["handsets"]) >= 3


def test_bubbles_come_for_the_shown_handsets_alone(carrier: SimulatedCarrier) -> None:
    carrier.text("one")
    carrier.text("two", sender="+923990000102")

    handsets = {h["id"]: h for h in carrier.get("state?since=0&show=2")["handsets"]}

    assert "bubbles" not in handsets[1]
    assert [bubble["text"] for bubble in handsets[2]["bubbles"]] == ["two"]
    assert handsets[1]["texts"] == 1


def test_a_handset_is_added_once(carrier: SimulatedCarrier) -> None:
    number = "+923990000150"
    carrier.post("handsets", number=number, label="Hindko", language="hno")
    carrier.text("hello", sender=number)

    assert carrier.refusal("handsets", number=number) == "This handset is already there."
    assert "number" in carrier.refusal("handsets", number="0399")
    assert [text["text"] for text in carrier.inbox(number)] == ["hello"]


def test_the_configuration_is_shown_without_the_token(carrier: SimulatedCarrier) -> None:
    shown = carrier.get("config")

    assert "auth_token" not in shown
    assert shown["lines"][0]["address"] == LINE


def test_a_wrong_configuration_changes_nothing(carrier: SimulatedCarrier) -> None:
    assert "pace" in carrier.refusal("config", pace=-1)
    assert "speed" in carrier.refusal("config", speed=0)
    assert carrier.get("config")["pace"] == 0


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/sim/state", {"Host": "evil.example"}, 403),
        ("POST", "/sim/text", {"Host": "evil.example", "Content-Type": "application/json"}, 403),
        ("POST", "/sim/text", {"Content-Type": "application/x-www-form-urlencoded"}, 400),
        ("POST", "/sim/text", {"Content-Type": "text/plain"}, 400),
        ("GET", "/", {"Host": "evil.example"}, 403),
        ("GET", "/page/../__main__.py", {}, 404),
        ("GET", "/page/nothing.js", {}, 404),
        ("GET", "/fonts/..%2f..%2fetc%2fpasswd", {}, 404),
    ],
)
def test_another_site_does_not_reach_in(
    method: str, path: str, headers: dict[str, str], status: int, carrier: SimulatedCarrier
) -> None:
    body = json.dumps({"from": WOMAN, "to": LINE, "body": "x"}).encode() if method == "POST" else None

    assert request(method, carrier.url + path, body, headers).status == status


def test_the_page_may_load_nothing_from_elsewhere(carrier: SimulatedCarrier) -> None:
    page = request("GET", carrier.url + "/")

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert b"http://" not in page.body
    assert b"https://" not in page.body


def test_every_file_the_page_names_is_served(carrier: SimulatedCarrier) -> None:
    folder = Path(__file__).parents[2] / "gateway" / "simulator" / "page"
    for name in (path.name for path in folder.iterdir()):
        assert request("GET", f"{carrier.url}/page/{name}").status == 200


def test_it_says_that_it_is_a_simulator(carrier: SimulatedCarrier) -> None:
    assert b"simulator" in request("GET", carrier.url + "/healthz").body
    assert "simulated carrier, not a real one" in carrier.log
