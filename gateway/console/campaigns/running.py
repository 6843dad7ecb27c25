"""The page of a campaign that is approved, goes out, is held, or is over; its live part renews itself."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, make_response, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from campaigns.outreach.audience import LeftOut, left_out_at_launch
from campaigns.outreach.campaigns import Campaign, State
from campaigns.outreach.deliveries import DeliveryState
from campaigns.outreach.progress import (
    Progress,
    by_language,
    failures,
    parts_by_minute,
    parts_to_go,
    progress_of,
    waiting_for_hours,
)
from campaigns.programme.lines import Line
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Permission
from gateway.console.access import requires
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.composing import broadcast
from gateway.console.campaigns.content import Content, content_of
from gateway.console.campaigns.decisions import decided_of
from gateway.console.campaigns.names import BY_A_PERSON, chip_of, is_call, language_name
from gateway.console.campaigns.phones import Calls, call_counts, calls_of
from gateway.console.campaigns.reasons import Failed, failed_by_reason
from gateway.console.words import _, ngettext

LIVE = (State.SCHEDULED, State.RUNNING, State.PAUSED)
CHART_MINUTES = 30
LEAST_CHARTED = 4  # minutes; fewer are said in words only


@dataclass(frozen=True)
class Pace:
    """How fast it goes: parts in the last whole minute, the line's limit, and when it would be done."""

    line: str
    limit: int
    minutes: list[tuple[datetime, int]]
    done_at: datetime | None
    minutes_left: int

    @property
    def last_minute(self) -> int:
        """Parts handed over in the newest minute that is charted."""
        return self.minutes[-1][1] if self.minutes else 0


@dataclass(frozen=True)
class Standing:
    """How a campaign stands now; `held` wait for hours of their own and are part of those to go."""

    id: int
    state: State
    paused_why: str | None
    halted: bool
    starts_at: datetime | None
    ends_at: datetime | None
    finished_at: datetime | None
    is_written: bool
    progress: Progress
    held: int
    pace: Pace
    languages: list[tuple[str, Progress]]
    failed: list[Failed]
    calls: Calls | None = None

    @property
    def counts(self) -> list[tuple[str, int, str, str]]:
        """The bar: kind, how many, what they are called, and what that means."""
        progress = self.progress
        held = min(self.held, progress.to_go)
        if self.calls is not None:
            return call_counts(progress, held, left_out=self._left_out_words())
        return [
            ("delivered", progress.delivered, _("delivered"), _("her phone has it")),
            ("on-the-way", progress.on_the_way, _("on the way"), self._way_words()),
            ("to-go", progress.to_go - held, _("to go"), _("one after the other")),
            ("held", held, _("wait"), _("for hours of their own, or a next try")),
            ("not-reached", progress.not_reached, _("not reached"), _("reasons below")),
            ("unknown", progress.unknown, _("not known yet"), _("the carrier is asked")),
            ("left-out", progress.left_out, _("left out"), self._left_out_words()),
        ]

    @property
    def is_paused_by_itself(self) -> bool:
        """Whether nobody paused it."""
        return self.state is State.PAUSED and self.paused_why not in (None, BY_A_PERSON)

    def _way_words(self) -> str:
        of = self.progress.of
        return _(
            "%(taken)s taken up, %(accepted)s accepted, %(sent)s sent",
            taken=of(DeliveryState.CLAIMED),
            accepted=of(DeliveryState.ACCEPTED),
            sent=of(DeliveryState.SENT),
        )

    def _left_out_words(self) -> str:
        cancelled, withheld = (
            self.progress.of(DeliveryState.CANCELLED),
            self.progress.of(DeliveryState.WITHHELD),
        )
        if cancelled and withheld:
            return _("%(stop)s STOP, %(cancelled)s stopped with it", stop=withheld, cancelled=cancelled)
        return _("stopped with the campaign") if cancelled else _("STOP since it began")


