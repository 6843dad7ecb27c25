"""Promise 6 against real processes: a number and texts go through every journey while everything fails, and are then
looked for in all that the house has left behind."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from psycopg import sql
from redis import Redis
from rq.registry import FailedJobRegistry
from sqlalchemy import func, select, text, update

from campaigns.consent.events import Purpose
from campaigns.listening.shelf import Shelf, Staging
from campaigns.outreach import approval, drafting
from campaigns.outreach.audience import Audience
from campaigns.outreach.campaigns import Campaign
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.people.groups import GroupKind, Tolana
from campaigns.programme.lines import Line
from campaigns.programme.places import Place
from campaigns.staff.actor import Actor, Permission, Staff
from gateway.house import House
from gateway.work import queues
from gateway.work.queues import WakeUp
from tests.support.canaries import Canary, Search
from tests.support.handsets import Handsets
from tests.support.house import RealHouse
from tests.support.session_folder import open_folder
from tests.support.stranger import Request, Stranger
from tests.support.waiting import until

NUMBER = "+923997654321"
LINE = "+923990000017"
CODE = "CANARY1"
FEEDBACK_WORD, FEEDBACK_PASHTO = "zarqandelwa", "ګلپاڼیزوړ"
LOST_WORD = "khwarzgalmina"
CAMPAIGN_WORDS = {"en": "mehrshaligood", "ur": "چمنستونگرا", "ps": "سپوږمیزرڼا"}
CAMPAIGN = {
    "en": f"Gudar: come to {CAMPAIGN_WORDS['en']} on Sunday.",
    "ur": f"گودر: اتوار کو {CAMPAIGN_WORDS['ur']} آئیے۔",
    "ps": f"ګودر: د اتوار په ورځ {CAMPAIGN_WORDS['ps']} ته راشئ.",
}
HER_NUMBER = Canary.number("her number", NUMBER, "92")
HER_WORDS = Canary.words("what she wrote", FEEDBACK_WORD, FEEDBACK_PASHTO, LOST_WORD)
OUR_WORDS = Canary.words("what we wrote", *CAMPAIGN_WORDS.values())
EVERYTHING = (HER_NUMBER, HER_WORDS, OUR_WORDS)

SPEED = 20  # shown seconds in a real one
PATIENCE = 90.0
DOUBTS = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.UNKNOWN)
ASKED, JOINED, STOPPED = "send YES", "To stop at any time", "We will send no more texts"
THANKED_OR_ENOUGH = "Thank you. We"  # a phone may write only so much in a day
THANKED, TRY_LATER = "We keep it without your number", "It may take a while"


class Walk:
    """One house, the canary's phone, and whatever was found so far."""

    def __init__(self, running: RealHouse) -> None:
        """Take a running house."""
        self.running = running
        self.house = House.from_settings(running.settings)
        self.handsets = Handsets(running.handsets_url)
        self.search = Search()

    def say(self, words: str, answer: str) -> None:
        """Text something from the canary's phone and wait for an answer that holds `answer`."""
        before = self._heard(answer)
        self.handsets.text(NUMBER, words)
        self.wait(lambda: self._heard(answer) > before, f"the answer to {words!r}")

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait long: the machine may be busy with other tests."""
        until(condition, seconds=PATIENCE, every=0.1, what=what)

    def wake(self, *kinds: WakeUp) -> None:
        """Give wake-ups as the clock does, but now."""
        with Redis.from_url(self.running.settings.redis_address) as redis:
            for kind in kinds:
                queues.wake(redis, kind)

    def made(self) -> int:
        """How many messages the carrier has made in all."""
        return sum(self.handsets.made().values())

    def look_at_redis(self) -> None:
        """Look through Redis as it is now; it is about to be wiped, or holds the traces of a fault."""
        self.search.look_at_redis(self.running.settings.redis_address, EVERYTHING)

    def _heard(self, words: str) -> int:
        return sum(words in text for text in self.handsets.inbox(NUMBER))

    # The campaign

    def make_group(self) -> int:
        """A group of the canary's own, so that a campaign can be for it alone."""
        with self.house.database.writing() as session:
            place_id = session.scalars(select(Place.id).order_by(Place.id.desc())).first()
            group = Tolana(name="Canaries", kind=int(GroupKind.WOMEN), place_id=place_id, code=CODE)
            session.add(group)
            session.flush()
            return group.id

    def begin_campaign(self, audience: Audience) -> int:
        """Write, submit and approve a campaign with the canary words; it is due at once."""
        now = self.house.now()
        with self.house.database.writing() as session:
            staff = session.scalars(select(Staff)).first()
            line = session.scalars(select(Line).order_by(Line.id)).first()
            assert staff is not None
            assert line is not None
            everything = Actor(staff.rid, staff.name, Permission(511))
            session.execute(update(Line).values(parts_per_second=40))
            campaign = drafting.create_campaign(session, everything, "Canaries", line.id, now=now)
            drafting.set_people(
                session,
                everything,
                campaign.id,
                name="Canaries",
                purpose=Purpose.PEACE,
                line_id=line.id,
                audience=audience,
                now=now,
            )
            drafting.set_wordings(session, everything, campaign.id, CAMPAIGN, now=now)
            drafting.set_times(session, everything, campaign.id, now, now + timedelta(days=5), now=now)
            submitted = approval.submit(session, everything, campaign.id, now=now)
            approval.approve(session, everything, campaign.id, submitted.content_hash, now=now)
            return campaign.id

    def deliveries(self, campaign_id: int) -> list[Delivery]:
        """The campaign's deliveries, once all of them are written; before that none."""
        with self.house.database.reading() as session:
            if not session.get_one(Campaign, campaign_id).launch_done:
                return []
            return list(session.scalars(select(Delivery).where(Delivery.campaign_id == campaign_id)))

    def is_settled(self, campaign_id: int) -> bool:
        """Whether every delivery is with the carrier or final."""
        deliveries = self.deliveries(campaign_id)
        return bool(deliveries) and all(one.state not in DOUBTS for one in deliveries)


