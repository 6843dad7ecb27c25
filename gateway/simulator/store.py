"""Everything the carrier knows: messages, blocked pairs, and the journal from which a restart rebuilds them."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from gateway.simulator.journal import Journal, Record
from gateway.simulator.messages import Direction, Message, Status, from_record, to_record

Blocked = tuple[str, str]


class Store:
    """Messages in the order in which they were made, findable by sid and by either number."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.by_sid: dict[str, Message] = {}
        self.places: dict[str, int] = {}
        self.in_order: list[Message] = []
        self.by_to: defaultdict[str, list[Message]] = defaultdict(list)
        self.by_sender: defaultdict[str, list[Message]] = defaultdict(list)
        self.blocked: set[Blocked] = set()
        self.tries: Counter[str] = Counter()
        self._places = 0

    def next_place(self) -> int:
        self._places += 1
        return self._places

    def add(self, message: Message) -> None:
        """Keep a new message; when this returns it survives the end of the process."""
        self._index(message)
        self.journal.append({"kind": "message", **to_record(message)})

    def changed(self, message: Message) -> None:
        """Keep what has become of a message."""
        change = {
            "kind": "change",
            "sid": message.sid,
            "status": message.status,
            "code": message.code,
            "sent": message.sent,
            "updated": message.updated,
            "is_settled": message.is_settled,
        }
        self.journal.append(change)

    def redact(self, message: Message) -> None:
        message.body = ""
        self.journal.append({"kind": "redact", "sid": message.sid})

    def delete(self, message: Message) -> None:
        """Gone from the API; it still counts, and it stays in the phone's inbox."""
        message.is_deleted, message.body = True, ""
        self.by_sid.pop(message.sid, None)
        self.journal.append({"kind": "delete", "sid": message.sid})

    def block(self, line: str, number: str, *, on: bool) -> None:
        (self.blocked.add if on else self.blocked.discard)((line, number))
        self.journal.append({"kind": "block", "line": line, "number": number, "on": on})

    def clear(self) -> None:
        self.by_sid.clear()
        self.places.clear()
        self.in_order.clear()
        self.by_to.clear()
        self.by_sender.clear()
        self.blocked.clear()
        self.tries.clear()

    def replay(self, record: Record) -> None:
        """Take up one record of the journal; records of other kinds are none of its business."""
        match record.get("kind"):
            case "message":
                self._index(from_record(record))
            case "block":
                change = self.blocked.add if record["on"] else self.blocked.discard
                change((record["line"], record["number"]))
            case "change" | "redact" | "delete":
                message = self.by_sid.get(record["sid"])
                if message is not None:
                    self._replay_change(message, record)

    def records(self) -> Iterator[Record]:
        for message in self.in_order:
            yield {"kind": "message", **to_record(message)}
        for line, number in sorted(self.blocked):
            yield {"kind": "block", "line": line, "number": number, "on": True}

    def outbound(self) -> Iterator[Message]:
        return (message for message in self.in_order if message.direction is not Direction.INBOUND)

    def _index(self, message: Message) -> None:
        self._places = max(self._places, message.place)
        self.in_order.append(message)
        self.places[message.sid] = message.place
        self.by_to[message.to].append(message)
        self.by_sender[message.sender].append(message)
        if not message.is_deleted:
            self.by_sid[message.sid] = message

    def _replay_change(self, message: Message, record: Record) -> None:
        if record["kind"] == "redact":
            message.body = ""
        elif record["kind"] == "delete":
            message.is_deleted, message.body = True, ""
            self.by_sid.pop(message.sid, None)
        else:
            message.status, message.code = Status(record["status"]), record["code"]
            message.sent, message.updated = record["sent"], record["updated"]
            message.is_settled = record["is_settled"]
            if message.is_settled:
                message.payload = ""
                message.body = "" if message.is_discarded else message.body
