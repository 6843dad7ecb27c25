"""Words of calls: how a plan of rings is said, how long a recording lasts, what a refused file was refused for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from campaigns.audio.refusals import Why
from campaigns.outreach.campaigns import Campaign, Wording
from gateway.console.campaigns.names import is_call
from gateway.console.words import _, ngettext

# Days from its start in which the last ring of a plan comes, at the latest (campaigns/outreach/calling.py).
DAYS_OF_RINGS = {1: 1, 2: 2, 3: 2, 4: 3, 5: 4}


@dataclass(frozen=True)
class Recorded:
    """A recording as a page plays it: its hash in hexadecimal, its length as 1:05, and the minutes it is charged as."""

    digest: str
    length: str
    minutes: int

    @classmethod
    def of(cls, wording: Wording | None) -> Self | None:
        """The recording of one language; None while there is none."""
        if wording is None or wording.blob is None:
            return None
        return cls(wording.blob.hex(), length_words(wording.milliseconds or 0), wording.parts)


def rings_words(rings: int) -> str:
    """The plan in one sentence."""
    return {
        1: _("One ring: whoever does not answer is not called again."),
        2: _("Two rings, in two parts of the day."),
        3: _("Three rings over two days, as a rule in three parts of the day."),
        4: _("Four rings over two or three days, in three parts of the day."),
        5: _("Five rings over three or four days, in three parts of the day."),
    }[rings]


def short_plan_words(campaign: Campaign) -> str | None:
    """What to say of a call that ends before its plan of rings does; None when there is room for all of them."""
    if not is_call(campaign) or campaign.starts_at is None or campaign.ends_at is None:
        return None
    return too_short_words(campaign.max_rings, campaign.ends_at - campaign.starts_at)


def too_short_words(rings: int, lasts: timedelta) -> str | None:
    """The same for a time that it may last."""
    days = DAYS_OF_RINGS[rings]
    if rings == 1 or lasts >= timedelta(days=days):
        return None
    return ngettext(
        "Let it end at least %(num)s day after its start, or some phones are rung less often than planned.",
        "Let it end at least %(num)s days after its start, or some phones are rung less often than planned.",
        days,
    )


def length_words(milliseconds: int) -> str:
    """1:05, in minutes and seconds; begun seconds count."""
    seconds = -(-milliseconds // 1_000)
    return f"{seconds // 60}:{seconds % 60:02d}"


def refusal_words(why: Why) -> str:
    """What is wrong with a file that was given, and how it is mended."""
    return {
        Why.NOT_AUDIO: _("This is not a sound file that we can read: use MP3, M4A, WAV, Ogg, AMR or FLAC."),
        Why.NO_SOUND: _("There is no sound in this file, only pictures: choose a recording."),
        Why.UNUSUAL: _(
            "This recording is of a kind that we do not take: save it as MP3 or WAV and give it again."
        ),
        Why.DAMAGED: _("This file is damaged and nothing of it can be heard: save or record it again."),
        Why.TOO_LARGE: _("This file is too large: save it as MP3, or cut it into parts."),
        Why.TOO_LONG: _("This recording is longer than three minutes: shorten it. Nothing was changed."),
        Why.TOO_SHORT: _("This recording is too short: there is not half a second of sound in it."),
        Why.TOO_QUIET: _(
            "Nobody is heard in this recording: speak nearer to the microphone and record it again."
        ),
        Why.TOO_HEAVY: _("This file takes too long to read: save it as MP3 or WAV and give it again."),
        Why.NOT_WANTED: _("What this recording was made for is not there any more."),
    }[why]
