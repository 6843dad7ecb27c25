"""The handsets page in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.simulator.conftest import SimulatedClient
from tests.simulator.receiver import Receiver
from tests.support.carrier import ALPHA, LINE, WOMAN, SimulatedCarrier
from tests.support.waiting import until

pytestmark = pytest.mark.browser

URDU = "گودر: اتوار 29 نومبر، صبح 11 بجے کمیونٹی ہال میں بات چیت ہے۔"
TARGET = 44


@pytest.fixture
def handsets(page: Page, carrier: SimulatedCarrier) -> Page:
    """The handsets page, open, with its first handsets on it."""
    page.goto(carrier.url + "/")
    expect(page.get_by_role("article", name="0101")).to_be_visible()
    return page


def test_a_text_goes_to_the_gateway_and_its_answer_comes_back(handsets: Page, receiver: Receiver) -> None:
    receiver.says("/messages", "مننه.")

    hers = handsets.get_by_role("article", name="0101")
    hers.get_by_role("textbox").fill("ګډون")
    hers.get_by_role("button", name="Send").click()

    expect(hers.locator(".is-hers.bubble")).to_have_text("She wrote: ګډون")
    expect(hers.locator(".is-ours.bubble")).to_have_text("She got: مننه.")
    expect(hers.locator(".note")).to_contain_text("Answered")
    expect(hers.get_by_role("textbox")).to_have_value("")
    assert receiver.on("/messages")[0].fields["Body"] == "ګډون"


def test_each_bubble_runs_in_the_direction_and_hand_of_its_text(
    handsets: Page, client: SimulatedClient
) -> None:
    client.messages.create(to="+923990000102", from_=ALPHA, body=URDU)
    client.messages.create(to="+923990000102", from_=ALPHA, body="Gudar: talk on Sunday")

    bubbles = handsets.get_by_role("article", name="0102").locator(".is-ours.bubble")

    expect(bubbles).to_have_count(2)
    directions = bubbles.evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
    assert directions == ["rtl", "ltr"]
    expect(bubbles.nth(0)).to_have_class("bubble is-ours in-nastaliq")
    expect(handsets.get_by_role("article", name="0102").locator(".phone-head")).to_have_text(ALPHA)


def test_a_sender_that_only_sends_refuses_in_plain_words(handsets: Page) -> None:
    hers = handsets.get_by_role("article", name="0101")
    hers.get_by_role("combobox").select_option(ALPHA)
    hers.get_by_role("textbox").fill("STOP")
    hers.get_by_role("textbox").press("Enter")

    expect(hers.locator(".note")).to_have_text("GUDAR only sends. It cannot get a text.")
    expect(hers.get_by_role("textbox")).to_have_value("STOP")


def test_numbers_are_masked_and_texts_are_never_markup(handsets: Page, client: SimulatedClient) -> None:
    client.messages.create(to=WOMAN, from_=LINE, body="<img src=x onerror=alert(1)><b>bold</b>")

    hers = handsets.get_by_role("article", name="0101")

    expect(hers.locator(".is-ours.bubble")).to_contain_text("<img src=x")
    expect(hers.locator(".handset-head")).to_contain_text("0399•••0101")
    assert "3990000101" not in handsets.locator("body").inner_text()


def test_faults_are_switched_from_the_page(handsets: Page, carrier: SimulatedCarrier) -> None:
    handsets.get_by_role("switch", name="late receipts").check()
    handsets.get_by_role("switch", name="drops the line").check()

    until(lambda: carrier.get("faults")["drop"] == 1)
    assert carrier.get("faults")["late"] == 1
    handsets.get_by_role("switch", name="drops the line").uncheck()
    until(lambda: carrier.get("faults")["drop"] == 0)


def test_the_clock_is_driven_from_the_page(handsets: Page, carrier: SimulatedCarrier) -> None:
    before = carrier.get("clock")["shown"]

    handsets.get_by_role("button", name="10×").click()
    expect(handsets.get_by_role("button", name="10×")).to_have_attribute("aria-pressed", "true")
    handsets.locator("#jump").click()

    until(lambda: carrier.get("clock")["shown"] > before + 60)
    assert carrier.get("clock")["speed"] == 10


def test_a_handset_is_chosen_by_its_last_digits_and_hidden_again(handsets: Page) -> None:
    handsets.get_by_role("article", name="0103").get_by_role("button", name="Hide").click()
    expect(handsets.get_by_role("article", name="0103")).to_have_count(0)

    handsets.get_by_role("button", name="Handset", exact=True).click()
    handsets.get_by_role("searchbox").fill("0103")
    handsets.get_by_role("checkbox", name="0103").check()
    handsets.get_by_role("button", name="Close").click()

    expect(handsets.get_by_role("article", name="0103")).to_be_visible()
    handsets.reload()
    expect(handsets.get_by_role("article", name="0103")).to_be_visible()


def test_what_is_being_written_stays_while_texts_arrive(handsets: Page, client: SimulatedClient) -> None:
    hers = handsets.get_by_role("article", name="0101")
    hers.get_by_role("textbox").press_sequentially("STO")
    client.messages.create(to=WOMAN, from_=LINE, body="Salaam")
    expect(hers.locator(".is-ours.bubble")).to_have_count(1)

    expect(hers.get_by_role("textbox")).to_have_value("STO")
    expect(hers.get_by_role("textbox")).to_be_focused()


def test_on_a_phone_nothing_sticks_out_and_every_target_is_large(handsets: Page) -> None:
    handsets.set_viewport_size({"width": 390, "height": 844})

    width = handsets.evaluate("document.documentElement.scrollWidth")
    small = handsets.evaluate(
        """least => [...document.querySelectorAll("button, input, select, a[href]")]
            .filter(one => one.offsetParent && !one.closest(".skip, label.switch") && !one.matches(".skip"))
            .filter(one => one.getBoundingClientRect().height < least)
            .map(one => one.outerHTML)""",
        TARGET,
    )

    assert width == 390
    assert small == []
