"""STOPs aimed at the head of the queue while others claim: how many were claimed after their STOP had committed.

./scripts/bench stop [--stops 10000] [--engine sqlite|postgresql]
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support import databases, session_folder
from tests.support.outbox import launched_campaign, many_who_agreed
from tests.support.programme import training_programme
from tests.support.stop_storm import storm

ENGINES: tuple[databases.EngineName, ...] = ("sqlite", "postgresql")
NOON = datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
PEOPLE_A_STOP = 4
STOPS_A_CAMPAIGN = 2_000


def main() -> int:
    """Run it; 1 when any claim came after a STOP."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--stops", type=int, default=10_000)
    words.add_argument("--engine", choices=ENGINES, action="append")
    given = words.parse_args()
    folder = session_folder.open_folder()
    try:
        late = [_storms(engine, given.stops, folder) for engine in given.engine or ENGINES]
    finally:
        session_folder.close_folder(folder)
    return 1 if any(late) else 0


def _storms(engine: databases.EngineName, stops: int, folder: Path) -> int:
    said = in_time = after = claimed = 0
    started = time.monotonic()
    while said < stops:
        with (
            tempfile.TemporaryDirectory() as scratch,
            databases.migrated_database(engine, folder, Path(scratch)) as url,
        ):
            database = Database(url)
            keyring = KeyRing.create(Path(scratch) / "keys")
            made = training_programme(database, keyring, NOON)
            wanted = min(STOPS_A_CAMPAIGN, stops - said)
            many_who_agreed(database, keyring, made, wanted * PEOPLE_A_STOP, now=NOON)
            campaign = launched_campaign(database, made, now=NOON)
            one = storm(database, keyring, campaign, made.two_way, wanted, now=NOON)
            database.dispose()
        said, in_time = said + one.stops, in_time + one.in_time
        after, claimed = after + one.claimed_after, claimed + one.claimed
    print(
        f"{engine}: {said} STOPs, {in_time} of them before their claim, {claimed} claimed meanwhile, "
        f"{after} claimed after their STOP; {time.monotonic() - started:.0f} s"
    )
    return after


if __name__ == "__main__":
    sys.exit(main())
