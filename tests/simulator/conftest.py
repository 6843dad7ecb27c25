"""The simulated carrier as a process, a gateway that listens, and the carrier's own SDK to drive it."""

import io
import wave
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.simulator.receiver import Receiver, Reply, a_receiver
from tests.support.carrier import ACCOUNT, TOKEN, SimulatedCarrier, a_config
from tests.support.ports import free_ports
from tests.support.waiting import until


class SimulatedClient(Client):  # type: ignore[misc]  # the SDK has no types of its own
    """The carrier's client, unmodified but for the host that it asks."""

    def __init__(self, url: str, account: str = ACCOUNT, token: str = TOKEN) -> None:
        super().__init__(account, token, http_client=TwilioHttpClient(timeout=20))
        self._host = urlsplit(url)

    def get_hostname(self, uri: str) -> str:
        return urlunsplit(urlsplit(uri)._replace(scheme=self._host.scheme, netloc=self._host.netloc))


def a_wav(seconds: float = 7.0) -> bytes:
    """Silence as a telephone records it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(1)
        writing.setsampwidth(2)
        writing.setframerate(8000)
        writing.writeframes(bytes(2 * round(8000 * seconds)))
    return file.getvalue()


def a_sound(seconds: float = 7.0, *headers: tuple[str, str]) -> Reply:
    """Audio that may be kept."""
    return Reply(
        body=a_wav(seconds), content_type="audio/wav", headers=(("Cache-Control", "max-age=600"), *headers)
    )


@pytest.fixture(scope="session")
def _receiver_of_worker() -> Iterator[Receiver]:
    with a_receiver(free_ports()) as listening:
        yield listening


@pytest.fixture(scope="session")
def _carrier_of_worker(
    _receiver_of_worker: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimulatedCarrier]:
    folder = tmp_path_factory.mktemp("carrier")
    process = SimulatedCarrier(free_ports(), folder, a_config(), "--seed", "7")
    process.start()
    yield process
    process.kill()


@pytest.fixture
def receiver(_receiver_of_worker: Receiver, carrier: SimulatedCarrier) -> Receiver:
    """Nothing taken yet."""
    _receiver_of_worker.forget()
    return _receiver_of_worker


@pytest.fixture
def carrier(_carrier_of_worker: SimulatedCarrier, _receiver_of_worker: Receiver) -> SimulatedCarrier:
    """An empty carrier without faults or delays that sends inbound texts to `receiver` at /messages."""
    _carrier_of_worker.post("reset")
    until(lambda: _carrier_of_worker.get("stats?totals=1")["unfinished_webhooks"] == 0, what="quiet")
    _carrier_of_worker.post("config", **a_config(f"{_receiver_of_worker.url}/messages"))
    _carrier_of_worker.post("clock", speed=1)
    _carrier_of_worker.post("faults", extra_field=0)
    return _carrier_of_worker


@pytest.fixture
def voice(carrier: SimulatedCarrier, receiver: Receiver) -> Receiver:
    """The gateway of a line that takes calls: asked at /voice, told of the end at /ended, seven seconds of sound at
    /a.wav and /b.wav."""
    lines = a_config()["lines"]
    lines[0] |= {
        "name": "Gudar line",
        "voice_url": f"{receiver.url}/voice",
        "voice_status_url": f"{receiver.url}/ended",
    }
    carrier.post("config", lines=lines)
    for path in ("/a.wav", "/b.wav"):
        receiver.always[path] = a_sound()
    return receiver


@pytest.fixture
def client(carrier: SimulatedCarrier) -> SimulatedClient:
    return SimulatedClient(carrier.url)
