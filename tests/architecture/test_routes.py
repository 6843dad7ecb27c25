"""Every route says what guards it, changes nothing on GET, and is refused a forged form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr
from werkzeug.routing import Rule

from campaigns.storage.vault import KeyRing
from gateway.app import DOORS, create_app
from gateway.console.access import CARRIER, OPEN_PAGES, guard_of
from gateway.settings import Settings

LOOKING = {"GET", "HEAD", "OPTIONS"}
EVERYBODY_MAY_SEND = {"language.choose", "signin.enter", "signin.check_code"}


def make_app(folder: Path) -> Flask:
    """Both doors, with keys and no database: nothing here gets that far."""
    KeyRing.create(folder / "keys")
    settings = Settings(
        data_dir=folder,
        runtime_dir=folder / "runtime",
        public_url="https://gateway.example",
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token=SecretStr("a token"),
    )
    return create_app(settings, DOORS)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The whole application."""
    return make_app(tmp_path_factory.mktemp("routes"))


def rules(app: Flask) -> Iterator[Rule]:
    yield from sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def address(rule: Rule) -> str:
    """The rule with something in each gap."""
    filled = dict.fromkeys(rule.arguments, 1 if "int:" in rule.rule else "x")
    built = rule.build(filled)
    assert built is not None
    return built[1]


def test_every_route_is_guarded(app: Flask) -> None:
    unguarded = [rule.rule for rule in rules(app) if guard_of(app, rule.endpoint) is None]

    assert unguarded == []


def test_the_open_pages_are_these_and_exist(app: Flask) -> None:
    assert set(app.view_functions) >= OPEN_PAGES
    assert len(OPEN_PAGES) == 10


def test_only_the_webhooks_are_left_to_the_carriers_signature(app: Flask) -> None:
    carried = {rule.rule for rule in rules(app) if guard_of(app, rule.endpoint) == CARRIER}

    assert carried
    assert all(rule.startswith("/carrier/") for rule in carried)


def test_no_view_both_looks_and_changes(app: Flask) -> None:
    both = [
        rule.rule
        for rule in rules(app)
        if "GET" in (rule.methods or ()) and (rule.methods or set()) - LOOKING
    ]

    assert both == []


def test_what_changes_something_is_refused_without_a_token(app: Flask) -> None:
    client = app.test_client()
    taken = [
        rule.rule
        for rule in rules(app)
        if guard_of(app, rule.endpoint) != CARRIER
        and (rule.methods or set()) - LOOKING
        and client.post(address(rule)).status_code != 400
    ]

    assert taken == []


def test_only_sign_in_and_language_can_be_sent_by_nobody(app: Flask) -> None:
    sent = {
        rule.endpoint
        for rule in rules(app)
        if (rule.methods or set()) - LOOKING and guard_of(app, rule.endpoint) == "open"
    }

    assert sent == EVERYBODY_MAY_SEND


def test_a_view_without_a_mark_does_not_exist(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    app.add_url_rule("/forgotten", "forgotten", lambda: "something")

    assert guard_of(app, "forgotten") is None
    assert app.test_client().get("/forgotten").status_code == 404
