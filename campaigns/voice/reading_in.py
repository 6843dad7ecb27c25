"""A call to the studio's line: the code, then each prompt that is missing: its number, a beep, and what to do with it.

The carrier's own voice speaks, as only staff hear it. Where the call is travels sealed, as in every call.
"""

from dataclasses import dataclass, replace

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from campaigns.storage.vault import Vault
from campaigns.voice import studio
from campaigns.voice.call import (
    Act,
    Ask,
    Call,
    DropRecording,
    Echo,
    Heard,
    HeardRecording,
    KeepRecording,
    Played,
    Sound,
    Take,
    Turn,
)
from campaigns.voice.menu import DONE
from campaigns.voice.state import CallState, Door, Phase, Spoken
from campaigns.voice.studio import CODE_DIGITS, StudioSession

WAIT_SECONDS = 10
MOST_SECONDS, SILENCE_SECONDS = 60, 4  # of one prompt
LEAST_SECONDS = 1
MOST_TRIES = 3  # codes in a call, silences, and takes without a word
KEEP, DO_AGAIN, PASS_OVER = "1", "2", "3"


def say(text: str) -> Sound:
    """Something for staff, in the carrier's own voice."""
    return Sound(text, "en", None)


ASK_CODE = say("This is the studio. Type the six digits of your code.")
WRONG_CODE = say("That is not a code that holds. Type the six digits again.")
HOW = say("After each number and the beep, read the prompt aloud, then press the hash key.")
CHOOSE = say(
    "To keep it, press 1. To say it again, press 2. To leave it out, press 3. To stop, press the hash key."
)
NOTHING_HEARD = say("Nothing was heard.")
OVER = say("This session is over. Goodbye.")
GOODBYE = say("Thank you. What you kept is in the draft in a minute. Goodbye.")
ALL_DONE = say("Nothing is left to record. What you kept is in the draft in a minute. Goodbye.")


@dataclass(frozen=True)
class _Note:
    """Where a studio call is: digits typed and codes tried; then the session (hex) and the prompt's number."""

    digits: str = ""
    codes: int = 0
    session: str = ""
    number: int = 0


_JSON = TypeAdapter(_Note)


def begin_studio() -> Turn:
    """What a call to a studio line hears first; whoever calls it is asked for a code."""
    return _ask_code(CallState(version=0, phase=Phase.STUDIO), _Note(), ASK_CODE)


def studio_step(session: Session, vault: Vault, state: CallState, call: Call, heard: Heard) -> Turn:
    """What follows a key, silence or a recording in a call whose phase is STUDIO. In a writing session: wrong codes
    are counted. What is to be kept or dropped of recordings stands in the turn's acts."""
    note = _JSON.validate_json(state.note)
    if not note.session:
        return _code(session, vault, state, note, call, heard)
    found = studio.still_open(session, bytes.fromhex(note.session), now=call.now)
    if found is None:
        return Turn((OVER,), acts=_dropped(state, heard.recording))
    step = _Step(session, found, state, note)
    if state.spoken is not None and state.spoken.carrier_id is None:
        return step.taken(heard.recording)
    return step.decided(heard.key)


def _code(session: Session, vault: Vault, state: CallState, note: _Note, call: Call, heard: Heard) -> Turn:
    if heard.key is None:
        if state.silent + 1 >= MOST_TRIES:
            return Turn((OVER,))
        return _ask_code(replace(state, silent=state.silent + 1), replace(note, digits=""), ASK_CODE)
    digits = note.digits + heard.key
    if len(digits) < CODE_DIGITS:
        return _ask_code(state, replace(note, digits=digits))
    found = studio.enter(session, vault, digits, now=call.now)
    if found is None:
        if note.codes + 1 >= MOST_TRIES:
            return Turn((OVER,))
        return _ask_code(state, _Note(codes=note.codes + 1), WRONG_CODE)
    state = replace(state, version=found.menu_id, language=found.language, silent=0)
    return _Step(session, found, state, _Note(session=found.rid.hex())).next_prompt(HOW)


def _ask_code(state: CallState, note: _Note, *sounds: Sound) -> Turn:
    return Turn(then=Ask(sounds, replace(state, note=_written(note)), WAIT_SECONDS))


