"""Checks of what the house depends on: database, Redis, carrier, and the programs that must be at work."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from redis import Redis, RedisError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.orm import Session

from campaigns.consent.ledger import unsealed_too_long
from campaigns.listening.keys import sealing_key
from campaigns.programme.programme import Programme
from campaigns.storage.engine import dialect_of
from campaigns.storage.migrate import is_current
from campaigns.storage.vault import KeysExposed, KeysMissing
from gateway.commands.findings import Finding, note, well, wrong
from gateway.house import House
from gateway.work.queues import ALIVE_KEY

CARRIER = "https://api.twilio.com"
ANSWER_SECONDS = 5
CLOCKS_APART = timedelta(seconds=5)
TRIGGERS = {
    "sqlite": (
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'consent_event'",
        3,
    ),
    "postgresql": (
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'consent_event'::regclass AND NOT tgisinternal "
        "AND tgenabled = 'O'",
        2,
    ),
}
# What the server's own log would keep of a failing statement: the values that were bound to it.
QUIET_LOG = {"log_min_error_statement": ("panic", "fatal"), "log_error_verbosity": ("terse",)}


def check_database(house: House) -> Iterator[Finding]:
    """It answers, has the newest schema, refuses changes of the ledger, and keeps no times of its own."""
    try:
        if not is_current(house.database):
            yield wrong("database", "has not the newest schema", "run `paigham prepare`")
            return
        with house.database.reading() as session:
            yield well("database", f"{house.database.dialect}, newest schema")
            yield from _check_triggers(session)
            yield from _check_engine(session)
            yield from _check_programme(session, house)
    except DBAPIError as error:
        yield wrong("database", f"does not answer ({type(error.orig).__name__})", "see PAIGHAM_DATABASE_URL")


def check_ledger(house: House) -> Iterator[Finding]:
    """The clock puts consent events into blocks."""
    try:
        with house.database.reading() as session:
            late = unsealed_too_long(session, now=house.now())
    except DBAPIError:
        return  # said by the check of the database
    if late:
        yield wrong(
            "ledger", "consent waits for its block for over a minute", "see that `paigham clock` runs"
        )
    else:
        yield well("ledger", "no consent waits for its block")


def check_redis(house: House) -> Iterator[Finding]:
    """It answers and keeps nothing on disk: the day's feedback limits must die with it."""
    try:
        house.redis.ping()
    except RedisError as error:
        yield wrong(
            "redis", f"does not answer ({type(error).__name__})", "see PAIGHAM_REDIS_URL, or run `paigham up`"
        )
        return
    try:
        kept = _kept_on_disk(house.redis)
    except RedisError:
        yield note(
            "redis",
            "does not say whether it writes to disk",
            'set save "" and appendonly no, and allow CONFIG GET',
        )
        return
    if kept:
        yield wrong(
            "redis",
            f"writes to disk ({kept}): limits of feedback would be kept",
            'set save "" and appendonly no',
        )
    else:
        yield well("redis", "answers, keeps nothing on disk")


def check_programs(house: House) -> Iterator[Finding]:
    """Clock, sender and worker are at work."""
    for name in ("clock", "sender", "worker"):
        try:
            alive = bool(house.redis.exists(ALIVE_KEY.format(name=name)))
        except RedisError:
            return  # said by the check of Redis
        if alive:
            yield well(name, "is at work")
        else:
            yield wrong(name, "gives no sign of life", "start it: `paigham up`, or the lines of the Procfile")


def check_carrier(house: House) -> Iterator[Finding]:
    """The carrier answers to our account."""
    settings = house.settings
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        yield wrong("carrier", "no account", "set PAIGHAM_TWILIO_ACCOUNT_SID and PAIGHAM_TWILIO_AUTH_TOKEN")
        return
    account = f"{settings.carrier_url or CARRIER}/2010-04-01/Accounts/{settings.twilio_account_sid}.json"
    pair = f"{settings.twilio_account_sid}:{settings.twilio_auth_token.get_secret_value()}"
    request = urllib.request.Request(  # noqa: S310 - settings let only http and https through
        account, headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            status = json.load(answer).get("status")
    except urllib.error.HTTPError as error:
        yield wrong("carrier", f"refuses the account ({error.code})", "see the account's sid and token")
    except (OSError, ValueError) as error:
        yield wrong(
            "carrier", f"does not answer ({type(error).__name__})", "see the network and PAIGHAM_CARRIER_URL"
        )
    else:
        if status == "active":
            yield well("carrier", "answers, the account is active")
        else:
            yield wrong("carrier", f"the account is {status}", "see the carrier's console")


def _check_triggers(session: Session) -> Iterator[Finding]:
    statement, wanted = TRIGGERS[dialect_of(session)]
    if session.execute(text(statement)).scalar_one() < wanted:
        mend = (
            "restore a backup: somebody removed what keeps consent from being changed; then verify the ledger"
        )
        yield wrong("ledger", "the database would let consent events be changed", mend)
    else:
        yield well("ledger", "the database refuses changes of consent events")


def _check_engine(session: Session) -> Iterator[Finding]:
    if dialect_of(session) == "sqlite":
        mode = session.execute(text("PRAGMA journal_mode")).scalar_one()
        if mode != "wal":
            yield wrong("database", f"SQLite's journal is {mode}", "move it to a local disk: WAL needs one")
        return
    apart = abs(session.execute(text("SELECT clock_timestamp()")).scalar_one() - datetime.now(UTC))
    if apart > CLOCKS_APART:
        yield wrong("system clock", f"{apart.seconds} s from the database's", "set both by NTP")
    if session.execute(text("SHOW track_commit_timestamp")).scalar_one() != "off":
        mend = "set track_commit_timestamp = off and start PostgreSQL again"
        yield wrong("database", "keeps the time of every commit: feedback could be dated by it", mend)
    for name, quiet in QUIET_LOG.items():
        if session.execute(text(f"SHOW {name}")).scalar_one() not in quiet:
            mend = f"ALTER SYSTEM SET {name} = {quiet[0]}"
            yield note("database", "its own log may show values of a statement that fails", mend)


def _check_programme(session: Session, house: House) -> Iterator[Finding]:
    try:
        house.vault(session)
    except NoResultFound:
        yield wrong("keys", "the database does not say which it was made with", "run `paigham prepare`")
    except (KeysMissing, KeysExposed) as error:
        yield wrong("keys", str(error), "put the key files back as they were")
    programme = session.get(Programme, 1)
    if programme is None:
        yield wrong("programme", "there is none", "run `paigham programme new --help`")
        return
    mode = "training" if programme.training else "live"
    yield well(
        "programme", f"{programme.name}, {mode}{', everything is paused' if programme.halted_at else ''}"
    )
    if sealing_key(session, house.now()) is None:
        mend = "run `paigham moderator-key new --help`, or make one in the console under Listening"
        yield wrong("moderators' key", "none: feedback cannot be taken in", mend)
    else:
        yield well("moderators' key", "feedback is sealed to it")


def _kept_on_disk(redis: Redis) -> str:
    """What the server would write, in its own words; empty when nothing."""
    save = redis.config_get("save").get("save", "")
    appends = redis.config_get("appendonly").get("appendonly", "no")
    return " ".join((["save " + save] if save else []) + (["appendonly"] if appends != "no" else []))
