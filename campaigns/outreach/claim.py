"""The claim: one slice of a line's second, taken so that nobody gets what she did not agree to.

One transaction: the gate shared, the line's time, the claim that disposes of every row it touches, the charge.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, TextualSelect, bindparam, select, text
from sqlalchemy.orm import Session

from campaigns.outreach.audience import REACH
from campaigns.outreach.budget import charge
from campaigns.outreach.calling import BUSY_FOR
from campaigns.outreach.campaigns import Campaign, Kind, Means, State, Wording
from campaigns.outreach.deliveries import ATTEMPT, Delivery, DeliveryState
from campaigns.outreach.granting import Grant, grant_of_line, use_up
from campaigns.outreach.tallies import move_tallies
from campaigns.people.contacts import Contact
from campaigns.programme.lines import Line
from campaigns.storage.columns import Instant
from campaigns.storage.engine import Dialect, dialect_of, gate_shared

CLOSING_MARGIN = timedelta(
    seconds=30
)  # nothing is claimed for a window that closes before it can be handed over

# Two fragments differ between the engines. On PostgreSQL rows that another claim holds are passed over, and the
# first step must not be folded into the others (each row is locked once). SQLite has one writer at a time.
FRAGMENTS: dict[Dialect, dict[str, str]] = {
    "postgresql": {"as": "AS MATERIALIZED", "lock": "FOR UPDATE OF d SKIP LOCKED"},
    "sqlite": {"as": "AS", "lock": ""},
}

# Safe under concurrency: the gate was taken in a statement before this one, so this one's snapshot shows every STOP,
# pause and halt that committed; `due` locks its rows; every row it takes leaves the head of the queue (claimed,
# withheld, missed, or due at its next opening), so closed windows and withdrawn consents never cost a scan.
CLAIM = """
WITH due {as} (
    SELECT d.id, d.contact_id, d.expires_at FROM delivery d
     WHERE d.campaign_id = :campaign AND d.state = 0 AND d.due_at <= :now
     ORDER BY d.due_at, d.id LIMIT :n {lock}),
asked AS (
    SELECT due.id, coalesce(o.closes_at, CASE WHEN :is_answer THEN due.expires_at END) AS closes_at,
           CASE WHEN x.mark IS NOT NULL THEN 9
                WHEN :is_answer THEN CASE WHEN due.expires_at > :now THEN 1 ELSE 0 END
                WHEN s.contact_id IS NULL OR (s.mask & :need) <> :need OR (c.reach & :reach) = 0 THEN 9
                WHEN o.rhythm_id IS NOT NULL THEN 1
                ELSE 0 END AS verdict,
           :is_call AND EXISTS (SELECT 1 FROM delivery b JOIN campaign f ON f.id = b.campaign_id
                                 WHERE b.contact_id = due.contact_id AND b.id <> due.id AND b.state IN (1, 2, 3)
                                   AND f.channel = 2) AS is_in_a_call,
           (SELECT min(n.opens_at) FROM opening n
             WHERE n.campaign_id = :campaign AND n.rhythm_id = c.rhythm_id AND n.opens_at > :now) AS next_open
      FROM due
      JOIN contact c ON c.id = due.contact_id
      LEFT JOIN standing s ON s.contact_id = c.id
      LEFT JOIN suppression x ON x.mark = c.mark
      LEFT JOIN opening o ON o.campaign_id = :campaign AND o.rhythm_id = c.rhythm_id
                         AND o.opens_at <= :now AND o.closes_at > :margin),
verdict AS (
    SELECT id, closes_at, CASE WHEN verdict = 1 AND is_in_a_call THEN 0 ELSE verdict END AS verdict,
           CASE WHEN verdict = 1 AND is_in_a_call THEN :busy_until ELSE next_open END AS next_open
      FROM asked)
UPDATE delivery
   SET state = CASE WHEN v.verdict = 0 AND v.next_open IS NULL THEN 8 ELSE v.verdict END,
       due_at = CASE WHEN v.verdict = 0 AND v.next_open IS NOT NULL THEN v.next_open ELSE delivery.due_at END,
       expires_at = v.closes_at,
       stage = CASE WHEN v.verdict = 1 THEN stage / 10 * 10 + 1
                    WHEN v.verdict = 9 OR v.next_open IS NULL THEN stage / 10 * 10 + 5
                    ELSE stage END,
       claim_id = :claim, claimed_at = :now, lease_until = :lease, absent_at = NULL
  FROM verdict v, campaign k, programme p
 WHERE delivery.id = v.id AND k.id = :campaign AND k.state = 3 AND k.approved_hash = k.content_hash
   AND p.id = 1 AND p.halted_at IS NULL
RETURNING delivery.id, delivery.contact_id, delivery.state, delivery.parts, delivery.wording_id, delivery.step,
          delivery.stage, delivery.expires_at
