"""The last look: just before a hand-over, whether what was claimed may still go."""

from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.orm import Session

from campaigns.storage.columns import Instant

MOST_ROWS = 64
FRESH = timedelta(milliseconds=200)  # a hand-over may begin this long after its look, not later
LEASE_MARGIN = timedelta(seconds=20)  # longer than any request to a carrier may take

# Reads only, so it sees everything that committed before it began: STOP, pause, halt, a voided approval, a line
# that paused itself, a window that closed, and a lease that another may doubt soon.
LOOK = text(
    """
    SELECT d.id,
           CASE WHEN x.mark IS NOT NULL THEN 9
                WHEN k.kind <> 3 AND (s.contact_id IS NULL OR (s.mask & k.need) <> k.need
                                      OR (c.reach & CASE k.channel WHEN 2 THEN 2 ELSE 1 END) = 0) THEN 9
                WHEN d.state <> 1 OR d.claim_id <> :claim OR d.lease_until <= :lease THEN -1
                WHEN p.halted_at IS NOT NULL OR k.state <> 3 OR k.approved_hash <> k.content_hash
                     OR l.paused_at IS NOT NULL OR d.expires_at <= :now THEN 0
                ELSE 1 END AS verdict
      FROM delivery d
      JOIN contact c ON c.id = d.contact_id
      JOIN campaign k ON k.id = d.campaign_id
      JOIN line l ON l.id = d.line_id
      JOIN programme p ON p.id = 1
      LEFT JOIN standing s ON s.contact_id = c.id
      LEFT JOIN suppression x ON x.mark = c.mark
     WHERE d.id IN :ids
    """
).bindparams(
    bindparam("now", type_=Instant()),
    bindparam("lease", type_=Instant()),
    bindparam("claim", type_=BigInteger()),
    bindparam("ids", expanding=True),
)


class Sight(Enum):
    """What a last look says of one claimed delivery."""

    GO = 1
    BACK = 0  # not now: paused, halted, out of its window; it waits again, this attempt not used
    WITHHOLD = 9  # the consent went away
    NOT_OURS = -1  # the lease is over or another holds it: leave it alone


def last_look(session: Session, claim_id: int, ids: list[int], *, now: datetime) -> dict[int, Sight]:
    """What may be done with each claimed delivery (at most 64), true for the next 200 ms.

    A delivery whose contact was erased meanwhile is missing from the answer: it is gone.
    """
    rows = session.execute(
        LOOK,
        {"claim": claim_id, "ids": ids, "now": now, "lease": now + LEASE_MARGIN},
    )
    return {row.id: Sight(row.verdict) for row in rows}
