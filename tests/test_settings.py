"""What the environment may say, and what is refused before anything starts."""

import pytest

from gateway.settings import Settings, SettingsInvalid, is_loopback

SIMULATED, REAL = "http://127.0.0.1:8001", "https://api.somleng.example"
HASTY = [("PAIGHAM_LEASE_SECONDS", "59"), ("PAIGHAM_ABSENT_AFTER_SECONDS", "599")]


@pytest.mark.parametrize(
    ("url", "leads_here"),
    [
        ("http://127.0.0.1:8001", True),
        ("http://localhost:8001", True),
        ("http://[::1]:8001", True),
        ("https://api.twilio.com", False),
        ("http://192.168.1.7", False),
        ("http://127.0.0.1.example.org", False),
    ],
)
def test_only_this_machine_s_own_addresses_are_taken_for_a_simulator(url: str, leads_here: bool) -> None:
    assert is_loopback(url) is leads_here


@pytest.mark.parametrize(("name", "value"), HASTY)
@pytest.mark.parametrize("carrier", [{}, {"PAIGHAM_CARRIER_URL": REAL}])
def test_a_real_carrier_is_given_the_time_that_keeps_a_message_single(
    carrier: dict[str, str], name: str, value: str
) -> None:
    with pytest.raises(SettingsInvalid, match=name.removeprefix("PAIGHAM_")):
        Settings.from_env({**carrier, name: value})


@pytest.mark.parametrize(("name", "value"), HASTY)
def test_a_simulated_carrier_may_be_asked_sooner(name: str, value: str) -> None:
    assert Settings.from_env({"PAIGHAM_CARRIER_URL": SIMULATED, name: value}).is_simulated
