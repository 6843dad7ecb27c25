"""What all calls of the carrier share while they are going on."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.simulator.clock import ShownClock
from gateway.simulator.config import Config
from gateway.simulator.faults import Chance, Faults
from gateway.simulator.hooks import Hooks
from gateway.simulator.messages import API_VERSION
from gateway.simulator.receipts import Receipts
from gateway.simulator.timeline import Timeline
from gateway.simulator.voice.callstore import CallStore
from gateway.simulator.voice.media import Media
from gateway.simulator.voice.recordings import Recordings
from gateway.simulator.voice.speed import Speed


@dataclass(repr=False)
class Desk:
    """`own_url` is where the carrier's API is found; `config` is asked for each time, because it may change."""

    config: Callable[[], Config]
    own_url: str
    clock: ShownClock
    timeline: Timeline
    hooks: Hooks
    receipts: Receipts
    chance: Chance
    media: Media
    recordings: Recordings
    calls: CallStore
    speed: Speed

    @property
    def faults(self) -> Faults:
        return self.receipts.faults

    def clear(self) -> None:
        """Forget calls, recordings, audio and figures."""
        for memory in (self.calls, self.recordings, self.media, self.speed):
            memory.clear()

    def recording_url(self, sid: str) -> str:
        """Where a recording's audio is."""
        return f"{self.own_url}/{API_VERSION}/Accounts/{self.config().account_sid}/Recordings/{sid}"


def path_of(url: str) -> str:
    """An address as a transcript shows it."""
    return urlsplit(url).path
