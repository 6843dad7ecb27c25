"""Where a call's next answer comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, repr=False)
class Source:
    """An address with fields of its own, or TwiML that is there already. An empty address means the same again."""

    url: str
    method: str = "POST"
    fields: Mapping[str, str] = field(default_factory=dict)
    fallback_url: str | None = None
    twiml: str | None = None
