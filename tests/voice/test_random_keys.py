"""Ten thousand calls of people who press anything: every call ends, with a word, and no turn is without bounds."""

import random
from dataclasses import replace

import pytest

from campaigns.storage.vault import KeyRing
from campaigns.voice.call import Ask, Outbound, Sound, Take
from campaigns.voice.journey.silence import ROUNDS
from campaigns.voice.journey.walking import MOST_STEPS
from campaigns.voice.menu import Option
from campaigns.voice.state import MOST_TOKEN_CHARACTERS, Marked, seal_state
from tests.support.callers import HER, POEMS, SHOW, STARTER, Caller, Radio, a_question, an_episode, blob

CALLS = 10_000
KEYS = "1234567890*#"
MOST_SOUNDS = 24  # of one turn; an address has some two hundred characters, a carrier takes 64 kB


def a_random_call(chance: random.Random) -> Caller:
    """Anybody: new or known, withheld or not, rung up or ringing, on a shared phone, with much or nothing on air."""
    episodes = {
        SHOW: [an_episode(milliseconds=20_000)],
        POEMS: [an_episode(42, chance.choice((1, 14)), 9_000)],
    }
    radio = Radio(
        episodes if chance.random() < 0.8 else {},
        {POEMS: chance.choice((0, 1, 3))},
        a_question(chance.choice((None, 5))) if chance.random() < 0.7 else None,
    )
    caller = Caller(STARTER, radio, HER if chance.random() < 0.9 else None)
    message = Sound("", "ps", blob("our message"), 30_000)
    return caller.rings(
        chance.choice((None, "ps", "en")),
        is_new=chance.random() < 0.5,
        marked=chance.choice((None, Marked(SHOW, 41, 2), Marked(POEMS, 99, 1))),
        quiet=chance.random() < 0.2,
        draft=chance.random() < 0.05,
        outbound=chance.choice((None, None, Outbound(1, 0), Outbound(2, 1, "ps", message))),
    )


def does_anything(caller: Caller, chance: random.Random, silence: float) -> None:
    """One more step: a key, silence, or some speech of any length."""
    if caller.records and chance.random() < 0.8:
        hangs_up = chance.random() < 0.2
        caller.speaks(chance.randrange(30), hangs_up=hangs_up, key=chance.choice((*KEYS, None)))
    elif chance.random() < silence:
        caller.is_silent()
    else:
        caller.presses(chance.choice(KEYS), after_seconds=chance.choice((0, 1, 5, 40)))


def may_end(caller: Caller, rounds: int) -> bool:
    """Whether a call may be over: she left or stopped, a limit was reached, or three rounds brought nothing."""
    before = caller.history[-2]
    her_own = caller.whole[-1] in ("cover", "stopped") or "limit_reached" in caller.whole
    in_vain = rounds >= ROUNDS - 1 or "too_short" in caller.whole
    away = "paused" in before or "stop_ask" in before  # asked more often than three times
    return her_own or in_vain or away or caller.steps == MOST_STEPS


@pytest.mark.parametrize("silence", [0.05, 0.4, 0.8])
def test_no_call_goes_on_for_ever_and_none_ends_bare(silence: float) -> None:
    chance = random.Random(f"keys {silence}")
    for _ in range(CALLS // 3 + 1):
        caller = a_random_call(chance)
        while not caller.has_ended:
            state = caller.state
            does_anything(caller, chance, silence)
            assert len(caller.heard) <= MOST_SOUNDS
        if caller.heard:
            assert may_end(caller, state.silent + state.invalid), caller.history[-4:]
        else:  # she hung up while speaking: nobody is there to hear a word
            assert state.spoken is not None


def test_every_state_on_the_way_fits_into_an_address(keyring: KeyRing) -> None:
    chance = random.Random("addresses")
    for _ in range(150):
        caller = a_random_call(chance)
        while not caller.has_ended:
            then = caller.turn.then
            assert isinstance(then, Ask | Take)
            assert len(seal_state(keyring, then.next, "CA" + "f" * 32)) < MOST_TOKEN_CHARACTERS
            does_anything(caller, chance, 0.4)


def test_a_menu_that_leads_in_a_ring_ends_in_words() -> None:
    main = STARTER.menu.nodes["main"]
    ring = replace(main, options=(Option("1", "newest", "round"), Option("2", "nowhere", "lost")))
    poems = replace(STARTER.menu.nodes["poems"], options=(Option("1", "poems", "itself"),))
    menu = replace(STARTER.menu, nodes={**STARTER.menu.nodes, "main": ring, "poems": poems})
    caller = Caller(replace(STARTER, menu=menu), Radio(episodes={})).rings("ps")

    assert caller.presses("1").heard
    assert caller.presses("2").heard
    assert not caller.has_ended
