"""Headers of every answer, cookies, and errors that say nothing they should not."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.console.headers import ALWAYS
from tests.support.console import Browser, console_app
from tests.support.programme import TrainingProgramme


@pytest.fixture
def https_app(database: Database, keyring: KeyRing, programme: TrainingProgramme, tmp_path: Path) -> Flask:
    """The console as it stands behind a certificate."""
    return console_app(
        database,
        keyring,
        tmp_path,
        console_url="https://console.example",
        public_url="https://gateway.example",
    )


def test_every_answer_carries_the_security_headers(signed_in: Callable[[str], Browser], app: Flask) -> None:
    browser = signed_in("operator")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments:
            continue
        answer = browser.get(rule.rule)
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, rule.rule
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers or "Werkzeug" in answer.headers["Server"]


@pytest.mark.parametrize("path", ["/no-such-page", "/static/no-such-file", "/carrier/nobody"])
def test_errors_carry_them_too(browser: Browser, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 404
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_policy_allows_nothing_inline_and_nobody_elses_server() -> None:
    policy = ALWAYS["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_behind_a_certificate_the_cookie_is_bound_to_host_and_site(https_app: Flask) -> None:
    answer = https_app.test_client().get("/sign-in", base_url="https://console.example")

    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-paigham=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000; includeSubDomains")


def test_people_sign_in_behind_a_certificate(https_app: Flask) -> None:
    client = https_app.test_client()
    how = {"base_url": "https://console.example"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", **how).text)
    assert token

    answer = client.post(
        "/sign-in",
        data={"csrf_token": token.group(1), "sign_in": "coordinator", "password": "nineteen quiet apricots"},
        headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        base_url="https://console.example",
    )

    assert answer.headers["Location"] == "/"


def test_forwarded_headers_change_nothing(browser: Browser) -> None:
    answer = browser.get("/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})

    assert answer.headers["Location"] == "/sign-in"


def test_static_files_are_kept_for_a_year_under_their_contents_hash(browser: Browser) -> None:
    page = browser.get("/sign-in").get_data(as_text=True)
    address = re.search(r'href="(/static/paigham\.css\?v=[0-9a-f]{12})"', page)
    assert address

    assert "immutable" in browser.get(address.group(1)).headers["Cache-Control"]
    assert "immutable" not in browser.get("/static/paigham.css").headers.get("Cache-Control", "")


def test_the_door_says_that_it_answers(browser: Browser) -> None:
    answer = browser.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_an_unexpected_error_says_what_to_do_and_not_what_it_was(
    signed_in: Callable[[str], Browser], app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    browser = signed_in("coordinator")

    def broken() -> str:
        raise KeyError("+923990000101 wrote this")

    broken.__guarded__ = app.view_functions["today.page"].__guarded__  # type: ignore[attr-defined, union-attr]
    app.view_functions["today.page"] = broken
    with caplog.at_level(logging.INFO):
        answer = browser.get("/")

    assert answer.status_code == 500
    assert "Something is broken" in answer.text
    assert "+92399" not in answer.text + caplog.text
    failed = next(record for record in caplog.records if record.message == "console.failed")
    assert "+92399" not in str(vars(failed))
    assert "KeyError" in vars(failed)["where"]


def test_a_database_that_is_away_is_said_in_plain_words(app: Flask, database: Database) -> None:
    browser = Browser(app.test_client())
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE programme RENAME TO away")

    answer = browser.get("/sign-in")

    assert answer.status_code == 503
    assert "The database does not answer" in answer.text


def test_a_carrier_gets_an_empty_body(browser: Browser) -> None:
    answer = browser.get("/carrier/twilio/nothing")

    assert (answer.status_code, answer.data) == (404, b"")


def test_without_the_console_there_is_no_sign_in(
    database: Database, keyring: KeyRing, programme: TrainingProgramme, tmp_path: Path
) -> None:
    only_webhooks = console_app(database, keyring, tmp_path, doors=("webhooks",))

    for path in ("/", "/sign-in", "/static/paigham.css"):
        answer = only_webhooks.test_client().get(path)
        assert (answer.status_code, answer.data) == (404, b"")
    assert only_webhooks.test_client().get("/healthz").status_code == 200
