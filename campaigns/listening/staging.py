"""Staging: where feedback waits, under two seals, until enough of it is there to be mixed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.listening.keys import sealing_key
from campaigns.listening.sealing import FeedbackText, InnerBox, seal_inner, seal_outer
from campaigns.listening.shelf import ShelfRun, Staging
from campaigns.storage.columns import new_rid
from campaigns.storage.engine import Database

# A run closes once a day (in training every minute or so): so often in one request is a fault, not chance.
TRIES = 10


class FeedbackNotKept(Exception):
    """The words could not be kept; the person is to be told so, and to write again later."""


class NoModeratorKey(FeedbackNotKept):
    """No moderator has registered a key. There is nobody to seal to, and in clear nothing is ever kept."""


class NoOpenRun(FeedbackNotKept):
    """No gathering is open: the clock has never run, or closed runs faster than a request can seal."""


def accept(database: Database, feedback: FeedbackText, *, now: datetime) -> None:
    """Keep what somebody wrote, sealed twice; nothing else of it remains anywhere: no other row, no log line, no job.

    Its own transaction with one INSERT; call it outside any other. `now` only says which keys are retired; it
    is not stored. A shelving that closes the run in between is met by sealing again to the next run.
    Raises NoModeratorKey, NoOpenRun: then nothing was kept, and the caller answers with `try_later`.
    """
    inner: InnerBox | None = None
    for _ in range(TRIES):
        with database.reading() as session:
            run, key = _open_run(session), sealing_key(session, now)
        if run is None:
            raise NoOpenRun
        if key is None:
            raise NoModeratorKey
        # The key may change with the run, and then the words are sealed to the new one.
        if inner is None or inner.key_id != key.key_id:
            inner = seal_inner(feedback, key)
        number, public = run
        if _keep(database, number, seal_outer(inner, public)):
            return
    raise NoOpenRun


def _open_run(session: Session) -> tuple[int, bytes] | None:
    row = session.execute(select(ShelfRun.n, ShelfRun.public).where(ShelfRun.closed.is_(False))).first()
    return (row.n, row.public) if row else None


def _keep(database: Database, run: int, box: bytes) -> bool:
    """Insert, unless the run was closed meanwhile.

    INSERT first, then look: on PostgreSQL the insert waits for a shelving that holds the table, and from then on
    keeps any other out until this commits; so what the second statement sees stays true.
    """
    with database.writing() as session:
        session.add(Staging(rid=new_rid(), box=box))
        session.flush()
        if session.scalar(select(ShelfRun.n).where(ShelfRun.n == run, ShelfRun.closed.is_(False))) is None:
            session.rollback()
            return False
        return True
