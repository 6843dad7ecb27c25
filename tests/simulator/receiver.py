"""A small gateway for tests: it takes webhooks, remembers them, and answers as it was told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from tests.support.waiting import until

EMPTY = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True)
class Taken:
    """One webhook as it came in; `url` is what was asked for, as a proxy would rebuild it."""

    method: str
    url: str
    path: str
    headers: dict[str, str]
    fields: dict[str, str]

    @property
    def signature(self) -> str:
        return self.headers["x-twilio-signature"]

    @property
    def token(self) -> str:
        return self.headers["i-twilio-idempotency-token"]


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = EMPTY
    content_type: str = "text/xml"
    location: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Receiver:
    """`replies` are used up one by one for their path; after them comes what is `always` there, else `EMPTY`."""

    url: str
    taken: list[Taken] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    always: dict[str, Reply] = field(default_factory=dict)
    running: int = 0
    most_at_once: int = 0
    gate: threading.Event = field(default_factory=threading.Event)

    def forget(self) -> None:
        """As new: nothing taken, nothing held up, every answer `EMPTY`."""
        self.gate.set()
        self.taken.clear()
        self.replies.clear()
        self.always.clear()
        self.most_at_once = 0

    def will(self, path: str, *replies: Reply) -> None:
        self.replies.setdefault(path, []).extend(replies)

    def tells(self, path: str, *verbs: str) -> None:
        """Answer every call that asks here with these verbs."""
        self.always[path] = Reply(body=f"<Response>{''.join(verbs)}</Response>".encode())

    def says(self, path: str, *texts: str) -> None:
        """Answer an inbound text with these messages."""
        inside = "".join(f"<Message>{text}</Message>" for text in texts)
        self.will(path, Reply(body=f"<Response>{inside}</Response>".encode()))

    def on(self, path: str) -> list[Taken]:
        return [taken for taken in self.taken if taken.path == path]

    def wait_for(self, path: str, how_many: int = 1) -> list[Taken]:
        until(lambda: len(self.on(path)) >= how_many, what=f"{how_many} webhooks")
        return self.on(path)

    def stages(self, path: str = "/receipts") -> list[str]:
        return [taken.fields["MessageStatus"] for taken in self.on(path)]


@contextmanager
def a_receiver(port: int) -> Iterator[Receiver]:
    receiver = Receiver(f"http://127.0.0.1:{port}")
    receiver.gate.set()
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(receiver))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield receiver
    receiver.gate.set()
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


def _handler_of(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._take("POST")

        def do_GET(self) -> None:
            self._take("GET")

        def log_message(self, format: str, *args: object) -> None:
            return

        def _take(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            taken = Taken(
                method,
                receiver.url + self.path,
                self.path.partition("?")[0],
                {name.lower(): value for name, value in self.headers.items()},
                dict(parse_qsl(body, keep_blank_values=True)),
            )
            with lock:
                receiver.taken.append(taken)
                receiver.running += 1
                receiver.most_at_once = max(receiver.most_at_once, receiver.running)
                waiting = receiver.replies.get(taken.path)
                reply = waiting.pop(0) if waiting else receiver.always.get(taken.path, Reply())
            receiver.gate.wait(timeout=30)
            with lock:
                receiver.running -= 1
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            if reply.location is not None:
                self.send_header("Location", reply.location)
            for name, value in reply.headers:
                self.send_header(name, value)
            with suppress(BrokenPipeError):  # the carrier does not wait for ever
                self.end_headers()
                self.wfile.write(reply.body)

    return Handler
