"""A real Chromium, and a page in it that remembers what went wrong inside."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    ViewportSize,
    sync_playwright,
)

from tests.support.chromium import find_chromium

LAPTOP: ViewportSize = {"width": 1280, "height": 800}
in_a_browser = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what only a browser can tell of a page of the console: what the page asks of a database is tested on both engines
without one."""
POLICY_WORDS = ("Content Security Policy", "Refused to")


class BrowserMissing(AssertionError):
    """There is no Chromium on this machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's own Chromium; never a downloaded one. Raises BrowserMissing."""
    program = find_chromium()
    if program is None:
        raise BrowserMissing("Chromium is missing: install it, or leave these tests out with --no-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def watched_page(context: BrowserContext, problems: list[str]) -> Page:
    """A page that notes errors of its scripts and breaches of its content policy in `problems`."""

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and any(word in message.text for word in POLICY_WORDS):
            problems.append(message.text)

    def fail(error: Error) -> None:
        problems.append(str(error))

    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", fail)
    return page
