"""A campaign that calls: its seats now, its rings so far, and what came of them, in words."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.outreach import calling
from campaigns.outreach.calling import calls_in_progress
from campaigns.outreach.campaigns import Campaign, Kind
from campaigns.outreach.deliveries import DeliveryState
from campaigns.outreach.progress import Progress
from campaigns.outreach.rings import Rings, rings_of
from campaigns.programme.lines import Line
from gateway.console.campaigns.calls import length_words, rings_words
from gateway.console.words import _


@dataclass(frozen=True)
class Nothing:
    """Calls that came to nothing for one reason: how many are called again, and how many are not."""

    words: str
    again: int
    over: int


@dataclass(frozen=True)
class Calls:
    """How the calls of a campaign stand. `called` and `called_back` are those of its line, whoever's they are."""

    line: str
    seats: int
    called: int
    called_back: int
    plan: str
    rings: Rings

    @property
    def each(self) -> str:
        """How long who heard it stayed on the phone, on average: 1:05."""
        return length_words(self.rings.seconds_each * 1_000)

    @property
    def nothing(self) -> list[Nothing]:
        """What came of the calls that nobody heard, in words."""
        words = {
            calling.NO_ANSWER: _("Not answered"),
            calling.BUSY: _("Busy"),
            calling.MACHINE: _("A machine answered"),
            calling.HARDLY_HEARD: _("Put down within ten seconds"),
        }
        return [Nothing(words[each.why], each.again, each.over) for each in self.rings.nothing]


def calls_of(session: Session, campaign: Campaign) -> Calls:
    """Gather them."""
    line = session.get_one(Line, campaign.line_id)
    return Calls(
        line.name,
        line.calls_at_once,
        calls_in_progress(session, line.id, Kind.BROADCAST),
        calls_in_progress(session, line.id, Kind.ANSWERS),
        rings_words(campaign.max_rings),
        rings_of(session, campaign.id),
    )


def call_counts(progress: Progress, held: int, *, left_out: str) -> list[tuple[str, int, str, str]]:
    """The bar of a call: kind, how many, what they are called, and what that means."""
    return [
        ("delivered", progress.delivered, _("heard it"), _("ten seconds and more")),
        ("on-the-way", progress.on_the_way, _("on the phone"), _on_the_phone_words(progress)),
        ("to-go", progress.to_go - held, _("to call"), _("as seats come free")),
        ("held", held, _("called later"), _("in hours of their own, or rung again")),
        ("not-reached", progress.not_reached, _("not reached"), _("reasons below")),
        ("unknown", progress.unknown, _("not known yet"), _("the carrier is asked")),
        ("left-out", progress.left_out, _("left out"), left_out),
    ]


def _on_the_phone_words(progress: Progress) -> str:
    return _(
        "%(taken)s dialled, %(ringing)s ringing, %(on)s listening",
        taken=progress.of(DeliveryState.CLAIMED),
        ringing=progress.of(DeliveryState.ACCEPTED),
        on=progress.of(DeliveryState.SENT),
    )
