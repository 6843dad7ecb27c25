"""What comes after the webhook: the inbound sweep and the clearing of residue, against the simulated carrier."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns.consent.events import Event
from campaigns.language.catalogue import say
from campaigns.listening.residue import Residue
from campaigns.outreach.campaigns import Wording
from campaigns.outreach.deliveries import Delivery
from campaigns.storage.vault import KeyRing
from gateway.app import create_app
from gateway.carriers.registry import carrier_for
from gateway.webhooks.messages import Intake
from gateway.work.inbound_sweep import Swept, sweep_inbound
from gateway.work.residue import Cleared, clear_residue
from tests.support.carrier import SimulatedCarrier, a_config
from tests.support.ports import free_ports
from tests.support.signing import TOKEN
from tests.webhooks.conftest import WOMAN, Door, house_on

FEEDBACK = "the road to the school is broken"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="session")
def _silent_carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedCarrier]:
    folder = tmp_path_factory.mktemp("silent")
    process = SimulatedCarrier(free_ports(), folder, a_config(auth_token=TOKEN), "--seed", "7")
    process.start()
    yield process
    process.kill()


@pytest.fixture
def carrier(_silent_carrier: SimulatedCarrier) -> SimulatedCarrier:
    """An empty carrier whose webhooks never reach us."""
    _silent_carrier.post("reset")
    _silent_carrier.post("config", **a_config(auth_token=TOKEN))
    return _silent_carrier


@pytest.fixture
def reached(door: Door, carrier: SimulatedCarrier, redis_url: str, keyring: KeyRing, tmp_path: Path) -> Door:
    """The door of a house that can ask the simulated carrier, at the carrier's own time."""
    url = door.house.settings.database_address
    house = house_on(
        url, redis_url, keyring, tmp_path, tmp_path / "no-clock", PAIGHAM_CARRIER_URL=carrier.url
    )
    return Door(house, create_app(house.settings, {"webhooks"}, house=house), door.people, door.clock_file)


def swept(door: Door) -> Swept:
    """One round over the last hours."""
    now = datetime.now(UTC)
    return asyncio.run(sweep_inbound(door.house, since=now - 2 * HOUR, until=now + HOUR))


def owed(door: Door) -> list[str]:
    """The answers that wait to be sent."""
    with door.house.database.reading() as session:
        bodies = select(Wording.body).join(Delivery, Delivery.wording_id == Wording.id)
        return list(session.scalars(bodies))


def was_missed(door: Door, sid: str) -> None:
    """As when the database was away while it came."""
    intake = Intake(door.house, "twilio")
    intake.seen.note_missed(intake.source_of(sid))


def test_a_stop_whose_webhook_was_lost_is_applied_once_and_answered(
    reached: Door, carrier: SimulatedCarrier
) -> None:
    # Given a phone that joined, and a STOP of which we never heard
    reached.text("JOIN")
    reached.text("YES")
    carrier.text("STOP please", sender=WOMAN)
    # When the sweep looks twice
    assert swept(reached) == Swept(texts=1, stops=1, others=0)
    assert swept(reached) == Swept(texts=1, stops=0, others=0)
    # Then it was applied once, with its answer owed and its residue noted
    assert [event.event for event in reached.events()] == [Event.REQUESTED, Event.CONFIRMED, Event.WITHDRAWN]
    assert owed(reached) == [say("en", "stopped")]


def test_a_stop_from_a_number_we_do_not_hold_is_applied_without_an_answer(
    reached: Door, carrier: SimulatedCarrier
) -> None:
    carrier.text("بند کرو", sender="+923990000102")
    assert swept(reached).stops == 1
    assert owed(reached) == []


def test_a_stop_that_was_heard_is_not_applied_again_even_when_redis_forgot_it(
    reached: Door, carrier: SimulatedCarrier
) -> None:
    sid = carrier.text("STOP", sender=WOMAN)
    reached.text("STOP", sid=sid)
    reached.house.redis.flushall()
    assert swept(reached).stops == 0
    assert len(reached.events()) == 1


