"""Promise 2 under fire: after a STOP commits, nothing is claimed for that number, however hard others claim."""

from datetime import datetime

from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.outbox import launched_campaign, many_who_agreed
from tests.support.programme import training_programme
from tests.support.stop_storm import storm

PEOPLE = 400
STOPS = 80


def test_no_stop_at_the_head_of_the_queue_is_overtaken_by_a_claim(
    database: Database, keyring: KeyRing, now: datetime
) -> None:
    made = training_programme(database, keyring, now)
    many_who_agreed(database, keyring, made, PEOPLE, now=now)
    campaign = launched_campaign(database, made, now=now)

    came_of_it = storm(database, keyring, campaign, made.two_way, STOPS, now=now)

    assert came_of_it.in_time > 0
    assert came_of_it.claimed > 0
    assert came_of_it.claimed_after == 0
