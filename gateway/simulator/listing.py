"""The list of messages: filters by number and date, newest first, page by page."""

from collections.abc import Iterator, Mapping
from functools import partial

from gateway.simulator.messages import API_VERSION, Message, as_json
from gateway.simulator.paging import Listing, page_of, window_of
from gateway.simulator.store import Store

_FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")


def list_messages(store: Store, account_sid: str, query: Mapping[str, str]) -> dict[str, object]:
    """The page that the query asks for, in the carrier's envelope. Raises `Refused` for what cannot be read."""
    base = f"/{API_VERSION}/Accounts/{account_sid}/Messages.json"
    listing: Listing[Message] = Listing(
        "messages", base, _FILTERS, lambda message: as_json(message, account_sid)
    )
    return page_of(listing, query, store.places.get, partial(_matching, store, query))


def _matching(store: Store, query: Mapping[str, str], before: int | None) -> Iterator[Message]:
    """Newest first. A message that was not sent yet is found by the date it was made."""
    to, sender = query.get("To"), query.get("From")
    pool = store.in_order
    if to:
        pool = store.by_to.get(to, [])
    elif sender:
        pool = store.by_sender.get(sender, [])
    window = window_of(query, "DateSent")
    for message in reversed(pool):
        if message.is_deleted or (before is not None and message.place >= before):
            continue
        if sender and message.sender != sender:
            continue
        moment = int(message.created if message.sent is None else message.sent)
        if window.first <= moment <= window.last:
            yield message
