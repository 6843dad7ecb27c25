"""The calls that the carrier knows, and what of them a restart finds again."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from gateway.simulator.journal import Journal, Record
from gateway.simulator.voice.calls import Call, from_record, to_record


class CallStore:
    """Calls by sid in the order in which they were made, and by the other side's number."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.by_sid: dict[str, Call] = {}
        self.by_party: defaultdict[str, list[Call]] = defaultdict(list)
        self._places = 0

    def next_place(self) -> int:
        self._places += 1
        return self._places

    def find(self, sid: str) -> Call | None:
        """The call, unless it was deleted."""
        call = self.by_sid.get(sid)
        return None if call is None or call.is_deleted else call

    def add(self, call: Call) -> None:
        """Keep a new call; when this returns it survives the end of the process."""
        self._index(call)
        self.changed(call)

    def changed(self, call: Call) -> None:
        """Keep what has become of a call."""
        self._journal.append({"kind": "call", **to_record(call)})

    def delete(self, call: Call) -> None:
        """Gone from the API; it still counts."""
        call.is_deleted = True
        self.changed(call)

    def clear(self) -> None:
        self.by_sid.clear()
        self.by_party.clear()

    def replay(self, record: Record) -> None:
        """Take up one record of the journal; records of other kinds are none of its business."""
        if record.get("kind") != "call":
            return
        call = from_record(record)
        held = self.by_sid.get(call.sid)
        if held is None:
            self._index(call)
        else:
            for name, value in to_record(call).items():
                setattr(held, name, value)

    def records(self) -> Iterator[Record]:
        for call in self.by_sid.values():
            yield {"kind": "call", **to_record(call)}

    def unfinished(self) -> list[Call]:
        return [call for call in self.by_sid.values() if not call.is_over]

    def by_status(self) -> dict[str, int]:
        return dict(Counter(call.status.value for call in self.by_sid.values()))

    def _index(self, call: Call) -> None:
        self._places = max(self._places, call.place)
        self.by_sid[call.sid] = call
        self.by_party[call.party].append(call)
