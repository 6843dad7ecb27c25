"""How long a person's text waits for its answer, at rest and beside the launch of a large campaign.

./scripts/bench inbound [--people 100000] [--rate 50] [--engine sqlite|postgresql]
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import secrets
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from sqlalchemy import func, insert, select

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from campaigns.consent.events import JOINED_BY_TEXT, Standing, bits
from campaigns.outreach import approval, drafting
from campaigns.outreach.campaigns import Campaign
from campaigns.people.contacts import Contact
from campaigns.programme.lines import Can, Line, lines_that
from campaigns.staff.actor import Actor, Permission, Staff
from campaigns.storage.columns import new_rid
from gateway.house import House
from tests.support import databases, session_folder
from tests.support.house import RealHouse
from tests.support.outbox import TEXTS
from tests.support.ports import free_ports

ENGINES: tuple[databases.EngineName, ...] = ("sqlite", "postgresql")
WORDS = ("JOIN", "شامل", "HELP", "STOP", "YES", "the road to the school is closed again", "سڑک بند ہے")
WARM_SECONDS = 8  # a process that has just started answers its first texts slowly; they are not counted
REST_SECONDS = 10


@dataclass
class Sent:
    """Texts sent in one phase: how long each answer took, in seconds, and how many were not answered well."""

    seconds: list[float]
    bad: int = 0

    def line(self, name: str) -> str:
        """One row of the table."""
        taken = sorted(self.seconds)
        return (
            f"  {name:<28} {len(taken):>6} texts  p50 {1000 * statistics.median(taken):6.1f} ms"
            f"  p99 {1000 * taken[int(len(taken) * 0.99)]:6.1f} ms  most {1000 * taken[-1]:6.1f} ms  bad {self.bad}"
        )


def main() -> int:
    """Run it on each engine."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--people", type=int, default=100_000)
    words.add_argument("--rate", type=int, default=50)
    words.add_argument("--engine", choices=ENGINES, action="append")
    given = words.parse_args()
    folder = session_folder.open_folder()
    try:
        for engine in given.engine or ENGINES:
            _measure(engine, given.people, given.rate, folder)
    finally:
        session_folder.close_folder(folder)
    return 0


def _measure(engine: databases.EngineName, people: int, rate: int, folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as scratch,
        databases.empty_database(engine, folder, Path(scratch)) as url,
    ):
        real = RealHouse.prepare(Path(scratch) / "data", Path(scratch) / "run", free_ports(4), url)
        try:
            house = House.from_settings(real.settings)
            campaign = _campaign_for(house, people)
            real.start()
            print(f"{engine}, {people} people, {rate} texts a second:")
            asyncio.run(_phases(real, house, campaign, rate))
        finally:
            real.end()


async def _phases(real: RealHouse, house: House, campaign: int, rate: int) -> None:
    warm = time.monotonic() + WARM_SECONDS
    await _texts(real, rate, lambda: time.monotonic() < warm)
    ends = time.monotonic() + REST_SECONDS
    print((await _texts(real, rate, lambda: time.monotonic() < ends)).line("at rest"))
    _begin(house, campaign)
    started = time.monotonic()
    sent = await _texts(real, rate, lambda: not _is_launched(house, campaign))
    print(sent.line("beside the launch"))
    with house.database.reading() as session:
        rows = session.scalars(select(func.count()).select_from(Contact)).one()
    print(f"  launched over {rows} contacts in {time.monotonic() - started:.1f} s")


async def _texts(real: RealHouse, rate: int, goes_on) -> Sent:  # type: ignore[no-untyped-def]
    sent, tasks = Sent([]), []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as client:
        next_at, asked_at, more = time.monotonic(), 0.0, True
        while more:
            tasks.append(asyncio.create_task(_text(client, real, sent)))
            next_at += 1 / rate
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))
            if time.monotonic() - asked_at > 0.25:
                more, asked_at = goes_on(), time.monotonic()
        await asyncio.gather(*tasks)
    return sent


async def _text(client: aiohttp.ClientSession, real: RealHouse, sent: Sent) -> None:
    url = f"{real.console_url}/carrier/twilio/messages"
    account = real.settings.twilio_account_sid or ""
    sid = f"SM{secrets.token_hex(16)}"
    form = {
        "AccountSid": account,
        "ApiVersion": "2010-04-01",
        "Body": secrets.choice(WORDS),
        "From": f"+92399{2_000_000 + secrets.randbelow(7_000_000):07d}",
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": "+923990000017",
    }
    signed = url + "".join(name + form[name] for name in sorted(form))
    mac = hmac.new(real.settings.auth_tokens[0].encode(), signed.encode(), hashlib.sha1).digest()
    headers = {
        "X-Twilio-Signature": base64.b64encode(mac).decode(),
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    }
    began = time.monotonic()
    async with client.post(url, data=urlencode(form), headers=headers) as answer:
        body = await answer.text()
    sent.seconds.append(time.monotonic() - began)
    if answer.status != 200 or "<Response" not in body:
        sent.bad += 1


def _campaign_for(house: House, people: int) -> int:
    with house.database.writing() as session:
        model = session.scalars(select(Contact).limit(1)).one()
        now = house.now()
        for start in range(0, people, 10_000):
            _add_people(session, model, min(10_000, people - start), now)
        line = lines_that(session, Can.SMS_OUT)[0]
        actor = _actor(session)
        campaign = drafting.create_campaign(session, actor, "Large", line.id, now=now)
        drafting.set_wordings(session, actor, campaign.id, TEXTS, now=now)
        drafting.set_times(
            session, actor, campaign.id, now + timedelta(days=1), now + timedelta(days=9), now=now
        )
        submitted = approval.submit(session, actor, campaign.id, now=now)
        approval.approve(session, actor, campaign.id, submitted.content_hash, now=now)
        session.get_one(Line, line.id).parts_per_second = 1
        return campaign.id


def _add_people(session, model: Contact, count: int, now: datetime) -> None:  # type: ignore[no-untyped-def]
    first = session.scalars(select(func.max(Contact.id))).one() + 1
    session.execute(
        insert(Contact),
        [
            {
                "id": first + n,
                "rid": new_rid(),
                "number_box": secrets.token_bytes(43),
                "lookup": secrets.token_bytes(32),
                "mark": secrets.token_bytes(32),
                "language": "ps",
                "place_id": model.place_id,
                "rhythm_id": model.rhythm_id,
                "reach": 3,
                "quiet": False,
                "since": now,
            }
            for n in range(count)
        ],
    )
    mask = bits(JOINED_BY_TEXT)
    session.execute(
        insert(Standing),
        [{"contact_id": first + n, "subject": new_rid(), "mask": mask} for n in range(count)],
    )


def _actor(session) -> Actor:  # type: ignore[no-untyped-def]
    staff = session.scalars(select(Staff).limit(1)).one()
    return Actor(staff.rid, staff.name, Permission(511))


def _begin(house: House, campaign_id: int) -> None:
    """Bring the start forward, as an operator's clock would; the content stays what was approved."""
    with house.database.writing() as session:
        campaign = session.get_one(Campaign, campaign_id)
        campaign.starts_at = house.now()


def _is_launched(house: House, campaign_id: int) -> bool:
    with house.database.reading() as session:
        return session.get_one(Campaign, campaign_id).launch_done


if __name__ == "__main__":
    sys.exit(main())
