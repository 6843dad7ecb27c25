"""What Today says: gathered in one reading, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.consent.events import ConsentEvent, Event
from campaigns.consent.ledger import unsealed_too_long
from campaigns.listening.shelf import Shelf
from campaigns.outreach.calling import calls_in_progress
from campaigns.outreach.campaigns import Campaign, Kind, Means, State, Tally, campaigns_in
from campaigns.outreach.deliveries import DeliveryState, Receipt
from campaigns.outreach.drafting import ACT
from campaigns.outreach.progress import Progress, progress_of, waiting_for_hours
from campaigns.programme.lines import Can, Line, lines_that
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Actor, Permission, names_of
from campaigns.staff.second_person import SecondPerson
from gateway.console.today.ribbon import CampaignBar, Day, bars_of, day_of

MOST_SHOWN = 8


@dataclass(frozen=True)
class Going:
    """One campaign that goes out, waits for its start, or is held."""

    id: int
    name: str
    state: State
    paused_why: str | None
    starts_at: datetime | None
    progress: Progress
    held: int
    bars: tuple[CampaignBar, ...]
    is_call: bool


@dataclass(frozen=True)
class WaitsForYes:
    """A campaign that waits for this person's approval."""

    campaign_id: int
    name: str
    asked_by: str
    people: int | None
    starts_at: datetime | None


@dataclass(frozen=True)
class PausedLine:
    """A line that its carrier refuses."""

    id: int
    name: str
    since: datetime
    why: str | None


@dataclass(frozen=True)
class Needs:
    """What waits for this person; everything empty is a quiet day."""

    halted_at: datetime | None
    lines: tuple[PausedLine, ...]
    ledger_late: bool
    unknown: int
    unknown_in: int | None
    approvals: tuple[WaitsForYes, ...]
    letters: int

    @property
    def count(self) -> int:
        """How many things there are to look at."""
        flags = (self.halted_at is not None, self.ledger_late, self.unknown > 0, self.letters > 0)
        return len(self.lines) + len(self.approvals) + sum(flags)


@dataclass(frozen=True)
class SinceMorning:
    """Totals since local midnight."""

    delivered: int
    joined: int
    stopped: int


@dataclass(frozen=True)
class LineOnThePhone:
    """Calls of ours that one line has on now, of as many as it can; `waiting` gave a missed call and are called back.

    Who rings the line herself is not counted: nothing is kept of a call while it lasts.
    """

    name: str
    seats: int
    called: int
    called_back: int
    waiting: int

    @property
    def taken(self) -> int:
        """Seats that are not free."""
        return self.called + self.called_back


@dataclass(frozen=True)
class Today:
    """All that the page shows."""

    now: datetime
    zone: str
    day: Day
    going: tuple[Going, ...]
    needs: Needs
    since: SinceMorning
    phones: tuple[LineOnThePhone, ...]


def today(session: Session, actor: Actor, *, now: datetime) -> Today:
    """Gather the page for one person, now."""
    programme = the_programme(session)
    day = day_of(session, ZoneInfo(programme.zone), now)
    going = [_going(session, campaign, day, now) for campaign in _of_today(session, day)]
    return Today(
        now,
        programme.zone,
        day,
        tuple(going),
        _needs(session, actor, now),
        _since(session, day),
        tuple(_on_the_phone(session)),
    )


def _of_today(session: Session, day: Day) -> list[Campaign]:
    """Running and held ones first; then those that start today; then those that ended today."""
    live = campaigns_in(session, State.RUNNING, limit=MOST_SHOWN)
    live += campaigns_in(session, State.PAUSED, limit=MOST_SHOWN)
    ahead = [
        campaign
        for campaign in campaigns_in(session, State.SCHEDULED, State.SUBMITTED)
        if campaign.starts_at is not None and campaign.starts_at < day.ends
    ]
    ended = [
        campaign
        for campaign in campaigns_in(session, State.FINISHED, State.STOPPED, limit=MOST_SHOWN)
        if campaign.finished_at is not None and campaign.finished_at >= day.starts
    ]
    return (live + sorted(ahead, key=lambda each: each.starts_at or day.ends) + ended)[:MOST_SHOWN]


