"""Counting, for tests: what was taken, what arrived, and what came twice."""

from collections import Counter, defaultdict
from dataclasses import asdict

from gateway.simulator.messages import Direction, Message, Status
from gateway.simulator.receipts import ReceiptCounts
from gateway.simulator.store import Store


def arrived(message: Message) -> bool:
    """Whether the text is in the phone; without receipts the carrier's own word ends at `sent`."""
    return message.is_settled and message.status in (Status.DELIVERED, Status.SENT)


def totals(store: Store, counts: ReceiptCounts) -> dict[str, object]:
    """`repeated` counts the messages made by the API beyond the first with the same text to the same number."""
    by_status: Counter[str] = Counter()
    first: set[tuple[str, str]] = set()
    created = replies = received = repeated = came = 0
    for message in store.in_order:
        if message.direction is Direction.INBOUND:
            received += 1
            continue
        by_status[message.status.value] += 1
        came += arrived(message)
        if message.direction is Direction.REPLY:
            replies += 1
            continue
        created += 1
        pair = (message.to, message.digest)
        repeated += pair in first
        first.add(pair)
    return {
        "created": created,
        "replies": replies,
        "received": received,
        "arrived": came,
        "delivered": by_status[Status.DELIVERED.value],
        "by_status": dict(by_status),
        "repeated": repeated,
        "receipts": asdict(counts),
    }


def by_handset(store: Store, number: str | None = None) -> dict[str, dict[str, object]]:
    """Per number: messages the API made (`created`, by text `bodies`) and what arrived (`arrived`, `arrived_bodies`);
    texts are named by the first 16 hex digits of their SHA-256. Answers count in `answers` alone."""
    groups: defaultdict[str, list[Message]] = defaultdict(list)
    for message in store.in_order if number is None else store.by_to.get(number, []):
        if message.direction is not Direction.INBOUND:
            groups[message.to].append(message)
    return {to: _one(messages) for to, messages in groups.items()}


def _one(messages: list[Message]) -> dict[str, object]:
    made = [message for message in messages if message.direction is Direction.OUTBOUND]
    came = [message for message in made if arrived(message)]
    bodies = Counter(message.digest for message in made)
    return {
        "created": len(made),
        "arrived": len(came),
        "answers": len(messages) - len(made),
        "repeated": sum(count - 1 for count in bodies.values()),
        "bodies": dict(bodies),
        "arrived_bodies": dict(Counter(message.digest for message in came)),
    }
