"""Checks: what stands in a draft's way, and what its writer should look at, before it is submitted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from campaigns.outreach.audience import languages_wanted, rhythms_of, sieve
from campaigns.outreach.campaigns import Campaign, Means, Wording, wordings_of
from campaigns.programme.calendars import windows_of_rhythm
from campaigns.programme.lines import price_micros

LONGEST_CALL_SECONDS = 180


class Finding(StrEnum):
    """What can be wrong with a draft; the page has the words for each."""

    NO_WORDING = "no_wording"
    WORDING_MISSING = "wording_missing"
    TOO_MANY_PARTS = "too_many_parts"
    NOT_RECORDED = "not_recorded"
    TOO_LONG = "too_long"
    NOBODY = "nobody"
    NO_TIMES = "no_times"
    STARTS_IN_THE_PAST = "starts_in_the_past"
    NEVER_OPEN = "never_open"


@dataclass(frozen=True)
class Found:
    """One finding: every one must be mended before the campaign can be submitted."""

    finding: Finding
    language: str | None = None
    count: int = 0


@dataclass(frozen=True)
class Cost:
    """What a campaign comes to as of now."""

    people: int
    parts: int
    micros: int


def findings(session: Session, campaign: Campaign, *, now: datetime) -> list[Found]:
    """Everything that must be mended before this draft can be submitted; empty when it is ready."""
    wordings = wordings_of(session, campaign.id)
    found = [] if wordings else [Found(Finding.NO_WORDING)]
    found += _wrong_recordings(wordings) if campaign.channel == Means.CALL else _too_long(campaign, wordings)
    have = {wording.language for wording in wordings}
    if wordings:
        found += [
            Found(Finding.WORDING_MISSING, language, people)
            for language, people in sorted(languages_wanted(session, campaign).items())
            if language not in have
        ]
        if sieve(session, campaign).receive == 0:
            found.append(Found(Finding.NOBODY))
    return found + _wrong_times(session, campaign, now)


def cost_of(session: Session, campaign: Campaign, *, now: datetime) -> Cost:
    """People, parts and money of a campaign as of now, at the price of its line."""
    parts_of = {wording.language: wording.parts for wording in wordings_of(session, campaign.id)}
    people = sieve(session, campaign).by_language
    parts = sum(count * parts_of[language] for language, count in people.items())
    return Cost(sum(people.values()), parts, parts * price_micros(session, campaign.line_id, now=now))


def most_parts(wordings: list[Wording]) -> int:
    """The parts of the longest wording."""
    return max((wording.parts for wording in wordings), default=0)


def _too_long(campaign: Campaign, wordings: list[Wording]) -> list[Found]:
    return [
        Found(Finding.TOO_MANY_PARTS, wording.language, wording.parts)
        for wording in wordings
        if wording.parts > campaign.max_parts
    ]


def _wrong_recordings(wordings: list[Wording]) -> list[Found]:
    """A call plays what somebody recorded, and not for longer than people listen (voice.md R17)."""
    missing = [Found(Finding.NOT_RECORDED, wording.language) for wording in wordings if wording.blob is None]
    return missing + [
        Found(Finding.TOO_LONG, wording.language, (wording.milliseconds or 0) // 1000)
        for wording in wordings
        if (wording.milliseconds or 0) > LONGEST_CALL_SECONDS * 1000
    ]


def _wrong_times(session: Session, campaign: Campaign, now: datetime) -> list[Found]:
    if campaign.starts_at is None or campaign.ends_at is None:
        return [Found(Finding.NO_TIMES)]
    if campaign.ends_at <= now:
        return [Found(Finding.STARTS_IN_THE_PAST)]
    start = max(now, campaign.starts_at)
    shut = [
        rhythm
        for rhythm in rhythms_of(session, campaign)
        if not windows_of_rhythm(session, rhythm, start, campaign.ends_at)
    ]
    return [Found(Finding.NEVER_OPEN, count=len(shut))] if shut else []
