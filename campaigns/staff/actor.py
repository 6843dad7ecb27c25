"""Actors: the domain's whole knowledge of a member of staff."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.storage.base import Base
from campaigns.storage.columns import Instant, Rid, new_rid


class Permission(IntFlag):
    """What a person may do; a role is a set of these."""

    LOOK = 1
    WRITE_CAMPAIGNS = 2
    APPROVE_CAMPAIGNS = 4
    SEE_PEOPLE = 8
    EDIT_PEOPLE = 16
    PRODUCE_RADIO = 32
    READ_FEEDBACK = 64
    HALT = 128
    OPERATE = 256
    HEAR_WOMEN = 512  # no role has it: it is given to women who listen to what women said


ROLES: dict[str, Permission] = {
    "coordinator": (
        Permission.LOOK
        | Permission.WRITE_CAMPAIGNS
        | Permission.SEE_PEOPLE
        | Permission.EDIT_PEOPLE
        | Permission.HALT
    ),
    "approver": Permission.LOOK | Permission.APPROVE_CAMPAIGNS | Permission.SEE_PEOPLE | Permission.HALT,
    "producer": Permission.LOOK | Permission.PRODUCE_RADIO | Permission.HALT,
    "moderator": Permission.LOOK | Permission.READ_FEEDBACK | Permission.HALT,
    "operator": Permission.LOOK | Permission.OPERATE | Permission.HALT,
}


class Staff(Base):
    """One member of staff as the domain knows them; the account (password, codes) is kept by the edge."""

    __tablename__ = "staff"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    permissions: Mapped[int]
    active: Mapped[bool]
    since: Mapped[datetime] = mapped_column(Instant)


class NotPermitted(Exception):
    """The actor lacks the permission that an act requires."""

    def __init__(self, permission: Permission) -> None:
        """Keep which permission was missing, for the page that says so."""
        super().__init__(f"needs the permission {permission.name}")
        self.permission = permission


@dataclass(frozen=True)
class Actor:
    """Somebody acting now: whose name goes into the audit trail, and what they may do."""

    staff: bytes
    name: str
    permissions: Permission

    def require(self, permission: Permission) -> None:
        """Return when the actor holds every bit of `permission`. Raises NotPermitted."""
        if permission not in self.permissions:
            raise NotPermitted(permission)


def add_staff(session: Session, name: str, permissions: Permission, *, now: datetime) -> Staff:
    """Record a new member of staff, active at once."""
    staff = Staff(rid=new_rid(), name=name, permissions=int(permissions), active=True, since=now)
    session.add(staff)
    session.flush()
    return staff


def actor_of(session: Session, staff: bytes) -> Actor | None:
    """The actor behind a staff id as of now, or None when unknown or no longer active."""
    row = session.get(Staff, staff)
    if row is None or not row.active:
        return None
    return Actor(row.rid, row.name, Permission(row.permissions))


def names_of(session: Session, staff: set[bytes]) -> dict[bytes, str]:
    """The names behind several staff ids, for pages."""
    rows = session.execute(select(Staff.rid, Staff.name).where(Staff.rid.in_(staff)))
    return dict(rows.all())
