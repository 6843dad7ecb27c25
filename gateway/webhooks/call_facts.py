"""What every step of a call needs of the programme and hardly ever changes: lines by their address, the zone."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.programme.lines import Can, lines_that
from campaigns.programme.programme import the_programme
from campaigns.voice.ways import studio_lines
from gateway.house import House

BELIEVED_SECONDS = 20.0


@dataclass(frozen=True)
class CallFacts:
    """The lines that take or make calls, which of them take prompts in, where the programme's day begins, and the epoch
    of keys by which a caller is known again; whatever is written asks for the epoch itself."""

    lines: Mapping[tuple[str, str], int]
    studios: frozenset[int]
    zone: str
    epoch: int

    def line_id(self, carrier: str, address: str) -> int | None:
        """The line that a carrier means by an address; None for one that the programme does not know."""
        return self.lines.get((carrier, address))


class FactsOfCalls:
    """Reads them anew every twenty seconds."""

    def __init__(self, house: House) -> None:
        """Take the house; nothing is read yet."""
        self._house = house
        self._facts: CallFacts | None = None
        self._until = 0.0

    def now(self) -> CallFacts:
        """The facts, twenty seconds old at most. Raises what the database raises."""
        if self._facts is None or time.monotonic() > self._until:
            with self._house.database.reading() as session:
                lines = {*lines_that(session, Can.VOICE_IN), *lines_that(session, Can.VOICE_OUT)}
                self._facts = CallFacts(
                    {(line.carrier, line.address): line.id for line in lines},
                    frozenset(line.id for line in studio_lines(session)),
                    the_programme(session).zone,
                    self._house.vault(session).epoch,
                )
            self._until = time.monotonic() + BELIEVED_SECONDS
        return self._facts
