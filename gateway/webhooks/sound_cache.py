"""Sounds on disk, as the web server hands them out: so that a call's many fetches do not read the database.

Any number of processes share one folder. A file has its content's hash as its name and never changes; it comes whole
or not at all, and the oldest go when there is no more room. The folder may be emptied at any time.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 512 * 1024 * 1024
_ENDING = ".wav"


@dataclass(frozen=True)
class SoundCache:
    """One folder, readable by its owner alone."""

    folder: Path
    most_bytes: int = MOST_BYTES

    def path_of(self, hash: bytes) -> Path:
        """Where the sound of this hash lies, if it does."""
        return self.folder / f"{hash.hex()}{_ENDING}"

    def keep(self, hash: bytes, data: bytes) -> None:
        """Keep a sound when there is room for it. Raises OSError when the disk does not take it."""
        if len(data) > self.most_bytes:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._make_room(len(data))
        # Made with mode 0600, and not seen under its name before it is whole.
        descriptor, half = tempfile.mkstemp(dir=self.folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(half).rename(self.path_of(hash))
        except OSError:
            Path(half).unlink(missing_ok=True)
            raise

    def forget(self, hash: bytes) -> None:
        """Let go of a sound."""
        self.path_of(hash).unlink(missing_ok=True)

    def _make_room(self, wanted: int) -> None:
        files = sorted(self._files())
        used = sum(size for _, size, _ in files)
        for _, size, path in files:
            if used + wanted <= self.most_bytes:
                return
            path.unlink(missing_ok=True)
            used -= size

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """When each file was made, its size, its path; halves that somebody left behind among them."""
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another process made room too
                about = path.stat()
                yield about.st_mtime, about.st_size, path
