"""Days and times as staff choose them, in the programme's zone; and the first choice offered."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from campaigns.outreach.campaigns import Campaign
from campaigns.outreach.drafting import LONGEST_RUN
from campaigns.programme.calendars import WeeklyHours, windows
from gateway.console.campaigns.calls import DAYS_OF_RINGS
from gateway.console.campaigns.names import is_call
from gateway.console.words import _

STEP_MINUTES = 5
FIRST_RUN = timedelta(days=2)
LEAST_ROOM = timedelta(minutes=30)  # before a window closes, for a start to be offered in it


@dataclass(frozen=True)
class Times:
    """What stands in the four fields, as text; read it with `bounds`."""

    start_day: str
    start_time: str
    end_day: str
    end_time: str

    @classmethod
    def from_form(cls, form: MultiDict[str, str]) -> Self:
        """Read a form."""
        return cls(*(form.get(name, "") for name in ("start_day", "start_time", "end_day", "end_time")))

    @classmethod
    def between(cls, starts: datetime, ends: datetime, zone: ZoneInfo) -> Self:
        """The fields for two instants."""
        first, last = starts.astimezone(zone), ends.astimezone(zone)
        return cls(f"{first:%Y-%m-%d}", f"{first:%H:%M}", f"{last:%Y-%m-%d}", f"{last:%H:%M}")

    @classmethod
    def offered(cls, campaign: Campaign, zone: ZoneInfo, *, now: datetime) -> Self:
        """As saved; else the next safe hour, until the end of the safe hours two days on, or of the plan of rings."""
        if campaign.starts_at and campaign.ends_at:
            return cls.between(campaign.starts_at, campaign.ends_at, zone)
        ahead = windows(WeeklyHours.default(), zone, now, now + LONGEST_RUN)
        roomy = next(window for window in ahead if window.closes - window.opens >= LEAST_ROOM)
        starts = _round_up(roomy.opens)
        run = timedelta(days=DAYS_OF_RINGS[campaign.max_rings] + 1) if is_call(campaign) else FIRST_RUN
        last = [window for window in ahead if window.closes <= starts + run] or [roomy]
        return cls.between(starts, last[-1].closes, zone)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Start and end as instants (UTC). Raises TimesUnreadable."""
        errors = {}
        starts, errors_of_start = _read("start", self.start_day, self.start_time, zone)
        ends, errors_of_end = _read("end", self.end_day, self.end_time, zone)
        errors = {**errors_of_start, **errors_of_end}
        if starts and ends:
            if ends <= starts:
                errors["end_day"] = _("The end lies before the start.")
            elif ends > starts + LONGEST_RUN:
                errors["end_day"] = _("It may go on for %(days)s days at most.", days=LONGEST_RUN.days)
        if errors or starts is None or ends is None:
            raise TimesUnreadable(errors)
        return starts, ends


class TimesUnreadable(Exception):
    """What was entered is no start and end of a campaign."""

    def __init__(self, errors: dict[str, str]) -> None:
        """Keep what to say under which field."""
        super().__init__(", ".join(errors))
        self.errors = errors


def _read(which: str, day: str, moment: str, zone: ZoneInfo) -> tuple[datetime | None, dict[str, str]]:
    errors = {}
    parsed_day = parsed_time = None
    try:
        parsed_day = date.fromisoformat(day)
    except ValueError:
        errors[f"{which}_day"] = _("Choose a day.")
    try:
        parsed_time = time.fromisoformat(moment)
    except ValueError:
        errors[f"{which}_time"] = _("Enter a time such as 11:20.")
    if parsed_day is None or parsed_time is None:
        return None, errors
    return datetime.combine(parsed_day, parsed_time.replace(tzinfo=None), zone).astimezone(UTC), errors


def _round_up(moment: datetime) -> datetime:
    step = timedelta(minutes=STEP_MINUTES)
    over = timedelta(
        minutes=moment.minute % STEP_MINUTES, seconds=moment.second, microseconds=moment.microsecond
    )
    return moment + (step - over) if over else moment
