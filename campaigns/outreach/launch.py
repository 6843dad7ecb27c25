"""Launch: writing the deliveries of an approved campaign, in idempotent pieces over contact ids."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, case, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from campaigns.consent.events import Standing
from campaigns.outreach.audience import Audience, since_launch
from campaigns.outreach.campaigns import Campaign, Kind, Opening, State, Tally, Wording
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.outreach.openings import compute_openings
from campaigns.outreach.tallies import add_new
from campaigns.people.contacts import Contact
from campaigns.programme.programme import the_programme
from campaigns.storage.columns import Instant
from campaigns.storage.engine import dialect_of

FIRST_PIECE = 500  # contacts; small, so that the first text is on the wire while the rest is still written
PIECES = {"sqlite": 500, "postgresql": 5_000}
COLUMNS = [
    "campaign_id",
    "contact_id",
    "step",
    "line_id",
    "wording_id",
    "language",
    "parts",
    "state",
    "stage",
    "due_at",
    "training",
]


def start_due(session: Session, *, now: datetime) -> list[int]:
    """Begin every scheduled campaign whose start has come, freezing its audience as of now; returns their ids."""
    statement = select(Campaign).where(
        Campaign.state == int(State.SCHEDULED),
        Campaign.starts_at <= now,
        Campaign.approved_hash == Campaign.content_hash,
    )
    begun = []
    for campaign in session.scalars(statement.with_for_update(skip_locked=True)):
        compute_openings(session, campaign)
        campaign.state = int(State.RUNNING)
        campaign.launched_at = now
        begun.append(campaign.id)
    session.flush()
    return begun


def has_due(session: Session, *, now: datetime) -> bool:
    """Whether the start of a scheduled campaign has come."""
    statement = select(Campaign.id).where(Campaign.state == int(State.SCHEDULED), Campaign.starts_at <= now)
    return session.scalars(statement.limit(1)).first() is not None


def runs_any(session: Session) -> bool:
    """Whether some campaign is going out."""
    statement = select(Campaign.id).where(
        Campaign.state == int(State.RUNNING), Campaign.kind == int(Kind.BROADCAST)
    )
    return session.scalars(statement.limit(1)).first() is not None


def to_launch(session: Session) -> list[int]:
    """Running campaigns whose deliveries are not all written."""
    statement = select(Campaign.id).where(
        Campaign.state.in_((int(State.RUNNING), int(State.PAUSED))),
        Campaign.kind == int(Kind.BROADCAST),
        ~Campaign.launch_done,
    )
    return list(session.scalars(statement.order_by(Campaign.id)))


def launch_piece(session: Session, campaign_id: int, *, now: datetime) -> bool:
    """Write the deliveries of the next range of contacts; False when there is none left.

    The cursor moves in the same transaction, and a contact can have one delivery only, so running it twice or
    killing it anywhere writes nobody twice and leaves nobody out. Needs no gate: the claim asks for consent again.
    Never goes over the approved ceiling of people.
    """
    statement = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    campaign = session.scalars(statement.execution_options(populate_existing=True)).one()
    if (
        campaign.launch_done
        or campaign.state not in (State.RUNNING, State.PAUSED)
        or campaign.launched_at is None
    ):
        return False
    piece = FIRST_PIECE if campaign.launch_after == 0 else PIECES[dialect_of(session)]
    ids = select(Contact.id).where(Contact.id > campaign.launch_after).order_by(Contact.id).limit(piece)
    upto = session.scalars(select(func.max(ids.subquery().c.id))).one()
    if upto is None:
        campaign.launch_done = True
        return False
    written = _write_range(session, campaign, upto, now)
    campaign.launch_after = upto
    add_new(session, campaign.id, 0, written)
    return True


def _write_range(session: Session, campaign: Campaign, upto: int, now: datetime) -> int:
    room = (campaign.ceiling_people or 0) - _written(session, campaign.id)
    if room <= 0:
        return 0
    rows = _rows_of_range(session, campaign, upto, now).limit(room)
    insert = postgresql.insert(Delivery) if dialect_of(session) == "postgresql" else sqlite.insert(Delivery)
    statement = insert.from_select(COLUMNS, rows).on_conflict_do_nothing()
    counted = statement.execution_options(preserve_rowcount=True)
    return int(session.connection().execute(counted).rowcount)


def _written(session: Session, campaign_id: int) -> int:
    return session.scalars(
        select(func.coalesce(func.sum(Tally.n), 0)).where(Tally.campaign_id == campaign_id)
    ).one()


def _rows_of_range(
    session: Session, campaign: Campaign, upto: int, now: datetime
) -> Select[*tuple[Any, ...]]:
    moment = literal(now, Instant())
    opens = func.min(case((Opening.opens_at < moment, moment), else_=Opening.opens_at))
    first_opening = (
        select(opens)
        .where(
            Opening.campaign_id == campaign.id,
            Opening.rhythm_id == Contact.rhythm_id,
            Opening.closes_at > moment,
        )
        .scalar_subquery()
    )
    return (
        select(
            literal(campaign.id, BigInteger()),
            Contact.id,
            literal(0, BigInteger()),
            literal(campaign.line_id, BigInteger()),
            Wording.id,
            Wording.language,
            Wording.parts,
            literal(int(DeliveryState.QUEUED), Integer()),
            literal(0, Integer()),
            func.coalesce(first_opening, moment),
            literal(the_programme(session).training),
        )
        .join(Standing, Standing.contact_id == Contact.id)
        .join(Wording, (Wording.campaign_id == campaign.id) & (Wording.language == Contact.language))
        .where(
            Contact.id > campaign.launch_after,
            Contact.id <= upto,
            Wording.step == 0,
            Standing.mask.op("&")(campaign.need) == campaign.need,
            since_launch(campaign.launched_at or now),
            Audience.load(campaign.audience).matches(session),
        )
        .order_by(Contact.id)
    )
