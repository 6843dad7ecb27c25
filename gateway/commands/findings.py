"""What a check of an installation finds, and how it is shown."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is; only WRONG makes `paigham doctor` end with 1."""

    WELL = "✓"
    NOTE = "!"
    WRONG = "✗"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, what it is like, and what to do about it when it is not well."""

    about: str
    grade: Grade
    says: str
    mend: str = ""

    def line(self) -> str:
        """The line for a terminal."""
        return f"{self.grade} {self.about}: {self.says}" + (f"\n    → {self.mend}" if self.mend else "")


def well(about: str, says: str) -> Finding:
    """It is as it should be."""
    return Finding(about, Grade.WELL, says)


def note(about: str, says: str, mend: str) -> Finding:
    """It works, and could be safer."""
    return Finding(about, Grade.NOTE, says, mend)


def wrong(about: str, says: str, mend: str) -> Finding:
    """It does not work, or exposes somebody."""
    return Finding(about, Grade.WRONG, says, mend)
