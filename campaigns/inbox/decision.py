"""From what came in to what is done about it: looks, decides, writes nothing.

STOP wins over all; then a question of ours that waits for her YES or NO; then the other keywords; whatever is left
is feedback, which is sealed without its number. Only lines marked *conversation* keep free texts with the phone.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from sqlalchemy.orm import Session

from campaigns.consent.events import Event, event_from_source
from campaigns.consent.standing import waiting_question
from campaigns.inbox.replies import REPLY_TO_EVENT, Reply, first_spoken, guessed_by_script, reply_in
from campaigns.language.keywords import Action, Recognised, recognise
from campaigns.people.contacts import Contact, find_contact
from campaigns.people.numbers import Number
from campaigns.programme.lines import Line, line_by_address
from campaigns.programme.programme import Programme, the_programme
from campaigns.storage.vault import Vault


@dataclass(frozen=True)
class Heard:
    """A text that came in. `source` is the keyed mark of the carrier's id; `carrier_stop`: the carrier took it for a
    STOP and `carrier_answers`: it has answered already, so we keep silent."""

    carrier: str
    address: str
    sender: Number
    body: str = field(repr=False)
    source: bytes
    carrier_stop: bool = False
    carrier_answers: bool = False


class Step(Enum):
    """What is done about a text."""

    STOP = auto()
    CONFIRM = auto()
    DECLINE = auto()
    ASK = auto()
    CHOOSE_LANGUAGE = auto()
    KEEP = auto()
    FEEDBACK = auto()
    ONLY_ANSWER = auto()


WRITING = frozenset({Step.STOP, Step.CONFIRM, Step.DECLINE, Step.ASK, Step.CHOOSE_LANGUAGE, Step.KEEP})


@dataclass(frozen=True)
class Decision:
    """What to do, what to answer, and what the ledger calls her act. `words` are hers: for FEEDBACK and KEEP only."""

    step: Step
    reply: Reply
    act: str
    line_id: int | None
    zone: str
    argument: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    was_done: bool = False

    @property
    def writes(self) -> bool:
        """Whether `act` has something to do; FEEDBACK has a way of its own."""
        return self.step in WRITING


@dataclass(frozen=True)
class _Situation:
    """What is known before the words are weighed."""

    programme: Programme
    line: Line | None
    contact: Contact | None
    heard: Heard
    said: Recognised
    language: str

    def decide(self, step: Step, key: str | None, act: str, argument: str = "", words: str = "") -> Decision:
        reply = reply_in(self.programme, None if self.heard.carrier_answers else key, self.language)
        line_id = self.line.id if self.line else None
        return Decision(step, reply, act, line_id, self.programme.zone, argument, words)


def decide(session: Session, vault: Vault, text: Heard, *, now: datetime) -> Decision:
    """The one thing to do about this text. The same message of the carrier again gets the answer of the first time.

    A line that the programme does not know still takes a STOP, and answers nothing else.
    """
    programme = the_programme(session)
    contact = find_contact(session, vault, text.sender)
    asked = waiting_question(session, contact, now=now)
    known = asked.language if asked else contact.language if contact else None
    said = recognise(text.body, awaiting_yes=asked is not None, language_hint=known)
    line = line_by_address(session, text.carrier, text.address)
    at_hand = _Situation(programme, line, contact, text, said, _language(programme, said, known, text.body))
    before = event_from_source(session, text.source)
    if before is not None:
        return _as_before(at_hand, Event(before.event), before.language)
    if text.carrier_stop or said.action is Action.STOP:
        return at_hand.decide(
            Step.STOP, "stopped", "STOP heard by the carrier" if text.carrier_stop else "STOP"
        )
    if line is None:
        return at_hand.decide(Step.ONLY_ANSWER, None, "")
    return _KEYWORDS.get(said.action, _own_words)(at_hand)


def _as_before(at_hand: _Situation, event: Event, language: str | None) -> Decision:
    key = None if at_hand.heard.carrier_answers else REPLY_TO_EVENT.get(event)
    reply = reply_in(at_hand.programme, key, first_spoken(language, at_hand.language))
    line_id = at_hand.line.id if at_hand.line else None
    return Decision(Step.ONLY_ANSWER, reply, "", line_id, at_hand.programme.zone, was_done=True)


def _language(programme: Programme, said: Recognised, known: str | None, body: str) -> str:
    """Of the recognised word, else the phone's own, else what the letters say, else the programme's first."""
    of_word = said.language if said.keyword or is_bare_answer(body) else None
    of_letters = said.language or guessed_by_script(body, programme.language_tags)
    return first_spoken(of_word, known, of_letters, *programme.language_tags)


def is_bare_answer(body: str) -> bool:
    """Whether a text says YES or NO and nothing else, whether or not a question waits for it."""
    return recognise(body, awaiting_yes=True).action in (Action.YES, Action.NO)


def _join(at_hand: _Situation) -> Decision:
    return at_hand.decide(Step.ASK, "ask_to_join", "JOIN", at_hand.said.argument)


def _yes(at_hand: _Situation) -> Decision:
    return at_hand.decide(Step.CONFIRM, "joined", "YES")


def _no(at_hand: _Situation) -> Decision:
    return at_hand.decide(Step.DECLINE, "declined", "NO")


def _help(at_hand: _Situation) -> Decision:
    return at_hand.decide(Step.ONLY_ANSWER, "help", "")


def _unsure(at_hand: _Situation) -> Decision:
    return at_hand.decide(Step.ONLY_ANSWER, "not_sure", "")


def _choose_language(at_hand: _Situation) -> Decision:
    if not at_hand.said.argument:
        return at_hand.decide(Step.ONLY_ANSWER, "which_language", "")
    return at_hand.decide(Step.CHOOSE_LANGUAGE, "language_chosen", "", at_hand.said.argument)


def _feedback(at_hand: _Situation) -> Decision:
    """Behind the word itself, her text is sealed on every line, also on one that keeps conversations."""
    if not at_hand.said.argument:
        return at_hand.decide(Step.ONLY_ANSWER, "feedback_how", "")
    return at_hand.decide(Step.FEEDBACK, "thanks_feedback", "", words=at_hand.said.argument)


def _own_words(at_hand: _Situation) -> Decision:
    body = at_hand.heard.body
    if not any(character.isalnum() for character in body):
        return at_hand.decide(Step.ONLY_ANSWER, "feedback_how", "")
    if is_bare_answer(body):
        return at_hand.decide(Step.ONLY_ANSWER, "yes_without_question", "")
    if at_hand.line is not None and at_hand.line.conversation and at_hand.contact is not None:
        return at_hand.decide(Step.KEEP, "try_later", "", words=body)
    return at_hand.decide(Step.FEEDBACK, "thanks_feedback", "", words=body)


_KEYWORDS = {
    Action.JOIN: _join,
    Action.YES: _yes,
    Action.NO: _no,
    Action.HELP: _help,
    Action.MENU: _help,
    Action.UNSURE: _unsure,
    Action.LANGUAGE: _choose_language,
    Action.FEEDBACK: _feedback,
}
