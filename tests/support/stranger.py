"""Requests that no carrier sends: signed but wrong, forged, or hardly HTTP; each carries a number and words."""

import http.client
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from tests.support.signing import TEXTS, body_of, signature, text_fields

FORM = "application/x-www-form-urlencoded"
RECEIPTS = "/carrier/twilio/receipts"


@dataclass(frozen=True)
class Request:
    """One HTTP request."""

    method: str
    target: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stranger:
    """Knocks at `url` with the number and the two words in every place that a request has."""

    url: str
    account: str
    number: str
    line: str
    words: tuple[str, str]

    def malformed(self, token: str) -> Iterator[Request]:
        """Webhooks that are to be refused with 4xx, most of them well signed."""
        good = {
            **text_fields(self.words[0], sender=self.number, to=self.line, sid="SM" + "7" * 32),
            "AccountSid": self.account,
        }

        def signed(path: str, *pairs: tuple[str, str], **fields: str) -> Request:
            told = [*{**good, **fields}.items(), *pairs]
            headers = {"X-Twilio-Signature": signature(self.url + path, told, token), "Content-Type": FORM}
            return Request("POST", path, body_of(told), headers)

        yield signed(TEXTS, ("From", self.number))
        yield signed(TEXTS, ("Body", self.words[1]))
        yield signed(TEXTS, To="")
        yield signed(TEXTS, MessageSid=self.number)
        yield signed(TEXTS, *((f"{self.number}{n}", self.words[0]) for n in range(200)))
        yield signed(f"{RECEIPTS}/1/1", MessageStatus=self.number, ErrorCode=self.number)
        yield signed(f"{RECEIPTS}/1/1", MessageStatus="delivered")
        yield signed(f"{RECEIPTS}/{self.number}/1")
        right = signed(TEXTS)
        body, headers = right.body or b"", right.headers
        yield Request("POST", TEXTS, body, {**headers, "X-Twilio-Signature": self.number})
        yield Request("POST", TEXTS, body + b"&More=%FF", headers)
        as_json = f'{{"From": "{self.number}"}}'.encode()
        yield Request("POST", TEXTS, as_json, {**headers, "Content-Type": "application/json"})
        yield Request("GET", f"{TEXTS}?From={quote(self.number)}&Body={self.words[0]}")
        typed = urlencode({"sign_in": self.number, "password": self.words[0]}).encode()
        yield Request("POST", "/sign-in", typed, {"Content-Type": FORM})

    def unreadable(self) -> Iterator[bytes]:
        """Bytes that a web server gives up on before anybody else sees them."""
        number, word = self.number, self.words[0]
        post = f"POST {TEXTS} HTTP/1.1\r\nHost: x\r\n"
        chunked = f"{post}Transfer-Encoding: chunked\r\nContent-Type: {FORM}\r\n\r\n"
        for request in (
            f"POST {TEXTS}?From={number} NONSENSE/{word}\r\n\r\n",
            f"{number} {word}\r\n\r\n",
            f"{post}From {number} {word}\r\n\r\n",
            f"{post}Content-Length: {number}\r\n\r\n",
            f"{post}X-From {number}: {word}\r\n\r\n",
            f"{post}X: {number * 2000}\r\n\r\n",
            f"GET /{number * 1000} HTTP/1.1\r\nHost: x\r\n\r\n",
            f"{post}Transfer-Encoding: {number}\r\n\r\n",
            f"{chunked}{number}\r\n",
            f"{post}Content-Length: 5000\r\n\r\nFrom={number}",
        ):
            yield request.encode()

    def ask(self, request: Request) -> int:
        """Send one request and return the status of the answer."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            connection.request(request.method, request.target, request.body, dict(request.headers))
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def send_raw(self, raw: bytes) -> None:
        """Send bytes, end the sending half, and read until the server closes."""
        address = urlsplit(self.url)
        with (
            socket.create_connection((address.hostname or "", address.port or 80), timeout=60) as connection,
            suppress(ConnectionResetError, BrokenPipeError),
        ):
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
