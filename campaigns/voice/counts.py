"""Counts by node and day: how many came, how many went on, and how long was listened; nobody's in particular.

Drop-off is what entered less what left: a hang-up is not told to us, it is what is missing. Seconds are of pieces
that she went on from; the last one of a call, in which she hung up, is not among them, so that minutes are at least
what is said. Nodes are the menu's, and `before:language|practice|neutral|our_call` before it; segments of an episode
are `episode:<id>.<place>`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import BigInteger, Date, String, bindparam, false, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.storage.base import Base
from campaigns.storage.columns import BigId
from campaigns.voice.call import Count, Counted

Key = TypeVar("Key", str, date)
LONGEST_NODE = 60
_BETWEEN = "/"
_SEGMENT = re.compile(r"episode:(\d+)\.(\d+)")


class NodeCount(Base):
    """How often one thing happened at one node of a menu's version on a day. A segment is a node of its own.

    No foreign key: what is counted must be kept also when its menu went meanwhile.
    """

    __tablename__ = "node_count"
    menu_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    node: Mapped[str] = mapped_column(String(LONGEST_NODE), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    what: Mapped[str] = mapped_column(String(8), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class NodeFigures:
    """What happened at one node; `day` only where days were asked for apart."""

    node: str
    entered: int
    left: int
    silent: int
    invalid: int
    day: date | None = None

    @property
    def hung_up(self) -> int:
        """How many ended their call here. Calls that are going on count as well, until they go on."""
        return max(0, self.entered - self.left)


@dataclass(frozen=True)
class SegmentFigures:
    """How one segment of an episode was listened to."""

    episode_id: int
    place: int
    entered: int
    left: int
    seconds: int

    @property
    def hung_up(self) -> int:
        """How many ended their call in it."""
        return max(0, self.entered - self.left)

    @property
    def minutes(self) -> int:
        """Whole minutes listened."""
        return self.seconds // 60


class CountUnreadable(Exception):
    """A field of counts that wait to be added is none of ours."""


_ADD = text(
    "INSERT INTO node_count (menu_id, node, day, what, n) VALUES (:menu, :node, :day, :what, :n) "
    "ON CONFLICT (menu_id, node, day, what) DO UPDATE SET n = node_count.n + excluded.n"
).bindparams(bindparam("day", type_=Date))


def field_of(count: Count) -> str:
    """A count's name in a hash of counts that wait: version, node, what. It names nobody."""
    return _BETWEEN.join((str(count.menu_version), count.what.value, count.node))


def count_of(field: str, n: int) -> Count:
    """The count that `field_of` named, with so many. Raises CountUnreadable."""
    try:
        version, what, node = field.split(_BETWEEN, 2)
        return Count(int(version), node, Counted(what), n)
    except ValueError:
        raise CountUnreadable from None


def add(session: Session, day: date, counts: Iterable[Count]) -> int:
    """Add counts to a day's; returns how many rows they came to. In key order: two flushes never wait crosswise."""
    sums: Counter[tuple[int, str, str]] = Counter()
    for count in counts:
        sums[count.menu_version, count.node[:LONGEST_NODE], count.what.value] += count.n
    rows = [
        {"menu": menu, "node": node, "day": day, "what": what, "n": n}
        for (menu, node, what), n in sorted(sums.items())
        if n
    ]
    if rows:
        session.execute(_ADD, rows)
    return len(rows)


def node_figures(
    session: Session, since: date, until: date, *, menu_id: int | None = None
) -> dict[str, NodeFigures]:
    """By node, what happened from `since` to `until` (both included): of one version of the menu, or of all."""
    statement = select(NodeCount.node, NodeCount.what, func.sum(NodeCount.n)).group_by(
        NodeCount.node, NodeCount.what
    )
    statement = statement.where(NodeCount.day.between(since, until))
    if menu_id is not None:
        statement = statement.where(NodeCount.menu_id == menu_id)
    sums = _by_first((node, what, int(n)) for node, what, n in session.execute(statement))
    return {node: _figures(node, counted) for node, counted in sums.items() if not _SEGMENT.fullmatch(node)}


def days_of_node(session: Session, node: str, since: date, until: date) -> list[NodeFigures]:
    """One node's days with anything to say, oldest first, over all versions of the menu."""
    statement = (
        select(NodeCount.day, NodeCount.what, func.sum(NodeCount.n))
        .where(NodeCount.node == node, NodeCount.day.between(since, until))
        .group_by(NodeCount.day, NodeCount.what)
    )
    sums = _by_first((day, what, int(n)) for day, what, n in session.execute(statement))
    return [_figures(node, sums[day], day) for day in sorted(sums)]


def segment_figures(session: Session, episode_ids: Sequence[int]) -> list[SegmentFigures]:
    """The segments of these episodes that somebody heard, in order, over all days and versions of the menu."""
    theirs = or_(
        false(), *(NodeCount.node.startswith(f"episode:{episode_id}.") for episode_id in episode_ids)
    )
    statement = select(NodeCount.node, NodeCount.what, func.sum(NodeCount.n)).where(theirs)
    rows = session.execute(statement.group_by(NodeCount.node, NodeCount.what))
    sums = _by_first((node, what, int(n)) for node, what, n in rows)
    figures = [_segment(node, counted) for node, counted in sums.items()]
    return sorted(figures, key=lambda one: (one.episode_id, one.place))


def listening_minutes(session: Session, since: date, until: date) -> dict[date, int]:
    """By day, whole minutes of episodes that were listened to."""
    statement = (
        select(NodeCount.day, func.sum(NodeCount.n))
        .where(NodeCount.what == Counted.SECONDS.value, NodeCount.day.between(since, until))
        .group_by(NodeCount.day)
        .order_by(NodeCount.day)
    )
    return {day: int(seconds) // 60 for day, seconds in session.execute(statement)}


def _by_first(rows: Iterable[tuple[Key, str, int]]) -> dict[Key, dict[str, int]]:
    sums: dict[Key, dict[str, int]] = defaultdict(dict)
    for key, what, n in rows:
        sums[key][what] = n
    return sums


def _figures(node: str, counted: dict[str, int], day: date | None = None) -> NodeFigures:
    return NodeFigures(
        node,
        counted.get(Counted.ENTERED, 0),
        counted.get(Counted.LEFT, 0),
        counted.get(Counted.SILENT, 0),
        counted.get(Counted.INVALID, 0),
        day,
    )


def _segment(node: str, counted: dict[str, int]) -> SegmentFigures:
    found = _SEGMENT.fullmatch(node)
    episode_id, place = (int(found[1]), int(found[2])) if found else (0, 0)
    return SegmentFigures(
        episode_id,
        place,
        counted.get(Counted.ENTERED, 0),
        counted.get(Counted.LEFT, 0),
        counted.get(Counted.SECONDS, 0),
    )
