"""Going through a whole table without holding it in memory."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

PIECE_ROWS = 1_000


def in_pieces(
    session: Session,
    key: InstrumentedAttribute[Any],
    *columns: InstrumentedAttribute[Any],
    size: int = PIECE_ROWS,
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Give `key` and `columns` of every row, at most `size` rows at a time, in the order of the unique `key`.

    The rows of a piece may be changed before the next is asked for, save their key.
    """
    every = select(key, *columns).order_by(key).limit(size)
    rows: Sequence[tuple[Any, ...]] = session.execute(every).all()
    while rows:
        yield rows
        rows = session.execute(every.where(key > rows[-1][0])).all()
