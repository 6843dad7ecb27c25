"""The moderator's room: sealed on the server, opened in her browser only."""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Request
from werkzeug.serving import make_server

from campaigns.audio.sealing import for_sealing
from campaigns.audio.sounds import draft_tone
from campaigns.listening.keys import key_id_of, make_key_file, register_key
from campaigns.listening.sealing import FeedbackText, FeedbackVoice, Kind
from campaigns.listening.shelving import open_first_run, shelve
from campaigns.listening.staging import accept
from campaigns.storage.engine import Database
from tests.support.browser import LAPTOP, in_a_browser, watched_page
from tests.support.console import PASSWORD, Browser
from tests.support.programme import TrainingProgramme

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "gateway" / "console"
OPENER_FILE = ROOT / "docs" / "opener.html"
LETTERS = (
    ("جلسے میں آنے کا کرایہ بہت ہے، اگر بس ہو تو ہم دس عورتیں آئیں گی۔", "ur"),
    ("د پولیسو چوکۍ ته د تلو نه وېرېږو. یوه ښځه افسره دې هلته وي.", "ps"),
    ("Please only mornings, call 0301 234 5678, card 17301-1234567-8.", "en"),
    ("<b>not bold</b> & 10 of 12", "en"),
    ("long " * 150, "en"),
    ("پہ ۰۳۰۱۲۳۴۵۶۷۸ فون کریں", "ur"),
    *((f"letter {n}", "en") for n in range(6)),
)


# Tokens of forms: different on every page.
ANY_TOKEN = re.compile(r"I[jm][\w.-]{40,}")


@pytest.fixture
def key_file(database: Database, programme: TrainingProgramme, now: datetime, tmp_path: Path) -> Path:
    """A moderator's key file, its letters on the shelf."""
    public, content = make_key_file("November")
    path = tmp_path / "november.key.json"
    path.write_text(content)
    with database.writing() as session:
        register_key(session, programme.moderator, public, "November", now)
        open_first_run(session, tmp_path / "runtime", now)
    for body, language in LETTERS:
        accept(database, FeedbackText(body, language), now=now)
    assert shelve(database, tmp_path / "runtime", now=now + timedelta(days=1)).count == len(LETTERS)
    return path


def test_the_room_shows_counts_and_no_words(signed_in: Callable[[str], Browser], key_file: Path) -> None:
    page = signed_in("moderator").get("/listening").get_data(as_text=True)

    assert "12 sealed" in page
    assert "the week of 16 November" in page
    assert "how many is not shown" in page
    assert "Please only mornings" not in page


def test_how_many_are_being_mixed_is_nowhere_on_the_page(
    signed_in: Callable[[str], Browser], key_file: Path, database: Database, now: datetime
) -> None:
    moderator = signed_in("moderator")
    before = moderator.get("/listening").get_data(as_text=True)
    accept(database, FeedbackText("one more", "en"), now=now)
    after = moderator.get("/listening").get_data(as_text=True)

    assert ANY_TOKEN.sub("", before) == ANY_TOKEN.sub("", after)


def test_boxes_come_sealed_and_the_taking_is_recorded(
    signed_in: Callable[[str], Browser], key_file: Path
) -> None:
    moderator = signed_in("moderator")
    moderator.get("/listening/keys")
    key_id = key_id_of(base64.b64decode(json.loads(key_file.read_text())["public"])).hex()

    answer = moderator.post("/listening/letters", {"key": key_id, "after": ""})

    assert answer.get_json()["after"] is None
    assert len(answer.get_json()["letters"]) == len(LETTERS)
    assert set(answer.get_json()["letters"][0]) == {"from", "kind", "box"}
    assert "Letters were last taken by Spogmai A." in moderator.get("/listening").get_data(as_text=True)


def test_only_a_moderator_comes_in(signed_in: Callable[[str], Browser]) -> None:
    for role in ("coordinator", "operator"):
        outsider = signed_in(role)
        for path in ("/listening", "/listening/keys", "/listening/keys/00/retire", "/listening/responses"):
            assert outsider.get(path).status_code == 403
        outsider.get("/account")
        for path in ("/listening/letters", "/listening/keys", "/listening/responses"):
            assert outsider.post(path).status_code == 403


def test_nonsense_for_a_key_is_refused(signed_in: Callable[[str], Browser], key_file: Path) -> None:
    moderator = signed_in("moderator")
    moderator.get("/listening/keys")

    assert moderator.post("/listening/letters", {"key": "zz"}).status_code == 400
    assert moderator.get("/listening/keys/zz/retire").status_code == 404
    assert moderator.get("/listening/keys/00/retire").status_code == 404
    refused = moderator.post("/listening/keys", {"public": "AAAA", "label": "x"}, follow_redirects=True)
    assert "This is not a key" in refused.get_data(as_text=True)


