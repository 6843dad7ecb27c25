"""What happened in a call, entry by entry: for the page, and for tests."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum

MOST_KEPT = 1000
MOST_ENTRIES = 4000


class Kind(StrEnum):
    """What an entry is about."""

    RING = "ring"
    ANSWER = "answer"
    ASK = "ask"
    """The gateway is asked what to do; `seconds` is how long its answer took, in real time."""
    SAY = "say"
    PLAY = "play"
    LISTEN = "listen"
    """Keys count from here; `seconds` is the silence that ends it."""
    KEY = "key"
    SILENCE = "silence"
    BEEP = "beep"
    """A recording begins; `seconds` is the most it may last."""
    RECORDED = "recorded"
    REDIRECT = "redirect"
    FAULT = "fault"
    END = "end"


@dataclass(slots=True, repr=False)
class Entry:
    """`at` and `until` are the call's own seconds. `is_lost` marks a key that nobody listened to."""

    kind: Kind
    at: float
    text: str = ""
    language: str = ""
    seconds: float | None = None
    until: float | None = None
    clip: str = ""
    path: str = ""
    sid: str = ""
    code: int | None = None
    is_lost: bool = False

    def document(self) -> dict[str, object]:
        """The entry without what it does not have."""
        held = ((name, getattr(self, name)) for name in _NAMES)
        return {
            name: value for name, value in held if value is not None and value != "" and value is not False
        }


_NAMES = tuple(field.name for field in fields(Entry))


@dataclass(repr=False)
class Transcript:
    """The entries of one call; `began` is the shown time of its second 0, `pace` how its seconds pass."""

    sid: str
    began: float
    pace: float
    is_by_hand: bool
    entries: list[Entry] = field(default_factory=list)
    answered_at: float | None = None
    is_recording: bool = False

    @property
    def fault(self) -> Entry | None:
        """Why the carrier could not go on, if it could not."""
        return next((entry for entry in self.entries if entry.kind is Kind.FAULT), None)

    def add(self, entry: Entry) -> Entry:
        """A call that goes on for ever is not written down for ever."""
        if len(self.entries) < MOST_ENTRIES:
            self.entries.append(entry)
        return entry


class Transcripts:
    """Those of the latest calls."""

    def __init__(self) -> None:
        self._by_sid: OrderedDict[str, Transcript] = OrderedDict()

    def __iter__(self) -> Iterator[Transcript]:
        return iter(self._by_sid.values())

    def begin(self, transcript: Transcript) -> Transcript:
        self._by_sid[transcript.sid] = transcript
        while len(self._by_sid) > MOST_KEPT:
            self._by_sid.popitem(last=False)
        return transcript

    def get(self, sid: str) -> Transcript | None:
        return self._by_sid.get(sid)

    def clear(self) -> None:
        self._by_sid.clear()
