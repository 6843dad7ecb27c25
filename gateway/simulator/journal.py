"""What the carrier keeps on disk: one file of JSON lines, appended to, written anew at each start."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

Record = dict[str, Any]
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
FILE_NAME = "carrier.jsonl"


class Journal:
    """Without a directory nothing is kept. A line is with the operating system before `append` returns, so a
    killed process loses nothing; a line cut in half by a full disk is passed over."""

    def __init__(self, directory: Path | None) -> None:
        self._path = None if directory is None else directory / FILE_NAME
        self._file: BinaryIO | None = None

    def read(self) -> Iterator[Record]:
        if self._path is None or not self._path.exists():
            return
        with self._path.open("rb") as lines:
            for line in lines:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict):
                    yield record

    def rewrite(self, records: Iterable[Record]) -> None:
        """Replace what is kept, and go on appending after it."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(FILE_NAME + ".new")
        with open(beside, "wb", opener=_private) as file:
            file.writelines(_line(record) for record in records)
        if self._file is not None:
            self._file.close()
        os.replace(beside, self._path)
        self._file = open(self._path, "ab", buffering=0, opener=_private)  # noqa: SIM115 (kept for the whole run)

    def append(self, record: Record) -> None:
        if self._file is not None:
            self._file.write(_line(record))


def _line(record: Record) -> bytes:
    return _encode(record).encode("ascii") + b"\n"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
