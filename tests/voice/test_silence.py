"""A silent caller reaches something to listen to within three rounds and a minute, however long the prompts are."""

from hypothesis import given
from hypothesis import strategies as st

from campaigns.voice.call import Outbound
from tests.support.callers import STARTER, Caller, Radio, with_lengths

ROUNDS, MINUTE_MS = 3, 60_000

# What the linter lets pass: a greeting of 8 s (R1), a prompt of 12 s, all languages and a menu of 25 s (R2). The words
# for a place ("message one of five") are short.
lengths = st.fixed_dictionaries(
    {
        "greeting": st.integers(500, 8_000),
        "this_language": st.integers(500, 8_000),
        "practice": st.integers(500, 12_000),
        "nobody_pressed": st.integers(500, 12_000),
        "hint": st.integers(500, 12_000),
        "now_the_newest": st.integers(500, 12_000),
        "main": st.integers(500, 25_000),
        "main_short": st.integers(500, 25_000),
        "message_1": st.integers(300, 1_500),
        "of_5": st.integers(300, 1_500),
        "of_12": st.integers(300, 1_500),
    }
)
callers = st.fixed_dictionaries(
    {
        "language": st.sampled_from([None, "ps", "en"]),
        "is_new": st.booleans(),
        "outbound": st.sampled_from([None, Outbound(1, 0)]),
    }
)


@given(lengths=lengths, who=callers)
def test_a_silent_caller_hears_the_newest_episode_within_three_rounds_and_a_minute(
    lengths: dict[str, int], who: dict[str, object]
) -> None:
    caller = Caller(with_lengths(STARTER, lengths), Radio()).rings(**who)  # type: ignore[arg-type]
    rounds = 0
    while "41.1" not in caller.heard:
        rounds += 1
        caller.is_silent()
    announced = lengths["now_the_newest"] + lengths["message_1"] + lengths["of_5"]

    assert rounds <= ROUNDS
    assert caller.elapsed_ms + announced <= MINUTE_MS


@given(lengths=lengths, who=callers)
def test_where_nothing_is_on_a_silent_caller_hears_something_else_after_three_rounds(
    lengths: dict[str, int], who: dict[str, object]
) -> None:
    caller = Caller(with_lengths(STARTER, lengths), Radio(episodes={})).rings(**who)  # type: ignore[arg-type]
    caller.is_silent(ROUNDS)

    assert caller.has_ended
    assert caller.whole == ("cover", "goodbye")
