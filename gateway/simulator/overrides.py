"""What the fragment of a webhook's address asks for: timeouts, how often to try again and after what."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

_POLICIES = frozenset({"ct", "rt", "4xx", "5xx", "all"})


@dataclass(frozen=True)
class Overrides:
    """Timeouts in milliseconds. `policy` names what is tried again: ct (no connection), rt (no answer), 4xx, 5xx."""

    connect_ms: int = 5000
    read_ms: int = 15000
    total_ms: int = 15000
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def retries_after(self, trouble: str) -> bool:
        return trouble in self.policy or "all" in self.policy


_DEFAULT = Overrides()


def split(address: str) -> tuple[str, Overrides]:
    """The address as it is requested and signed, and what its fragment says. Unusable values keep the default."""
    default = _DEFAULT
    if "#" not in address:
        return address, default
    url, fragment = urldefrag(address)
    asked = dict(parse_qsl(fragment))
    policy = frozenset(asked.get("rp", "ct").split(",")) & _POLICIES
    return url, Overrides(
        connect_ms=_within(asked.get("ct"), 100, 10000, default.connect_ms),
        read_ms=_within(asked.get("rt"), 100, 15000, default.read_ms),
        total_ms=_within(asked.get("tt"), 100, 15000, default.total_ms),
        retries=_within(asked.get("rc"), 0, 5, default.retries),
        policy=policy or default.policy,
    )


def _within(text: str | None, least: int, most: int, default: int) -> int:
    if text is None or not text.isascii() or not text.isdigit():
        return default
    value = int(text)
    return value if least <= value <= most else default
