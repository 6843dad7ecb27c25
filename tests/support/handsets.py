"""The simulated carrier's control endpoints, as tests use them."""

import json
import urllib.request
from typing import Any


class Handsets:
    """What a test asks of the other side of the wire."""

    def __init__(self, url: str) -> None:
        """Talk to the simulator at `url`."""
        self._url = url

    def post(self, path: str, **fields: object) -> Any:
        """One control request."""
        request = urllib.request.Request(
            f"{self._url}/sim/{path}",
            data=json.dumps(fields).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def get(self, path: str) -> Any:
        """One look."""
        with urllib.request.urlopen(f"{self._url}/sim/{path}", timeout=30) as answer:
            return json.load(answer)

    def text(self, number: str, body: str, to: str = "+923990000017") -> None:
        """A phone texts one of our lines."""
        self.post("text", **{"from": number, "to": to, "body": body})

    def inbox(self, number: str) -> list[str]:
        """What a phone was sent, oldest first."""
        texts = self.get(f"outbox?handset={number.replace('+', '%2B')}")["texts"]
        return [text["text"] for text in texts if not text["hers"]]

    def made(self) -> dict[str, int]:
        """How many messages the API made for each number."""
        handsets = self.get("stats")["handsets"]
        return {number: row["created"] for number, row in handsets.items() if row["created"]}
