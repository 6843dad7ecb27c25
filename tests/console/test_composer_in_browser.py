"""The composer in a real browser: counted while she types, and nothing she typed is lost when counting fails."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.serving import make_server

from campaigns.outreach.drafting import create_campaign, set_times, set_wordings
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.browser import LAPTOP, in_a_browser, watched_page
from tests.support.console import PASSWORD, console_app
from tests.support.outbox import TEXTS, people_who_agreed
from tests.support.programme import TrainingProgramme

pytestmark = in_a_browser
LONG = "Gudar: you’re invited to our talk on Sunday. " * 4


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The console at an address of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def draft(database: Database, keyring: KeyRing, programme: TrainingProgramme, now: datetime) -> int:
    """A draft in three languages for a dozen people."""
    people_who_agreed(database, keyring, programme, 12, now=now)
    with database.writing() as session:
        campaign = create_campaign(session, programme.coordinator, "Sunday talk", programme.one_way, now=now)
        set_wordings(session, programme.coordinator, campaign.id, TEXTS, now=now)
        set_times(session, programme.coordinator, campaign.id, now, now + timedelta(days=2), now=now)
        return campaign.id


@pytest.fixture
def composer(
    database: Database, keyring: KeyRing, draft: int, tmp_path: Path, now: datetime, chromium_browser: Browser
) -> Iterator[Page]:
    """The wording of the draft, open in Chromium; the test fails when a script does or the policy is breached."""
    clock = tmp_path / "clock.json"
    clock.write_text(json.dumps({"real": 0.0, "shown": now.timestamp(), "speed": 0.0}))
    app = console_app(database, keyring, tmp_path, clock_file=str(clock))
    problems: list[str] = []
    with served(app) as address:
        context = chromium_browser.new_context(viewport=LAPTOP, locale="en-GB", base_url=address)
        page = watched_page(context, problems)
        page.goto("/sign-in")
        page.fill("[name=sign_in]", "coordinator")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/")
        page.goto(f"/campaigns/{draft}/wording")
        yield page
        context.close()
    assert problems == []


def test_parts_cost_and_phone_follow_what_is_typed(composer: Page) -> None:
    composer.fill("#text-en", LONG)

    expect(composer.locator("#counts-en")).to_contain_text("2 parts, ")
    expect(composer.locator("#notes-en")).to_contain_text("4 curly marks were made plain")
    composer.locator(".on-her-phone label", has_text="English").click()
    expect(composer.locator("#phone .part-mark")).to_have_text("2")
    assert composer.input_value("#text-en") == LONG


def test_nothing_typed_is_lost_when_counting_fails(composer: Page) -> None:
    def broken(route: Route) -> None:
        route.fulfill(status=401, headers={"HX-Redirect": "/sign-in"}, body="")

    composer.route("**/wording/count", broken)
    composer.fill("#text-en", LONG)

    expect(composer.locator(".not-counted")).to_be_visible()
    assert composer.input_value("#text-en") == LONG
    assert composer.url.endswith("/wording")

    composer.unroute("**/wording/count")
    composer.fill("#text-en", LONG + "Come.")
    expect(composer.locator(".not-counted")).to_be_hidden()


def test_the_first_step_counts_as_the_choice_changes(composer: Page) -> None:
    composer.goto(composer.url.replace("/wording", "/people"))

    composer.get_by_label("Urdu").check()

    expect(composer.locator(".sieve-result")).to_contain_text("4")
    expect(composer.locator("#foot-facts")).to_contain_text("4")