def test_a_response_is_published_and_an_incomplete_one_keeps_its_words(
    signed_in: Callable[[str], Browser], key_file: Path
) -> None:
    moderator = signed_in("moderator")
    moderator.get("/listening/responses")

    half = moderator.post("/listening/responses", {"said": "the way costs too much", "did": " "})
    whole = moderator.post(
        "/listening/responses", {"said": "the way costs too much", "did": "a van goes"}, follow_redirects=True
    )

    assert half.status_code == 422
    assert "the way costs too much" in half.get_data(as_text=True)
    assert "a van goes" in whole.get_data(as_text=True)
    assert "a van goes" in moderator.get("/listening").get_data(as_text=True)


def test_the_room_mirrors_in_urdu_and_pashto(signed_in: Callable[[str], Browser], key_file: Path) -> None:
    moderator = signed_in("moderator")
    for language in ("ur", "ps"):
        moderator.get("/listening/keys")
        moderator.post("/language", {"language": language, "back": "/listening"})
        page = moderator.get("/listening").get_data(as_text=True)
        assert f'<html lang="{language}" dir="rtl">' in page


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The console on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


class Moderator:
    """A moderator's own browser, with everything that left it."""

    def __init__(self, page: Page, address: str, problems: list[str]) -> None:
        """Sign in."""
        self.page, self.address, self.problems = page, address, problems
        self.requests: list[Request] = []
        page.on("request", lambda request: self.requests.append(request))
        page.goto(f"{address}/sign-in")
        page.fill("[name=sign_in]", "moderator")
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{address}/")

    def open_letters(self, key_file: Path) -> None:
        """Choose the key file and open everything it opens."""
        self.page.goto(f"{self.address}/listening")
        self.page.set_input_files("#key-file", key_file)
        self.page.click("#open:not([disabled])")
        self.page.wait_for_selector("#letters li")

    def sent(self) -> str:
        """All that went over the wire, as one text."""
        return "\n".join(
            f"{request.method} {request.url} {request.post_data or ''}" for request in self.requests
        )


@pytest.fixture
def moderator(address: str, chromium_browser: Chromium) -> Iterator[Moderator]:
    """A moderator in a real browser."""
    context = chromium_browser.new_context(viewport=LAPTOP, accept_downloads=True)
    problems: list[str] = []
    yield Moderator(watched_page(context, problems), address, problems)
    context.close()
    assert problems == []


@in_a_browser
def test_the_browser_opens_what_the_server_sealed_and_the_key_stays_in_the_tab(
    moderator: Moderator, key_file: Path
) -> None:
    page = moderator.page
    moderator.open_letters(key_file)

    assert page.inner_text("#opened-count") == f"{len(LETTERS)} opened"
    texts = set(page.locator(".letter-text").all_inner_texts())
    assert LETTERS[0][0] in texts
    assert LETTERS[1][0] in texts
    assert LETTERS[3][0] in texts  # shown as written, never as markup
    assert LETTERS[4][0].strip() in texts
    assert "Please only mornings, call number hidden, card number hidden." in texts
    assert "پہ number hidden فون کریں" in texts
    urdu = page.locator(".letter-text[lang=ur]").first
    assert urdu.get_attribute("dir") == "auto"
    assert urdu.evaluate("element => getComputedStyle(element).direction") == "rtl"

    private = json.loads(key_file.read_text())["private"]
    sent = moderator.sent()
    assert private not in sent
    assert private.rstrip("=") not in sent
    assert base64.b64decode(private).hex() not in sent
    assert "only mornings" not in sent
    [taken] = [request for request in moderator.requests if request.url.endswith("/listening/letters")]
    assert set(parse_qs(taken.post_data or "", keep_blank_values=True)) == {"key", "after"}