"""


@dataclass(frozen=True)
class Claimed:
    """One delivery that is ours to hand over until the lease ends; the number is still sealed.

    `load` is its share of the line's second: parts of a text, one of a call.
    """

    id: int
    contact_rid: bytes
    number_box: bytes
    body: str
    parts: int
    load: int
    attempt: int
    expires_at: datetime


@dataclass(frozen=True)
class Slice:
    """What one claim took: at most one second of its line's rate, of one campaign. `rate` is in parts or calls."""

    campaign_id: int
    line_id: int
    claim_id: int
    carrier: str
    address: str
    means: Means
    starts_at: datetime
    rate: int
    rows: tuple[Claimed, ...]
    touched: int


def claim_slice(session: Session, campaign_id: int, *, now: datetime, lease: timedelta) -> Slice | None:
    """Claim the next slice of a campaign, or None when its line has no time left or is paused, or nothing is due.

    Raises BudgetSpent: the caller's transaction must roll back, and the campaign be paused.
    """
    gate_shared(session)
    campaign = session.get_one(Campaign, campaign_id)
    grant = grant_of_line(session, campaign, now)
    if grant is None:
        return None
    claim_id = secrets.randbits(62)
    rows = _take(session, campaign, grant, claim_id, now, lease)
    if not rows:
        return None
    claimed = [row for row in rows if row.state == DeliveryState.CLAIMED]
    parts = sum(row.parts for row in claimed)
    charge(session, campaign, parts, now=now)
    line = session.get_one(Line, campaign.line_id)
    use_up(line, campaign, grant, len(claimed) if campaign.channel == Means.CALL else parts)
    moves = ((campaign_id, row.step, DeliveryState.QUEUED, DeliveryState(row.state)) for row in rows)
    move_tallies(session, moves)
    return Slice(
        campaign_id,
        line.id,
        claim_id,
        line.carrier,
        line.address,
        Means(campaign.channel),
        grant.starts_at,
        grant.rate,
        _with_numbers_and_words(session, campaign, claimed),
        len(rows),
    )


def _take(
    session: Session, campaign: Campaign, grant: Grant, claim_id: int, now: datetime, lease: timedelta
) -> Sequence[Row[Any]]:
    values = {
        "campaign": campaign.id,
        "now": now,
        "n": grant.rows,
        "need": campaign.need,
        "reach": int(REACH[Means(campaign.channel)]),
        "is_answer": campaign.kind == Kind.ANSWERS,
        "is_call": campaign.channel == Means.CALL,
        "busy_until": now + BUSY_FOR,
        "margin": now + CLOSING_MARGIN,
        "claim": claim_id,
        "lease": now + lease,
    }
    return session.execute(_claim_statement(dialect_of(session)), values).all()


def claimable_campaigns(session: Session, line_id: int, *, now: datetime) -> list[int]:
    """Campaigns of a line that have something due now, by age; while answers wait, only those."""
    statement = select(Campaign.id, Campaign.kind).where(
        Campaign.line_id == line_id, Campaign.state == State.RUNNING, _has_due(now)
    )
    due = session.execute(statement.order_by(Campaign.id)).all()
    answers = [row.id for row in due if row.kind == Kind.ANSWERS]
    return answers or [row.id for row in due]


def lines_with_work(session: Session, *, now: datetime) -> list[int]:
    """Lines, not paused, that have something due now."""
    statement = (
        select(Campaign.line_id)
        .join(Line, Line.id == Campaign.line_id)
        .where(Campaign.state == State.RUNNING, Line.paused_at.is_(None), _has_due(now))
        .distinct()
    )
    return list(session.scalars(statement))


def _has_due(now: datetime) -> ColumnElement[bool]:
    due = select(Delivery.id).where(
        Delivery.campaign_id == Campaign.id, Delivery.state == 0, Delivery.due_at <= now
    )
    return due.exists()


def _claim_statement(dialect: Dialect) -> TextualSelect:
    statement = text(CLAIM.format(**FRAGMENTS[dialect])).bindparams(
        bindparam("now", type_=Instant()),
        bindparam("margin", type_=Instant()),
        bindparam("busy_until", type_=Instant()),
        bindparam("lease", type_=Instant()),
        bindparam("need", type_=BigInteger()),
    )
    return statement.columns(
        id=BigInteger(),
        contact_id=BigInteger(),
        state=BigInteger(),
        parts=BigInteger(),
        wording_id=BigInteger(),
        step=BigInteger(),
        stage=BigInteger(),
        expires_at=Instant(),
    )


def _with_numbers_and_words(
    session: Session, campaign: Campaign, claimed: Sequence[Row[Any]]
) -> tuple[Claimed, ...]:
    contacts = {
        row.id: row
        for row in session.execute(
            select(Contact.id, Contact.rid, Contact.number_box).where(
                Contact.id.in_([row.contact_id for row in claimed])
            )
        )
    }
    words = dict(
        session.execute(
            select(Wording.id, Wording.body).where(Wording.id.in_({row.wording_id for row in claimed}))
        ).all()
    )
    return tuple(
        Claimed(
            row.id,
            contacts[row.contact_id].rid,
            contacts[row.contact_id].number_box,
            words[row.wording_id],
            row.parts,
            1 if campaign.channel == Means.CALL else row.parts,
            row.stage // ATTEMPT,
            row.expires_at,
        )
        for row in sorted(claimed, key=lambda row: row.id)
    )