def test_another_text_whose_webhook_was_lost_is_left_alone(reached: Door, carrier: SimulatedCarrier) -> None:
    carrier.text("JOIN", sender=WOMAN)
    carrier.text(FEEDBACK, sender="+923990000102")
    assert swept(reached) == Swept(texts=2, stops=0, others=0)
    assert reached.events() == []
    assert reached.staged() == 0


def test_texts_that_we_could_not_take_in_are_taken_in_once(reached: Door, carrier: SimulatedCarrier) -> None:
    # Given a JOIN and feedback that came while the database was away
    for sid in (carrier.text("ګډون", sender=WOMAN), carrier.text(FEEDBACK, sender="+923990000102")):
        was_missed(reached, sid)
    # When the sweep looks twice
    assert swept(reached) == Swept(texts=2, stops=0, others=2)
    assert swept(reached) == Swept(texts=2, stops=0, others=0)
    # Then she is asked in her language, and the feedback is sealed, with no answer that would say who wrote it
    assert owed(reached) == [say("ps", "ask_to_join", name="Gudar")]
    assert reached.staged() == 1
    assert [event.event for event in reached.events()] == [Event.REQUESTED]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_text_that_came_again_by_itself_is_not_taken_in_twice(
    reached: Door, carrier: SimulatedCarrier
) -> None:
    sid = carrier.text(FEEDBACK, sender=WOMAN)
    was_missed(reached, sid)
    reached.text(FEEDBACK, sid=sid)
    swept(reached)
    assert reached.staged() == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_carrier_that_does_not_answer_is_passed_over(
    door: Door, redis_url: str, keyring: KeyRing, tmp_path: Path
) -> None:
    url, nowhere = door.house.settings.database_address, f"http://127.0.0.1:{free_ports()}"
    house = house_on(url, redis_url, keyring, tmp_path, door.clock_file, PAIGHAM_CARRIER_URL=nowhere)
    alone = Door(house, door.app, door.people, door.clock_file)
    assert swept(alone) == Swept(0, 0, 0)


def test_residue_is_deleted_at_the_carrier_seen_to_be_gone_and_forgotten(
    reached: Door, carrier: SimulatedCarrier
) -> None:
    # Given a keyword and feedback that were taken in, and one text that was not
    sids = [carrier.text(body, sender=WOMAN) for body in ("JOIN", FEEDBACK)]
    other = carrier.text("not yet heard", sender=WOMAN)
    for sid, body in zip(sids, ("JOIN", FEEDBACK), strict=True):
        reached.text(body, sid=sid)
    # When it is not due yet, nothing happens; once it is, it goes
    assert asyncio.run(clear_residue(reached.house)) == Cleared(0, 0)
    make_due(reached)
    assert asyncio.run(clear_residue(reached.house)) == Cleared(2, 0)
    # Then the carrier has neither, still has the third, and no row is left
    assert asyncio.run(gone(reached, *sids, other)) == [True, True, False]
    assert reached.rows()["residue"] == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_residue_that_cannot_be_deleted_is_tried_again_later(
    reached: Door, carrier: SimulatedCarrier
) -> None:
    # Given residue at a carrier that does not answer
    reached.text("HELP", sid=carrier.text("HELP", sender=WOMAN))
    make_due(reached)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings = reached.house.settings.model_copy(
            update={"carrier_url": f"http://127.0.0.1:{nobody.getsockname()[1]}"}
        )
        object.__setattr__(reached.house, "settings", settings)
        # When it is tried
        assert asyncio.run(clear_residue(reached.house)) == Cleared(0, 1)
    # Then it waits for a later full hour
    with reached.house.database.reading() as session:
        row = session.scalars(select(Residue)).one()
    assert row.tries == 1
    assert row.due_hour > reached.house.now()


def make_due(door: Door) -> None:
    """As if two hours had passed for every row."""
    with door.house.database.writing() as session:
        for row in session.scalars(select(Residue)):
            row.due_hour -= 2 * HOUR


async def gone(door: Door, *sids: str) -> list[bool]:
    """What the carrier says of each."""
    carrier = carrier_for(door.house, "twilio")
    try:
        return [await carrier.is_gone(sid) for sid in sids]
    finally:
        await carrier.aclose()
