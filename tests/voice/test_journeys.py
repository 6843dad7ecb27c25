"""What a caller hears, key by key: the pure machine, on the starter line's menu, without a database."""

import pytest

from campaigns.radio.clips import MayBe, Speaker
from campaigns.voice.call import (
    Ask,
    Bookmark,
    Counted,
    DropRecording,
    JoinByKeys,
    KeepRecording,
    MoreMinutes,
    Outbound,
    RememberLanguage,
    Sound,
    StopByKey,
    Vote,
)
from campaigns.voice.state import Door, Marked
from tests.support.callers import CODE, SHOW, STARTER, Caller, Radio, a_question, an_episode, blob

MESSAGE = Sound("", "ps", blob("our message"), 60_000)


def a_caller(radio: Radio | None = None) -> Caller:
    return Caller(STARTER, radio or Radio())


def at_home() -> Caller:
    """She has called often, and is at the main menu."""
    return a_caller().rings("ps")


def test_who_is_new_is_asked_for_her_language_tries_the_keys_and_hears_the_long_menu() -> None:
    caller = a_caller().rings(is_new=True)
    assert caller.heard == ("greeting", "this_language", "this_language", "this_language")

    assert caller.presses("2").heard == ("practice",)
    assert caller.done(RememberLanguage) == [RememberLanguage("ur")]
    assert caller.presses("1").heard == ("main",)
    assert caller.state.language == "ur"


def test_who_has_called_before_is_greeted_in_her_language_and_hears_the_short_menu() -> None:
    caller = at_home()

    assert (caller.heard, caller.state.language, caller.acts) == (("greeting", "main_short"), "ps", [])


def test_each_language_is_offered_in_its_own_voice() -> None:
    caller = a_caller().rings()

    then = caller.turn.then
    assert then is not None
    assert [sound.language for sound in then.sounds if isinstance(sound, Sound)][1:] == ["ps", "ur", "en"]  # type: ignore[union-attr]


def test_another_language_is_one_key_away_and_leads_back_to_the_menu_she_was_in() -> None:
    caller = at_home().presses("2").presses("*")
    assert caller.heard == ("this_language",) * 3

    assert caller.presses("3").heard == ("poems_short",)
    assert caller.state.language == "en"
    assert caller.done(RememberLanguage) == [RememberLanguage("en")]


def test_a_choice_is_confirmed_and_the_place_in_the_episode_said() -> None:
    caller = at_home().presses("1")

    assert caller.heard == ("you_chose", "newest_name", "newest", "message_1", "of_5", "41.1")
    assert caller.done(Bookmark) == [Bookmark(SHOW, 41, 1)]


@pytest.mark.parametrize(
    ("keys", "piece"),
    [
        ("6", "41.2"),
        ("66", "41.3"),
        ("664", "41.2"),
        ("68", "41.2"),
        ("65", "paused"),
        ("651", "41.2"),
        ("66666", "end_of_episode"),
        ("666668", "41.1"),
        ("666664", "41.5"),
        ("4", "main_short"),
        ("60", "main_short"),
        ("3", "41.1"),
    ],
)
def test_in_an_episode_keys_skip_go_back_play_again_and_pause(keys: str, piece: str) -> None:
    assert at_home().presses("1").presses(keys, after_seconds=20).heard[-1] == piece


def test_an_episode_plays_on_by_itself_and_what_was_heard_is_counted() -> None:
    caller = at_home().presses("1").is_silent(2)

    assert caller.heard == ("message_3", "of_5", "41.3")
    seconds = [(count.node, count.n) for count in caller.counts if count.what is Counted.SECONDS]
    assert seconds == [("episode:41.1", 120), ("episode:41.2", 120)]


def test_a_piece_that_was_cut_counts_the_seconds_that_were_heard() -> None:
    caller = at_home().presses("1").presses("6", after_seconds=40)

    # Five prompts of 3 s went before it.
    assert [count.n for count in caller.counts if count.what is Counted.SECONDS] == [40 - 15]


def test_an_episode_heard_to_its_end_leaves_no_bookmark() -> None:
    caller = at_home().presses("1").is_silent(5)

    assert caller.heard == ("end_of_episode",)
    assert caller.done(Bookmark)[-1] == Bookmark(SHOW, 41, None)


def test_hash_behind_a_key_does_not_end_what_has_hardly_begun() -> None:
    caller = at_home().presses("1")

    assert caller.presses("#", after_seconds=1).heard[-1] == "41.1"
    assert caller.presses("#", after_seconds=30).heard == ("end_of_episode",)


@pytest.mark.parametrize(("key", "begins"), [("1", "41.3"), ("2", "41.1")])
def test_she_may_go_on_where_she_stopped_or_begin_again(key: str, begins: str) -> None:
    caller = a_caller().rings("ps", marked=Marked(SHOW, 41, 3)).presses("1")
    assert caller.heard == ("you_chose", "newest_name", "resume")

    assert caller.presses(key).heard[-1] == begins


