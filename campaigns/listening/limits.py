"""How many texts and recordings a phone may give in a day: asked before its number is forgotten.

The limit must not become a list of who wrote: it is kept by tokens that die with the day
(reference/anonymity.md section 3.4), which is for whoever implements this to see to.
"""

from datetime import datetime
from typing import Protocol

from campaigns.people.numbers import Number

TEXTS_A_DAY = 3
FEEDBACK_BY_TEXT = "feedback by text"
# Whichever door it comes in by: a limit of its own for feedback would say who left some.
RECORDINGS_A_DAY = 2
RECORDINGS = "recordings"


class DayLimits(Protocol):
    """Counts what a phone did today, and forgets it at midnight."""

    def allows(self, number: Number, purpose: str, *, zone: str, now: datetime) -> bool:
        """Count one more `purpose` for this phone; False when the day of `zone` has had enough of them.

        Allows whatever it cannot count: a limit that is down silences nobody.
        """
        ...

    def give_back(self, number: Number, purpose: str, *, zone: str, now: datetime) -> None:
        """Take one back, for what was counted and then could not be kept: it will be tried again."""
        ...
