"""Polls: counts by key and nothing else: no row of a vote, no share that fewer than ten people stand behind.

Votes gather in Redis (gateway.webhooks.votes), which forgets who voted at midnight; here they come in batches of ten
and more, so that two looks at the counts never differ by one person.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant

LEAST_BATCH = 10
# voice.md R32
LEAST_VOTES, LEAST_CELL = 30, 10
MOST_OPTIONS = 3  # keys 1 to 3
LONGEST_NAME = 120


class Poll(Base):
    """One question answered by key; `options` is a JSON list of each key's words by language."""

    __tablename__ = "poll"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    options: Mapped[str] = mapped_column(Text)
    opens_at: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant)


class PollCount(Base):
    """How many chose one key."""

    __tablename__ = "poll_count"
    poll_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Poll.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    option: Mapped[str] = mapped_column(String(1), primary_key=True)
    n: Mapped[int]


@dataclass(frozen=True)
class PollOption:
    """What one key stands for, by language."""

    key: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Share:
    """A share of a poll that may be shown: of one key, or of several that were too few alone."""

    options: tuple[str, ...]
    votes: int
    percent: int


@dataclass(frozen=True)
class Shares:
    """What may be said of a poll. Without `shown`, that it has fewer than 30 votes or no two cells of 10."""

    votes: int
    shown: tuple[Share, ...]


class PollIncomplete(Exception):
    """A poll needs a name, two or three options with words, and must open before it closes."""


def create_poll(
    session: Session,
    actor: Actor,
    name: str,
    options: Sequence[Mapping[str, str]],
    *,
    opens_at: datetime,
    closes_at: datetime,
    now: datetime,
) -> Poll:
    """A poll whose keys are 1, 2 and 3 in the order of `options` (words by language).

    Raises NotPermitted, PollIncomplete.
    """
    actor.require(Permission.PRODUCE_RADIO)
    wordless = any(not option or not all(text.strip() for text in option.values()) for option in options)
    if not name.strip() or not 2 <= len(options) <= MOST_OPTIONS or wordless or opens_at >= closes_at:
        raise PollIncomplete
    poll = Poll(
        name=name.strip()[:LONGEST_NAME],
        options=json.dumps([dict(option) for option in options], ensure_ascii=False),
        opens_at=opens_at,
        closes_at=closes_at,
    )
    session.add(poll)
    session.flush()
    session.add_all(PollCount(poll_id=poll.id, option=option.key, n=0) for option in options_of(poll))
    audit.record(session, actor, "poll created", f"poll:{poll.id}", now=now)
    session.flush()
    return poll


def options_of(poll: Poll) -> tuple[PollOption, ...]:
    """Its keys, from 1 on, and what they stand for."""
    return tuple(PollOption(str(key), words) for key, words in enumerate(json.loads(poll.options), start=1))


def open_poll(session: Session, poll_id: int, *, now: datetime) -> tuple[str, ...]:
    """The keys that may be pressed now; none when the poll is not open. A reading session is enough."""
    poll = session.get(Poll, poll_id)
    if poll is None or not poll.opens_at <= now < poll.closes_at:
        return ()
    return tuple(option.key for option in options_of(poll))


def close_poll(session: Session, actor: Actor, poll_id: int, *, now: datetime) -> None:
    """Take no more votes from now on. Closed already: nothing changes."""
    actor.require(Permission.PRODUCE_RADIO)
    poll = session.get_one(Poll, poll_id)
    if poll.closes_at > now:
        poll.closes_at = now
        audit.record(session, actor, "poll closed", f"poll:{poll_id}", now=now)
        session.flush()


def add_batch(session: Session, poll_id: int, votes: Mapping[str, int]) -> int:
    """Add a batch of votes to the counts; returns how many were of keys that the poll has. Does not commit."""
    counts = (
        select(PollCount).where(PollCount.poll_id == poll_id).order_by(PollCount.option).with_for_update()
    )
    added = 0
    for count in session.scalars(counts):
        more = votes.get(count.option, 0)
        count.n += more
        added += more
    session.flush()
    return added


def shares(session: Session, poll_id: int) -> Shares:
    """What may be shown of a poll's counts; see `shares_of`."""
    counted = session.execute(select(PollCount.option, PollCount.n).where(PollCount.poll_id == poll_id))
    return shares_of(dict(counted.all()))


def shares_of(counts: Mapping[str, int]) -> Shares:
    """What may be shown of these counts: shares from 30 votes on, each of 10 or more (voice.md R32).

    Options with fewer are merged, with the next smallest too if together they are still fewer than ten: nothing
    that is shown can be subtracted from the total to find them. When a single cell is left, nothing is shown.
    """
    total = sum(counts.values())
    cells = _cells(list(counts.items()))
    if total < LEAST_VOTES or len(cells) < 2:
        return Shares(total, ())
    percents = _percents([n for _, n in cells], total)
    shown = (Share(keys, n, percent) for (keys, n), percent in zip(cells, percents, strict=True))
    return Shares(total, tuple(shown))


def _cells(counts: Sequence[tuple[str, int]]) -> list[tuple[tuple[str, ...], int]]:
    """Cells of ten and more, the largest first, the merged one last."""
    ordered = sorted(counts, key=lambda count: (count[1], count[0]), reverse=True)
    keys: tuple[str, ...] = ()
    votes = 0
    while ordered and (ordered[-1][1] < LEAST_CELL or (keys and votes < LEAST_CELL)):
        key, n = ordered.pop()
        keys, votes = (*keys, key), votes + n
    merged = [(tuple(sorted(keys)), votes)] if keys else []
    return [*(((key,), n) for key, n in ordered), *merged]


def _percents(parts: Sequence[int], total: int) -> list[int]:
    """Whole percents that add up to 100: the largest remainders are rounded up."""
    floors = [part * 100 // total for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: -(parts[place] * 100 % total))
    for place in by_remainder[: 100 - sum(floors)]:
        floors[place] += 1
    return floors