def test_on_a_shared_phone_nothing_is_resumed_and_nothing_marked() -> None:
    caller = a_caller().rings("ps", quiet=True, marked=Marked(SHOW, 41, 3)).presses("1").is_silent()

    assert caller.heard[-1] == "41.2"
    assert caller.done(Bookmark) == []


def test_a_bookmark_in_an_episode_that_is_gone_is_no_question() -> None:
    caller = a_caller().rings("ps", marked=Marked(SHOW, 12, 3)).presses("1")

    assert caller.heard[-1] == "41.1"


def test_where_nothing_is_on_she_is_told_and_led_back() -> None:
    caller = a_caller(Radio(episodes={})).rings("ps").presses("1")

    assert caller.heard == ("you_chose", "newest_name", "nothing_yet", "main_short")


def test_a_silent_caller_hears_it_slower_then_a_hint_then_the_newest_episode() -> None:
    caller = at_home()

    assert caller.is_silent().heard == ("nobody_pressed", "main")
    assert caller.is_silent().heard == ("hint", "main")
    assert caller.is_silent().heard == ("now_the_newest", "message_1", "of_5", "41.1")
    assert caller.is_silent(6).heard[-1] == "end_of_episode"
    assert caller.is_silent(2).whole == ("goodbye",)
    assert caller.has_ended


def test_another_key_is_met_with_which_keys_there_are_and_counted_apart() -> None:
    caller = a_caller().rings("ps").presses("2").presses("0").is_silent()
    caller.presses("6")

    assert caller.heard == ("which_keys", "main")
    whats = [count.what for count in caller.counts if count.node == "main"]
    assert (whats.count(Counted.SILENT), whats.count(Counted.INVALID)) == (1, 1)


def test_key_seven_twice_stops_everything_and_any_other_key_goes_on() -> None:
    assert at_home().presses("7").heard == ("stop_ask",)
    assert at_home().presses("71").heard == ("main_short",)

    caller = at_home().presses("77")
    assert (caller.whole, caller.has_ended, caller.acts) == (("stopped",), True, [StopByKey("ps")])


@pytest.mark.parametrize("keys", ["9", "19", "2339", "79", "59", "*9", "3239"])
def test_key_nine_plays_something_harmless_at_once_and_ends(keys: str) -> None:
    caller = at_home().presses(keys)

    assert (caller.whole, caller.has_ended) == (("cover",), True)


def test_a_pause_is_not_for_ever() -> None:
    caller = at_home().presses("5")

    assert caller.is_silent(8).heard == ("paused",)
    assert caller.is_silent().whole == ("goodbye",)


def test_joining_is_agreed_to_twice_heard_whole_and_its_words_are_evidence() -> None:
    caller = at_home().presses("33")
    assert caller.whole == ("you_chose", "join_name", "join", "join_ask")
    assert caller.presses("1").heard == ("join_confirm",)
    assert (caller.asked, caller.acts) == ((), [])

    caller.presses("1")
    (act,) = caller.done(JoinByKeys)
    assert isinstance(act, JoinByKeys)
    assert [line.split(":")[0] for line in act.wording.splitlines()] == ["join", "join_ask", "join_confirm"]
    assert blob("join_ask ps").hex() in act.wording
    assert caller.heard[0] == "joined"


@pytest.mark.parametrize("keys", ["332", "3312", "334", "330", "3315", "331*"])
def test_one_yes_is_not_enough(keys: str) -> None:
    assert at_home().presses(keys).done(JoinByKeys) == []


def test_silence_is_no_consent() -> None:
    caller = at_home().presses("331").is_silent(3)

    assert (caller.whole, caller.has_ended, caller.acts) == (("not_joined", "goodbye"), True, [])


def test_a_withheld_number_can_listen_and_speak_but_not_join_stop_vote_or_be_remembered() -> None:
    caller = Caller(STARTER, Radio(asked=a_question()), number=None).rings()
    caller.presses("11")

    assert caller.presses("7").heard[0] == "which_keys"
    assert caller.presses("033").heard[0] == "you_chose"
    assert "not_joined" in caller.heard
    assert "poll_over" in caller.presses("031").heard
    assert caller.presses("01").heard[-1] == "41.1"
    assert caller.presses("032").records
    assert {type(act) for act in caller.acts} <= {MoreMinutes}


def test_a_poll_is_answered_by_one_key() -> None:
    caller = a_caller(Radio(asked=a_question())).rings("ps").presses("31")
    assert caller.heard[-2:] == ("week_question", "the question in ps")

    caller.presses("3")
    assert caller.heard[0] == "which_keys"
    caller.presses("2")
    assert (caller.done(Vote), caller.heard[0]) == ([Vote(5, 2)], "poll_thanks")


