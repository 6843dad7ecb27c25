"""The outer keys of runs: files in a memory-backed folder of one machine, destroyed with each shelving."""

import os
from collections.abc import Collection
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from campaigns.listening.sealing import Kind

KEY_BYTES = 32


class RunKeys:
    """The folder that holds the open runs' private keys, mode 0700; it must not survive the machine's power."""

    def __init__(self, runtime: Path) -> None:
        """Name the folder; it is made when a key is."""
        self._folder = runtime / "shelf"

    def make(self) -> bytes:
        """Write a new private key (0600) and return its public half."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private = X25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        descriptor = os.open(self._path(public), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(private.private_bytes_raw())
        return public

    def holds(self, public: bytes) -> bool:
        """Whether the private half of `public` is here."""
        return self._path(public).is_file()

    def read(self, public: bytes) -> X25519PrivateKey | None:
        """The private half of `public`, or None when it is not here (or was cut short)."""
        try:
            raw = self._path(public).read_bytes()
        except FileNotFoundError:
            return None
        if len(raw) != KEY_BYTES:
            return None
        private = X25519PrivateKey.from_private_bytes(raw)
        return private if private.public_key().public_bytes_raw() == public else None

    def destroy(self, public: bytes) -> None:
        """Overwrite and remove one key; nothing when it is gone already."""
        _destroy(self._path(public))

    def sweep(self, *, keep: Collection[bytes]) -> None:
        """Destroy every key but those of `keep`: what a process killed at the wrong moment left behind.

        Only in a transaction that holds the staging tables: another clock may just have made its next key.
        """
        kept = {self._path(public) for public in keep}
        for path in self._folder.glob("*.key"):
            if path not in kept:
                _destroy(path)

    def looked_on(self, day: date, kind: Kind) -> bool:
        """Whether a shelving of this kind was tried on this day."""
        try:
            return self._looked(kind).read_text() == day.isoformat()
        except FileNotFoundError:
            return False

    def mark_looked(self, day: date, kind: Kind) -> None:
        """Remember that a shelving of this kind was tried on this day."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._looked(kind).write_text(day.isoformat())

    def _looked(self, kind: Kind) -> Path:
        return self._folder / f"looked-{kind.name.lower()}"

    def _path(self, public: bytes) -> Path:
        return self._folder / f"{public.hex()[:16]}.key"


def _destroy(path: Path) -> None:
    try:
        with path.open("r+b") as file:
            file.write(bytes(KEY_BYTES))
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
