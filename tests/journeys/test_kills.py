"""Promises 3 and 4 against real processes: faults at the carrier, kills on our side, a wiped Redis; once each."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import func, select, update

from campaigns.consent.events import JOINED_BY_TEXT, Standing, bits
from campaigns.outreach import approval, drafting
from campaigns.outreach.campaigns import Campaign
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.outreach.progress import progress_of
from campaigns.people.contacts import Contact, number_of
from campaigns.programme.lines import Line
from campaigns.staff.actor import Actor, Permission, Staff
from gateway.house import House
from tests.support.handsets import Handsets
from tests.support.house import RealHouse
from tests.support.outbox import TEXTS
from tests.support.waiting import until

FAULTS = {
    "drop": 0.05,
    "too_many": 0.05,
    "server_error": 0.03,
    "duplicate": 0.2,
    "reorder": 0.2,
    "lost": 0.1,
    "early": 0.1,
}
SPEED = 20  # shown seconds in a real one: leases, patience and retries pass quicker, requests do not
AT_MOST_SECONDS = 150.0
UNDECIDED = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.UNKNOWN)


def begin_campaign(house: House) -> tuple[int, set[str]]:
    """Write, submit and approve a campaign to everybody; its id, and the numbers that agreed to it."""
    now = house.now()
    with house.database.writing() as session:
        staff = session.scalars(select(Staff)).first()
        assert staff is not None
        everything = Actor(staff.rid, staff.name, Permission(511))
        line = session.scalars(select(Line).order_by(Line.id)).first()
        assert line is not None
        session.execute(update(Line).values(parts_per_second=30))
        campaign = drafting.create_campaign(session, everything, "Through fire", line.id, now=now)
        drafting.set_wordings(session, everything, campaign.id, TEXTS, now=now)
        drafting.set_times(session, everything, campaign.id, now, now + timedelta(days=5), now=now)
        submitted = approval.submit(session, everything, campaign.id, now=now)
        approval.approve(session, everything, campaign.id, submitted.content_hash, now=now)
        vault = house.vault(session)
        need = bits(JOINED_BY_TEXT) & campaign.need
        agreed = session.scalars(
            select(Contact)
            .join(Standing, Standing.contact_id == Contact.id)
            .where(Standing.mask.op("&")(need) == need)
        )
        return campaign.id, {number_of(vault, contact).e164 for contact in agreed}


def undecided(house: House, campaign_id: int) -> int:
    """How many deliveries are neither with the carrier nor final."""
    with house.database.reading() as session:
        if not session.get_one(Campaign, campaign_id).launch_done:
            return -1
        statement = select(func.count()).where(
            Delivery.campaign_id == campaign_id, Delivery.state.in_([int(state) for state in UNDECIDED])
        )
        return session.scalars(statement).one()


def handed_over(handsets: Handsets, at_least: int) -> Callable[[], bool]:
    """Whether the carrier has made so many messages."""
    return lambda: sum(handsets.made().values()) >= at_least


@pytest.mark.timeout(300)
def test_everybody_gets_it_once_whatever_is_killed(prepared_house: RealHouse) -> None:
    prepared_house.environment["PAIGHAM_ABSENT_AFTER_SECONDS"] = "120"
    prepared_house.start()
    house = House.from_settings(prepared_house.settings)
    handsets = Handsets(prepared_house.handsets_url)
    handsets.post("clock", speed=SPEED)
    handsets.post("faults", **FAULTS)
    campaign, agreed = begin_campaign(house)

    for count, killed in ((15, "sender"), (40, "worker"), (60, "sender"), (90, "clock"), (110, "sender")):
        until(
            handed_over(handsets, count),
            seconds=AT_MOST_SECONDS,
            every=0.3,
            what=f"{count} messages at the carrier",
        )
        prepared_house.restart(killed)
        if killed == "worker":
            Redis.from_url(prepared_house.settings.redis_address).flushall()
    prepared_house.restart("web")
    until(
        lambda: undecided(house, campaign) == 0,
        seconds=AT_MOST_SECONDS,
        every=0.3,
        what="the end of every doubt",
    )

    assert handsets.made() == dict.fromkeys(agreed, 1)
    with house.database.reading() as session:
        progress = progress_of(session, campaign)
        rows = session.execute(
            select(Delivery.state, func.count())
            .where(Delivery.campaign_id == campaign)
            .group_by(Delivery.state)
        )
        assert {int(state): n for state, n in progress.counts.items()} == dict(rows.all())
    house.database.dispose()