def test_a_question_that_was_not_recorded_in_her_language_is_not_put_to_her() -> None:
    assert "poll_over" in a_caller(Radio(asked=a_question())).rings("en").presses("31").heard


def test_clips_play_one_after_another() -> None:
    caller = at_home().presses("22")
    assert caller.heard[-3:-1] == ("message_1", "of_3")
    # What listeners left may be taken back: nobody on the way keeps a copy of it, as of what is ours
    assert isinstance(caller.turn.then, Ask)
    assert [isinstance(one, Sound) and one.passing for one in caller.turn.then.sounds][-2:] == [False, True]

    assert caller.is_silent(3).heard == ("end_of_episode",)
    assert caller.done(Bookmark) == []


def test_feedback_is_warned_about_whole_and_sent_by_key_without_a_code_or_a_consent() -> None:
    caller = at_home().presses("32")
    assert caller.records
    assert caller.whole[-2:] == ("feedback_warning", "speak_now")

    assert caller.speaks(8).heard == ("recorded",)
    caller.presses("1")
    first, last = caller.done(KeepRecording)
    assert isinstance(first, KeepRecording)
    assert isinstance(last, KeepRecording)
    assert (first.is_final, last.is_final) == (False, True)
    assert (last.door, last.code, last.wording, last.show) == (Door.FEEDBACK, None, None, None)
    assert caller.heard[:2] == ("sent", "help_lines")


def test_without_a_moderators_key_nobody_is_asked_to_speak_and_she_is_led_back() -> None:
    caller = a_caller(Radio(has_key=False)).rings("ps")
    for keys in ("32", "2"):
        assert "line_closed" in caller.presses(keys).heard
        assert not caller.records
    assert caller.done(KeepRecording) == []
    assert caller.presses("0").heard[-1] == "main_short"
    assert caller.presses("23").records  # a word for the show needs no such key


def test_a_clip_is_asked_about_three_times_and_has_a_code() -> None:
    caller = at_home().presses("23").speaks()
    assert caller.presses("1").whole == ("may_we_play",)
    assert caller.presses("1").whole == ("may_we_broadcast",)
    assert caller.presses("2").whole == ("woman_or_man",)
    caller.presses("1")

    kept = caller.done(KeepRecording)[-1]
    assert isinstance(kept, KeepRecording)
    assert (kept.show, kept.speaker, kept.code, kept.is_final) == ("poems", Speaker.WOMAN, CODE, True)
    assert kept.consents == MayBe.KEPT | MayBe.PLAYED
    assert kept.wording is not None
    digits = tuple(f"digit_{digit}" for digit in CODE)
    assert caller.whole == ("sent", "your_code", *digits, "your_code", *digits)
    assert CODE not in repr(kept)
    assert kept.carrier_id not in repr(kept)


def test_what_was_recorded_is_heard_again_done_again_or_deleted() -> None:
    caller = at_home().presses("32").speaks(12)
    assert caller.presses("8").heard == ("echo", "recorded")

    assert caller.presses("2").records
    assert caller.done(DropRecording) == [DropRecording("RE2")]
    caller.speaks(9).presses("3")
    assert len(caller.done(DropRecording)) == 2
    assert caller.heard[0] == "deleted"
    assert caller.state.spoken is None


@pytest.mark.parametrize("leaves", ["0", "4", "9", "*"])
def test_going_elsewhere_without_deleting_keeps_what_she_said(leaves: str) -> None:
    caller = at_home().presses("23").speaks().presses("11").presses(leaves)

    kept = caller.done(KeepRecording)[-1]
    assert isinstance(kept, KeepRecording)
    assert (kept.consents, kept.code) == (MayBe.KEPT | MayBe.PLAYED, None)
    assert caller.done(DropRecording) == []


def test_hanging_up_while_speaking_keeps_what_can_be_heard() -> None:
    caller = at_home().presses("32").speaks(3, hangs_up=True)
    (kept,) = caller.done(KeepRecording)
    assert isinstance(kept, KeepRecording)
    assert (kept.is_final, caller.has_ended, caller.heard) == (True, True, ())

    short = at_home().presses("32").speaks(2, hangs_up=True)
    assert (short.done(KeepRecording), len(short.done(DropRecording))) == ([], 1)


def test_when_nothing_was_said_she_may_try_again_and_the_third_time_is_the_last() -> None:
    caller = at_home().presses("32").is_silent()
    assert caller.whole == ("too_short", "speak_now")

    assert caller.is_silent(2).whole == ("too_short", "goodbye")


