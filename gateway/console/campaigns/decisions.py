"""Decisions on a campaign: who asked, who decided what, with which note and fingerprint."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign
from campaigns.outreach.drafting import ACT
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Actor, Permission, names_of
from campaigns.staff.second_person import NothingAsked, Verdict, last_decided, open_question

VERDICTS = {Verdict.YES: "approved", Verdict.SENT_BACK: "sent-back", Verdict.VOIDED: "changed"}


@dataclass(frozen=True)
class Asked:
    """Who asked, and whether this person may decide and may say yes."""

    by: str
    at: datetime
    is_mine: bool
    may_decide: bool
    may_say_yes: bool


@dataclass(frozen=True)
class Decided:
    """The newest decision; `verdict` is approved, sent-back or changed."""

    verdict: str
    by: str
    at: datetime | None
    note: str
    hash: str


def asked_of(session: Session, campaign: Campaign, actor: Actor) -> Asked:
    """The open question about a campaign, for one person. Raises NothingAsked."""
    question = open_question(session, ACT, campaign.id)
    if question is None:
        raise NothingAsked
    is_mine = question.asked_by == actor.staff
    may_decide = Permission.APPROVE_CAMPAIGNS in actor.permissions
    return Asked(
        by=names_of(session, {question.asked_by}).get(question.asked_by, ""),
        at=question.asked_at,
        is_mine=is_mine,
        may_decide=may_decide,
        may_say_yes=may_decide and (the_programme(session).training or not is_mine),
    )


def decided_of(session: Session, campaign: Campaign) -> Decided | None:
    """The newest answered question about a campaign, if there is one."""
    row = last_decided(session, ACT, campaign.id)
    if row is None or row.verdict is None:
        return None
    names = names_of(session, {row.decided_by}) if row.decided_by else {}
    return Decided(
        VERDICTS[Verdict(row.verdict)],
        next(iter(names.values()), ""),
        row.decided_at,
        row.note,
        row.content_hash.hex(),
    )
