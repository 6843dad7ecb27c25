"""A log line holds an event and its ids; neither the text of an exception nor a library's arguments."""

import logging
import sys

from gateway.logs import PlainLines

CANARY = "+923990000777"


def line(name: str, message: str, *arguments: object, **fields: object) -> str:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, arguments, sys.exc_info())
    vars(record).update(fields)
    return PlainLines().format(record)


def test_an_event_is_shown_with_its_fields() -> None:
    assert line("paigham.work", "delivery.claimed", n=3) == "warning delivery.claimed n=3"


def test_an_exception_shows_where_it_rose_and_not_what_it_says() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        shown = line("paigham.work", "delivery.failed")

    assert "ValueError at test_logs.py:" in shown
    assert CANARY not in shown


def test_what_a_library_puts_into_its_message_is_left_out() -> None:
    shown = line("somebody.else", "sending to %s", CANARY)

    assert shown == "warning somebody.else: sending to %s"


def test_an_exception_in_place_of_words_is_named_only() -> None:
    record = logging.LogRecord("somebody.else", logging.ERROR, __file__, 1, ValueError(CANARY), (), None)

    assert PlainLines().format(record) == "error somebody.else: ValueError"


def test_only_the_first_line_of_a_library_is_kept() -> None:
    shown = line("asyncio", f"Task exception was never retrieved\nfuture: <Task exception={CANARY}>")

    assert shown == "warning asyncio: Task exception was never retrieved"
