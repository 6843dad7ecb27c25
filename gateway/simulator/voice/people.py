"""Who is at the other end of a call: a hand on a telephone, or a script that does what people do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from gateway.simulator.faults import Chance
from gateway.simulator.voice.script import (
    HangUp,
    Pickup,
    Press,
    PressAnything,
    Script,
    StaySilent,
    Step,
    Talk,
    Wait,
    WaitAsked,
)
from gateway.simulator.voice.sound import Speech
from gateway.simulator.voice.verbs import ANY_KEY

REACTION_SECONDS = 0.4


class Situation(Enum):
    """What the line is doing, as the person hears it."""

    RINGING = auto()
    ANSWERED = auto()
    SOUNDING = auto()
    """The next sound begins."""
    LISTENING = auto()
    """Keys count from now on."""
    ASKED = auto()
    """All is said, and the line waits."""
    RECORDING = auto()
    UNHEARD = auto()
    """The line stopped waiting; nothing came."""
    BUSY = auto()
    """The line listens no more."""


@dataclass(frozen=True)
class Key:
    """A key was pressed."""

    digit: str


@dataclass(frozen=True, repr=False)
class Spoke:
    """Something was said; `is_past` where it was said while the time passed, not from now on."""

    speech: Speech
    is_past: bool = False


@dataclass(frozen=True)
class Microphone:
    """She begins or stops speaking; what she says comes later."""

    is_on: bool


@dataclass(frozen=True)
class PutDown:
    """The telephone was put down."""


@dataclass(frozen=True)
class TakeUp:
    """The ringing telephone was answered, by a person or a machine."""

    is_machine: bool = False


@dataclass(frozen=True)
class Decline:
    """The ringing telephone was put to silence."""


PersonsAct = Key | Spoke | Microphone | PutDown | TakeUp | Decline


class Person(Protocol):
    """Hears what the line does and says when she acts next, in the call's own seconds."""

    pickup: Pickup | None
    """What her telephone does when it rings; None leaves it to a hand."""

    def hears(self, situation: Situation, now: float) -> None: ...

    @property
    def due(self) -> float | None:
        """When she acts next, if nothing else happens before."""

    def act(self) -> PersonsAct:
        """What she does at `due`."""


class Hand:
    """Nobody's script: whatever happens is done on the telephone."""

    pickup: Pickup | None = None
    due: float | None = None

    def hears(self, situation: Situation, now: float) -> None:
        """A hand is told by the telephone's screen."""

    def act(self) -> PersonsAct:
        raise AssertionError("a hand does nothing by itself")


@dataclass(repr=False)
class Scripted:
    """Goes through the steps of a script; each begins when the one before is done."""

    script: Script
    chance: Chance
    speech: Speech | None = None
    """What she says when she records, instead of a hum."""
    due: float | None = None
    _steps: Iterator[Step] = field(init=False)
    _step: Step | None = None
    _free_at: float = 0.0
    _situation: Situation = Situation.RINGING
    _since: float = 0.0
    _sounds: int = 0
    _since_sound: float = 0.0
    _left: int = 0

    def __post_init__(self) -> None:
        self.pickup = self.script.pickup
        self._steps = iter(self.script.steps)

    def hears(self, situation: Situation, now: float) -> None:
        if situation is Situation.RINGING:
            self.due = now + self.script.patience
            return
        if situation is Situation.ANSWERED:
            self._free_at = now
            self._next()
        elif situation is Situation.SOUNDING:
            self._sounds += 1
            self._since_sound = now
        elif situation is Situation.UNHEARD:
            self._unheard(now)
        if situation is not Situation.SOUNDING:
            self._situation, self._since = situation, now
        self._look()

    def act(self) -> PersonsAct:
        step, now = self._step, self.due or 0.0
        self._free_at = now + REACTION_SECONDS
        match step:
            case Press(key):
                done: PersonsAct = Key(key)
            case Talk(seconds):
                done = self._say(seconds, now)
            case PressAnything():
                done = self._anything(now)
                self._left -= 1
                if self._left > 0:
                    self._look()
                    return done
            case _:
                done = PutDown()
        self._next()
        self._look()
        return done

    def _say(self, seconds: float, now: float) -> Spoke:
        speech = self.speech or Speech(seconds)
        self._free_at = now + speech.seconds
        return Spoke(speech)

    def _anything(self, now: float) -> PersonsAct:
        if self._situation is Situation.RECORDING:
            return self._say(self.chance.between(0.5, 20.0), now)
        # One key twice in a question is pressed too late for it, as people do.
        self._situation = Situation.BUSY
        return Key(self.chance.one_of(ANY_KEY))

    def _unheard(self, now: float) -> None:
        """A question went by without her."""
        if isinstance(self._step, StaySilent | PressAnything):
            self._left -= 1
            if self._left <= 0:
                self._free_at = now
                self._next()

    def _next(self) -> None:
        """The next step that is more than the passing of time."""
        self._step = next(self._steps, None)
        while isinstance(self._step, Wait):
            self._free_at += self._step.seconds
            self._step = next(self._steps, None)
        self._left = self._step.times if isinstance(self._step, StaySilent | PressAnything) else 0

    def _look(self) -> None:
        """When the step that is next can be done, as things stand."""
        if isinstance(self._step, WaitAsked) and self._situation in (Situation.ASKED, Situation.RECORDING):
            self._free_at = max(self._free_at, self._since + REACTION_SECONDS)
            self._next()
        since = self._begins_at()
        self.due = None if since is None else max(self._free_at, since)

    def _begins_at(self) -> float | None:
        heard = self._since + REACTION_SECONDS
        is_listening = self._situation in (Situation.LISTENING, Situation.ASKED)
        is_recording = self._situation is Situation.RECORDING
        match self._step:
            case HangUp(None) | Press(_, True):
                return self._free_at
            case HangUp(sound, after) if sound is not None and self._sounds >= sound:
                return self._since_sound + after if self._sounds == sound else self._free_at
            case Press() if is_listening or is_recording:
                return heard
            case Talk() if is_recording:
                return heard
            case PressAnything() if is_listening or is_recording:
                return heard + self.chance.between(0.0, 12.0)
            case _:
                return None