@pytest.mark.timeout(400)
def test_a_number_and_texts_leave_no_trace_whatever_fails(prepared_house: RealHouse) -> None:
    prepared_house.environment["PAIGHAM_ABSENT_AFTER_SECONDS"] = "120"
    prepared_house.start()
    walk = Walk(prepared_house)
    walk.handsets.post("clock", speed=SPEED)
    walk.handsets.post("faults", duplicate=0.5, concurrent=0.3, reorder=0.3, early=0.3, extra_field=1.0)
    walk.handsets.post("handsets", number=NUMBER, label="Canary", language="en")
    group = walk.make_group()

    join_and_choose(walk)
    get_campaigns_through_a_failing_carrier(walk, group)
    get_one_while_processes_die(walk)
    write_while_the_database_is_away(walk)
    write_while_a_table_is_away(walk)
    send_malformed_requests(walk)
    stop_while_nobody_listens(walk)
    walk.say("HELP", "news and invitations")
    clear_up(walk)

    look_everywhere(walk)
    assert walk.search.found == set()
    assert what_a_search_finds_where_it_should(walk) == {canary.name for canary in EVERYTHING}
    walk.house.database.dispose()


def join_and_choose(walk: Walk) -> None:
    """JOIN, YES, HELP, LANGUAGE, and first feedback in two scripts."""
    walk.say(f"JOIN {CODE}", ASKED)
    walk.say("YES", JOINED)
    walk.say("HELP", "news and invitations")
    walk.say("LANGUAGE", "Which language?")
    walk.say("LANGUAGE English", "From now on we write in English")
    walk.say(f"The well at {FEEDBACK_WORD} is dry since spring.", THANKED)
    walk.say(f"په {FEEDBACK_PASHTO} کې ښوونځی نشته.", "")


