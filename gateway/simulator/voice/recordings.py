"""What callers recorded: kept until it is deleted, as WAV where a real voice was given."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from gateway.simulator.journal import Journal, Record
from gateway.simulator.messages import API_VERSION, rfc2822
from gateway.simulator.voice.sound import made_up, write_wav

FOLDER = "recordings"


class RecordingStatus(StrEnum):
    """Where a recording stands, in the carrier's words."""

    IN_PROGRESS = "in-progress"
    PROCESSING = "processing"
    COMPLETED = "completed"
    ABSENT = "absent"
    DELETED = "deleted"


@dataclass(slots=True, repr=False)
class Recording:
    """`voice` chooses the hum that stands for a voice where none was given; `has_voice` says that one was."""

    sid: str
    place: int
    call_sid: str
    created: float
    updated: float
    started: float
    seconds: float
    status: RecordingStatus
    voice: int = 0
    has_voice: bool = False
    callback: str | None = None
    callback_method: str = "POST"

    @property
    def is_ready(self) -> bool:
        return self.status is RecordingStatus.COMPLETED

    @property
    def whole_seconds(self) -> int:
        return max(round(self.seconds), 1)


_NAMES = frozenset(field.name for field in fields(Recording))


class Recordings:
    """All recordings in the order in which they were made. Real voices lie in files, or in memory without a folder."""

    def __init__(self, journal: Journal, folder: Path | None) -> None:
        self._journal = journal
        self._folder = None if folder is None else folder / FOLDER
        self._samples: dict[str, bytes] = {}
        self.by_sid: dict[str, Recording] = {}
        self.in_order: list[Recording] = []

    def next_place(self) -> int:
        return self.in_order[-1].place + 1 if self.in_order else 1

    def add(self, recording: Recording, samples: bytes | None) -> None:
        """Keep a new recording; `samples` are kept where they are a real voice."""
        if samples is not None:
            recording.has_voice = True
            self._keep(recording.sid, samples)
        self._index(recording)
        self.changed(recording)

    def changed(self, recording: Recording) -> None:
        """Keep what has become of a recording."""
        self._journal.append({"kind": "recording", **asdict(recording)})

    def wav(self, recording: Recording) -> bytes | None:
        """The audio of a recording that is ready, or None."""
        if not recording.is_ready:
            return None
        if not recording.has_voice:
            return write_wav(made_up(recording.seconds, recording.voice))
        samples = self._read(recording.sid)
        return None if samples is None else write_wav(samples)

    def holds(self, recording: Recording) -> bool:
        """Whether anything of its sound is there, looked at where it would lie."""
        if recording.has_voice:
            is_file = self._folder is not None and (self._folder / _file_name(recording.sid)).exists()
            return is_file or recording.sid in self._samples
        return recording.status is not RecordingStatus.DELETED

    def delete(self, recording: Recording, now: float) -> None:
        """The audio is gone when this returns; what is known of it stays, as the carrier keeps it."""
        self._drop(recording.sid)
        recording.status, recording.updated = RecordingStatus.DELETED, now
        self.changed(recording)

    def clear(self) -> None:
        for recording in self.in_order:
            self._drop(recording.sid)
        self.by_sid.clear()
        self.in_order.clear()

    def replay(self, record: Record) -> None:
        """Take up one record of the journal; records of other kinds are none of its business."""
        if record.get("kind") != "recording":
            return
        known: dict[str, Any] = {name: value for name, value in record.items() if name in _NAMES}
        known["status"] = RecordingStatus(known["status"])
        recording = Recording(**known)
        held = self.by_sid.get(recording.sid)
        if held is None:
            self._index(recording)
        else:
            for name in _NAMES:
                setattr(held, name, getattr(recording, name))

    def records(self) -> Iterator[Record]:
        for recording in self.in_order:
            yield {"kind": "recording", **asdict(recording)}

    def _index(self, recording: Recording) -> None:
        self.in_order.append(recording)
        self.by_sid[recording.sid] = recording

    def _keep(self, sid: str, samples: bytes) -> None:
        if self._folder is None:
            self._samples[sid] = samples
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / _file_name(sid)
        path.touch(mode=0o600)
        path.write_bytes(samples)

    def _read(self, sid: str) -> bytes | None:
        if self._folder is None:
            return self._samples.get(sid)
        try:
            return (self._folder / _file_name(sid)).read_bytes()
        except FileNotFoundError:
            return None

    def _drop(self, sid: str) -> None:
        self._samples.pop(sid, None)
        if self._folder is not None:
            (self._folder / _file_name(sid)).unlink(missing_ok=True)


def _file_name(sid: str) -> str:
    return f"{sid}.pcm"


def as_json(recording: Recording, account_sid: str) -> dict[str, object]:
    """The resource `Recording`: the length a string, the channels a number, dates RFC 2822."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Recordings/{recording.sid}"
    is_over = recording.status is not RecordingStatus.IN_PROGRESS
    return {
        "sid": recording.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.updated),
        "start_time": rfc2822(recording.started),
        "duration": str(recording.whole_seconds) if is_over else None,
        "status": recording.status,
        "channels": 1,
        "source": "RecordVerb",
        "error_code": None,
        "encryption_details": None,
        "price": None,
        "price_unit": "USD",
        "uri": f"{uri}.json",
        "subresource_uris": {
            "add_on_results": f"{uri}/AddOnResults.json",
            "transcriptions": f"{uri}/Transcriptions.json",
        },
    }
