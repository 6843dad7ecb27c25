"""A text comes in: read, decide, act, answer. The person always gets TwiML, whatever happens to us.

Feedback takes its own branch: limited by the day's token, then without its sender sealed into staging, in one
transaction with one row; nothing else of it is written or logged here.
"""

import logging
from functools import partial

from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from campaigns.inbox.acting import act
from campaigns.inbox.decision import Decision, Heard, Step, decide
from campaigns.inbox.replies import TRY_LATER, Reply, first_spoken, guessed_by_script, reply_in
from campaigns.language.catalogue import languages
from campaigns.language.keywords import recognise
from campaigns.listening.limits import FEEDBACK_BY_TEXT
from campaigns.listening.residue import Held, leave_residue
from campaigns.listening.sealing import FeedbackText
from campaigns.listening.staging import FeedbackNotKept, accept
from campaigns.programme.programme import the_programme
from campaigns.storage.engine import gate_exclusive
from gateway.carriers.carrier import Carrier, CarrierOptOut, Form, InboundText, NotFromAPhone
from gateway.house import House
from gateway.webhooks import twiml
from gateway.webhooks.limits import RedisDayLimits
from gateway.webhooks.patience import PASSING, patiently
from gateway.webhooks.seen import Answered, SeenMessages
from gateway.webhooks.volatile import volatile

log = logging.getLogger("paigham.webhooks")


class TextDoor:
    """Takes texts of one carrier."""

    def __init__(self, house: House, carrier_name: str) -> None:
        """Take the house and the carrier's name."""
        self._house, self.carrier_name = house, carrier_name

    def take(self, carrier: Carrier, form: Form, **path: int) -> Response:
        """TwiML with the answer, always with 200. What the carrier holds is noted once the answer is out."""
        try:
            return self._answered(carrier.read_message(form))
        except NotFromAPhone:
            log.info("text.not_from_a_phone")
            return twiml.answer()
        except (*PASSING, FeedbackNotKept) as trouble:
            log.warning("text.missed", extra={"fault": type(trouble).__name__})
        except Exception as fault:  # noqa: BLE001 - a 5xx makes the carrier keep number and text in an alert
            log.error("text.failed", extra={"fault": type(fault).__name__})
        return self._put_off(carrier, form)

    def _answered(self, text: InboundText) -> Response:
        intake = Intake(self._house, self.carrier_name)
        reply = intake.said_before(intake.source_of(text.carrier_id))
        if reply is not None:
            return twiml.answer(reply.text)
        reply = patiently(partial(intake.take_in, intake.heard(text)))
        response = twiml.answer(reply.text)
        response.call_on_close(partial(intake.leave_residue, text.carrier_id))
        return response

    def _put_off(self, carrier: Carrier, form: Form) -> Response:
        """What is said when nothing could be done: neutral, from the text alone; the sweep shall find it again."""
        try:
            text = carrier.read_message(form)
            intake = Intake(self._house, self.carrier_name)
            intake.seen.note_missed(intake.source_of(text.carrier_id))
            if text.opt_out in ANSWERED_BY_CARRIER:
                return twiml.answer()
            guess = recognise(text.body).language or guessed_by_script(text.body, languages())
            return twiml.answer(Reply(TRY_LATER, first_spoken(guess)).text)
        except Exception as fault:  # noqa: BLE001 - the last line: silence is still an answer
            log.error("text.not_put_off", extra={"fault": type(fault).__name__})
            return twiml.answer()


ANSWERED_BY_CARRIER = (CarrierOptOut.STOP, CarrierOptOut.HELP)


class Intake:
    """Taking one text in, for the webhook and for the sweep that comes after it."""

    def __init__(self, house: House, carrier_name: str) -> None:
        """Take the house and the carrier's name."""
        self._house, self._carrier_name = house, carrier_name
        redis = volatile(house.settings.redis_address)
        self.seen, self._limits = SeenMessages(redis), RedisDayLimits(redis)

    def source_of(self, carrier_id: str) -> bytes:
        """The keyed mark of a message's id; needs no database, as its key has no epochs."""
        ring = self._house.keyring
        return ring.at(ring.newest_epoch).source("message", carrier_id)

    def heard(self, text: InboundText) -> Heard:
        """The text in the inbox's words."""
        return Heard(
            carrier=self._carrier_name,
            address=text.to,
            sender=text.sender,
            body=text.body,
            source=self.source_of(text.carrier_id),
            carrier_stop=text.opt_out is CarrierOptOut.STOP,
            carrier_answers=text.opt_out in ANSWERED_BY_CARRIER,
        )

    def said_before(self, source: bytes) -> Reply | None:
        """What this very message was answered with; None when it is new, or nobody remembers."""
        answered = self.seen.recall(source)
        if answered is None:
            return None
        try:
            with self._house.database.reading() as session:
                return reply_in(the_programme(session), answered.key, answered.language)
        except SQLAlchemyError:
            return Reply(TRY_LATER if answered.key else None, answered.language)

    def decide(self, heard: Heard) -> Decision:
        """What to do about it; looks only."""
        with self._house.database.reading() as session:
            return decide(session, self._house.vault(session), heard, now=self._house.now())

    def take_in(self, heard: Heard) -> Reply:
        """Decide, do, and return the answer; committed when this returns. Raises FeedbackNotKept, and what the
        database raises."""
        decision = self.decide(heard)
        if decision.step is Step.FEEDBACK:
            return self._feedback(decision, heard)
        reply = decision.reply
        if decision.writes:
            with self._house.database.writing() as session:
                gate_exclusive(session)  # before the vault: a rotation of keys holds it until its commit
                reply = act(session, self._house.vault(session), decision, heard, now=self._house.now())
        self.seen.remember(heard.source, Answered(reply.key, reply.language))
        return reply

    def _feedback(self, decision: Decision, heard: Heard) -> Reply:
        """Limit, forget the number, seal. The mark in Redis comes first, so that two copies make one item."""
        reply = decision.reply
        if not self.seen.is_first(heard.source, Answered(reply.key, reply.language)):
            return reply
        now, is_settled = self._house.now(), False
        try:
            if self._limits.allows(heard.sender, FEEDBACK_BY_TEXT, zone=decision.zone, now=now):
                self._seal(FeedbackText(decision.words, reply.language))
            else:
                reply = Reply("limit_reached" if reply.key else None, reply.language)
                self.seen.remember(heard.source, Answered(reply.key, reply.language))
            is_settled = True
        finally:
            if not is_settled:
                self.seen.forget(heard.source)
                self._limits.give_back(heard.sender, FEEDBACK_BY_TEXT, zone=decision.zone, now=now)
        return reply

    def _seal(self, feedback: FeedbackText) -> None:
        accept(self._house.database, feedback, now=self._house.now())

    def leave_residue(self, carrier_id: str) -> None:
        """Note, alike for every text, that the carrier holds it; best effort, in a transaction of its own."""
        try:
            with self._house.database.writing() as session:
                vault = self._house.vault(session)
                now = self._house.now()
                leave_residue(session, vault, self._carrier_name, Held.MESSAGE, carrier_id, now=now)
        except Exception as fault:  # noqa: BLE001 - the answer is out; nothing may follow it into the server's log
            log.warning("residue.not_left", extra={"fault": type(fault).__name__})
