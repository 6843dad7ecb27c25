"""What is kept of a recording, and what was found in it. Whoever only keeps and serves sounds needs no more."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

WAV = "audio/wav"


@dataclass(frozen=True)
class Audio:
    """A sound as it is kept: its bytes, how long it lasts, and how loud its speech is (dB below full scale)."""

    data: bytes = field(repr=False)
    milliseconds: int
    level_db: float
    media_type: str = WAV

    @property
    def hash(self) -> bytes:
        """SHA-256 of its bytes: its name."""
        return hashlib.sha256(self.data).digest()


class Finding(StrEnum):
    """What was found in a recording and mended, or cannot be; the page has the words for each."""

    RAISED = "raised"  # it was quiet
    LOWERED = "lowered"  # it was loud
    CLIPPED = "clipped"  # the microphone was overdriven: it stays harsh
    BACKGROUND = "background"  # noise or music stands close behind the voice
    TRIMMED = "trimmed"  # more than a second of silence went
    BROKEN = "broken"  # parts of the file could not be read


@dataclass(frozen=True)
class Mended:
    """A telephone copy: WAV, 8 kHz, mono, 16 bits. `level_db` is of its speech."""

    telephone: bytes = field(repr=False)
    milliseconds: int
    level_db: float
    findings: tuple[Finding, ...]

    @property
    def audio(self) -> Audio:
        """As a blob is kept."""
        return Audio(self.telephone, self.milliseconds, self.level_db)
