"""The simulated carrier, and the driver that talks to it."""

from collections.abc import Iterator

import pytest

from gateway.carriers.twilio.driver import TwilioCarrier
from gateway.settings import Settings
from tests.support.carrier import ACCOUNT, TOKEN, SimulatedCarrier, a_config
from tests.support.ports import free_ports


@pytest.fixture(scope="session")
def _simulator_of_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedCarrier]:
    process = SimulatedCarrier(free_ports(), tmp_path_factory.mktemp("carrier"), a_config(), "--seed", "7")
    process.start()
    yield process
    process.kill()


@pytest.fixture
def simulator(_simulator_of_worker: SimulatedCarrier) -> SimulatedCarrier:
    """An empty carrier that tells nobody of what comes in."""
    _simulator_of_worker.post("reset")
    _simulator_of_worker.post("config", **a_config())
    return _simulator_of_worker


def driver_at(url: str, token: str = TOKEN) -> TwilioCarrier:
    """A driver for the account of the tests."""
    return TwilioCarrier(
        Settings.from_env(
            {
                "PAIGHAM_CARRIER_URL": url,
                "PAIGHAM_TWILIO_ACCOUNT_SID": ACCOUNT,
                "PAIGHAM_TWILIO_AUTH_TOKEN": token,
            }
        )
    )


@pytest.fixture
def driver(simulator: SimulatedCarrier) -> TwilioCarrier:
    """The driver of the simulated carrier."""
    return driver_at(simulator.url)
