"""Who may do what: each page for each role, forms from elsewhere, and pages for nobody."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from werkzeug.routing import Rule

from campaigns.programme.programme import the_programme
from campaigns.staff.actor import ROLES, Permission
from campaigns.storage.engine import Database
from gateway.console.access import admitted_by
from tests.support.console import Browser
from tests.support.programme import TrainingProgramme

REFUSED = 403
ENDS_THE_SESSION = {"signin.sign_out", "account.sign_out_everywhere"}


def guarded_rules(app: Flask) -> list[tuple[Rule, tuple[Permission, ...]]]:
    found = []
    for rule in app.url_map.iter_rules():
        admits = admitted_by(app, rule.endpoint)
        if admits and rule.endpoint not in ENDS_THE_SESSION:
            found.append((rule, admits))
    return sorted(found, key=lambda pair: pair[0].rule)


def address(rule: Rule) -> str:
    built = rule.build(dict.fromkeys(rule.arguments, 999 if "int:" in rule.rule else "nothing"))
    assert built
    return built[1]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_exactly_the_pages_of_its_permissions(
    signed_in: Callable[[str], Browser], app: Flask, role: str
) -> None:
    browser = signed_in(role)
    wrong = []

    for rule, admits in guarded_rules(app):
        ask = browser.get if "GET" in (rule.methods or ()) else browser.post
        is_refused = ask(address(rule)).status_code == REFUSED
        if is_refused is any(permission in ROLES[role] for permission in admits):
            wrong.append((rule.rule, admits))

    assert wrong == []


def test_nobody_is_sent_to_sign_in_by_every_guarded_page(browser: Browser, app: Flask) -> None:
    for rule, _ in guarded_rules(app):
        if "GET" in (rule.methods or ()):
            answer = browser.get(address(rule))
            assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in"), rule.rule


def test_a_form_from_another_site_is_refused_even_with_a_token(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("coordinator")

    answer = browser.post("/halt", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == REFUSED


def test_a_token_of_another_browser_is_refused(
    signed_in: Callable[[str], Browser], database: Database
) -> None:
    hers, his = signed_in("coordinator"), signed_in("approver")
    his.token = hers.token

    assert his.post("/halt").status_code == 400
    with database.reading() as session:
        assert the_programme(session).halted_at is None


def test_rooms_are_shown_to_those_who_may_enter_them(signed_in: Callable[[str], Browser]) -> None:
    assert 'href="/listening"' in signed_in("moderator").get("/").get_data(as_text=True)
    assert 'href="/listening"' not in signed_in("coordinator").get("/").get_data(as_text=True)


def test_pausing_asks_before_and_holds_after(
    signed_in: Callable[[str], Browser], database: Database, programme: TrainingProgramme
) -> None:
    browser = signed_in("coordinator")
    question = browser.get("/pause").get_data(as_text=True)
    assert "Pause everything?" in question

    browser.post("/halt")

    with database.reading() as session:
        halted = the_programme(session)
        assert halted.halted_at is not None
        assert halted.halted_by == programme.coordinator.staff
    page = browser.get("/").get_data(as_text=True)
    assert "Everything is paused" in page
    assert "Start again?" in browser.get("/pause").get_data(as_text=True)

    browser.post("/resume")

    with database.reading() as session:
        assert the_programme(session).halted_at is None


@pytest.mark.parametrize(
    ("back", "location"), [("/account", "/account"), ("//evil.example", "/"), ("https://evil.example", "/")]
)
def test_the_language_stays_chosen_and_leads_back_to_a_page_of_ours(
    signed_in: Callable[[str], Browser], app: Flask, back: str, location: str
) -> None:
    browser = signed_in("coordinator")

    answer = browser.post("/language", {"language": "ur", "back": back})

    assert answer.headers["Location"] == location
    assert '<html lang="ur" dir="rtl">' in browser.get("/").get_data(as_text=True)
    elsewhere = Browser(app.test_client())
    elsewhere.sign_in("coordinator")
    assert '<html lang="ur" dir="rtl">' in elsewhere.get("/").get_data(as_text=True)


def test_the_sign_in_page_speaks_the_browsers_language(browser: Browser) -> None:
    page = browser.get("/sign-in", headers={"Accept-Language": "ps, en;q=0.5"}).get_data(as_text=True)

    assert '<html lang="ps" dir="rtl">' in page


def test_days_are_written_out_in_the_programmes_zone(app: Flask, programme: TrainingProgramme) -> None:
    from flask import g

    from gateway.console.i18n import clock_words, day_words

    late = datetime.fromisoformat("2026-11-26T20:30:00+00:00")
    written = {}
    for language in ("en", "ur", "ps"):
        with app.test_request_context(headers={"Accept-Language": language}):
            g.zone = "Asia/Karachi"
            written[language] = f"{day_words(late)} {clock_words(late)}"

    assert written == {
        "en": "Friday 27 November 2026 01:30",
        "ur": "جمعہ 27 نومبر 2026 01:30",
        "ps": "جمعه 27 نومبر 2026 01:30",
    }
