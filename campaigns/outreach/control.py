"""Control: pausing, going on and stopping a campaign while it goes out."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign, Kind, Means, State, require_state
from campaigns.outreach.deliveries import ATTEMPT, RANK_FINAL, Delivery, DeliveryState
from campaigns.outreach.tallies import move_tallies
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.engine import gate_exclusive

PIECE = 2_000
OWED_WAITS = timedelta(minutes=5)


def pause(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> None:
    """Hold a running campaign: nothing of it is claimed after the commit, and the last look refuses the rest."""
    actor.require(Permission.HALT)
    gate_exclusive(session)
    campaign = session.get_one(Campaign, campaign_id)
    require_state(campaign, State.RUNNING)
    campaign.state, campaign.paused_why = int(State.PAUSED), "person"
    audit.record(session, actor, "campaign.paused", f"campaign:{campaign_id}", now=now)


def pause_itself(session: Session, campaign_id: int, why: str, *, now: datetime) -> None:
    """Hold a campaign that cannot go on; `why` is a word of ours ("budget"), shown on its page. Idempotent."""
    gate_exclusive(session)
    campaign = session.get_one(Campaign, campaign_id)
    if campaign.state == State.RUNNING and campaign.kind == Kind.BROADCAST:
        campaign.state, campaign.paused_why = int(State.PAUSED), why
        audit.record(session, None, "campaign.paused_itself", f"campaign:{campaign_id}", now=now)


def answers_without_money(session: Session, campaign_id: int, *, now: datetime) -> None:
    """Let a line's other campaigns have their turn when its answers cannot be paid: owed texts wait five minutes,
    call-backs are not made (later another may hold the phone)."""
    campaign = session.get_one(Campaign, campaign_id)
    if campaign.kind != Kind.ANSWERS:
        return
    if campaign.channel == Means.CALL:
        cancel_piece(session, campaign_id)
        return
    due = (
        Delivery.campaign_id == campaign_id,
        Delivery.state == int(DeliveryState.QUEUED),
        Delivery.due_at <= now,
    )
    session.execute(
        update(Delivery)
        .where(*due)
        .values(due_at=now + OWED_WAITS)
        .execution_options(synchronize_session=False)
    )


def go_on(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> None:
    """Let a paused campaign go on from where it stood."""
    actor.require(Permission.WRITE_CAMPAIGNS)
    gate_exclusive(session)
    campaign = session.get_one(Campaign, campaign_id)
    require_state(campaign, State.PAUSED)
    campaign.state, campaign.paused_why = int(State.RUNNING), None
    audit.record(session, actor, "campaign.resumed", f"campaign:{campaign_id}", now=now)


def stop(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> None:
    """End a campaign for good: what has not gone is cancelled, what has gone stays."""
    actor.require(Permission.HALT)
    gate_exclusive(session)
    campaign = session.get_one(Campaign, campaign_id)
    require_state(campaign, State.SCHEDULED, State.RUNNING, State.PAUSED)
    campaign.state, campaign.finished_at = int(State.STOPPED), now
    audit.record(session, actor, "campaign.stopped", f"campaign:{campaign_id}", now=now)


def to_cancel(session: Session) -> list[int]:
    """Stopped campaigns that still have queued deliveries."""
    queued = (
        select(Delivery.id)
        .where(Delivery.campaign_id == Campaign.id, Delivery.state == int(DeliveryState.QUEUED))
        .exists()
    )
    return list(session.scalars(select(Campaign.id).where(Campaign.state == int(State.STOPPED), queued)))


def cancel_piece(session: Session, campaign_id: int) -> int:
    """Cancel up to 2,000 queued deliveries of a stopped campaign; returns how many."""
    ids = (
        select(Delivery.id)
        .where(Delivery.campaign_id == campaign_id, Delivery.state == int(DeliveryState.QUEUED))
        .order_by(Delivery.id)
        .limit(PIECE)
        .with_for_update()
    )
    found = list(session.scalars(ids))
    statement = (
        update(Delivery)
        .where(Delivery.id.in_(found))
        .values(state=int(DeliveryState.CANCELLED), stage=Delivery.stage // ATTEMPT * ATTEMPT + RANK_FINAL)
        .returning(Delivery.step)
        .execution_options(synchronize_session=False)
    )
    steps = list(session.scalars(statement)) if found else []
    move_tallies(
        session, ((campaign_id, step, DeliveryState.QUEUED, DeliveryState.CANCELLED) for step in steps)
    )
    return len(steps)
