"""The consent timeline in plain words: what happened, and how we know."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.consent.events import Channel, ConsentEvent, ConsentWording, Event, Purpose
from campaigns.consent.spoken import SAID_TO_STAFF
from campaigns.consent.standing import STANDS, timeline
from campaigns.programme.lines import Line
from campaigns.staff.actor import names_of
from gateway.console.people.words import language_words, purpose_list
from gateway.console.words import _, isolated

CARRIER_HEARD = ("STOP heard by the carrier", "opted out at the carrier")


@dataclass(frozen=True)
class Moment:
    """One moment: its mark on the line, when, what, how we know, and the exact words with their fingerprint."""

    kind: str
    icon: str | None
    at: datetime
    title: str
    how: str
    quote: str | None = None
    language: str | None = None
    wording: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True)
class _Known:
    """What the events name: lines, people of the staff, consent texts."""

    lines: dict[int, Line]
    names: dict[bytes, str]
    wordings: dict[bytes, ConsentWording]


def moments_of(session: Session, contact_id: int) -> list[Moment]:
    """Every moment of a phone's consent, newest first."""
    events = timeline(session, contact_id)
    known = _known(session, events)
    return [moment for event in events for moment in _moments(event, known)]


def _known(session: Session, events: list[ConsentEvent]) -> _Known:
    lines = {event.line_id for event in events if event.line_id is not None}
    hashes = {event.wording for event in events if event.wording is not None}
    return _Known(
        {line.id: line for line in session.scalars(select(Line).where(Line.id.in_(lines)))},
        names_of(session, {event.recorded_by for event in events if event.recorded_by is not None}),
        {
            row.hash: row
            for row in session.scalars(select(ConsentWording).where(ConsentWording.hash.in_(hashes)))
        },
    )


def _moments(event: ConsentEvent, known: _Known) -> list[Moment]:
    """One moment for most events; who asked to join by text wrote first, and was asked then."""
    if event.event == Event.REQUESTED:
        asked = _moment("asked", None, event, _("We asked her to confirm"), "", known, quoted=True)
        wrote = Moment("wrote", None, event.at, _("She asked to join"), _how(event, known))
        return [asked, wrote]
    kind, icon, title = _title(event)
    quoted = event.event in (Event.IMPORTED_ATTESTED, Event.RECONFIRM_ASKED)
    return [_moment(kind, icon, event, title, _how(event, known), known, quoted=quoted)]


def _moment(
    kind: str, icon: str | None, event: ConsentEvent, title: str, how: str, known: _Known, *, quoted: bool
) -> Moment:
    if event.wording is None:
        return Moment(kind, icon, event.at, title, how)
    text = known.wordings.get(event.wording)
    language = text.language if text else event.language
    return Moment(
        kind,
        icon,
        event.at,
        title,
        how,
        quote=text.body if text and quoted else None,
        language=language,
        wording=_("wording in %(language)s", language=language_words(language or "")),
        fingerprint=event.wording.hex(),
    )


def _title(event: ConsentEvent) -> tuple[str, str | None, str]:
    what = purpose_list(Purpose(event.purposes))
    match Event(event.event):
        case Event.CONFIRMED:
            return "yes", None, _("Yes to %(what)s", what=what)
        case Event.RECONFIRMED:
            return "yes", None, _("Yes again to %(what)s", what=what)
        case Event.DECLINED:
            return "no", None, _("No to %(what)s", what=what)
        case Event.WITHDRAWN:
            return "no", "stop", _("She stopped everything")
        case Event.RECONFIRM_ASKED:
            return "asked", None, _("We asked whether her yes still holds")
        case Event.EXPIRED:
            return "no", "clock", _("Her yes ran out")
        case Event.ERASED:
            return "no", "bin", _("Everything was erased")
        case Event.IMPORTED_ATTESTED if event.act.endswith(STANDS):
            return "told", None, _("Yes to %(what)s", what=what)
        case _:
            return "told", None, _("Yes to %(what)s, not yet confirmed by her phone", what=what)


def _how(event: ConsentEvent, known: _Known) -> str:
    said = [_act_words(event)]
    line = known.lines.get(event.line_id) if event.line_id is not None else None
    if line is not None:
        said.append(_("line %(name)s, %(address)s", name=isolated(line.name), address=isolated(line.address)))
    if event.recorded_by is not None:
        name = known.names.get(event.recorded_by, _("staff"))
        said.append(_("written down by %(name)s", name=isolated(name)))
    return _("; ").join(said)


def _act_words(event: ConsentEvent) -> str:
    """The ledger keeps what her act meant, not her own words."""
    act = event.act.removesuffix(STANDS)
    if act in CARRIER_HEARD:
        return _("The carrier took it for a STOP")
    if act == SAID_TO_STAFF:
        return _("She said it to a member of staff")
    match Channel(event.channel):
        case Channel.SMS:
            return _("A text that means %(word)s", word=isolated(act))
        case Channel.IVR:
            return _("On the voice line: %(key)s", key=isolated(act))
        case Channel.MISSED_CALL:
            return _("A missed call")
        case Channel.PAPER:
            return _("A paper form")
        case Channel.FIELD:
            return _("Told in person")
