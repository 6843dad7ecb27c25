"""Responses: "you said, we did". What we say publicly to feedback; it leads to no item and no person."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.listening.shelf import Response
from campaigns.programme.programme import the_programme
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission

MOST_CHARACTERS = 300


class ResponseIncomplete(Exception):
    """A response needs both halves, each of at most 300 characters."""


def add_response(session: Session, actor: Actor, said: str, did: str, *, now: datetime) -> Response:
    """Publish what was said and what was done about it, dated to the programme's month.

    Raises NotPermitted, ResponseIncomplete.
    """
    actor.require(Permission.READ_FEEDBACK)
    said, did = said.strip(), did.strip()
    if not said or not did or max(len(said), len(did)) > MOST_CHARACTERS:
        raise ResponseIncomplete
    month = now.astimezone(ZoneInfo(the_programme(session).zone)).strftime("%Y-%m")
    response = Response(said=said, did=did, month=month, by=actor.staff)
    session.add(response)
    session.flush()
    audit.record(session, actor, "response published", f"response:{response.id}", now=now)
    return response


def list_responses(session: Session, limit: int = 50) -> list[Response]:
    """The newest responses first."""
    return list(session.scalars(select(Response).order_by(Response.id.desc()).limit(limit)))
