"""One moment of a call: what is known, what is said, and what is to be counted and done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from campaigns.voice.call import (
    WAIT_SECONDS,
    Act,
    Ask,
    Call,
    Count,
    Counted,
    Played,
    Sound,
    Take,
    Turn,
    how_long,
)
from campaigns.voice.menu import MAIN, MOST_PARTS, Node, NodeKind, NoSuchNode
from campaigns.voice.on_air import OnAir
from campaigns.voice.state import CallState, Door, Phase
from campaigns.voice.versions import PublishedMenu

LONGEST_CALL_SECONDS = 20 * 60  # voice.md R17; the carrier ends calls of ours then, without a word
TIME_TO_SAY_SO_SECONDS = 30
_BEFORE_THE_MENU = (Phase.LANGUAGE, Phase.PRACTICE, Phase.NEUTRAL, Phase.OUR_CALL)


@dataclass(frozen=True)
class Words:
    """What is said to ask something: `first` is heard whole, a key cuts the rest."""

    then: tuple[Played, ...] = ()
    first: tuple[Played, ...] = ()
    wait_seconds: int = WAIT_SECONDS


@dataclass(frozen=True)
class Go:
    """On to a node. `lead` is said before what is heard there; `first` before that, whole.

    `plainly`: an episode begins at once, nothing is asked before.
    """

    node: str
    lead: tuple[Played, ...] = ()
    first: tuple[Played, ...] = ()
    plainly: bool = False


Next = Turn | Go


class Moment:
    """What one step knows (`menu`, `on_air`, `call`, `state`) and what it gathers: `state` is the state to come."""

    def __init__(self, menu: PublishedMenu, on_air: OnAir, call: Call, state: CallState) -> None:
        """Begin with the state that the last step left."""
        self.menu, self.on_air, self.call, self.state = menu, on_air, call, state
        self.counts: list[Count] = []
        self.acts: list[Act] = []

    @property
    def language(self) -> str:
        """Hers, or the first that is offered while hers is not known."""
        return self.state.language or self.menu.menu.languages[0]

    @property
    def epoch_seconds(self) -> int:
        """Now, in whole seconds since 1970."""
        return int(self.call.now.timestamp())

    @property
    def node(self) -> Node:
        """Where she is in the menu; the main node when a draft lost hers meanwhile. Raises NoSuchNode without any."""
        try:
            return self.menu.menu.node(self.state.node)
        except NoSuchNode:
            return self.menu.menu.node(MAIN)

    @property
    def above(self) -> str:
        """The node that leads here."""
        return self.menu.menu.parents().get(self.node.name, MAIN)

    @property
    def has_our_message(self) -> bool:
        """Whether we called her to say something; a call-back is not that, she asked for it."""
        return self.state.ours is not None and self.state.ours.blob is not None

    @property
    def remembers(self) -> bool:
        """Whether where she stopped is kept: not of a withheld number, and not on a shared phone (R19)."""
        return self.call.caller is not None and not self.state.quiet

    @property
    def misses(self) -> int:
        """Rounds without a good key."""
        return self.state.silent + self.state.invalid

    def set(self, **changes: Any) -> None:
        """Change the state to come."""
        self.state = self.state.changed(**changes)

    def say(self, *prompts: str) -> tuple[Sound, ...]:
        """These prompts in her language."""
        return tuple(self.menu.sound(prompt, self.language) for prompt in prompts)

    def place_said(self, place: int, of: int) -> tuple[Sound, ...]:
        """“Message 2 of 5” (R18), where there are several and words for so many."""
        return self.say(f"message_{place}", f"of_{of}") if 1 < of <= MOST_PARTS else ()

    def wording(self, *prompts: str) -> str:
        """What these prompts say, word for word, with the hash of each recording: evidence of what was agreed to."""
        sounds = zip(prompts, self.say(*prompts), strict=True)
        return "\n".join(
            f"{prompt}: {sound.text} [{sound.blob.hex() if sound.blob else 'spoken'}]"
            for prompt, sound in sounds
        )

    def fresh(self) -> None:
        """A good key: what was missed before does not count any more."""
        self.set(silent=0, invalid=0, waited_ms=0)

    def do(self, act: Act) -> None:
        """Have something done about this step."""
        self.acts.append(act)

    def count(self, node: str, what: Counted, n: int = 1) -> None:
        """Count something at a node."""
        self.counts.append(Count(self.menu.id, node, what, n))

    def ask(self, words: Words, lead: tuple[Played, ...] = (), first: tuple[Played, ...] = ()) -> Turn:
        """Say it and wait for a key. What leads to words that are heard whole is heard whole too."""
        if words.first:
            first, then = (*first, *lead, *words.first), words.then
        else:
            then = (*lead, *words.then)
        spent = how_long(first) + how_long(then) + words.wait_seconds * 1000
        self.set(asked_at=self.epoch_seconds, waited_ms=self.state.waited_ms + spent)
        return Turn(first, Ask(then, self.state, words.wait_seconds))

    def take(self, first: tuple[Played, ...], door: Door, most_seconds: int) -> Turn:
        """Say it whole, beep, and record."""
        self.set(asked_at=self.epoch_seconds, phase=Phase.SPEAK)
        return Turn(first, Take(self.state, door, most_seconds))

    def goodbye(self, *lead: Played) -> Turn:
        """End the call with a word."""
        return Turn((*lead, *self.say("goodbye")))

    def has_time_for(self, milliseconds: int) -> bool:
        """Whether so much more can be played before the call's or the day's limit."""
        if self.call.seconds_left is not None and self.call.seconds_left <= 0:
            return False
        spent = self.epoch_seconds - self.state.began_at
        if self.state.ours is None:
            return spent < LONGEST_CALL_SECONDS
        return spent + milliseconds // 1000 < LONGEST_CALL_SECONDS - TIME_TO_SAY_SO_SECONDS

    def is_at_a_menu(self) -> bool:
        """Whether the node offers options."""
        return self.node.kind is NodeKind.MENU


@dataclass(frozen=True)
class Leg:
    """How one phase of a call goes: what is said, what its own keys lead to (None: not one of them), and what comes
    after three rounds without a good key. `hurries`: that is content, which is reached within a minute (R8).
    `silent`: where silence means something else than nobody. `again`: where to say it again takes more than that.
    """

    words: Callable[[Moment], Words]
    key: Callable[[Moment, str], Next | None]
    give_up: Callable[[Moment], Next]
    hurries: bool = False
    silent: Callable[[Moment], Next] | None = None
    again: Callable[[Moment, tuple[Played, ...]], Next] | None = None

    def say_again(self, m: Moment, lead: tuple[Played, ...] = ()) -> Next:
        """Say it once more, behind `lead`."""
        return self.again(m, lead) if self.again else m.ask(self.words(m), lead)


def place_of(state: CallState) -> str:
    """Under which name a state is counted: its node, or what comes before the menu, by a name no node can have."""
    return f"before:{state.phase}" if state.phase in _BEFORE_THE_MENU else state.node


def piece_of(state: CallState) -> str | None:
    """Under which name what is played is counted: the segment of an episode; None for anything else."""
    playing = state.playing
    if state.phase is not Phase.PLAYING or playing is None or playing.episode_id is None:
        return None
    return f"episode:{playing.episode_id}.{playing.place}"