def get_campaigns_through_a_failing_carrier(walk: Walk, group: int) -> None:
    """Each fault of a create hits the canary's own delivery for certain, and the delivery outlives it."""
    for fault in ("server_error", "too_many", "drop"):
        walk.handsets.post("faults", **{fault: 1.0, "lost": 0.5})
        made = walk.made()
        campaign = walk.begin_campaign(Audience(groups=(group,)))
        walk.wait(partial(is_hit, walk, campaign, made), f"{fault} at the carrier")
        walk.handsets.post("faults", **{fault: 0.0, "lost": 0.0})
        walk.wait(partial(walk.is_settled, campaign), f"the end of doubt after {fault}")
        walk.look_at_redis()
    got = [text for text in walk.handsets.inbox(NUMBER) if CAMPAIGN_WORDS["en"] in text]
    assert len(got) == 3


def is_hit(walk: Walk, campaign_id: int, made: int) -> bool:
    """Whether the fault has shown: in the delivery, or as a message at the carrier that we were not told of."""
    is_seen = any(one.error or one.state == DeliveryState.UNKNOWN for one in walk.deliveries(campaign_id))
    return is_seen or walk.made() > made


def get_one_while_processes_die(walk: Walk) -> None:
    """A campaign to everybody: sender and web are killed in the middle of it, Redis is wiped and then killed."""
    before = walk.made()
    walk.handsets.post("faults", drop=0.1, lost=0.3)
    campaign = walk.begin_campaign(Audience())
    walk.wait(lambda: walk.made() >= before + 15, "the first messages")
    for name in ("sender", "web"):
        walk.running.kill(name)
    wipe_redis(walk)
    walk.running.start("sender", "web")
    walk.wait(lambda: walk.made() >= before + 60, "more messages")
    walk.look_at_redis()
    for name in (
        "sender",
        "worker",
        "redis",
    ):  # a worker ends itself when Redis is gone, and is started again
        walk.running.kill(name)
    walk.running.start("redis", "sender", "worker")
    walk.wait(lambda: walk.is_settled(campaign), "the end of every doubt")
    walk.handsets.post("faults", drop=0, lost=0)


def wipe_redis(walk: Walk) -> None:
    walk.look_at_redis()
    with Redis.from_url(walk.running.settings.redis_address) as redis:
        redis.flushall()


def write_while_the_database_is_away(walk: Walk) -> None:
    """She is told that it may take a while, and the text is taken in afterwards."""
    with database_away(walk):
        walk.say(f"Also {FEEDBACK_WORD} has no road, says {LOST_WORD}.", TRY_LATER)
    walk.look_at_redis()
    walk.wake(queues.INBOUND)


@contextmanager
def database_away(walk: Walk) -> Iterator[None]:
    """PostgreSQL lets nobody in and throws out who is; SQLite's writer's lock is held by somebody else."""
    url = walk.house.database.url
    if walk.house.database.dialect == "sqlite":
        other = sqlite3.connect(url.database or "", isolation_level=None, timeout=30)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()
        other.close()
        return
    walk.house.database.dispose()
    admit = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    name = sql.Identifier(url.database or "")
    elsewhere = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute(admit.format(name, sql.Literal(False)))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (url.database,)
        )
        yield
        connection.execute(admit.format(name, sql.Literal(True)))


def write_while_a_table_is_away(walk: Walk) -> None:
    """Jobs fail with exceptions that nobody foresaw; RQ keeps their tracebacks in Redis, and logs them."""
    walk.running.kill("clock")
    with walk.house.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE contact RENAME TO contact_away"))
    walk.say(f"And {FEEDBACK_WORD} again.", TRY_LATER)
    walk.wake(queues.INBOUND, queues.DRAIN, queues.SWEEP, queues.LAUNCH)
    with Redis.from_url(walk.running.settings.redis_address) as redis:
        failed = FailedJobRegistry(queue=queues.queue_of(redis, queues.BULK))
        walk.wait(lambda: failed.get_job_count(cleanup=False), "a failed job")
    walk.look_at_redis()
    with walk.house.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE contact_away RENAME TO contact"))
    walk.running.start("clock")


