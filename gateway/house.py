"""The house: what every door is handed when its process starts."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from redis import Redis
from sqlalchemy.orm import Session

from campaigns.storage.engine import BUSY_TIMEOUT_MS, Database
from campaigns.storage.vault import KeyRing, Vault
from gateway.settings import Settings

CLOCK_READ_SECONDS = 0.2


class Clock:
    """The one clock. In a training programme it follows the file that the simulated carrier writes."""

    def __init__(self, file: Path | None = None) -> None:
        """Read real time, or the time shown by `file` while that file exists."""
        self._file = file
        self._read_at = -1.0
        self._real, self._shown, self._speed = 0.0, 0.0, 1.0

    def now(self) -> datetime:
        """The time it is, aware, UTC."""
        if self._file is not None and time.monotonic() - self._read_at > CLOCK_READ_SECONDS:
            self._read(self._file)
        return datetime.fromtimestamp(self._shown + (time.time() - self._real) * self._speed, UTC)

    @property
    def speed(self) -> float:
        """How many shown seconds pass in a real one."""
        return self._speed

    def _read(self, file: Path) -> None:
        self._read_at = time.monotonic()
        try:
            shown = json.loads(file.read_text())
        except FileNotFoundError:
            self._real, self._shown, self._speed = 0.0, 0.0, 1.0
            return
        self._real, self._shown, self._speed = (float(shown[name]) for name in ("real", "shown", "speed"))


@dataclass(frozen=True)
class House:
    """One process's settings, database, keys, clock and Redis; each is opened when it is first needed."""

    settings: Settings
    clock: Clock
    lock_wait_ms: int = BUSY_TIMEOUT_MS

    @classmethod
    def from_settings(cls, settings: Settings, *, lock_wait_ms: int = BUSY_TIMEOUT_MS) -> "House":
        """The house as these settings describe it; opens nothing yet."""
        return cls(settings, Clock(settings.clock_file), lock_wait_ms)

    def now(self) -> datetime:
        """The time it is, aware, UTC."""
        return self.clock.now()

    @cached_property
    def database(self) -> Database:
        """The database of this process."""
        return Database(self.settings.database_address, lock_wait_ms=self.lock_wait_ms)

    @cached_property
    def keyring(self) -> KeyRing:
        """The keys of this installation. Raises KeysMissing, KeysExposed."""
        return KeyRing.open(self.settings.keys_path)

    @cached_property
    def redis(self) -> "Redis":
        """The Redis of this process."""
        return Redis.from_url(self.settings.redis_address)

    def vault(self, session: Session) -> Vault:
        """The vault at the epoch that holds in this session's transaction."""
        return self.keyring.vault(session)
