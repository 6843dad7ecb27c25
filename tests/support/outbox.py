"""People who agreed, and campaigns on their way, for tests of the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from campaigns.consent.events import JOINED_BY_TEXT, Act, Channel, Standing, bits
from campaigns.consent.standing import STANDS, grant_attested
from campaigns.outreach import approval, drafting, launch
from campaigns.outreach.campaigns import Campaign
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.people.contacts import Contact, Reach, box_context, remember_contact
from campaigns.people.numbers import Number
from campaigns.storage.columns import new_rid
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.programme import TrainingProgramme

TEXTS = {
    "en": "Gudar: you are invited to our talk on Sunday.",
    "ur": "گودر: اتوار کو ہماری بات چیت میں آئیے۔",
    "ps": "ګودر: د اتوار په ورځ زموږ مرکې ته راشئ.",
}
LANGUAGES = ("en", "ur", "ps")


def number(n: int) -> Number:
    """The n-th invented phone."""
    return Number(f"+92399{1_000_000 + n:07d}")


def people_who_agreed(
    database: Database, keyring: KeyRing, made: TrainingProgramme, count: int, *, now: datetime
) -> list[int]:
    """So many phones with standing consent to texts, in three languages; returns their ids."""
    with database.writing() as session:
        vault = keyring.vault(session)
        ids = []
        for n in range(count):
            contact = remember_contact(
                session,
                vault,
                number(n),
                language=LANGUAGES[n % 3],
                place_id=made.places["Peshawar"],
                rhythm_id=made.rhythms["Peshawar"],
                now=now,
            )
            act = Act(Channel.PAPER, f"form{STANDS}")
            grant_attested(session, vault, contact, number(n), JOINED_BY_TEXT, act, now=now, stands=True)
            ids.append(contact.id)
    return ids


def many_who_agreed(
    database: Database, keyring: KeyRing, made: TrainingProgramme, count: int, *, now: datetime
) -> None:
    """The same people by the thousand, written in bulk and without their events: for loads, not for the ledger."""
    with database.writing() as session:
        vault = keyring.vault(session)
        first = session.scalars(select(func.coalesce(func.max(Contact.id), 0))).one() + 1
        contacts, standings = [], []
        for n in range(count):
            rid, phone = new_rid(), number(n).e164
            contacts.append(
                {
                    "id": first + n,
                    "rid": rid,
                    "number_box": vault.seal(phone.encode(), box_context(rid)),
                    "lookup": vault.lookup(phone),
                    "mark": vault.mark(phone),
                    "language": LANGUAGES[n % 3],
                    "place_id": made.places["Peshawar"],
                    "rhythm_id": made.rhythms["Peshawar"],
                    "reach": int(Reach.SMS | Reach.VOICE),
                    "quiet": False,
                    "since": now,
                }
            )
            standings.append({"contact_id": first + n, "subject": new_rid(), "mask": bits(JOINED_BY_TEXT)})
        session.execute(insert(Contact), contacts)
        session.execute(insert(Standing), standings)


@dataclass(frozen=True)
class Prepared:
    """An approved campaign, ready to launch."""

    id: int
    starts_at: datetime


def approved_campaign(
    database: Database,
    made: TrainingProgramme,
    *,
    now: datetime,
    line_id: int | None = None,
    name: str = "Sunday dialogue",
    days: int = 2,
) -> Prepared:
    """Write, submit and approve a campaign in three languages, due at once."""
    with database.writing() as session:
        campaign = drafting.create_campaign(session, made.coordinator, name, line_id or made.two_way, now=now)
        drafting.set_wordings(session, made.coordinator, campaign.id, TEXTS, now=now)
        drafting.set_times(session, made.coordinator, campaign.id, now, now + timedelta(days=days), now=now)
        submitted = approval.submit(session, made.coordinator, campaign.id, now=now)
        approval.approve(session, made.approver, campaign.id, submitted.content_hash, now=now)
        return Prepared(campaign.id, now)


def launched_campaign(
    database: Database,
    made: TrainingProgramme,
    *,
    now: datetime,
    line_id: int | None = None,
    name: str = "Talk",
) -> int:
    """An approved campaign whose deliveries are all written; returns its id."""
    prepared = approved_campaign(database, made, now=now, line_id=line_id, name=name)
    with database.writing() as session:
        launch.start_due(session, now=now)
    more = True
    while more:
        with database.writing() as session:
            more = launch.launch_piece(session, prepared.id, now=now)
    return prepared.id


def states(session: Session, campaign_id: int) -> dict[DeliveryState, int]:
    """Counts of deliveries by state, from the rows themselves."""
    counts: dict[DeliveryState, int] = {}
    for state in session.scalars(select(Delivery.state).where(Delivery.campaign_id == campaign_id)):
        counts[DeliveryState(state)] = counts.get(DeliveryState(state), 0) + 1
    return counts


def campaign_of(session: Session, campaign_id: int) -> Campaign:
    """The campaign as it stands."""
    return session.get_one(Campaign, campaign_id)
