"""A withdrawal that she said to a member of staff, who writes it down for her."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.consent.events import Act, Channel
from campaigns.consent.standing import is_suppressed, waiting_question, withdraw
from campaigns.people.contacts import number_of
from campaigns.people.listing import contact_by_rid
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.engine import gate_exclusive
from campaigns.storage.vault import Vault

SAID_TO_STAFF = "said to staff"


def withdraw_as_told(session: Session, vault: Vault, actor: Actor, rid: bytes, *, now: datetime) -> bool:
    """Record that she told this member of staff to stop everything; as binding as a STOP by text.

    False, and nothing is written, when her STOP holds already and no question waits for her YES. Takes the gate
    exclusively; does not commit. Raises NotPermitted, NoResultFound.
    """
    actor.require(Permission.EDIT_PEOPLE)
    gate_exclusive(session)
    contact = contact_by_rid(session, rid)
    if is_suppressed(session, contact.mark) and waiting_question(session, contact, now=now) is None:
        return False
    act = Act(Channel.FIELD, SAID_TO_STAFF, language=contact.language, recorded_by=actor.staff)
    withdraw(session, vault, number_of(vault, contact), act, now=now)
    audit.record(session, actor, "withdrawal written down", f"contact:{contact.id}", now=now)
    return True
