"""The story of the text journey as people live it: at handsets, at two desks of the console, and at the moderator's."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect
from sqlalchemy import update

from campaigns.language.catalogue import say
from campaigns.programme.lines import Line
from campaigns.storage.engine import Database
from tests.support.browser import LAPTOP, watched_page
from tests.support.handsets import Handsets
from tests.support.house import RealHouse
from tests.support.waiting import until

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # milliseconds: the machine may be busy with other tests
PASHTO, URDU, ENGLISH = "0101", "0102", "0104"  # the last digits of phones that nobody has heard of yet
FIRST = {
    "ps": "ګودر: د شنبې په ورځ د سولې مرکې ته راشئ.",
    "ur": "گودر: ہفتے کو امن کی بات چیت میں آئیے۔",
    "en": "Gudar: come and talk about peace on Saturday.",
}
SECOND = {
    "ps": "ګودر: مرکه اوس د یکشنبې په ورځ ده.",
    "ur": "گودر: بات چیت اب اتوار کو ہے۔",
    "en": "Gudar: the talk is now on Sunday.",
}
PARTS = re.compile(r"[12] parts?, \d+ of \d+ characters")
HERS = "ہمارے محلے میں پانی نہیں آتا، بزرگ عورتیں دور سے لاتی ہیں۔"


@dataclass
class Desk:
    """One person's browser, with everything that left it."""

    page: Page
    requests: list[Request] = field(default_factory=list)

    def choose(self, button: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=button).first.click()

    def sent(self) -> str:
        """All that went over the wire, as it went and read as a form, in one text."""
        bodies = [(one.post_data_buffer or b"").decode("utf-8", "replace") for one in self.requests]
        heads = [f"{one.method} {one.url} {one.headers}" for one in self.requests]
        return "\n".join([*heads, *bodies, *map(unquote_plus, bodies)])


