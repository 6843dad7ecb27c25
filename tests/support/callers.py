"""A caller without a telephone: presses keys, keeps silent, speaks and hangs up; hears prompts by their names."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from campaigns.people.numbers import Number
from campaigns.radio.on_the_phone import ClipToPlay, EpisodeToPlay, SegmentToPlay
from campaigns.radio.questions import OpenQuestion
from campaigns.voice.call import (
    Act,
    Ask,
    Call,
    Count,
    Echo,
    Heard,
    HeardRecording,
    Outbound,
    Played,
    Sound,
    Take,
    Turn,
    how_long,
)
from campaigns.voice.journey.beginning import what_we_call_for
from campaigns.voice.journey.moment import Moment
from campaigns.voice.journey.walking import first_step, next_step
from campaigns.voice.menu import Menu, prompts_of
from campaigns.voice.state import CallState, Marked, Phase
from campaigns.voice.versions import PublishedMenu
from tests.conftest import NOON_IN_PESHAWAR
from tests.support.menus import starter_menu

HER = Number("+923990000101")
SHOW, POEMS = "gudar", "poems"
CODE = "407215"
MENU_ID = 7


def blob(name: str) -> bytes:
    """A content hash for a name."""
    return hashlib.sha256(name.encode()).digest()


def said(menu: Menu, lengths: dict[str, int] | None = None, *, usual_ms: int = 3_000) -> PublishedMenu:
    """A menu in which every prompt says its own name, so long as told."""
    lengths = lengths or {}
    sounds = {
        (name, language): Sound(name, language, blob(f"{name} {language}"), lengths.get(name, usual_ms))
        for name in prompts_of(menu)
        for language in menu.languages
    }
    return PublishedMenu(MENU_ID, 1, menu, sounds)


def an_episode(episode_id: int = 41, pieces: int = 5, milliseconds: int = 120_000) -> EpisodeToPlay:
    """An episode whose pieces are called by its id and their place."""
    return EpisodeToPlay(
        episode_id,
        "an episode",
        tuple(
            SegmentToPlay(place, f"{episode_id}.{place}", blob(f"{episode_id}.{place}"), milliseconds)
            for place in range(1, pieces + 1)
        ),
    )


@dataclass
class Radio:
    """What is on air in a test. The newest episode of a show is the last."""

    episodes: dict[str, list[EpisodeToPlay]] = field(default_factory=lambda: {SHOW: [an_episode()]})
    left: dict[str, int] = field(default_factory=lambda: {POEMS: 3})
    asked: OpenQuestion | None = None
    keys: tuple[str, ...] = ("1", "2")
    has_key: bool = True

    def newest(self, show: str, language: str) -> EpisodeToPlay | None:
        return next(reversed(self.episodes.get(show, [])), None)

    def episode(self, episode_id: int, language: str) -> EpisodeToPlay | None:
        every = [one for episodes in self.episodes.values() for one in episodes]
        return next((one for one in every if one.id == episode_id), None)

    def clips(self, show: str, language: str) -> tuple[ClipToPlay, ...]:
        return tuple(ClipToPlay(blob(f"clip {n}"), 20_000, "") for n in range(self.left.get(show, 0)))

    def question(self, show: str) -> OpenQuestion | None:
        return self.asked if show == SHOW else None

    def poll_keys(self, poll_id: int) -> tuple[str, ...]:
        return self.keys

    def new_code(self) -> str:
        return CODE

    def feedback_can_be_sealed(self) -> bool:
        return self.has_key


def a_question(poll: int | None = 5) -> OpenQuestion:
    """A question of the week, with a poll, recorded in two of three languages."""
    words = {tag: f"the question in {tag}" for tag in ("ps", "ur", "en")}
    recorded = {tag: blob(words[tag]) for tag in ("ps", "ur")}
    return OpenQuestion(9, poll, NOON_IN_PESHAWAR + timedelta(days=3), words, recorded)


@dataclass
class Caller:
    """One call, step by step. `heard` is what the last turn says, `silence_ms` how long she has heard us so far."""

    menu: PublishedMenu
    radio: Radio = field(default_factory=Radio)
    number: Number | None = HER
    now: datetime = NOON_IN_PESHAWAR
    seconds_left: int | None = None
    recordings_left: int | None = None
    steps: int = 0
    elapsed_ms: int = 0
    turn: Turn = field(default_factory=Turn)
    acts: list[Act] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    history: list[tuple[str, ...]] = field(default_factory=list)

    def rings(
        self,
        language: str | None = None,
        *,
        is_new: bool = False,
        marked: Marked | None = None,
        quiet: bool = False,
        draft: bool = False,
        outbound: Outbound | None = None,
    ) -> "Caller":
        """Call, or be called; `language` is the one that is remembered."""
        state = CallState(
            version=self.menu.id,
            phase=Phase.LANGUAGE,
            language=language,
            is_new=is_new,
            quiet=quiet,
            draft=draft,
            marked=marked,
            ours=what_we_call_for(outbound),
        )
        return self._take(first_step(Moment(self.menu, self.radio, self.call, state)))

    @property
    def call(self) -> Call:
        """Her call as a step gets it."""
        return Call(
            1,
            self.number,
            b"c" * 32,
            self.now,
            seconds_left=self.seconds_left,
            recordings_left=self.recordings_left,
        )

    @property
    def state(self) -> CallState:
        """Where the call is."""
        assert self.turn.then is not None
        return self.turn.then.next

    @property
    def has_ended(self) -> bool:
        """Whether we hung up."""
        return self.turn.then is None

    @property
    def asked(self) -> tuple[str, ...]:
        """What a key cuts, by name."""
        return names(self.turn.then.sounds) if isinstance(self.turn.then, Ask) else ()

    @property
    def whole(self) -> tuple[str, ...]:
        """What is heard whole, by name."""
        return names(self.turn.first)

    @property
    def heard(self) -> tuple[str, ...]:
        """Everything that the last turn says."""
        return (*self.whole, *self.asked)

    @property
    def records(self) -> bool:
        """Whether a beep comes next."""
        return isinstance(self.turn.then, Take)

    def presses(self, keys: str, after_seconds: int | None = None) -> "Caller":
        """Press keys one after another, each so long after the turn began, else when it is over."""
        for key in keys:
            self._later(after_seconds)
            self._step(Heard(key))
        return self

    def is_silent(self, times: int = 1) -> "Caller":
        """Let turns play to their end and press nothing."""
        for _ in range(times):
            self._later(None)
            self._step(Heard())
        return self

    def speaks(self, seconds: int = 20, *, hangs_up: bool = False, key: str | None = "#") -> "Caller":
        """Say something after the beep."""
        assert self.records
        self._later(seconds)
        recording = HeardRecording(f"RE{self.steps}", seconds, hangs_up)
        return self._step(Heard(None if hangs_up else key, recording))

    def done(self, kind: type[Act]) -> list[Act]:
        """Every act of one kind in this call."""
        return [act for act in self.acts if isinstance(act, kind)]

    def _later(self, seconds: int | None) -> None:
        then = self.turn.then
        played = how_long(self.turn.first) + (how_long(then.sounds) if isinstance(then, Ask) else 0)
        waited = then.wait_seconds * 1000 if isinstance(then, Ask) else 0
        spent = played + waited if seconds is None else seconds * 1000
        self.elapsed_ms += spent
        self.now += timedelta(milliseconds=spent)

    def _step(self, heard: Heard) -> "Caller":
        self.steps += 1
        return self._take(next_step(Moment(self.menu, self.radio, self.call, self.state), heard))

    def _take(self, turn: Turn) -> "Caller":
        self.turn = turn
        self.acts += turn.acts
        self.counts += turn.counts
        self.history.append(self.heard)
        return self


def names(sounds: tuple[Played, ...]) -> tuple[str, ...]:
    """Prompts by name, her own recording as “echo”, what has no words by its blob's beginning."""
    return tuple(
        "echo" if isinstance(sound, Echo) else sound.text or (sound.blob or b"").hex()[:6] for sound in sounds
    )


def with_lengths(menu: PublishedMenu, lengths: dict[str, int]) -> PublishedMenu:
    """The same menu, some prompts of another length."""
    sounds = {
        place: replace(sound, milliseconds=lengths.get(place[0], sound.milliseconds))
        for place, sound in menu.sounds.items()
    }
    return replace(menu, sounds=sounds)


STARTER = said(starter_menu())
