"""What the carrier is told at its start: the account, its lines and the handsets that can be shown."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Dialect(StrEnum):
    """Whose TwiML is understood. Somleng knows neither `Pause` nor several attributes."""

    TWILIO = "twilio"
    SOMLENG = "somleng"


class ConfigWrong(Exception):
    """The configuration cannot be used; the text says which key is wrong and how."""


class LineKind(StrEnum):
    """What kind of sender a line is; it decides whether it can be texted."""

    LONG = "long"
    ALPHA = "alpha"
    SHORT = "short"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Line(_Part):
    """A sender of the account. `parts_per_second` of 0 means that the line has no limit."""

    address: Annotated[str, Field(min_length=1, max_length=16)]
    kind: LineKind = LineKind.LONG
    parts_per_second: Annotated[float, Field(ge=0)] = 10
    two_way: bool = True
    receipts: bool = True
    sms_url: str | None = None
    sms_fallback_url: str | None = None
    carrier_stop: bool = False
    """The carrier's own STOP, START and HELP handling: block list, its English answer, `OptOutType`."""
    name: str = ""
    """What a telephone shows when the line calls."""
    voice_url: str | None = None
    """Who says what callers hear; without it the line takes no calls."""
    voice_fallback_url: str | None = None
    voice_status_url: str | None = None
    """Told when a call to the line is over."""

    @property
    def is_reachable(self) -> bool:
        return self.two_way and self.kind is not LineKind.ALPHA


class Handset(_Part):
    """One telephone that the handsets page can show."""

    number: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]
    label: str = ""
    language: str = "en"


class Service(_Part):
    """A messaging service: a name under which the account's lines are used in turn."""

    sid: Annotated[str, Field(pattern=r"^MG[0-9a-f]{32}$")]
    lines: Annotated[tuple[str, ...], Field(min_length=1)]


class Config(_Part):
    """Everything that is set; `pace` scales the delays of a message's life, 0 means at once and without line rates."""

    account_sid: str = "AC" + "0" * 32
    auth_token: str = "simulated"  # noqa: S105 (protects nothing: no real account has it)
    lines: tuple[Line, ...] = ()
    handsets: tuple[Handset, ...] = ()
    services: tuple[Service, ...] = ()
    pace: Annotated[float, Field(ge=0)] = 1.0
    endings: bool = True
    """Whether the last digits of a number choose what happens to its messages."""
    closed_countries: tuple[str, ...] = ()
    """Prefixes such as `+98` to which the account may not send (21408)."""
    dialect: Dialect = Dialect.TWILIO
    """Whose TwiML is understood."""
    calls_per_second: Annotated[float, Field(ge=0)] = 1.0
    """How many calls the account may begin in a second; more wait. 0 means any number."""
    callee: str = "answer"
    """What numbers do that are no handset, as the script of a scripted person."""
    unwatched_answer: bool = False
    """Whether handsets that no open page shows do the same; otherwise they ring until a hand takes them up."""
    requests_at_once: Annotated[int, Field(ge=0)] = 0
    """How many API requests may run at once before 429; 0 means any number."""

    def line(self, address: str) -> Line | None:
        return next((line for line in self.lines if line.address == address), None)

    def service(self, sid: str) -> Service | None:
        return next((service for service in self.services if service.sid == sid), None)

    def changed(self, changes: dict[str, Any]) -> "Config":
        """The same configuration with some keys replaced. Raises `ConfigWrong`."""
        return _checked({**self.model_dump(mode="json"), **changes})

    @classmethod
    def read(cls, path: Path) -> "Config":
        """The configuration in a JSON file. Raises `ConfigWrong` when it cannot be read or used."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigWrong(f"The configuration file cannot be read: {type(error).__name__}.") from None
        if not isinstance(document, dict):
            raise ConfigWrong("The configuration file must hold one JSON object.")
        return _checked(document)


def explain(error: ValidationError) -> str:
    """What is wrong, by key, without repeating the values given."""
    rows = (f"{'.'.join(map(str, row['loc'])) or 'document'}: {row['msg']}" for row in error.errors())
    return "; ".join(rows)


def _checked(document: dict[str, Any]) -> Config:
    try:
        return Config.model_validate(document)
    except ValidationError as error:
        raise ConfigWrong(explain(error)) from None