def test_in_a_recording_three_rounds_without_an_answer_end_with_goodbye_and_keep_it() -> None:
    caller = at_home().presses("32").speaks().is_silent(3)

    assert (caller.whole, caller.has_ended) == (("goodbye",), True)
    assert caller.done(KeepRecording)[-1].is_final  # type: ignore[union-attr]


def test_who_has_spoken_enough_today_is_told_before_the_beep() -> None:
    caller = Caller(STARTER, recordings_left=0).rings("ps").presses("32")

    assert not caller.records
    assert "limit_reached" in caller.heard


def test_who_has_listened_enough_today_is_told_and_the_call_ends() -> None:
    caller = Caller(STARTER, seconds_left=0).rings("ps").presses("1")

    assert (caller.whole[-2:], caller.has_ended) == (("limit_reached", "goodbye"), True)


def test_our_call_says_its_message_and_then_the_menu() -> None:
    caller = a_caller().rings("ps", is_new=True, outbound=Outbound(8, 0, "ps", MESSAGE))
    assert caller.heard == ("greeting", blob("our message").hex()[:6])

    assert caller.presses("8").heard[-1] == blob("our message").hex()[:6]
    assert caller.is_silent().heard == ("main",)


def test_our_call_to_whoever_never_presses_a_key_ends_after_three_rounds() -> None:
    caller = a_caller().rings("ps", outbound=Outbound(8, 0, "ps", MESSAGE)).is_silent(4)

    assert (caller.whole, caller.has_ended) == (("goodbye",), True)


def test_after_our_message_in_a_language_that_the_line_has_no_menu_for_she_is_asked_for_hers() -> None:
    caller = a_caller().rings(None, outbound=Outbound(8, 0, "sd", MESSAGE)).is_silent()

    assert caller.heard == ("this_language",) * 3


def test_a_call_back_is_as_if_she_had_called() -> None:
    new = a_caller().rings(is_new=True, outbound=Outbound(8, 0)).presses("1")
    assert new.heard == ("practice",)

    caller = a_caller().rings("ps", outbound=Outbound(8, 0))

    assert caller.heard == ("greeting", "main_short")
    assert caller.is_silent(3).heard[0] == "now_the_newest"


@pytest.mark.parametrize("keys", ["2", "3", "0", "*", "5", "7", "77", "6", "#", "8", "234", "9"])
def test_a_shared_phone_hears_nothing_of_us_before_her_key(keys: str) -> None:
    caller = a_caller().rings("ps", quiet=True, outbound=Outbound(8, 0, "ps", MESSAGE))
    for key in keys:
        if not caller.has_ended:
            caller.presses(key)

    assert set().union(*caller.history) == {"press_any_key", "cover"}
    assert caller.acts == []


def test_a_shared_phone_that_nobody_answers_for_is_left_with_harmless_words() -> None:
    caller = a_caller().rings("ps", quiet=True, outbound=Outbound(8, 0, "ps", MESSAGE)).is_silent(3)

    assert (caller.whole, caller.has_ended) == (("cover",), True)


def test_with_her_key_a_shared_phone_hears_the_message() -> None:
    caller = a_caller().rings("ps", quiet=True, outbound=Outbound(8, 0, "ps", MESSAGE)).presses("1")

    assert caller.heard == ("greeting", blob("our message").hex()[:6])


def test_no_call_of_ours_is_cut_off_by_the_carrier_in_the_middle_of_a_piece() -> None:
    long = Radio(episodes={SHOW: [an_episode(pieces=12, milliseconds=180_000)]})
    caller = Caller(STARTER, long).rings("ps", outbound=Outbound(8, 0)).presses("1")
    while not caller.has_ended:
        caller.is_silent()

    assert caller.whole == ("limit_reached", "goodbye")
    assert caller.elapsed_ms < 20 * 60_000


def test_who_goes_in_and_out_is_counted_so_that_what_is_missing_hung_up() -> None:
    caller = at_home().presses("20").presses("1")

    def of(node: str) -> list[str]:
        return [count.what.value for count in caller.counts if count.node == node]

    assert of("main") == ["entered", "left", "entered", "left"]
    assert of("poems") == ["entered", "left"]
    assert of("newest") == ["entered"]
    assert of("episode:41.1") == ["entered"]
    assert {count.menu_version for count in caller.counts} == {STARTER.id}


def test_a_draft_that_is_tried_counts_nothing_joins_nobody_and_keeps_no_recording() -> None:
    caller = a_caller().rings("ps", draft=True).presses("3311").presses("032").speaks().presses("1")

    assert caller.counts == []
    assert {type(act) for act in caller.acts} == {DropRecording}


def test_a_call_ends_after_two_hundred_steps_with_a_word() -> None:
    caller = at_home()
    while not caller.has_ended:
        caller.presses("8")

    assert (caller.steps, caller.whole) == (200, ("goodbye",))
