"""The audit trail keeps who did what, in the transaction of the act."""

from datetime import datetime

import pytest

from campaigns.staff import audit
from campaigns.staff.actor import ROLES, Actor, add_staff
from campaigns.storage.engine import Database


def test_the_trail_shows_the_newest_act_first(database: Database, now: datetime) -> None:
    with database.writing() as session:
        staff = add_staff(session, "Amjad O.", ROLES["operator"], now=now)
        actor = Actor(staff.rid, staff.name, ROLES["operator"])
        audit.record(session, actor, "halted", "programme:1", now=now)
        audit.record(session, None, "resumed", "programme:1", now=now)
        audit.record(session, actor, "halted", "programme:2", now=now)

    with database.reading() as session:
        acts = [(row.act, row.staff) for row in audit.trail(session, "programme:1")]

    assert acts == [("resumed", None), ("halted", actor.staff)]


def test_an_act_that_fails_leaves_no_line(database: Database, now: datetime) -> None:
    def fail() -> None:
        with database.writing() as session:
            audit.record(session, None, "halted", "programme:1", now=now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    with database.reading() as session:
        assert audit.trail(session, "programme:1") == []