@dataclass(frozen=True)
class Stage:
    """The house, and how to take a seat in it."""

    house: RealHouse
    handsets: Handsets
    seat: Callable[[], Desk]

    def sign_in(self, role: str) -> Desk:
        """A trainee of this role at a desk of her own, at Today."""
        desk, trainee = self.seat(), self.house.trainees()[role]
        desk.page.goto(f"{self.house.console_url}/sign-in")
        desk.page.get_by_label("Name").fill(trainee["sign_in"])
        desk.page.get_by_label("Password", exact=True).fill(trainee["password"])
        desk.choose("Sign in")
        expect(desk.page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
        return desk


@contextmanager
def desks_in(browser: Browser) -> Iterator[Callable[[], Desk]]:
    """Browsers that know nothing of each other; at the end none may have had an error in it."""
    problems: list[str] = []
    contexts = []

    def seat() -> Desk:
        context = browser.new_context(viewport=LAPTOP, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        desk = Desk(watched_page(context, problems))
        context.on("request", lambda request: desk.requests.append(request))
        return desk

    yield seat
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def stage(running_house: RealHouse, chromium_browser: Browser) -> Iterator[Stage]:
    """A running house whose line is quick."""
    expect.set_options(timeout=PATIENCE)
    database = Database(running_house.settings.database_address)
    with database.writing() as session:
        session.execute(update(Line).values(parts_per_second=100))
    database.dispose()
    handsets = Handsets(running_house.handsets_url)
    with desks_in(chromium_browser) as seat:
        yield Stage(running_house, handsets, seat)
    expect.set_options(timeout=None)


@pytest.mark.timeout(300)
def test_the_text_journey_from_join_to_the_moderator(stage: Stage) -> None:
    phones = stage.seat()
    phones.page.goto(stage.house.handsets_url)
    coordinator, approver = stage.sign_in("coordinator"), stage.sign_in("approver")

    three_phones_join(phones)

    stage.handsets.post("clock", to="10:31")  # the start that is offered lies four minutes ahead
    write_and_submit(coordinator, "Saturday", FIRST, left_out=10)
    approve(approver, "Saturday")
    watch_until_all_are_settled(stage, coordinator)
    for digits, language in ((PASHTO, "ps"), (URDU, "ur"), (ENGLISH, "en")):
        expect(newest(phones, digits)).to_contain_text(FIRST[language])

    text(phones, ENGLISH, "STOP please", say("en", "stopped"))

    stage.handsets.post("clock", to="11:31")
    write_and_submit(coordinator, "Sunday", SECOND, left_out=11)
    approve(approver, "Sunday")
    watch_until_all_are_settled(stage, coordinator)
    expect(coordinator.page.get_by_text("11 people said STOP before it began")).to_be_visible()
    expect(newest(phones, PASHTO)).to_contain_text(SECOND["ps"])
    expect(newest(phones, URDU)).to_contain_text(SECOND["ur"])
    expect(newest(phones, ENGLISH)).to_contain_text(say("en", "stopped"))

    feedback_reaches_the_moderator_only_from_the_shelf(stage, phones)


# At the handsets


def handset(phones: Desk, digits: str) -> Locator:
    return phones.page.get_by_role("article", name=digits)


def newest(phones: Desk, digits: str) -> Locator:
    """The newest text that this phone got."""
    return handset(phones, digits).locator(".is-ours.bubble").last


def text(phones: Desk, digits: str, words: str, answer: str) -> None:
    """Text these words, and see the answer."""
    hers = handset(phones, digits)
    hers.get_by_role("textbox").fill(words)
    hers.get_by_role("button", name="Send").click()
    expect(hers.locator(".is-hers.bubble").last).to_contain_text(words)
    expect(newest(phones, digits)).to_contain_text(answer)


def three_phones_join(phones: Desk) -> None:
    """Each is asked in the language of its word, and is in when it has said yes in it."""
    for digits, language, join, yes, asked in (
        (ENGLISH, "en", "JOIN", "YES", "If you agree, send YES"),
        (URDU, "ur", "شامل", "ہاں", "راضی ہوں تو «ہاں» لکھ کر بھیجیں"),
        (PASHTO, "ps", "ګډون", "هو", "که راضي یئ «هو» ولېږئ"),
    ):
        text(phones, digits, join, asked)
        text(phones, digits, yes, say(language, "joined"))
    directions = newest(phones, URDU).evaluate("bubble => getComputedStyle(bubble).direction")
    assert directions == "rtl"


# At the desks


def write_and_submit(desk: Desk, name: str, words: dict[str, str], *, left_out: int) -> None:
    """The four steps of the composer."""
    page = desk.page
    page.get_by_role("link", name="Campaigns").first.click()
    page.get_by_role("link", name="Write a campaign").first.click()
    page.get_by_label("What is it called?").fill(name)
    expect(page.get_by_text(f"{left_out} people said STOP: they are left out")).to_be_visible()
    desk.choose("Next: wording")
    for language, typed in words.items():
        cost = page.locator("#foot-facts").inner_text()
        page.locator(f"#text-{language}").fill(typed)
        expect(page.locator(f"#counts-{language}")).to_contain_text(PARTS)
        expect(page.locator("#foot-facts")).not_to_have_text(cost)
    page.get_by_role("radiogroup", name="Language on the phone").get_by_text("English").click()
    expect(page.locator("#phone")).to_contain_text(words["en"])
    expect(page.locator("#phone")).to_contain_text("STOP")
    desk.choose("Next: when")
    expect(page.locator("#outcome")).to_contain_text("Everybody is reached by")
    desk.choose("Next: check")
    for typed in words.values():
        expect(page.get_by_text(typed)).to_be_visible()
    desk.choose("Submit for approval")
    expect(page.get_by_text("waits for another person’s yes")).to_be_visible()


def approve(desk: Desk, name: str) -> None:
    """From Today to the campaign; every wording ticked as read; yes."""
    page = desk.page
    page.get_by_role("link", name="Today").first.click()
    page.get_by_role("link", name="Review").first.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("button", name="Approve for")).to_be_disabled()
    for box in page.get_by_label("I read this, it is right").all():
        box.check()
    expect(page.get_by_role("button", name="Approve for")).to_be_enabled()
    desk.choose("Approve for")
    expect(page.get_by_text("Approved by")).to_be_visible()


def watch_until_all_are_settled(stage: Stage, desk: Desk) -> None:
    """The writer's page renews itself: it waits for its start, then counts, until everybody is settled."""
    page = desk.page
    page.reload()
    expect(page.get_by_text("It begins by itself then.")).to_be_visible()
    stage.handsets.post("clock", advance=300, speed=10)
    total = page.locator(".settled", has_text="settled")
    expect(total).to_be_visible()
    people = total.inner_text().split(" of ")[1].split()[0]
    expect(page.locator(".settled .figure")).to_have_text(people)
    expect(page.locator("#live")).to_contain_text("people have it")
    stage.handsets.post("clock", speed=1)


def feedback_reaches_the_moderator_only_from_the_shelf(stage: Stage, phones: Desk) -> None:
    """While nothing is shelved there is nothing to see; afterwards only her key opens it, in her browser."""
    stage.house.kill("clock")
    text(phones, URDU, HERS, say("ur", "thanks_feedback"))
    expect(newest(phones, URDU)).to_have_text(
        f"She got: {say('ur', 'thanks_feedback')}"
    )  # and nothing of hers

    moderator = stage.sign_in("moderator")
    moderator.page.get_by_role("link", name="Listening").first.click()
    expect(moderator.page.get_by_text("The shelf is empty")).to_be_visible()

    stage.handsets.post("clock", advance=60)  # a training programme shelves three times a minute
    stage.house.start("clock")
    until(lambda: shows_one_letter(moderator.page), seconds=60, every=0.5, what="the shelving")
    assert HERS not in moderator.page.content()
    moderator.page.set_input_files("#key-file", stage.house.moderator_key)
    moderator.page.click("#open:not([disabled])")
    expect(moderator.page.locator(".letter-text")).to_have_text(HERS)

    private = json.loads(stage.house.moderator_key.read_text())["private"]
    sent = moderator.sent()
    assert "/listening/letters" in sent
    for form in (private, private.rstrip("="), base64.b64decode(private).hex(), HERS):
        assert form not in sent


def shows_one_letter(page: Page) -> bool:
    """Whether the shelf, looked at again, holds one letter."""
    page.reload()
    return page.get_by_text("1 sealed.").count() > 0
