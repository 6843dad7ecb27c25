"""By which line: those that can text or call, and what to know of each."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Means
from campaigns.outreach.drafting import ABILITY
from campaigns.outreach.wayout import national
from campaigns.programme.lines import Can, Line, lines_that, way_out_address
from gateway.console.words import _, ngettext


@dataclass(frozen=True)
class LineChoice:
    """A line one may send or call by, and what to know of it."""

    id: int
    name: str
    words: str
    off: bool


def first_line(session: Session, means: Means) -> int:
    """The line that stands chosen at first; 0 when there is none."""
    return next((line.id for line in lines_for(session, means) if not line.off), 0)


def lines_for(session: Session, means: Means) -> list[LineChoice]:
    """Every line that can do it, with what to know of each."""
    choice = _calling_choice if means is Means.CALL else _texting_choice
    return [choice(session, line) for line in lines_that(session, ABILITY[means])]


def _calling_choice(_session: Session, line: Line) -> LineChoice:
    words = ngettext("%(num)s call at a time.", "Up to %(num)s calls at a time.", line.calls_at_once)
    if Can.VOICE_IN in line.abilities:
        words = _("%(said)s Who rings it back hears the voice line.", said=words)
    if line.paused_at is not None:
        words = _("%(said)s It is paused now: whoever is to be called by it waits.", said=words)
    return LineChoice(line.id, line.name, words, False)


def _texting_choice(session: Session, line: Line) -> LineChoice:
    address = way_out_address(session, line)
    if address is None:
        return LineChoice(
            line.id, line.name, _("No number hears STOP for it, so nothing may go out by it."), True
        )
    number = national(address)
    if Can.SMS_IN in line.abilities:
        words = _("People can answer it. STOP reaches us at %(number)s.", number=number)
    else:
        words = _("One way. STOP reaches us at %(number)s.", number=number)
    if line.paused_at is not None:
        words = _("%(said)s It is paused now: what is sent by it waits.", said=words)
    return LineChoice(line.id, line.name, words, False)
