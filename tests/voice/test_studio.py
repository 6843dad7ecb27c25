"""Recording prompts by telephone: by code only, number by number, kept, said again, left out; then in the draft."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from campaigns.audio.kept import Mended
from campaigns.people.numbers import Number
from campaigns.programme.lines import Can, Line, NoSuchLine
from campaigns.staff.actor import NotPermitted
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from campaigns.voice import publishing, studio
from campaigns.voice.call import (
    Act,
    Ask,
    Call,
    DropRecording,
    Echo,
    Heard,
    HeardRecording,
    KeepRecording,
    Take,
    Turn,
)
from campaigns.voice.journey.recording import kept_by_hanging_up
from campaigns.voice.menu import prompts_of
from campaigns.voice.prompts import Recording, attach_all
from campaigns.voice.reading_in import (
    ALL_DONE,
    GOODBYE,
    NOTHING_HEARD,
    OVER,
    WRONG_CODE,
    begin_studio,
    studio_step,
)
from campaigns.voice.state import CallState, Phase
from campaigns.voice.studio import LanguageNotOffered, StudioSession, attach_read_in, open_studio, to_read
from campaigns.voice.versions import NotADraft, SpokenBy, prompt_rows
from campaigns.voice.ways import Way, set_way, studio_lines, way_of
from tests.support.menus import SOUND, drafted_menu, starter_menu
from tests.support.programme import TrainingProgramme, training_programme

NUMBERS = {name: number for number, name in enumerate(prompts_of(starter_menu()), start=1)}
MISSING = ("greeting", "hint", "goodbye")


@dataclass
class Caller:
    """Somebody on the studio's line."""

    database: Database
    keyring: KeyRing
    made: TrainingProgramme
    now: datetime
    menu_id: int = 0
    state: CallState | None = None
    last: Turn = field(default_factory=Turn)
    acts: list[Act] = field(default_factory=list)
    recordings: int = 0

    def code(self, language: str = "en") -> str:
        with self.database.writing() as session:
            vault, producer = self.keyring.vault(session), self.made.actors["producer"]
            return open_studio(session, vault, producer, self.menu_id, language, now=self.now)

    def calls(self) -> "Caller":
        return self._hears(begin_studio())

    def presses(self, keys: str) -> "Caller":
        for key in keys:
            self._steps(Heard(key=key))
        return self

    def waits(self) -> "Caller":
        return self._steps(Heard())

    def reads(self, seconds: int = 3, *, hangs_up: bool = False) -> "Caller":
        self.recordings += 1
        return self._steps(Heard("#", HeardRecording(f"RE{self.recordings}", seconds, hangs_up)))

    @property
    def number(self) -> int | None:
        """Of the prompt that is being taken now."""
        if not isinstance(self.last.then, Take):
            return None
        said = self.last.first[-1]
        assert not isinstance(said, Echo)
        return int(said.text.split(":")[0].removeprefix("Number "))

    def _steps(self, heard: Heard) -> "Caller":
        assert self.state is not None
        call = Call(line_id=1, caller=Number("+923990000199"), source=b"c" * 32, now=self.now)
        with self.database.writing() as session:
            return self._hears(studio_step(session, self.keyring.vault(session), self.state, call, heard))

    def _hears(self, turn: Turn) -> "Caller":
        self.last, self.state = turn, turn.then.next if turn.then else None
        assert self.state is None or self.state.phase is Phase.STUDIO
        self.acts += turn.acts
        return self


@pytest.fixture
def caller(database: Database, keyring: KeyRing, now: datetime) -> Caller:
    """A draft in which three English prompts wait: one without a recording, one of a machine, one of a tone."""
    made = training_programme(database, keyring, now)
    with database.writing() as session:
        menu_id = drafted_menu(session, made.actors["producer"], now).id
        machine, tone = (Recording(SOUND.hash, 500, -22.0, one) for one in (SpokenBy.MACHINE, SpokenBy.TONE))
        attach_all(session, menu_id, {("hint", "en"): machine, ("goodbye", "en"): tone}, actor=None)
        prompt_rows(session, menu_id)["greeting", "en"].blob = None
    return Caller(database, keyring, made, now, menu_id)


def test_a_producer_reads_in_what_is_missing(caller: Caller) -> None:
    code = caller.code()

    assert caller.calls().presses(code).number == NUMBERS["greeting"]
    caller.reads()
    assert isinstance(caller.last.then, Ask)
    assert caller.last.then.sounds[0] == Echo(3_000)
    assert caller.presses("1").number == NUMBERS["hint"]  # kept
    assert caller.reads().presses("2").number == NUMBERS["hint"]  # said again
    assert caller.reads().presses("83").number == NUMBERS["goodbye"]  # heard again, left out
    caller.reads().presses("1")

    assert caller.last == Turn((ALL_DONE,), acts=caller.last.acts)
    kept = [act for act in caller.acts if isinstance(act, KeepRecording)]
    dropped = [act.carrier_id for act in caller.acts if isinstance(act, DropRecording)]
    assert ([act.carrier_id for act in kept], dropped) == (["RE1", "RE4"], ["RE2", "RE3"])
    with caller.database.writing() as session:
        for act in kept:
            attach_read_in(session, act.note, Mended(SOUND.data, 2_000, -21.5, ()), now=caller.now)
        rows = prompt_rows(session, caller.menu_id)
        assert [one.name for one in to_read(session, caller.menu_id, "en")] == ["hint"]
    greeting = rows["greeting", "en"]
    assert (greeting.spoken_by, greeting.milliseconds) == (SpokenBy.CALL, 2_000)
    assert greeting.recorded_by == caller.made.actors["producer"].staff


