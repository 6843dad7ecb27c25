"""Settings: everything the environment decides, checked when a process starts, loud when wrong."""

import hashlib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_validator, model_validator

PREFIX = "PAIGHAM_"
SOCKET_PATH_LIMIT = 107  # bytes of a Unix socket's path
# Shorter ones would send twice what a slow carrier had taken; a simulated carrier hurts nobody.
LEAST_LEASE_SECONDS = 60
LEAST_ABSENT_AFTER_SECONDS = 600


class SettingsInvalid(Exception):
    """The environment holds something the gateway cannot work with; the message says what to mend."""


class Settings(BaseModel):
    """One process's settings; immutable. Names are the environment's without `PAIGHAM_`, in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Path = Path("var")
    keys_dir: Path | None = None
    runtime_dir: Path | None = None
    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    public_url: str = "http://127.0.0.1:8000"
    console_url: str | None = None
    handsets_url: str | None = None
    carrier_url: str | None = None
    twilio_account_sid: str | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_auth_token_next: SecretStr | None = None
    clock_file: Path | None = None
    lease_seconds: int = 60
    absent_after_seconds: int = 600
    doors: str = "webhooks,console"

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """Read the `PAIGHAM_…` names of a mapping. Raises SettingsInvalid for an unknown name or a wrong value."""
        given = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX) and value != ""
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            wrong = "; ".join(
                f"{PREFIX}{'_'.join(str(part) for part in issue['loc']).upper()}: {issue['msg']}"
                for issue in error.errors(include_input=False, include_url=False)
            )
            raise SettingsInvalid(wrong) from None

    @field_validator("public_url", "console_url", "handsets_url", "carrier_url")
    @classmethod
    def _is_plain_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not value.startswith(("http://", "https://")) or "?" in value or "#" in value:
            raise ValueError("must be an address that begins with http:// or https://, without ? or #")
        return value.rstrip("/")

    @field_validator("lease_seconds", "absent_after_seconds")
    @classmethod
    def _is_positive(cls, value: int) -> int:
        if value < 1:
            raise ValueError("must be a second at least")
        return value

    @model_validator(mode="after")
    def _has_whole_account(self) -> Self:
        if (self.twilio_account_sid is None) != (self.twilio_auth_token is None):
            raise ValueError("give both the account's sid and its token, or neither")
        return self

    @model_validator(mode="after")
    def _is_patient_with_a_real_carrier(self) -> Self:
        if self.is_simulated:
            return self
        if self.lease_seconds < LEAST_LEASE_SECONDS:
            raise ValueError(f"LEASE_SECONDS must be at least {LEAST_LEASE_SECONDS} with a real carrier")
        if self.absent_after_seconds < LEAST_ABSENT_AFTER_SECONDS:
            raise ValueError(
                f"ABSENT_AFTER_SECONDS must be at least {LEAST_ABSENT_AFTER_SECONDS} with a real carrier: "
                "what it took late would be sent twice"
            )
        return self

    @property
    def is_simulated(self) -> bool:
        """Whether the carrier is the simulator: an address of this machine, never the default (the real carrier)."""
        return self.carrier_url is not None and is_loopback(self.carrier_url)

    @property
    def keys_path(self) -> Path:
        """Where the key files lie."""
        return self.keys_dir or self.data_dir / "keys"

    @property
    def runtime_path(self) -> Path:
        """Where things lie that must not outlive the machine's power: memory-backed where the system has it."""
        if self.runtime_dir:
            return self.runtime_dir
        shared_memory = Path("/dev/shm")  # noqa: S108 - a directory of our own, mode 0700, is made inside
        if shared_memory.is_dir() and os.access(shared_memory, os.W_OK):
            mark = hashlib.sha256(str(self.data_dir.resolve()).encode()).hexdigest()[:16]
            return shared_memory / f"paigham-{os.getuid()}-{mark}"
        return self.data_dir / "runtime"

    @property
    def database_address(self) -> str:
        """The database's address; SQLite in the data directory unless another is given."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.resolve() / 'paigham.db'}"

    @property
    def redis_address(self) -> str:
        """The Redis address; the embedded one's socket unless another is given."""
        if self.redis_url:
            return self.redis_url.get_secret_value()
        return f"unix://{self.runtime_path / 'redis.sock'}"

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """The carrier's tokens that webhooks may be signed with: the present one, and the next while it changes."""
        tokens = (self.twilio_auth_token, self.twilio_auth_token_next)
        return tuple(token.get_secret_value() for token in tokens if token)


def is_loopback(url: str) -> bool:
    """Whether an address leads to this machine only."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
