"""The vault: seals numbers and other personal data, and makes the keyed marks by which they are found again.

Keys are files outside the database, one key a file, mode 0600, in a directory of mode 0700:
`box.N.key`, `index.N.key`, `suppression.N.key` for each epoch N, and `chain.key`, `source.key`, `token.key`.
The database says which epoch holds (`vault_epoch`), so that a rotation takes effect with its transaction.
A plain hash of a number is the number (some 600 million candidates, minutes of work): every mark is keyed.
"""

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Integer, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.storage.base import Base
from campaigns.storage.engine import dialect_of

KEY_BYTES = 32
NONCE_BYTES = 12  # AES-GCM's own; random ones are safe far beyond our number of rows (NIST SP 800-38D 8.3).
EPOCH_BYTES = 2
EPOCH_KEYS = ("box", "index", "suppression")
SINGLE_KEYS = ("chain", "source", "token", "session")


class VaultEpoch(Base):
    """The one row that says which epoch of keys the rows of this database were made with."""

    __tablename__ = "vault_epoch"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    epoch: Mapped[int]


_EPOCH_THAT_HOLDS = select(VaultEpoch.epoch)


class KeysMissing(Exception):
    """A key file that the database needs is not there."""


class KeysExposed(Exception):
    """A key file or its directory may be read by other users of the machine."""


class BoxDamaged(Exception):
    """A sealed value does not open: it was altered, moved to another row, or its key is not here."""


@dataclass(frozen=True)
class BoxContext:
    """Where a sealed value lies; bound into it, so that it opens nowhere else."""

    table: str
    column: str
    row: bytes

    def associated(self, epoch: int) -> bytes:
        """The bytes that the seal authenticates beside the value."""
        return b"\x1f".join((self.table.encode(), self.column.encode(), self.row, str(epoch).encode()))


