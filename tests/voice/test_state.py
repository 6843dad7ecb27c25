"""The state of a call in an address: it opens for its own call alone, and holds whatever a state may hold."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.storage.vault import KeyRing
from campaigns.voice.state import (
    MOST_TOKEN_CHARACTERS,
    Asked,
    CallState,
    Door,
    Marked,
    OurMessage,
    Phase,
    Playing,
    Spoken,
    StateTooLong,
    StateUnreadable,
    open_state,
    seal_state,
)

CALL, OTHER = "CA" + "1" * 32, "CA" + "2" * 32
numbers = st.integers(0, 2**40)
# Names as long as a menu and a carrier may make them.
short = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=40)
carrier_ids = st.text("0123456789abcdef-", min_size=1, max_size=64)
states = st.builds(
    CallState,
    version=numbers,
    phase=st.sampled_from(Phase),
    node=short,
    language=st.none() | st.text("abcdefghijklmnopqrstuvwxyz-", min_size=2, max_size=12),
    steps=st.integers(0, 200),
    silent=st.integers(0, 9),
    invalid=st.integers(0, 9),
    waited_ms=st.integers(0, 10**6),
    began_at=numbers,
    asked_at=numbers,
    paused=st.integers(0, 9),
    stopping=st.integers(0, 9),
    is_new=st.booleans(),
    quiet=st.booleans(),
    pressed=st.booleans(),
    draft=st.booleans(),
    marked=st.none() | st.builds(Marked, short, numbers, st.integers(1, 12)),
    playing=st.none() | st.builds(Playing, short, st.integers(1, 12), st.integers(1, 12), numbers, numbers),
    spoken=st.none()
    | st.builds(Spoken, st.sampled_from(Door), short, numbers, carrier_ids, numbers, st.integers(0, 7)),
    asked=st.none() | st.builds(Asked, numbers, st.integers(1, 3)),
    ours=st.none() | st.builds(OurMessage, numbers, numbers, st.binary(min_size=32, max_size=32), numbers),
    note=st.text(max_size=40),
)


@given(state=states)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_call_is_at_travels_in_an_address_and_comes_back(
    keyring: KeyRing, state: CallState
) -> None:
    token = seal_state(keyring, state, CALL)

    assert len(token) < MOST_TOKEN_CHARACTERS
    assert token.replace("-", "").replace("_", "").isalnum()
    assert open_state(keyring, token, CALL) == state


def test_a_token_opens_for_its_own_call_alone(keyring: KeyRing) -> None:
    token = seal_state(keyring, CallState(1, Phase.MENU), CALL)

    with pytest.raises(StateUnreadable):
        open_state(keyring, token, OTHER)


@pytest.mark.parametrize("token", ["", "a", "AAAA", "!" * 90, "é" * 90, "A" * 5_000])
def test_what_we_did_not_write_is_unreadable(keyring: KeyRing, token: str) -> None:
    with pytest.raises(StateUnreadable):
        open_state(keyring, token, CALL)


def test_an_altered_token_is_unreadable(keyring: KeyRing) -> None:
    token = seal_state(keyring, CallState(1, Phase.MENU), CALL)

    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(StateUnreadable):
            open_state(keyring, token[:place] + other + token[place + 1 :], CALL)


def test_a_tokens_length_says_little_of_what_it_holds(keyring: KeyRing) -> None:
    short, long = CallState(1, Phase.MENU, language="ps"), CallState(1, Phase.ENDED, language="ur", silent=2)

    assert len(seal_state(keyring, short, CALL)) == len(seal_state(keyring, long, CALL))


def test_a_state_that_fits_into_no_address_is_refused(keyring: KeyRing) -> None:
    noise = "".join(chr(0x4E00 + 7919 * n % 20_000) for n in range(400))

    with pytest.raises(StateTooLong):
        seal_state(keyring, CallState(1, Phase.STUDIO, note=noise), CALL)