def _going(session: Session, campaign: Campaign, day: Day, now: datetime) -> Going:
    state = State(campaign.state)
    is_live = state in (State.RUNNING, State.PAUSED)
    return Going(
        id=campaign.id,
        name=campaign.name,
        state=state,
        paused_why=campaign.paused_why,
        starts_at=campaign.starts_at,
        progress=progress_of(session, campaign.id),
        held=waiting_for_hours(session, campaign.id, now=now) if is_live else 0,
        bars=tuple(bars_of(session, campaign, day, now)),
        is_call=campaign.channel == Means.CALL,
    )


def _on_the_phone(session: Session) -> list[LineOnThePhone]:
    waiting = _missed_calls(session)
    return [
        LineOnThePhone(
            line.name,
            line.calls_at_once,
            calls_in_progress(session, line.id, Kind.BROADCAST),
            calls_in_progress(session, line.id, Kind.ANSWERS),
            waiting.get(line.id, 0),
        )
        for line in lines_that(session, Can.VOICE_OUT)
    ]


def _missed_calls(session: Session) -> dict[int, int]:
    """How many wait to be called back, by line; from tallies."""
    rows = session.execute(
        select(Campaign.line_id, func.sum(Tally.n))
        .join(Campaign, Campaign.id == Tally.campaign_id)
        .where(
            Campaign.kind == int(Kind.ANSWERS),
            Campaign.channel == int(Means.CALL),
            Tally.state == int(DeliveryState.QUEUED),
            Tally.n > 0,
        )
        .group_by(Campaign.line_id)
    )
    return {line: int(n) for line, n in rows}


def _needs(session: Session, actor: Actor, now: datetime) -> Needs:
    programme = the_programme(session)
    lines = session.scalars(select(Line).where(Line.paused_at.is_not(None)).order_by(Line.paused_at))
    unknown = session.execute(
        select(func.coalesce(func.sum(Tally.n), 0), func.max(Tally.campaign_id))
        .join(Campaign, Campaign.id == Tally.campaign_id)
        .where(Tally.state == int(DeliveryState.UNKNOWN), Tally.n > 0, Campaign.kind == int(Kind.BROADCAST))
    ).one()
    reads = Permission.READ_FEEDBACK in actor.permissions
    return Needs(
        halted_at=programme.halted_at,
        lines=tuple(
            PausedLine(line.id, line.name, line.paused_at, line.paused_why)
            for line in lines
            if line.paused_at
        ),
        ledger_late=unsealed_too_long(session, now=now),
        unknown=int(unknown[0]),
        unknown_in=unknown[1],
        approvals=tuple(_approvals(session, actor)),
        letters=session.scalars(select(func.count()).select_from(Shelf)).one() if reads else 0,
    )


def _approvals(session: Session, actor: Actor) -> list[WaitsForYes]:
    if Permission.APPROVE_CAMPAIGNS not in actor.permissions:
        return []
    rows = session.execute(
        select(SecondPerson, Campaign)
        .join(Campaign, Campaign.id == SecondPerson.about)
        .where(
            SecondPerson.act == ACT,
            SecondPerson.verdict.is_(None),
            SecondPerson.training | (SecondPerson.asked_by != actor.staff),
        )
        .order_by(Campaign.starts_at, Campaign.id)
    ).all()
    names = names_of(session, {question.asked_by for question, _ in rows})
    return [
        WaitsForYes(
            campaign.id,
            campaign.name,
            names.get(question.asked_by, ""),
            campaign.ceiling_people,
            campaign.starts_at,
        )
        for question, campaign in rows
    ]


def _since(session: Session, day: Day) -> SinceMorning:
    """Both tables only grow at their end, so the rows of today begin behind the newest of yesterday."""
    last_receipt = select(Receipt.id).where(Receipt.at < day.starts).order_by(Receipt.id.desc()).limit(1)
    delivered = select(func.count(Receipt.delivery_id.distinct())).where(
        Receipt.id > func.coalesce(last_receipt.scalar_subquery(), 0),
        Receipt.state == int(DeliveryState.DELIVERED),
    )
    last_event = (
        select(ConsentEvent.id).where(ConsentEvent.at < day.starts).order_by(ConsentEvent.id.desc()).limit(1)
    )
    events = (
        select(ConsentEvent.event, func.count())
        .where(ConsentEvent.id > func.coalesce(last_event.scalar_subquery(), 0))
        .group_by(ConsentEvent.event)
    )
    counted = dict(session.execute(events).all())
    return SinceMorning(
        delivered=session.scalars(delivered).one(),
        joined=counted.get(int(Event.CONFIRMED), 0),
        stopped=counted.get(int(Event.WITHDRAWN), 0),
    )
