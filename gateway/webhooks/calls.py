"""A call, step by step: each request of the carrier is answered with what is heard next, and nothing is kept of it.

The state of a call travels in the address of its next step. What a step decides is committed before it is answered;
what the carrier holds of a call is noted once the answer is out. Whatever happens to us, the caller hears a word.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy.orm import Session

from campaigns.listening.residue import Held, leave_residue
from campaigns.outreach.calling import what_is_said
from campaigns.voice.call import (
    Call,
    Heard,
    HeardRecording,
    MoreMinutes,
    Outbound,
    Refusal,
    Sound,
    Take,
    Turn,
)
from campaigns.voice.reading_in import begin_studio, studio_step
from campaigns.voice.state import CallState, Phase, StateUnreadable, open_state
from campaigns.voice.steps import NOT_OPEN, begin, go_on
from gateway.carriers.calls import AnsweredBy, CallRequest
from gateway.carriers.carrier import Carrier, Form
from gateway.house import House
from gateway.webhooks import call_counts, together, twiml
from gateway.webhooks.answered import AnsweredSteps
from gateway.webhooks.call_acts import CallActs, is_done_once
from gateway.webhooks.call_answers import PUT_OFF, CallAnswers
from gateway.webhooks.call_counts import CallCounts
from gateway.webhooks.call_facts import CallFacts, FactsOfCalls
from gateway.webhooks.patience import PASSING, patiently
from gateway.webhooks.together import Together
from gateway.webhooks.trying import Trying
from gateway.webhooks.volatile import volatile

log = logging.getLogger("paigham.webhooks")


class CallDoor:
    """Takes calls of one carrier."""

    def __init__(self, house: House, carrier_name: str) -> None:
        """Take the house and the carrier's name; keys and database are opened when a call comes."""
        self._house, self.carrier_name = house, carrier_name
        redis = volatile(house.settings.redis_address)
        self._facts = FactsOfCalls(house)
        self._together = Together(house, together.EVERY_SECONDS)
        self._answers = CallAnswers(house, carrier_name)
        self._acts = CallActs(house, carrier_name, self._together)
        self._answered, self._counts = AnsweredSteps(redis), CallCounts(redis, call_counts.EVERY_SECONDS)

    def begin(self, carrier: Carrier, form: Form, delivery: int | None = None, attempt: int = 0) -> Response:
        """What is heard first: in a call to one of our lines, or in an answered one of ours."""
        asked = carrier.read_call(form)
        if asked.answered_by is AnsweredBy.MACHINE:
            return twiml.respond(twiml.ending(()))  # nothing is ever left behind (R21)
        response = self._spoken(partial(self._begin, asked, delivery, attempt))
        if not asked.is_outbound:
            # One of ours is not deleted: while it is in doubt the carrier is asked what it has.
            self._leave_residue(asked.call_id)
        return response

    def step(self, carrier: Carrier, form: Form, token: str) -> Response:
        """What follows a key, silence, or a recording."""
        return self._spoken(partial(self._step, carrier.read_call(form), token))

    def _spoken(self, work: Callable[[], str]) -> Response:
        """The document, always with 200: a 5xx ends the call with the carrier's own words, and makes an alert."""
        try:
            return twiml.respond(patiently(work))
        except StateUnreadable:
            log.warning("call.state_unreadable")
        except PASSING as trouble:
            log.warning("call.put_off", extra={"fault": type(trouble).__name__})
        except Exception as fault:  # noqa: BLE001 - see above: whatever it is, she hears a word
            log.error("call.failed", extra={"fault": type(fault).__name__})
        return twiml.respond(PUT_OFF)

    def _begin(self, asked: CallRequest, delivery: int | None, attempt: int) -> str:
        facts = self._facts.now()
        call = self._call(asked, facts)
        if call is None:
            return self._answers.document(Turn((NOT_OPEN,)), asked.call_id)
        if delivery is None and call.line_id in facts.studios:
            return self._answers.document(begin_studio(), asked.call_id)
        with self._house.database.reading() as session:
            if delivery is None:
                tries = Trying(volatile(self._house.settings.redis_address), self._house.keyring)
                call = replace(call, draft=tries.draft_for(asked.caller))
            else:
                call = replace(call, outbound=_outbound(session, delivery, attempt))
            turn = begin(session, self._house.keyring.at(facts.epoch), call)
        if isinstance(turn, Refusal):
            return self._carried_out(turn, twiml.busy(), call, Heard(), facts)
        return self._carried_out(turn, self._answers.document(turn, asked.call_id), call, Heard(), facts)

    def _step(self, asked: CallRequest, token: str) -> str:
        state, facts = open_state(self._house.keyring, token, asked.call_id), self._facts.now()
        call, heard = self._call(asked, facts), _heard(asked)
        if call is None:
            return PUT_OFF
        recording = asked.recording.carrier_id if asked.recording else ""
        copies = f"{asked.call_id} {token} {asked.key} {recording}".encode()
        if state.phase is Phase.STUDIO:
            return self._answered.once(copies, partial(self._read_in, asked, state, call, heard, facts))
        turn = self._turn(state, call, heard, facts)

        def carry_out() -> str:
            return self._carried_out(turn, self._answers.document(turn, asked.call_id), call, heard, facts)

        is_once = any(is_done_once(act) for act in turn.acts)
        return self._answered.once(copies, carry_out) if is_once else carry_out()

    def _read_in(
        self, asked: CallRequest, state: CallState, call: Call, heard: Heard, facts: CallFacts
    ) -> str:
        """A step of staff who read prompts in: wrong codes are counted, so that it writes."""
        with self._house.database.writing() as session:
            turn = studio_step(session, self._house.vault(session), state, call, heard)
        return self._carried_out(turn, self._answers.document(turn, asked.call_id), call, heard, facts)

    def _turn(self, state: CallState, call: Call, heard: Heard, facts: CallFacts) -> Turn:
        """What follows; weighed again without what this phone has used up, where that is what it comes to."""
        turn = self._go_on(state, call, heard)
        if isinstance(turn.then, Take) and heard.recording is None and state.spoken is None:
            left = self._acts.recordings_left(call, facts.zone)
            if left is not None and left <= 0:
                turn = self._go_on(state, replace(call, recordings_left=left), heard)
        plays_on = turn.then is not None and turn.then.next.playing is not None
        if any(isinstance(act, MoreMinutes) for act in turn.acts) or (plays_on and state.playing is None):
            left = self._acts.seconds_left(call, turn.acts, facts.zone)
            if plays_on and left is not None and left <= 0:
                turn = self._go_on(state, replace(call, seconds_left=left), heard)
        return turn

    def _go_on(self, state: CallState, call: Call, heard: Heard) -> Turn:
        # A step makes marks that have no epochs and opens no box: which epoch holds need not be asked.
        vault = self._house.keyring.at(self._house.keyring.newest_epoch)
        with self._house.database.reading() as session:
            return go_on(session, vault, state, call, heard)

    def _carried_out(
        self, turn: Turn | Refusal, document: str, call: Call, heard: Heard, facts: CallFacts
    ) -> str:
        """The document, once what was decided is done."""
        self._acts.done(turn.acts, call, heard, facts.zone)
        if turn.counts:
            self._counts.add(call.now.astimezone(ZoneInfo(facts.zone)).date(), turn.counts)
        return document

    def _call(self, asked: CallRequest, facts: CallFacts) -> Call | None:
        line_id = facts.line_id(self.carrier_name, asked.line)
        if line_id is None:
            return None
        ring = self._house.keyring
        source = ring.at(ring.newest_epoch).source("call", asked.call_id)
        return Call(line_id, asked.caller, source, self._house.now())

    def _leave_residue(self, call_id: str) -> None:
        """Note, alike for every call, that the carrier holds it."""
        name, now = self.carrier_name, self._house.now()
        self._together.soon(
            lambda session, vault: leave_residue(session, vault, name, Held.CALL, call_id, now=now)
        )


def _heard(asked: CallRequest) -> Heard:
    said = asked.recording
    recording = HeardRecording(said.carrier_id, said.seconds, said.hung_up) if said else None
    return Heard(asked.key, recording)


def _outbound(session: Session, delivery: int, attempt: int) -> Outbound:
    said = what_is_said(session, delivery)
    if said is None:
        return Outbound(delivery, attempt)
    message = None
    if said.blob is not None:
        message = Sound(said.text, said.language, said.blob, said.milliseconds)
    return Outbound(delivery, attempt, said.language, message)
