"""Receipts through the door."""

import pytest
from sqlalchemy import select

from campaigns.outreach.deliveries import DeliveryState, Receipt, stage_of
from gateway.carriers.registry import receipt_address
from tests.support.signing import PUBLIC_URL
from tests.webhooks.conftest import WOMAN, Door


def receipts(door: Door) -> list[Receipt]:
    """What was kept."""
    with door.house.database.reading() as session:
        return list(session.scalars(select(Receipt).order_by(Receipt.id)))


def test_a_receipt_is_kept_with_stage_code_and_time_and_no_number(door: Door) -> None:
    response = door.receipt(7, 1, "undelivered", ErrorCode="30003")
    assert (response.status_code, response.get_data()) == (204, b"")
    (kept,) = receipts(door)
    assert (kept.delivery_id, kept.state, kept.error) == (7, DeliveryState.UNDELIVERED, 30003)
    assert kept.stage == stage_of(DeliveryState.UNDELIVERED, 1)
    assert kept.at == door.house.now()
    assert WOMAN not in repr(vars(kept))


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", DeliveryState.ACCEPTED),
        ("sending", DeliveryState.ACCEPTED),
        ("sent", DeliveryState.SENT),
        ("delivered", DeliveryState.DELIVERED),
        ("failed", DeliveryState.FAILED),
        ("canceled", DeliveryState.CANCELLED),
    ],
)
def test_each_status_has_its_state(door: Door, status: str, state: DeliveryState) -> None:
    assert door.receipt(7, 0, status).status_code == 204
    assert receipts(door)[0].state == state


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(("delivery", "attempt"), [(0, 0), (2**62, 0), (10**30, 0), (7, 100), (7, 10**30)])
def test_a_receipt_of_an_attempt_that_cannot_be_is_not_found(door: Door, delivery: int, attempt: int) -> None:
    assert door.receipt(delivery, attempt, "sent").status_code == 404
    assert receipts(door) == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_receipt_of_an_inbound_text_is_refused(door: Door) -> None:
    assert door.receipt(7, 0, "received").status_code == 400


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_receipt_while_the_database_is_away_makes_no_alert_at_the_carrier(door: Door) -> None:
    with door.house.database.writing() as session:
        Receipt.__table__.drop(session.connection())  # type: ignore[attr-defined]
    response = door.receipt(7, 0, "sent")
    assert (response.status_code, response.get_data()) == (204, b"")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_address_for_receipts_is_plain_and_asks_for_retries(door: Door) -> None:
    address = receipt_address(door.house.settings, "twilio", 7, 1)
    path, _, wishes = address.partition("#")
    assert path == f"{PUBLIC_URL}/carrier/twilio/receipts/7/1"
    assert wishes == "rc=3&rp=ct,rt,5xx"
