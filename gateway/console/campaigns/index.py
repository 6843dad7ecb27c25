"""The list of campaigns: what each is doing, and what waits for whom."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, make_response, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign, State, campaigns_in
from campaigns.outreach.drafting import ACT
from campaigns.outreach.progress import Progress, progress_of_many
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Actor, Permission, names_of
from campaigns.staff.second_person import SecondPerson
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.approving import approval_page
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.composing import broadcast
from gateway.console.campaigns.names import chip_of, is_call
from gateway.console.campaigns.running import running_page

MOST_ENDED = 30
ORDER = (State.SUBMITTED, State.PAUSED, State.RUNNING, State.SCHEDULED, State.DRAFT)


@dataclass(frozen=True)
class Row:
    """One campaign of the list."""

    id: int
    name: str
    chip: str
    state: State
    people: int | None
    starts_at: datetime | None
    ended_at: datetime | None
    by: str
    progress: Progress
    is_call: bool


@pages.get("")
@requires(Permission.LOOK)
def index() -> Response:
    """Every campaign that is not over, what waits for this person first; then the last that are."""
    with the_house().database.reading() as session:
        live = campaigns_in(session, *ORDER)
        ended = campaigns_in(session, State.FINISHED, State.STOPPED, limit=MOST_ENDED)
        live.sort(key=lambda campaign: ORDER.index(State(campaign.state)))
        rows = _rows(session, current_actor(), live + ended)
        return make_response(
            render_template("campaigns/index.html", live=rows[: len(live)], ended=rows[len(live) :])
        )


@pages.get("/<int:campaign_id>")
@requires(Permission.LOOK)
def page(campaign_id: int) -> Response:
    """The page that fits the state: the composer for a draft, the approval, or how it goes out."""
    with the_house().database.reading() as session:
        campaign = broadcast(session, campaign_id)
        if campaign.state == State.SUBMITTED:
            return approval_page(session, campaign)
        if campaign.state == State.DRAFT:
            is_writer = Permission.WRITE_CAMPAIGNS in current_actor().permissions
            where = (
                url_for("campaigns.people", campaign_id=campaign_id)
                if is_writer
                else url_for("campaigns.index")
            )
            return make_response(redirect(where, 303))
        return running_page(session, campaign)


def _rows(session: Session, actor: Actor, campaigns: list[Campaign]) -> list[Row]:
    mine = _waiting_for(session, actor)
    names = names_of(session, {campaign.created_by for campaign in campaigns if campaign.created_by})
    progress = progress_of_many(session, [campaign.id for campaign in campaigns])
    return [
        Row(
            id=campaign.id,
            name=campaign.name,
            chip="waits-for-you" if campaign.id in mine else chip_of(campaign),
            state=State(campaign.state),
            people=campaign.ceiling_people,
            starts_at=campaign.launched_at or campaign.starts_at,
            ended_at=campaign.finished_at,
            by=names.get(campaign.created_by or b"", ""),
            progress=progress[campaign.id],
            is_call=is_call(campaign),
        )
        for campaign in campaigns
    ]


def _waiting_for(session: Session, actor: Actor) -> set[int]:
    """The campaigns that this person may say yes to now."""
    if Permission.APPROVE_CAMPAIGNS not in actor.permissions:
        return set()
    statement = select(SecondPerson.about).where(SecondPerson.act == ACT, SecondPerson.verdict.is_(None))
    if not the_programme(session).training:
        statement = statement.where(SecondPerson.asked_by != actor.staff)
    return set(session.scalars(statement))
