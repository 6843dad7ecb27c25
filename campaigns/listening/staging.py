"""Staging: where feedback waits, under two seals, until enough of its kind is there to be mixed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.listening.keys import sealing_key
from campaigns.listening.sealing import Feedback, FeedbackVoice, InnerBox, Kind, seal_inner, seal_outer
from campaigns.listening.shelf import STAGING, ShelfRun
from campaigns.storage.columns import RID_BYTES, new_rid
from campaigns.storage.engine import Database

# A run closes once a day (in training every minute or so): so often in one request is a fault, not chance.
TRIES = 10


class FeedbackNotKept(Exception):
    """It could not be kept; the person is to be told so, and to try again later."""


class NoModeratorKey(FeedbackNotKept):
    """No moderator has registered a key. There is nobody to seal to, and in clear nothing is ever kept."""


class NoOpenRun(FeedbackNotKept):
    """No gathering is open: the clock has never run, or closed runs faster than a request can seal."""


def accept(database: Database, feedback: Feedback, *, now: datetime, once: bytes | None = None) -> None:
    """Keep what somebody wrote or said, sealed twice; nothing else of it remains: no other row, no log line, no job.

    Its own transaction with one INSERT; call it outside any other. `now` only says which keys are retired; it
    is not stored. A shelving that closes the run in between is met by sealing again to the next run.
    `once`: a keyed mark that only this item has; while its run is open a second call with it keeps nothing.
    Raises NoModeratorKey, NoOpenRun, VoiceTooLong: then nothing was kept, and the caller says so.
    """
    kind = Kind.VOICE if isinstance(feedback, FeedbackVoice) else Kind.TEXT
    inner: InnerBox | None = None
    for _ in range(TRIES):
        with database.reading() as session:
            run, key = _open_run(session, kind), sealing_key(session, now, kind)
        if run is None:
            raise NoOpenRun
        if key is None:
            raise NoModeratorKey
        # The key may change with the run, and then it is sealed to the new one.
        if inner is None or inner.key_id != key.key_id:
            inner = seal_inner(feedback, key)
        number, public = run
        if _keep(database, kind, number, seal_outer(inner, public), once):
            return
    raise NoOpenRun


def _open_run(session: Session, kind: Kind) -> tuple[int, bytes] | None:
    statement = select(ShelfRun.n, ShelfRun.public).where(ShelfRun.closed.is_(False), ShelfRun.kind == kind)
    row = session.execute(statement).first()
    return (row.n, row.public) if row else None


def _keep(database: Database, kind: Kind, run: int, box: bytes, once: bytes | None) -> bool:
    """Insert, unless the run was closed meanwhile; well, too, when this very item lies there already.

    INSERT first, then look: on PostgreSQL the insert waits for a shelving that holds the table, and from then on
    keeps any other out until this commits; so what the second statement sees stays true.
    """
    with database.writing() as session:
        session.add(STAGING[kind](rid=once[:RID_BYTES] if once else new_rid(), box=box))
        try:
            session.flush()
        except IntegrityError:
            if once is None:
                raise
            session.rollback()
            return True
        if session.scalar(select(ShelfRun.n).where(ShelfRun.n == run, ShelfRun.closed.is_(False))) is None:
            session.rollback()
            return False
        return True
