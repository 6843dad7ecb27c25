"""Step 3: when it begins and ends; seven days show who is reached when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign
from campaigns.outreach.drafting import set_times
from campaigns.outreach.forecast import Forecast, forecast_of
from campaigns.programme.calendars import ClosedDay
from campaigns.programme.lines import Line
from campaigns.programme.places import Place
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.calls import too_short_words
from gateway.console.campaigns.composing import UNPROCESSABLE, Foot, editable, foot_of, head_of
from gateway.console.campaigns.names import is_call
from gateway.console.campaigns.times import Times, TimesUnreadable
from gateway.console.campaigns.week import Bounds, DayRow, others_on_line, week_of


@dataclass(frozen=True)
class Later:
    """People reached on a later stretch, because their hours are others."""

    people: int
    at: datetime


@dataclass(frozen=True)
class ClosedPlace:
    """Days on which nothing goes to one place."""

    place: str
    from_day: datetime
    why: str


@dataclass(frozen=True)
class Plan:
    """What a choice of times comes to."""

    starts: datetime
    ends: datetime
    days: list[DayRow]
    reached: int
    missed: int
    done_at: datetime | None
    line_name: str
    rate: int
    later: list[Later]
    closed: list[ClosedPlace]
    zone: str
    is_past: bool
    has_others: bool
    at_once: int | None
    short_plan: str | None


@pages.get("/<int:campaign_id>/when")
@requires(Permission.WRITE_CAMPAIGNS)
def when(campaign_id: int) -> Response:
    """Step 3."""
    house = the_house()
    with house.database.reading() as session:
        campaign = editable(session, campaign_id)
        times = Times.offered(campaign, _zone(session), now=house.now())
        return _page(session, campaign, times)


@pages.post("/<int:campaign_id>/when")
@requires(Permission.WRITE_CAMPAIGNS)
def save_when(campaign_id: int) -> Response:
    """Save step 3 and go on."""
    house, times = the_house(), Times.from_form(request.form)
    try:
        with house.database.writing() as session:
            editable(session, campaign_id)
            starts, ends = times.bounds(_zone(session))
            set_times(session, current_actor(), campaign_id, starts, ends, now=house.now())
    except TimesUnreadable as error:
        with house.database.reading() as session:
            page = _page(session, editable(session, campaign_id), times, error.errors)
            return make_response(page, UNPROCESSABLE)
    return make_response(redirect(url_for("campaigns.check", campaign_id=campaign_id), 303))


@pages.post("/<int:campaign_id>/when/count")
@requires(Permission.WRITE_CAMPAIGNS)
def count_when(campaign_id: int) -> Response:
    """What the chosen times come to, without saving them."""
    times = Times.from_form(request.form)
    with the_house().database.reading() as session:
        campaign = editable(session, campaign_id)
        plan, errors = _tried(session, campaign, times)
        return make_response(render_template("campaigns/when_counted.html", plan=plan, errors=errors))


def plan_of(session: Session, campaign: Campaign, starts: datetime, ends: datetime, *, now: datetime) -> Plan:
    """What would happen with this start and this end."""
    zone = _zone(session)
    begins = max(starts, now)
    planned = forecast_of(session, campaign, begins, ends) if begins < ends else Forecast((), 0)
    others = others_on_line(session, campaign, now=now)
    line = session.get_one(Line, campaign.line_id)
    later = [Later(round(each.late), each.begins) for each in planned.stretches if round(each.late)]
    return Plan(
        starts=starts,
        ends=ends,
        days=week_of(session, Bounds(begins, ends, zone), planned, others, now=now),
        reached=round(sum(each.people for each in planned.stretches)),
        missed=planned.missed,
        done_at=planned.done_by,
        line_name=line.name,
        rate=line.parts_per_second,
        later=later,
        closed=_closed_places(session, begins, ends, zone),
        zone=zone.key,
        is_past=ends <= now,
        has_others=any(other.stretches for other in others),
        at_once=line.calls_at_once if is_call(campaign) else None,
        short_plan=too_short_words(campaign.max_rings, ends - starts) if is_call(campaign) else None,
    )


def _tried(session: Session, campaign: Campaign, times: Times) -> tuple[Plan | None, dict[str, str]]:
    try:
        starts, ends = times.bounds(_zone(session))
    except TimesUnreadable as error:
        return None, error.errors
    return plan_of(session, campaign, starts, ends, now=the_house().now()), {}


def _page(
    session: Session, campaign: Campaign, times: Times, errors: dict[str, str] | None = None
) -> Response:
    plan, _found = _tried(session, campaign, times)
    foot: Foot = foot_of(session, campaign, now=the_house().now())
    return make_response(
        render_template(
            "campaigns/when.html",
            head=head_of(session, campaign, "when"),
            times=times,
            plan=plan,
            errors=errors or {},
            foot=foot,
        )
    )


def _closed_places(session: Session, starts: datetime, ends: datetime, zone: ZoneInfo) -> list[ClosedPlace]:
    first, last = starts.astimezone(zone).date(), ends.astimezone(zone).date()
    rows = session.execute(
        select(ClosedDay, Place.name)
        .join(Place, Place.id == ClosedDay.place_id)
        .where(ClosedDay.from_day <= last, ClosedDay.to_day >= first)
        .order_by(ClosedDay.from_day)
    )
    noon = timedelta(hours=12)
    return [
        ClosedPlace(name, datetime.combine(row.from_day, datetime.min.time(), zone) + noon, row.why)
        for row, name in rows
    ]


def _zone(session: Session) -> ZoneInfo:
    return ZoneInfo(the_programme(session).zone)
