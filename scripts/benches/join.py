"""The join attack over many rounds, on both engines: how often a thief of everything names the sender.

./scripts/bench join [--rounds 100] [--engine sqlite|postgresql]
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.listening.attack import PEOPLE, Scene, most_by_chance, right_guesses
from tests.support import databases, session_folder

ENGINES: tuple[databases.EngineName, ...] = ("sqlite", "postgresql")
SIGMAS = 3


def main() -> int:
    """Run it; 1 when some way of guessing is better than chance."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=100)
    words.add_argument("--engine", choices=ENGINES, action="append")
    given = words.parse_args()
    folder = session_folder.open_folder()
    try:
        better = [engine for engine in given.engine or ENGINES if _attack(engine, given.rounds, folder)]
    finally:
        session_folder.close_folder(folder)
    return 1 if better else 0


def _attack(engine: databases.EngineName, rounds: int, folder: Path) -> bool:
    with tempfile.TemporaryDirectory() as scratch, _database(engine, folder, Path(scratch)) as url:
        database = Database(url)
        try:
            keyring = KeyRing.create(Path(scratch) / "keys")
            scene = Scene.open(database, keyring, Path(scratch) / "runtime", datetime.now(UTC))
            right = right_guesses(scene, rounds)
        finally:
            database.dispose()
    most = most_by_chance(rounds, SIGMAS)
    print(f"{engine}: {rounds} rounds of {PEOPLE}; chance {rounds} right, {SIGMAS} sigmas {most:.0f}")
    for way, hits in sorted(right.items(), key=lambda pair: -pair[1]):
        print(f"  {hits:5} of {rounds * PEOPLE}  {hits / rounds / PEOPLE:6.1%}  {way}")
    return max(right.values()) > most


_database = databases.migrated_database

if __name__ == "__main__":
    sys.exit(main())