def stop_with_hash(caller: Caller) -> Caller:
    return caller.reads().presses("#")


def hang_up(caller: Caller) -> Caller:
    return caller.reads(hangs_up=True)


def fall_silent(caller: Caller) -> Caller:
    return caller.reads().waits().waits().waits()


def say_nothing(caller: Caller) -> Caller:
    return caller.reads(0).reads(0).reads(0)


@pytest.mark.parametrize(
    ("leave", "last"),
    [(stop_with_hash, (GOODBYE,)), (hang_up, ()), (fall_silent, (OVER,)), (say_nothing, (OVER,))],
)
def test_what_is_not_kept_on_purpose_is_dropped(
    caller: Caller, leave: Callable[[Caller], Caller], last: tuple[object, ...]
) -> None:
    leave(caller.calls().presses(caller.code()))

    assert caller.last.first == last
    assert caller.last.then is None
    assert {type(act) for act in caller.acts} == {DropRecording}
    assert len(caller.acts) == caller.recordings


def test_the_carriers_word_on_a_reading_is_no_word_of_hers(caller: Caller) -> None:
    caller.calls().presses(caller.code())
    assert caller.state is not None

    assert kept_by_hanging_up(caller.state, "RE1", 20) is None


def test_a_wrong_code_may_be_typed_again_and_a_third_ends_the_call(caller: Caller) -> None:
    code = caller.code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    asked = caller.calls().presses(wrong).last.then
    assert isinstance(asked, Ask)
    assert asked.sounds == (WRONG_CODE,)
    assert caller.presses(code).number is not None
    assert caller.calls().presses(wrong + wrong + wrong).last == Turn((OVER,))
    assert caller.calls().waits().waits().waits().last == Turn((OVER,))


def test_a_code_holds_half_an_hour_and_twenty_guesses_void_it(caller: Caller) -> None:
    code = caller.code()
    caller.now += timedelta(minutes=31)
    assert caller.calls().presses(code).number is None

    guessed = caller.code()
    with caller.database.writing() as session:
        vault = caller.keyring.vault(session)
        for guess in range(20):
            assert studio.enter(session, vault, f"x{guess:05d}", now=caller.now) is None
        assert studio.enter(session, vault, guessed, now=caller.now) is None


def test_a_newer_code_voids_the_older_and_neither_is_kept(caller: Caller) -> None:
    first, second = caller.code("ps"), caller.code("en")

    assert caller.calls().presses(first).number is None
    assert caller.calls().presses(second).number is not None
    with caller.database.reading() as session:
        (row,) = session.query(StudioSession).all()
    assert second.encode() not in row.code_mark


def test_whoever_got_in_is_let_go_when_the_draft_is_published_or_she_leaves(caller: Caller) -> None:
    caller.calls().presses(caller.code()).reads()
    with caller.database.writing() as session:
        words = {(name, "en"): Recording(SOUND.hash, 400, -22.0, SpokenBy.PERSON) for name in MISSING}
        attach_all(session, caller.menu_id, words, actor=None)
        publishing.publish(session, caller.made.actors["producer"], caller.menu_id, now=caller.now)

    assert caller.presses("1").last == Turn((OVER,), acts=(DropRecording("RE1"),))


def test_nothing_was_heard_is_said_and_the_prompt_comes_again(caller: Caller) -> None:
    caller.calls().presses(caller.code()).reads(0)

    assert caller.last.first[0] == NOTHING_HEARD
    assert caller.number == NUMBERS["greeting"]


def test_only_a_producer_opens_the_studio_for_a_draft_and_a_language_it_offers(caller: Caller) -> None:
    producer = caller.made.actors["producer"]
    with caller.database.writing() as session:
        vault = caller.keyring.vault(session)
        with pytest.raises(NotPermitted):
            open_studio(session, vault, caller.made.coordinator, caller.menu_id, "en", now=caller.now)
        with pytest.raises(LanguageNotOffered):
            open_studio(session, vault, producer, caller.menu_id, "fr", now=caller.now)
        words = {(name, "en"): Recording(SOUND.hash, 400, -22.0, SpokenBy.PERSON) for name in MISSING}
        attach_all(session, caller.menu_id, words, actor=None)
        publishing.publish(session, producer, caller.menu_id, now=caller.now)
        with pytest.raises(NotADraft):
            open_studio(session, vault, producer, caller.menu_id, "en", now=caller.now)


def test_a_line_answers_unless_it_is_told_otherwise(caller: Caller) -> None:
    with caller.database.writing() as session:
        line = session.get_one(Line, caller.made.two_way)
        with pytest.raises(NoSuchLine):
            set_way(session, line.id, Way.STUDIO)
        line.can = int(line.abilities | Can.VOICE_IN)
        assert way_of(session, line.id) is Way.ANSWERS
        set_way(session, line.id, Way.CALLS_BACK)
        set_way(session, line.id, Way.STUDIO)

        assert way_of(session, line.id) is Way.STUDIO
        assert [found.id for found in studio_lines(session)] == [line.id]
