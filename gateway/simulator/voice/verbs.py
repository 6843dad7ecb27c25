"""What a line can be told to do: the verbs of TwiML that both carriers share, as values."""

from dataclasses import dataclass

ANY_KEY = "1234567890*#"


@dataclass(frozen=True, repr=False)
class Say:
    """`times` of 0 in the answer is read as 1000."""

    text: str
    language: str = ""
    voice: str = ""
    times: int = 1


@dataclass(frozen=True, repr=False)
class Play:
    """An address, which may be relative."""

    url: str
    times: int = 1


@dataclass(frozen=True)
class Pause:
    """Silence."""

    seconds: float = 1.0


@dataclass(frozen=True, repr=False)
class Gather:
    """`most_keys` of None means any number; `finish_key` of '' means that every key is data."""

    sounds: "tuple[Say | Play | Pause, ...]" = ()
    action: str | None = None
    method: str = "POST"
    timeout_seconds: float = 5.0
    most_keys: int | None = None
    finish_key: str = "#"
    asks_when_empty: bool = False


@dataclass(frozen=True, repr=False)
class Record:
    """`timeout_seconds` is the silence that ends it."""

    action: str | None = None
    method: str = "POST"
    timeout_seconds: float = 5.0
    most_seconds: float = 3600.0
    finish_keys: str = ANY_KEY
    beeps: bool = True
    trims: bool = True
    callback: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, repr=False)
class Redirect:
    """An address, which may be relative; none means the same again."""

    url: str
    method: str = "POST"


@dataclass(frozen=True)
class Reject:
    """Never answered, never billed; only as the first verb."""

    is_busy: bool = False


@dataclass(frozen=True)
class Hangup:
    """The end of the call."""


Sound = Say | Play | Pause
Verb = Say | Play | Pause | Gather | Record | Redirect | Reject | Hangup
