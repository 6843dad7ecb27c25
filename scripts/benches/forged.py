"""Ten thousand forged and malformed webhooks (or as many as are asked for): the suite sends a sample of them.

./scripts/bench forged [--how-many 10000]
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEST = "tests/webhooks/test_guard.py"


def main() -> int:
    """Run the suite's own check with the whole number; 0 when all were turned away with nothing to read."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--how-many", type=int, default=10_000)
    given = words.parse_args()
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", TEST, "-q", "-k", "forged_and_malformed", "--timeout", "600"]
    environment = {**os.environ, "FORGERIES": str(given.how_many)}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    verdict = "all turned away" if done.returncode == 0 else "not all were turned away"
    print(f"{given.how_many} on each engine: {verdict}; {time.monotonic() - began:.0f} s")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
