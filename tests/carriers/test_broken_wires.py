"""What a hand-over comes to when the other side does not behave: certain, or unknown, never tried again inside."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from campaigns.people.numbers import Number
from gateway.carriers.carrier import CarrierUnreachable, ErrorKind, Outcome, OutgoingText, Refused, Unknown
from gateway.carriers.twilio import client
from tests.carriers.conftest import driver_at
from tests.support.ports import free_ports

TEXT = OutgoingText(Number("+923990000101"), "GUDAR", "salam", "https://gateway.example/x", 60)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(status: str, body: bytes = b"", *headers: bytes) -> Handler:
    """A server that reads one request and says this."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if lengths:
            await reader.readexactly(int(lengths[0].split(b":")[1]))
        lines = [b"HTTP/1.1 " + status.encode(), b"Content-Length: %d" % len(body), *headers]
        writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    return handle


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and say nothing."""
    await reader.read()
    writer.close()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and close."""
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


def sent_to(handler: Handler) -> tuple[Outcome, int]:
    """What one send comes to, and how many requests the server saw."""
    seen = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        seen += 1
        await handler(reader, writer)

    async def whole() -> Outcome:
        server = await asyncio.start_server(count, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        carrier = driver_at(f"http://127.0.0.1:{port}")
        try:
            return await carrier.send(TEXT)
        finally:
            await carrier.aclose()
            server.close()

    return asyncio.run(whole()), seen


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "502 Bad Gateway"])
def test_a_fault_of_the_carrier_is_unknown_and_not_repeated(status: str) -> None:
    result, requests = sent_to(answering(status, b'{"code": 20500, "message": "+923990000101"}'))
    assert isinstance(result, Unknown)
    assert requests == 1
    assert "92399" not in repr(result)


def test_too_many_requests_is_refused_with_the_carrier_s_wish() -> None:
    result, requests = sent_to(answering("429 Slow", b'{"code": 20429}', b"Retry-After: 7"))
    assert isinstance(result, Refused)
    assert (result.kind, result.retry_after_seconds, requests) == (ErrorKind.RETRY_LATER, 7.0, 1)


@pytest.mark.parametrize("header", [b"Retry-After: Wed, 21 Oct 2026 07:28:00 GMT", b"X: y"])
def test_too_many_requests_without_seconds_is_refused_all_the_same(header: bytes) -> None:
    result, _ = sent_to(answering("429 Slow", b"", header))
    assert isinstance(result, Refused)
    assert result.retry_after_seconds is None


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"sid": null}', b'{"sid": ""}', b"<html>", b"[]", b'"x"', b"\xff"]
)
def test_taken_without_a_name_is_unknown(body: bytes) -> None:
    result, requests = sent_to(answering("201 Created", body))
    assert isinstance(result, Unknown)
    assert requests == 1


@pytest.mark.parametrize("status", ["302 Found", "304 Not Modified", "408 Too Slow"])
def test_an_answer_that_is_neither_yes_nor_no_is_unknown(status: str) -> None:
    result, requests = sent_to(answering(status, b"", b"Location: http://127.0.0.1:9/"))
    assert isinstance(result, Unknown)
    assert requests == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"code": 21211, "message": "x", "status": 400}',
        b'{"type": "t", "title": "x", "status": 400, "code": 21211, "detail": "+923990000101"}',
    ],
)
def test_both_kinds_of_error_documents_are_read(body: bytes) -> None:
    result, _ = sent_to(answering("400 Bad", body))
    assert isinstance(result, Refused)
    assert (result.code, result.kind) == (21211, ErrorKind.PERMANENT)


def test_a_refusal_without_a_document_is_tried_later() -> None:
    result, _ = sent_to(answering("400 Bad", b"<html>"))
    assert isinstance(result, Refused)
    assert result.kind is ErrorKind.RETRY_LATER


def test_a_connection_that_breaks_off_is_unknown_and_not_repeated() -> None:
    result, requests = sent_to(hang_up)
    assert isinstance(result, Unknown)
    assert requests == 1


def test_silence_is_unknown_once_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.3)
    result, requests = sent_to(hang)
    assert isinstance(result, Unknown)
    assert requests == 1


def test_a_carrier_that_is_not_there_took_nothing() -> None:
    carrier = driver_at(f"http://127.0.0.1:{free_ports()}")

    async def whole() -> Outcome:
        try:
            return await carrier.send(TEXT)
        finally:
            await carrier.aclose()

    result = asyncio.run(whole())
    assert isinstance(result, Refused)
    assert (result.kind, result.code) == (ErrorKind.RETRY_LATER, None)


def test_asking_a_carrier_that_is_not_there_says_so_without_details() -> None:
    carrier = driver_at(f"http://127.0.0.1:{free_ports()}")

    async def whole() -> None:
        try:
            await carrier.ask(datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC))
        finally:
            await carrier.aclose()

    with pytest.raises(CarrierUnreachable) as raised:
        asyncio.run(whole())
    assert raised.value.__cause__ is None
