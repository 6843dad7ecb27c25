"""What the four steps of the composer share: the draft, the way through, and the foot with people, parts and cost."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from campaigns.outreach.budget import Room, rooms
from campaigns.outreach.campaigns import Campaign, Kind, State, require_state, wordings_of
from campaigns.outreach.checks import cost_of
from campaigns.staff.actor import names_of
from gateway.console.campaigns.decisions import Decided, decided_of
from gateway.console.campaigns.names import chip_of, is_call
from gateway.console.words import _

EDITABLE = (State.DRAFT, State.SUBMITTED, State.SCHEDULED)
STEPS = ("people", "wording", "when", "check")
UNPROCESSABLE = 422


@dataclass(frozen=True)
class Head:
    """Above every step: name, chip, who wrote it, the steps, and whether saving takes an approval away."""

    id: int | None
    name: str
    chip: str
    by: str | None
    steps: tuple[tuple[str, str, str | None], ...]
    voids: bool
    sent_back: Decided | None = None
    is_call: bool = False


@dataclass(frozen=True)
class Foot:
    """Below every step: what it comes to. `parts`, of a call its minutes, and `micros` are None before the wording."""

    people: int
    parts: int | None = None
    micros: int | None = None
    tightest: Room | None = None
    is_call: bool = False

    @property
    def over(self) -> int:
        """By how much it costs more than the tightest cap still allows; 0 when it fits."""
        if self.tightest is None or self.micros is None:
            return 0
        return max(0, self.micros - self.tightest.left)


def broadcast(session: Session, campaign_id: int) -> Campaign:
    """A campaign that staff wrote; a line's box of answers is none. Raises NoResultFound."""
    campaign = session.get_one(Campaign, campaign_id)
    if campaign.kind != Kind.BROADCAST:
        raise NoResultFound
    return campaign


def editable(session: Session, campaign_id: int) -> Campaign:
    """A campaign whose content may still be changed. Raises NoResultFound, WrongState."""
    campaign = broadcast(session, campaign_id)
    require_state(campaign, *EDITABLE)
    return campaign


def head_of(session: Session, campaign: Campaign | None, now_at: str) -> Head:
    """The head of a step; without a campaign, of one that is not saved yet."""
    if campaign is None:
        return Head(None, _("A new campaign"), "draft", None, _steps(None, now_at, frozenset()), voids=False)
    done = {"people"}
    if wordings_of(session, campaign.id):
        done.add("wording")
    if campaign.starts_at is not None:
        done.add("when")
    decided = decided_of(session, campaign)
    writer = names_of(session, {campaign.created_by}) if campaign.created_by else {}
    return Head(
        campaign.id,
        campaign.name,
        chip_of(campaign),
        next(iter(writer.values()), None),
        _steps(campaign.id, now_at, frozenset(done)),
        voids=campaign.state != State.DRAFT,
        sent_back=decided if decided and decided.verdict == "sent-back" else None,
        is_call=is_call(campaign),
    )


def foot_of(session: Session, campaign: Campaign, *, now: datetime) -> Foot:
    """People, parts and cost of what is saved, against the tightest cap."""
    cost = cost_of(session, campaign, now=now)
    cap = tightest(session, now=now)
    if is_call(campaign) and any(wording.blob is None for wording in wordings_of(session, campaign.id)):
        return Foot(cost.people, tightest=cap, is_call=True)  # what is not recorded has no length yet
    return Foot(cost.people, cost.parts, cost.micros, cap, is_call(campaign))


def tightest(session: Session, *, now: datetime) -> Room | None:
    """Of the caps on the day and the month, the one that leaves least; None when the programme set none."""
    return min(rooms(session, now=now), key=lambda room: room.left, default=None)


def _steps(
    campaign_id: int | None, now_at: str, done: frozenset[str]
) -> tuple[tuple[str, str, str | None], ...]:
    words = {
        "people": _("Purpose and people"),
        "wording": _("Wording"),
        "when": _("When"),
        "check": _("Check and submit"),
    }
    return tuple(
        (
            words[step],
            "now" if step == now_at else "done" if step in done else "to-come",
            url_for(f"campaigns.{step}", campaign_id=campaign_id) if campaign_id is not None else None,
        )
        for step in STEPS
    )