def _written(note: _Note) -> str:
    return _JSON.dump_json(note, exclude_defaults=True).decode()


def _dropped(state: CallState, recording: HeardRecording | None = None) -> tuple[Act, ...]:
    """Let go of a recording that nobody keeps, whether it is decided on or has just been made."""
    carrier_id = recording.carrier_id if recording else state.spoken.carrier_id if state.spoken else None
    return (DropRecording(carrier_id),) if carrier_id else ()


@dataclass(frozen=True)
class _Step:
    """One step of a call that has got in."""

    session: Session
    found: StudioSession
    state: CallState
    note: _Note

    def next_prompt(self, *first: Played, acts: tuple[Act, ...] = ()) -> Turn:
        """On to the next prompt behind this one's number; those kept in this call are not in the draft yet."""
        waiting = studio.to_read(self.session, self.found.menu_id, self.found.language)
        prompt = next((one for one in waiting if one.number > self.note.number), None)
        if prompt is None:
            return Turn((ALL_DONE,), acts=acts)
        step = replace(self, note=replace(self.note, number=prompt.number))
        return step.take(*first, acts=acts)

    def take(self, *first: Played, acts: tuple[Act, ...] = (), takes: int = 1) -> Turn:
        """Say the prompt's number and what it is for, beep, and record."""
        prompt = self._prompt()
        if prompt is None:
            return self.next_prompt(*first, acts=acts)
        state = replace(
            self.state, note=_written(self.note), silent=0, spoken=Spoken(Door.STUDIO, takes=takes)
        )
        told = say(f"Number {prompt.number}: {prompt.about}.")
        return Turn((*first, told), Take(state, Door.STUDIO, MOST_SECONDS, SILENCE_SECONDS), acts=acts)

    def taken(self, recording: HeardRecording | None) -> Turn:
        """Play back what was read, and ask what to do with it; who hung up meant nothing by it."""
        acts = _dropped(self.state, recording)
        if recording is not None and recording.hung_up:
            return Turn(acts=acts)
        if recording is None or recording.seconds < LEAST_SECONDS:
            takes = self.state.spoken.takes if self.state.spoken else 1
            if takes >= MOST_TRIES:
                return Turn((OVER,), acts=acts)
            return self.take(NOTHING_HEARD, acts=acts, takes=takes + 1)
        spoken = Spoken(Door.STUDIO, carrier_id=recording.carrier_id, seconds=recording.seconds)
        return self._choose(replace(self.state, spoken=spoken, silent=0))

    def decided(self, key: str | None) -> Turn:
        """Keep it, read it again, leave it out, hear it again, or stop; three silences end the call."""
        if key == KEEP:
            return self.next_prompt(acts=self._kept())
        if key == DO_AGAIN:
            return self.take(acts=_dropped(self.state))
        if key == PASS_OVER:
            return self.next_prompt(acts=_dropped(self.state))
        if key == DONE:
            return Turn((GOODBYE,), acts=_dropped(self.state))
        if key is not None:
            return self._choose(self.state)
        if self.state.silent + 1 >= MOST_TRIES:
            return Turn((OVER,), acts=_dropped(self.state))
        return self._choose(replace(self.state, silent=self.state.silent + 1))

    def _choose(self, state: CallState) -> Turn:
        seconds = state.spoken.seconds if state.spoken else 0
        return Turn(then=Ask((Echo(seconds * 1_000), CHOOSE), state, WAIT_SECONDS))

    def _prompt(self) -> studio.ToRead | None:
        waiting = studio.to_read(self.session, self.found.menu_id, self.found.language)
        return next((one for one in waiting if one.number == self.note.number), None)

    def _kept(self) -> tuple[Act, ...]:
        prompt, spoken = self._prompt(), self.state.spoken
        if prompt is None or spoken is None or spoken.carrier_id is None:
            return _dropped(self.state)  # somebody recorded it meanwhile
        kept = KeepRecording(
            spoken.carrier_id,
            Door.STUDIO,
            spoken.seconds,
            self.found.language,
            note=studio.note_for(self.found, prompt.name),
            is_final=True,
        )
        return (kept,)
