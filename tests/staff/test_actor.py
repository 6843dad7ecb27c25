"""An actor may do what the role holds, and nothing after being disabled."""

from datetime import datetime

import pytest

from campaigns.staff.actor import ROLES, NotPermitted, Permission, actor_of, add_staff, names_of
from campaigns.storage.engine import Database


def test_a_member_of_staff_acts_with_the_permissions_given(database: Database, now: datetime) -> None:
    with database.writing() as session:
        staff = add_staff(session, "Zarghuna K.", ROLES["coordinator"], now=now).rid

    with database.reading() as session:
        actor = actor_of(session, staff)

    assert actor is not None
    actor.require(Permission.WRITE_CAMPAIGNS)
    with pytest.raises(NotPermitted, match="APPROVE_CAMPAIGNS"):
        actor.require(Permission.APPROVE_CAMPAIGNS)


def test_several_permissions_are_all_needed(database: Database, now: datetime) -> None:
    with database.writing() as session:
        staff = add_staff(session, "Shahid R.", ROLES["approver"], now=now).rid
        actor = actor_of(session, staff)

    assert actor is not None
    with pytest.raises(NotPermitted):
        actor.require(Permission.APPROVE_CAMPAIGNS | Permission.WRITE_CAMPAIGNS)


def test_who_was_disabled_is_nobody(database: Database, now: datetime) -> None:
    with database.writing() as session:
        staff = add_staff(session, "Bakht Z.", ROLES["producer"], now=now)
        staff.active = False

    with database.reading() as session:
        assert actor_of(session, staff.rid) is None
        assert names_of(session, {staff.rid}) == {staff.rid: "Bakht Z."}


def test_no_role_may_both_write_and_approve_campaigns() -> None:
    both = Permission.WRITE_CAMPAIGNS | Permission.APPROVE_CAMPAIGNS

    assert not any(both in permissions for permissions in ROLES.values())


def test_every_role_may_pause_everything() -> None:
    assert all(Permission.HALT in permissions for permissions in ROLES.values())
