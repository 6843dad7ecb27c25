"""The list of messages: filters by number and date, newest first, page by page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from gateway.simulator.errors import Refused
from gateway.simulator.messages import API_VERSION, Message, as_json
from gateway.simulator.store import Store

MOST_PER_PAGE, USUAL_PER_PAGE = 1000, 50
_FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")


@dataclass(frozen=True)
class _Window:
    """Unix seconds, both ends included."""

    first: float = float("-inf")
    last: float = float("inf")


def list_messages(store: Store, account_sid: str, query: Mapping[str, str]) -> dict[str, object]:
    """The page that the query asks for, in the carrier's envelope. Raises `Refused` for what cannot be read.

    A page is found again by the last message seen, so messages that come in between shift nothing.
    """
    size = min(max(_number(query, "PageSize", USUAL_PER_PAGE), 1), MOST_PER_PAGE)
    page = _number(query, "Page", 0)
    before = _place_of(store, query.get("PageToken"))
    found = _matching(store, query, before)
    rows: list[Message] = []
    for message in found:
        if len(rows) == size:
            break
        rows.append(message)
    has_more = len(rows) == size and next(_matching(store, query, rows[-1].place), None) is not None
    base = f"/{API_VERSION}/Accounts/{account_sid}/Messages.json"
    kept = [(name, query[name]) for name in _FILTERS if query.get(name)]
    first = urlencode([*kept, ("PageSize", str(size)), ("Page", "0")])
    onward = urlencode(
        [
            *kept,
            ("PageSize", str(size)),
            ("Page", str(page + 1)),
            ("PageToken", f"PA{rows[-1].sid}" if rows else ""),
        ]
    )
    return {
        "messages": [as_json(message, account_sid) for message in rows],
        "uri": f"{base}?{urlencode(list(query.items()))}" if query else base,
        "first_page_uri": f"{base}?{first}",
        "next_page_uri": f"{base}?{onward}" if has_more else None,
        "previous_page_uri": None,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(len(rows) - 1, 0),
    }


def _matching(store: Store, query: Mapping[str, str], before: int | None) -> Iterator[Message]:
    """Newest first. A message that was not sent yet is found by the date it was made."""
    to, sender = query.get("To"), query.get("From")
    pool = store.in_order
    if to:
        pool = store.by_to.get(to, [])
    elif sender:
        pool = store.by_sender.get(sender, [])
    window = _window(query)
    for message in reversed(pool):
        if message.is_deleted or (before is not None and message.place >= before):
            continue
        if sender and message.sender != sender:
            continue
        moment = int(message.created if message.sent is None else message.sent)
        if window.first <= moment <= window.last:
            yield message


def _window(query: Mapping[str, str]) -> _Window:
    """`DateSent` means the whole UTC day it lies in: the SDK writes a date as that day's first second."""
    first, last = float("-inf"), float("inf")
    if text := query.get("DateSent"):
        day = _moment(text).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        first, last = day.timestamp(), (day + timedelta(days=1)).timestamp() - 1
    if text := query.get("DateSent>"):
        first = max(first, _moment(text).timestamp())
    if text := query.get("DateSent<"):
        last = min(last, _moment(text).timestamp())
    return _Window(first, last)


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


def _place_of(store: Store, token: str | None) -> int | None:
    """Where the page before ended. A message deleted since then ends nothing: its place is looked up all the same."""
    if not token:
        return None
    place = store.places.get(token.removeprefix("PA"))
    if place is None:
        raise Refused(20001)
    return place