def running_page(session: Session, campaign: Campaign) -> Response:
    """The whole page."""
    house = the_house()
    now = house.now()
    decided = decided_of(session, campaign)
    standing = standing_of(session, campaign, now=now)
    content: Content = content_of(session, campaign, now=now)
    left_out: LeftOut = left_out_at_launch(session, campaign)
    inside = _inside(standing)
    return make_response(
        render_template(
            "campaigns/running.html",
            campaign=campaign,
            chip=chip_of(campaign),
            approver=decided.by if decided and decided.verdict == "approved" else None,
            standing=standing,
            content=content,
            left_out=left_out,
            inside=inside,
            live=standing.state in LIVE or _is_settling(standing),
            token=_token(campaign),
            seen=_mark(inside),
        )
    )


@pages.get("/<int:campaign_id>/now")
@requires(Permission.LOOK, renews_itself=True)
def now(campaign_id: int) -> Response:
    """The live part, asked for every two seconds: nothing (204) while nothing changed, the whole page when the
    campaign came into another state."""
    with the_house().database.reading() as session:
        campaign = broadcast(session, campaign_id)
        if request.args.get("token") != _token(campaign):
            return make_response("", 204, {"HX-Refresh": "true"})
        standing = standing_of(session, campaign, now=the_house().now())
    inside = _inside(standing)
    live = standing.state in LIVE or _is_settling(standing)
    if live and request.args.get("seen") == _mark(inside):
        return make_response("", 204)
    return make_response(
        render_template(
            "campaigns/running_live.html",
            standing=standing,
            inside=inside,
            live=live,
            token=_token(campaign),
            seen=_mark(inside),
        )
    )


def standing_of(session: Session, campaign: Campaign, *, now: datetime) -> Standing:
    """Gather how a campaign stands."""
    state = State(campaign.state)
    languages = by_language(session, campaign.id)
    return Standing(
        id=campaign.id,
        state=state,
        paused_why=campaign.paused_why,
        halted=the_programme(session).halted_at is not None,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        finished_at=campaign.finished_at,
        is_written=campaign.launch_done,
        progress=progress_of(session, campaign.id),
        held=waiting_for_hours(session, campaign.id, now=now) if state in LIVE else 0,
        pace=_pace(session, campaign, now),
        languages=[(language_name(tag).here, each) for tag, each in languages.items()],
        failed=failed_by_reason(failures(session, campaign.id), is_call=is_call(campaign)),
        calls=calls_of(session, campaign) if is_call(campaign) else None,
    )


def to_go_words(standing: Standing) -> str:
    """How long it still takes, in words; empty when nothing is to go now, and of calls, whose length nobody knows."""
    if (
        standing.calls is not None
        or not standing.pace.minutes_left
        or standing.state is not State.RUNNING
        or standing.halted
    ):
        return ""
    return ngettext("About %(num)s minute", "About %(num)s minutes", standing.pace.minutes_left)


def _pace(session: Session, campaign: Campaign, now: datetime) -> Pace:
    line = session.get_one(Line, campaign.line_id)
    begins = max(campaign.launched_at or now, now - timedelta(minutes=CHART_MINUTES))
    first = begins.replace(second=0, microsecond=0)
    by_minute = parts_by_minute(session, campaign.id, since=first)
    last = max([*by_minute, first]) if by_minute else first
    count = int((last - first).total_seconds() // 60) + 1 if by_minute else 0
    minutes = [
        (first + timedelta(minutes=n), by_minute.get(first + timedelta(minutes=n), 0)) for n in range(count)
    ]
    waiting = parts_to_go(session, campaign.id, now=now)
    seconds = waiting / line.parts_per_second if line.parts_per_second else 0
    done_at = now + timedelta(seconds=seconds) if waiting else None
    return Pace(line.name, line.parts_per_second, minutes, done_at, int(-(-seconds // 60)))


def _is_settling(standing: Standing) -> bool:
    """Whether receipts of a campaign that is over still come in."""
    return standing.progress.on_the_way + standing.progress.unknown > 0


def _token(campaign: Campaign) -> str:
    return f"{campaign.state}-{int(campaign.launch_done)}"


def _inside(standing: Standing) -> Markup:
    page = render_template(
        "campaigns/running_now.html",
        standing=standing,
        to_go=to_go_words(standing),
        charted=standing.calls is None and len(standing.pace.minutes) >= LEAST_CHARTED,
    )
    return Markup(page)  # noqa: S704 - a template of ours, which escapes


def _mark(inside: Markup) -> str:
    return hashlib.sha256(inside.encode()).hexdigest()[:16]
