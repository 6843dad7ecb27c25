"""How long the gateway took to answer calls: counted in classes, so that many calls need no more memory than one."""

import math
from collections import Counter

_CLASSES_PER_DECADE = 40


class Speed:
    """Real milliseconds of the steps of all calls. A class is 6 % wide."""

    def __init__(self) -> None:
        self.steps = 0
        self.failures = 0
        self._classes: Counter[int] = Counter()
        self._most = 0.0

    def took(self, seconds: float) -> None:
        milliseconds = max(seconds * 1000, 0.01)
        self.steps += 1
        self._most = max(self._most, milliseconds)
        self._classes[round(math.log10(milliseconds) * _CLASSES_PER_DECADE)] += 1

    def share(self, share: float) -> float:
        """The milliseconds that so large a share of the steps did not exceed; 0 without steps."""
        wanted, seen = share * self.steps, 0
        for number in sorted(self._classes):
            seen += self._classes[number]
            if seen >= wanted:
                return min(float(10 ** (number / _CLASSES_PER_DECADE)), self._most)
        return 0.0

    def document(self) -> dict[str, float]:
        """Counts and milliseconds."""
        return {
            "steps": self.steps,
            "failures": self.failures,
            "p50_ms": round(self.share(0.5), 2),
            "p99_ms": round(self.share(0.99), 2),
            "most_ms": round(self._most, 2),
        }

    def clear(self) -> None:
        self.steps = self.failures = 0
        self._classes.clear()
        self._most = 0.0
