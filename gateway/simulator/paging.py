"""Lists of the carrier's API: newest first, page by page, narrowed by moments."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlencode

from gateway.simulator.errors import Refused

MOST_PER_PAGE, USUAL_PER_PAGE = 1000, 50


class Listed(Protocol):
    """Whatever has a name and a place in the order in which it was made."""

    @property
    def sid(self) -> str: ...

    @property
    def place(self) -> int: ...


T = TypeVar("T", bound=Listed)


@dataclass(frozen=True)
class Window:
    """Unix seconds, both ends included."""

    first: float = float("-inf")
    last: float = float("inf")

    def holds(self, moment: float | None) -> bool:
        return moment is not None and self.first <= int(moment) <= self.last

    @property
    def is_open(self) -> bool:
        return self == Window()


@dataclass(frozen=True)
class Listing(Generic[T]):
    """What is listed: under which name, at which path, narrowed by which fields, written how."""

    name: str
    base: str
    filters: tuple[str, ...]
    write: Callable[[T], dict[str, object]]


def page_of(
    listing: Listing[T],
    query: Mapping[str, str],
    place_of: Callable[[str], int | None],
    matching: Callable[[int | None], Iterator[T]],
) -> dict[str, object]:
    """The page that the query asks for, in the carrier's envelope. Raises `Refused` for what cannot be read.

    `matching` gives what lies before a place, newest first. A page is found again by the last one seen, so what
    comes in between shifts nothing.
    """
    size = min(max(_number(query, "PageSize", USUAL_PER_PAGE), 1), MOST_PER_PAGE)
    page = _number(query, "Page", 0)
    rows: list[T] = []
    for row in matching(_before(query.get("PageToken"), place_of)):
        if len(rows) == size:
            break
        rows.append(row)
    has_more = len(rows) == size and next(matching(rows[-1].place), None) is not None
    kept = [(name, query[name]) for name in listing.filters if query.get(name)]
    first = urlencode([*kept, ("PageSize", str(size)), ("Page", "0")])
    token = ("PageToken", f"PA{rows[-1].sid}" if rows else "")
    onward = urlencode([*kept, ("PageSize", str(size)), ("Page", str(page + 1)), token])
    return {
        listing.name: [listing.write(row) for row in rows],
        "uri": f"{listing.base}?{urlencode(list(query.items()))}" if query else listing.base,
        "first_page_uri": f"{listing.base}?{first}",
        "next_page_uri": f"{listing.base}?{onward}" if has_more else None,
        "previous_page_uri": None,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(len(rows) - 1, 0),
    }


def window_of(query: Mapping[str, str], name: str) -> Window:
    """The field alone means the whole UTC day it lies in: the SDK writes a date as that day's first second."""
    first, last = float("-inf"), float("inf")
    if text := query.get(name):
        day = _moment(text).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        first, last = day.timestamp(), (day + timedelta(days=1)).timestamp() - 1
    if text := query.get(f"{name}>"):
        first = max(first, _moment(text).timestamp())
    if text := query.get(f"{name}<"):
        last = min(last, _moment(text).timestamp())
    return Window(first, last)


def _moment(text: str) -> datetime:
    """An ISO date or instant; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(20001) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise Refused(20001)
    return int(text)


def _before(token: str | None, place_of: Callable[[str], int | None]) -> int | None:
    """Where the page before ended. What was deleted since then ends nothing: its place is looked up all the same."""
    if not token:
        return None
    place = place_of(token.removeprefix("PA"))
    if place is None:
        raise Refused(20001)
    return place