def stop_while_nobody_listens(walk: Walk) -> None:
    """STOP while web is dead: it is found at the carrier; then once more as it should be."""
    walk.running.kill("web")
    walk.handsets.text(NUMBER, "STOP please")
    walk.wait(lambda: not walk.handsets.get("stats?totals=1")["unfinished_webhooks"], "the failed webhook")
    walk.running.start("web")
    walk.wake(queues.INBOUND)
    walk.wait(lambda: "stops=1" in walk.running.log("worker"), "the STOP to be found")
    walk.say("JOIN", ASKED)
    walk.say("STOP", STOPPED)
    walk.say(f"Now tell {FEEDBACK_WORD} what you did.", THANKED_OR_ENOUGH)
    walk.say("LANGUAGE", "Which language?")


def clear_up(walk: Walk) -> None:
    """Wait until all feedback is on the shelf and the carrier has deleted what it held, as always happens."""

    def shelved() -> bool:
        with walk.house.database.reading() as session:
            on_shelf, waiting = (select(func.count()).select_from(table) for table in (Shelf, Staging))
            return session.scalars(on_shelf).one() >= 4 and session.scalars(waiting).one() == 0

    walk.wait(shelved, "the shelving")
    walk.handsets.post("clock", advance=3600)  # things are noted by the hour, so that no moment is
    walk.wake(queues.RESIDUE)
    walk.wait(lambda: "residue.cleared" in walk.running.log("worker"), "the clearing of residue")


def look_everywhere(walk: Walk) -> None:
    """Logs, Redis, files, and the database, in which only our own words may stand."""
    house, search = walk.running, walk.search
    walk.look_at_redis()
    search.look("what `paigham doctor` says", house.command("doctor").encode(), EVERYTHING)
    search.look("what `paigham ledger verify` says", house.command("ledger", "verify").encode(), EVERYTHING)
    search.look_at_files(house.logs, EVERYTHING)
    search.look_at_files(house.place.data, EVERYTHING, but=[house.place.data / "simulator"])
    search.look_at_files(house.settings.runtime_path, EVERYTHING)
    search.look_at_database(walk.house.database, (HER_NUMBER, HER_WORDS))
    server_log = open_folder() / "pg" / "server.log"
    if walk.house.database.dialect == "postgresql":
        search.look("PostgreSQL's log", server_log.read_bytes(), EVERYTHING)


def what_a_search_finds_where_it_should(walk: Walk) -> set[str]:
    """The same search in the simulated carrier's store, and for our words in the database: the names it finds."""
    search = Search()
    search.look_at_files(walk.running.place.data / "simulator", (HER_NUMBER, HER_WORDS))
    search.look_at_database(walk.house.database, (OUR_WORDS,))
    return {find.partition(" in ")[0] for find in search.found}


def send_malformed_requests(walk: Walk) -> None:
    """Requests that only somebody with the token, or without sense, would send; all refused, none with 5xx."""
    words, place = (FEEDBACK_WORD, FEEDBACK_PASHTO), walk.running.environment
    stranger = Stranger(walk.running.console_url, place["PAIGHAM_TWILIO_ACCOUNT_SID"], NUMBER, LINE, words)
    for request in stranger.malformed(place["PAIGHAM_TWILIO_AUTH_TOKEN"]):
        status = stranger.ask(request)
        assert 400 <= status < 500, (request.method, status)
    to_sign_in = stranger.ask(Request("GET", f"/people/{NUMBER}?words={FEEDBACK_WORD}"))
    assert to_sign_in == 303
    for raw in stranger.unreadable():
        stranger.send_raw(raw)
