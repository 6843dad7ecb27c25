"""What a scripted person does in a call, written as "wait 2, 1, wait, #, record 5, hang up in play 3"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from gateway.simulator.voice.verbs import ANY_KEY

LONGEST_SCRIPT = 2000
PATIENCE_SECONDS, MISSED_SECONDS = 60.0, 2.0
USUAL_ANSWER_SECONDS, USUAL_SPEECH_SECONDS = 3.0, 4.0
MACHINE_LISTENS_SECONDS = 30.0


class ScriptWrong(Exception):
    """The script cannot be read; the text says where."""


@dataclass(frozen=True)
class Wait:
    """Some seconds pass."""

    seconds: float


@dataclass(frozen=True)
class WaitAsked:
    """Until the line has said all and waits for a key or for speech."""


@dataclass(frozen=True)
class Press:
    """A key, as soon as the line listens; `at_once` presses it whether it listens or not."""

    key: str
    at_once: bool = False


@dataclass(frozen=True)
class StaySilent:
    """Through so many questions of the line."""

    times: int


@dataclass(frozen=True)
class Talk:
    """So many seconds, once the line records."""

    seconds: float


@dataclass(frozen=True)
class HangUp:
    """At once, or `after` seconds into the sound that is `in_sound`-th in the call."""

    in_sound: int | None = None
    after: float = 1.0


@dataclass(frozen=True)
class PressAnything:
    """A key, silence or speech by chance, at so many questions."""

    times: int


Step = Wait | WaitAsked | Press | StaySilent | Talk | HangUp | PressAnything


@dataclass(frozen=True)
class Pickup:
    """What a called phone does. `how` is "answer", "machine", "busy", "no answer", "failed" or "decline"."""

    how: str = "answer"
    after: float = USUAL_ANSWER_SECONDS


@dataclass(frozen=True)
class Script:
    """`patience` is how long she lets it ring when she calls. After the last step she listens until the line ends."""

    steps: tuple[Step, ...] = ()
    pickup: Pickup | None = None
    patience: float = PATIENCE_SECONDS


@lru_cache(maxsize=256)
def read_script(text: str) -> Script:
    """Raises `ScriptWrong`."""
    if len(text) > LONGEST_SCRIPT:
        raise ScriptWrong(f"A script has {LONGEST_SCRIPT} characters at most.")
    steps: list[Step] = []
    pickup, patience = None, PATIENCE_SECONDS
    for place, part in enumerate(piece.strip().lower() for piece in text.split(",")):
        if not part or part == "listen":
            continue
        found = re.fullmatch(_PICKUP, part)
        missed = re.fullmatch(rf"missed{_SECONDS}", part)
        if found:
            if place:
                raise ScriptWrong(f"A script begins with “{part}”, it does not go on with it.")
            pickup = Pickup(found[1], float(found[2] or USUAL_ANSWER_SECONDS))
        elif missed:
            patience = float(missed[1] or MISSED_SECONDS)
            steps.append(HangUp())
        else:
            steps.extend(_steps(part))
    if pickup is not None and pickup.how == "machine":
        steps = [Wait(MACHINE_LISTENS_SECONDS), HangUp()]
    return Script(tuple(steps), pickup, patience)


_SECONDS = r"(?: (\d{1,4}(?:\.\d{1,3})?))?"
_PICKUP = rf"(answer|machine|busy|no answer|failed|decline){_SECONDS}"


def _press_all(found: re.Match[str]) -> list[Step]:
    return [Press(key) for key in found[1]]


_FORMS: tuple[tuple[str, Callable[[re.Match[str]], list[Step]]], ...] = (
    (r"wait", lambda _: [WaitAsked()]),
    (r"wait (\d{1,5}(?:\.\d{1,3})?)", lambda found: [Wait(float(found[1]))]),
    (rf"([{re.escape(ANY_KEY)}]{{1,32}})", _press_all),
    (rf"now ([{re.escape(ANY_KEY)}])", lambda found: [Press(found[1], at_once=True)]),
    (r"silent(?: (\d{1,3}))?", lambda found: [StaySilent(int(found[1] or 1))]),
    (rf"record{_SECONDS}", lambda found: [Talk(float(found[1] or USUAL_SPEECH_SECONDS))]),
    (r"hang up", lambda _: [HangUp()]),
    (
        rf"hang up in play (\d{{1,3}})(?: at{_SECONDS})?",
        lambda found: [HangUp(int(found[1]), float(found[2] or 1))],
    ),
    (r"random (\d{1,4})", lambda found: [PressAnything(int(found[1]))]),
)


def _steps(part: str) -> list[Step]:
    for form, make in _FORMS:
        found = re.fullmatch(form, part)
        if found:
            return make(found)
    raise ScriptWrong(f"“{part}” is nothing that a caller does.")