@dataclass(frozen=True)
class KeyRing:
    """All keys of one installation, by name; never logged, never in the database or its backups."""

    directory: Path
    keys: dict[str, bytes] = field(repr=False)

    @classmethod
    def create(cls, directory: Path) -> "KeyRing":
        """Make a directory with the keys of the first epoch. Raises FileExistsError when keys are there already."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        names = [f"{name}.1" for name in EPOCH_KEYS] + list(SINGLE_KEYS)
        for name in names:
            _write_key(directory / f"{name}.key")
        return cls.open(directory)

    @classmethod
    def open(cls, directory: Path) -> "KeyRing":
        """Read every key. Raises KeysMissing when there are none, KeysExposed when others may read them."""
        keys: dict[str, bytes] = {}
        for path in sorted(directory.glob("*.key")) if directory.is_dir() else ():
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise KeysExposed(f"{path.name} may be read by others: chmod 600 it")
            keys[path.stem] = path.read_bytes()
        missing = [name for name in SINGLE_KEYS if name not in keys]
        missing += [name for name in EPOCH_KEYS if not any(key.startswith(f"{name}.") for key in keys)]
        if missing:
            raise KeysMissing(f"no key {', '.join(missing)} in {directory}")
        if any(len(key) != KEY_BYTES for key in keys.values()) or len(set(keys.values())) != len(keys):
            raise KeysMissing("a key file is short, or two of them hold the same key")
        return cls(directory, keys)

    @property
    def newest_epoch(self) -> int:
        """The number of the newest box key on disk, which the database may not use yet."""
        return max(int(name.split(".")[1]) for name in self.keys if name.startswith("box."))

    def add_epoch(self) -> "KeyRing":
        """Write the keys of one more epoch beside the others; nothing uses them until the database says so.

        May be repeated after a crash: the box key, which makes an epoch count, is written last.
        """
        for name in reversed(EPOCH_KEYS):
            path = self.directory / f"{name}.{self.newest_epoch + 1}.key"
            if not path.exists():
                _write_key(path)
        return KeyRing.open(self.directory)

    def box_key(self, epoch: int) -> bytes | None:
        """The key that seals at an epoch; None when there is none.

        A rotation may have written it after this process read its ring, so the directory is asked as well.
        """
        name = f"box.{epoch}"
        if name in self.keys or not (self.directory / f"{name}.key").is_file():
            return self.keys.get(name)
        return KeyRing.open(self.directory).keys.get(name)

    def vault(self, session: Session) -> "Vault":
        """The vault at the epoch that holds in this transaction (under the gate: and will until its end)."""
        epoch = session.connection().execute(_EPOCH_THAT_HOLDS).scalar_one()
        return self.at(epoch)

    def at(self, epoch: int) -> "Vault":
        """The vault of a given epoch. Raises KeysMissing when its keys are not on this ring."""
        if f"box.{epoch}" not in self.keys:
            fresh = KeyRing.open(self.directory)
            if f"box.{epoch}" not in fresh.keys:
                raise KeysMissing(
                    f"the database uses keys of epoch {epoch}, which are not in {self.directory}"
                )
            return Vault(fresh, epoch)
        return Vault(self, epoch)


@dataclass(frozen=True)
class Vault:
    """The keys at one epoch. Every call is deterministic but `seal`."""

    ring: KeyRing
    epoch: int

    def seal(self, plain: bytes, context: BoxContext) -> bytes:
        """Encrypt with AES-256-GCM: epoch ‖ nonce ‖ ciphertext, bound to `context`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self.ring.keys[f"box.{self.epoch}"])
        return (
            self.epoch.to_bytes(EPOCH_BYTES, "big")
            + nonce
            + cipher.encrypt(nonce, plain, context.associated(self.epoch))
        )

    def unseal(self, box: bytes, context: BoxContext) -> bytes:
        """Decrypt a box of any epoch, also one whose key was added since the ring was read. Raises BoxDamaged."""
        epoch = int.from_bytes(box[:EPOCH_BYTES], "big")
        key = self.ring.box_key(epoch)
        if key is None:
            raise BoxDamaged(f"no key of epoch {epoch}")
        nonce, sealed = box[EPOCH_BYTES : EPOCH_BYTES + NONCE_BYTES], box[EPOCH_BYTES + NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, sealed, context.associated(epoch))
        except (InvalidTag, ValueError):  # altered, or cut so short that no nonce is left
            raise BoxDamaged(f"a value of {context.table}.{context.column} does not open") from None

    def lookup(self, e164: str) -> bytes:
        """The keyed mark by which a contact is found; useless without the index key."""
        return _hmac(self.ring.keys[f"index.{self.epoch}"], e164.encode())

    def mark(self, e164: str) -> bytes:
        """The suppression mark: nested over all epochs, because a mark outlives the number it was made from."""
        mark = e164.encode()
        for epoch in range(1, self.epoch + 1):
            mark = _hmac(self.ring.keys[f"suppression.{epoch}"], mark)
        return mark

    def next_mark(self, mark: bytes) -> bytes:
        """What a mark of the epoch before becomes at this one."""
        return _hmac(self.ring.keys[f"suppression.{self.epoch}"], mark)

    def source(self, kind: str, carrier_id: str) -> bytes:
        """A keyed mark of a carrier's id, so that one event is recorded once and the id is not kept."""
        return _hmac(self.ring.keys["source"], f"{kind}\x1f{carrier_id}".encode())

    def chain_mac(self, block_hash: bytes) -> bytes:
        """The ledger's authentication of one block."""
        return _hmac(self.ring.keys["chain"], block_hash)


def keep_epoch(session: Session) -> None:
    """Wait for every transaction that has read the epoch, and let none read it until this one ends: what they
    write is made with the keys that hold when it commits. Call it first when keys are rotated.

    On SQLite the writer's lock does it. Raises OperationalError when others are at it for over ten seconds.
    """
    if dialect_of(session) == "postgresql":
        session.execute(text("SET LOCAL lock_timeout = '10s'"))
        session.execute(text("LOCK TABLE vault_epoch IN ACCESS EXCLUSIVE MODE"))


def set_first_epoch(session: Session, epoch: int = 1) -> None:
    """Record which keys a new database is made with; done once, when it is prepared."""
    session.add(VaultEpoch(id=1, epoch=epoch))


def move_to_epoch(session: Session, epoch: int) -> None:
    """Make the keys of `epoch` hold from this transaction's commit on; the caller has re-made every row in it."""
    session.get_one(VaultEpoch, 1).epoch = epoch


def _write_key(path: Path) -> None:
    if path.exists():
        raise FileExistsError(path.name)
    half = path.with_suffix(".half")  # a key is there whole or not at all
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()