@in_a_browser
def test_what_is_open_closes_by_itself_by_hand_and_with_the_page(
    moderator: Moderator, key_file: Path
) -> None:
    page = moderator.page
    page.clock.install()
    moderator.open_letters(key_file)
    assert page.inner_text("#closes") == "Open in this tab only. Closes in 10 min"
    page.clock.fast_forward("05:30")
    assert page.inner_text("#closes") == "Open in this tab only. Closes in 5 min"
    page.keyboard.press("ArrowDown")
    page.clock.fast_forward("09:00")
    assert page.locator("#letters li").count() == len(LETTERS)
    page.clock.fast_forward("01:30")
    assert page.locator("#letters li").count() == 0
    assert page.locator("#sealed").is_visible()
    assert page.input_value("#key-file") == ""

    moderator.open_letters(key_file)
    page.click("#close-now")
    assert page.locator("#letters li").count() == 0

    moderator.open_letters(key_file)
    page.goto(f"{moderator.address}/listening/keys")
    page.go_back()
    page.wait_for_selector("#sealed")
    assert page.locator("#letters li").count() == 0


@in_a_browser
def test_a_key_made_in_the_browser_opens_what_is_sealed_to_it_and_only_its_public_half_was_sent(
    moderator: Moderator,
    database: Database,
    now: datetime,
    tmp_path: Path,
) -> None:
    page = moderator.page
    page.goto(f"{moderator.address}/listening/keys")
    page.fill("#label", "December")
    with page.expect_download() as download:
        page.click("#make")
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    page.click("#register")
    page.wait_for_selector("text=The key is registered")
    content = json.loads(saved.read_text())

    with database.writing() as session:
        open_first_run(session, tmp_path / "runtime", now)
    for n in range(10):
        accept(database, FeedbackText(f"letter {n}", "en"), now=datetime.now().astimezone())
    shelve(database, tmp_path / "runtime", now=now + timedelta(days=1))
    moderator.open_letters(saved)

    assert page.inner_text("#opened-count") == "10 opened"
    assert saved.name == "December.key.json"
    assert (content["kind"], content["label"]) == ("paigham moderator key", "December")
    assert content["private"] not in moderator.sent()
    assert content["private"].rstrip("=") not in moderator.sent()


@in_a_browser
def test_a_voice_is_opened_and_played_in_the_tab_and_gone_with_it(
    moderator: Moderator, key_file: Path, database: Database, now: datetime, tmp_path: Path
) -> None:
    said = for_sealing(draft_tone(7).data)
    for _ in range(10):
        accept(database, FeedbackVoice(said, "ps"), now=now)
    shelve(database, tmp_path / "runtime", now=now + timedelta(days=1), kind=Kind.VOICE)
    page = moderator.page
    moderator.open_letters(key_file)

    assert page.inner_text("#opened-count") == f"{len(LETTERS) + 10} opened"
    assert page.locator("#letters audio").count() == 10
    assert page.locator("#letters li:has(audio)").first.inner_text().strip().startswith("Voice, Pashto")
    player = page.locator("#letters audio").first
    page.wait_for_function("() => document.querySelector('#letters audio').readyState >= 2")
    assert round(player.evaluate("audio => audio.duration")) == 30
    assert str(player.evaluate("audio => audio.src")).startswith("blob:")

    page.click("#close-now")
    assert page.locator("audio").count() == 0


@in_a_browser
def test_a_file_that_is_no_key_and_a_stranger_s_key_open_nothing(
    moderator: Moderator, key_file: Path, tmp_path: Path
) -> None:
    page = moderator.page
    nonsense, stranger = tmp_path / "nonsense.json", tmp_path / "stranger.json"
    nonsense.write_text('{"kind": "something else"}')
    stranger.write_text(make_key_file("of somebody else")[1])

    page.goto(f"{moderator.address}/listening")
    page.set_input_files("#key-file", nonsense)
    page.wait_for_selector("#key-error:not([hidden])")
    assert page.is_disabled("#open")
    page.set_input_files("#key-file", stranger)
    page.wait_for_selector("#open:has-text('This key opens nothing here')")
    assert page.is_disabled("#open")


def test_the_opener_as_a_file_carries_the_same_script() -> None:
    assert (CONSOLE / "static" / "opener.js").read_text("utf-8") in OPENER_FILE.read_text("utf-8")


@in_a_browser
def test_the_opener_as_a_file_opens_saved_letters_without_any_server(
    moderator: Moderator, key_file: Path, tmp_path: Path
) -> None:
    page = moderator.page
    page.goto(f"{moderator.address}/listening")
    page.set_input_files("#key-file", key_file)
    with page.expect_download() as download:
        page.click("#save:not([disabled])")
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)

    moderator.requests.clear()
    page.goto(OPENER_FILE.as_uri())
    page.set_input_files("#key", key_file)
    page.set_input_files("#letters", saved)
    page.wait_for_selector(f"#says:has-text('{len(LETTERS)} opened')")

    assert page.locator("#opened li").count() == len(LETTERS)
    assert all(request.url.startswith("file:") for request in moderator.requests)
