"""The carrier's faults as switches and rates, decided by one seeded source of chance."""

import random
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.simulator.config import explain

Pickup = Literal["busy", "no answer", "failed", "machine"]
T = TypeVar("T")
Rate = Annotated[float, Field(ge=0, le=1)]


class FaultsWrong(Exception):
    """A fault was set to something it cannot be; the text names it."""


class Faults(BaseModel):
    """Each rate is the share of events it befalls, 0 to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    late: Rate = 0.0
    """Receipts come `late_seconds` after their time, on the shown clock."""
    late_seconds: Annotated[float, Field(ge=0)] = 40.0
    duplicate: Rate = 0.0
    """A webhook is sent a second time, after the first was answered, with the same idempotency token."""
    concurrent: Rate = 0.0
    """Two copies of a webhook are sent at the same moment, with the same idempotency token."""
    lost: Rate = 0.0
    """A receipt is never sent."""
    lost_inbound: Rate = 0.0
    """The webhook of an inbound text is never sent; the text is in the list of messages."""
    reorder: Rate = 0.0
    """The receipt `sent` follows the final one."""
    drop: Rate = 0.0
    """A message is taken, then the connection drops before the answer."""
    too_many: Rate = 0.0
    """A create is answered 429; nothing was taken."""
    server_error: Rate = 0.0
    """A create is answered 500; nothing was taken."""
    early: Rate = 0.0
    """The first receipt is delivered before the create is answered."""
    wrong_signature: Rate = 0.0
    """A webhook is signed with another token."""
    extra_field: Rate = 0.05
    """A webhook carries a field that nobody has heard of."""
    no_receipt: Rate = 0.0
    """The network gives no delivery report: the message ends as `sent`."""
    sending: Rate = 0.0
    """There is a receipt for `sending` too."""
    outcomes: dict[int, Rate] = {}
    """Share of messages that end with an error code, by code."""
    drop_call: Rate = 0.0
    """A call is cut off in its first minute."""
    no_hangup_action: Rate = 0.0
    """Who hangs up while she records has her recording kept, and its action is never asked for."""
    pickups: dict[Pickup, Rate] = {}
    """Share of calls to numbers that answer by themselves that end otherwise, by how."""

    def changed(self, changes: dict[str, Any]) -> "Faults":
        """The same faults with some replaced. Raises `FaultsWrong`."""
        try:
            return Faults.model_validate({**self.model_dump(), **changes})
        except ValidationError as error:
            raise FaultsWrong(explain(error)) from None


class Chance:
    """The one source of chance: the same seed and the same order of events give the same faults."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (repeatable chance is the point)

    def strikes(self, rate: float) -> bool:
        return rate > 0 and self._random.random() < rate

    def around(self, seconds: float) -> float:
        """A delay near `seconds`: half of them shorter, a few up to three times as long."""
        return min(seconds * self._random.lognormvariate(0, 0.3), seconds * 3)

    def between(self, least: float, most: float) -> float:
        return self._random.uniform(least, most)

    def one_of(self, choices: Sequence[T]) -> T:
        return self._random.choice(choices)

    def named(self, shares: Mapping[T, float]) -> T | None:
        """One of the names by its share, or None."""
        drawn = self._random.random() if shares else 1.0
        for name, share in shares.items():
            if drawn < share:
                return name
            drawn -= share
        return None
