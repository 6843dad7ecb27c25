"""Listing people for pages: by group and language, with masked numbers, their groups and how they are reached."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from campaigns.people.contacts import Contact, number_of
from campaigns.people.groups import Membership, Tolana
from campaigns.programme.programme import the_programme
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.vault import Vault


@dataclass(frozen=True)
class Wanted:
    """Whom a list shows; None means everybody."""

    group: int | None = None
    language: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a statement over `Contact` must ask for."""
        asked: list[ColumnElement[bool]] = []
        if self.language is not None:
            asked.append(Contact.language == self.language)
        if self.group is not None:
            members = select(Membership.contact_id).where(
                Membership.tolana_id == self.group, Membership.left_at.is_(None)
            )
            asked.append(Contact.id.in_(members))
        return asked


class NotOurLanguage(Exception):
    """The programme does not write in this language."""


def contact_by_rid(session: Session, rid: bytes) -> Contact:
    """The contact that a page's address names. Raises NoResultFound."""
    return session.scalars(select(Contact).where(Contact.rid == rid)).one()


def masked_number(vault: Vault, contact: Contact) -> str:
    """Country and the last two digits; the number itself is opened for this moment only. Raises BoxDamaged."""
    return number_of(vault, contact).masked


def every_group(session: Session) -> list[tuple[int, str]]:
    """Every group's id and name, by name."""
    return [
        (row.id, row.name) for row in session.execute(select(Tolana.id, Tolana.name).order_by(Tolana.name))
    ]


def groups_of(session: Session, contact_ids: Iterable[int]) -> dict[int, list[str]]:
    """The names of the groups that each of these phones belongs to now; nothing for who belongs to none."""
    found: dict[int, list[str]] = defaultdict(list)
    statement = (
        select(Membership.contact_id, Tolana.name)
        .join(Tolana, Tolana.id == Membership.tolana_id)
        .where(Membership.contact_id.in_(list(contact_ids)), Membership.left_at.is_(None))
        .order_by(Tolana.name)
    )
    for contact_id, name in session.execute(statement):
        found[contact_id].append(name)
    return dict(found)


def languages_in_use(session: Session) -> list[str]:
    """The languages that people are written to in, most used first."""
    statement = select(Contact.language).group_by(Contact.language)
    return list(session.scalars(statement.order_by(func.count().desc(), Contact.language)))


def change_language(session: Session, actor: Actor, rid: bytes, language: str, *, now: datetime) -> bool:
    """Write to this phone in another language from now on, as she asked; False when it was that one already.

    Raises NotPermitted, NotOurLanguage, NoResultFound.
    """
    actor.require(Permission.EDIT_PEOPLE)
    if language not in the_programme(session).language_tags:
        raise NotOurLanguage
    contact = contact_by_rid(session, rid)
    if contact.language == language:
        return False
    contact.language = language
    audit.record(session, actor, "language changed", f"contact:{contact.id}", now=now)
    return True


def set_shared(session: Session, actor: Actor, rid: bytes, shared: bool, *, now: datetime) -> bool:
    """Write down whether others use this phone too, so that a call shows nothing by itself; False when it stood so.

    Holds from the next call on (voice.md R21). Raises NotPermitted, NoResultFound.
    """
    actor.require(Permission.EDIT_PEOPLE)
    contact = contact_by_rid(session, rid)
    if contact.quiet == shared:
        return False
    contact.quiet = shared
    act = "phone marked as shared" if shared else "phone marked as not shared"
    audit.record(session, actor, act, f"contact:{contact.id}", now=now)
    return True
