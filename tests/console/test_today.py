"""Today: what goes out, what needs this person, what happened since midnight, and the ribbon of the day."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from campaigns.consent.events import ConsentEvent, ConsentUnsealed, Event
from campaigns.outreach.campaigns import Campaign, Opening, State, Tally
from campaigns.outreach.deliveries import DeliveryState, Receipt
from campaigns.outreach.drafting import ACT
from campaigns.programme.calendars import ClosedDay
from campaigns.programme.lines import Line, pause_line
from campaigns.staff import audit, second_person
from campaigns.storage.columns import new_rid
from campaigns.storage.engine import Database
from gateway.console.today.facts import today
from gateway.console.today.ribbon import Bar, Hours, day_of
from tests.support.console import Browser
from tests.support.programme import TrainingProgramme

PESHAWAR = ZoneInfo("Asia/Karachi")
FRIDAY_NOON = datetime(2026, 11, 27, 6, 48, tzinfo=UTC)  # 11:48 in Peshawar


def at(hour: int, minute: int = 0) -> datetime:
    """A time of that Friday as Peshawar's clocks show it."""
    return datetime(2026, 11, 27, hour, minute, tzinfo=PESHAWAR)


def add_campaign(
    session: Session, programme: TrainingProgramme, name: str, state: State, starts_at: datetime
) -> Campaign:
    campaign = Campaign(
        kind=1,
        name=name,
        channel=1,
        purpose=1,
        need=1,
        state=int(state),
        line_id=programme.two_way,
        audience="{}",
        starts_at=starts_at,
        launched_at=starts_at if state is State.RUNNING else None,
        content_hash=bytes(32),
        created_at=starts_at,
    )
    session.add(campaign)
    session.flush()
    return campaign


def add_tallies(session: Session, campaign: Campaign, counts: dict[DeliveryState, int]) -> None:
    session.add_all(
        Tally(campaign_id=campaign.id, step=0, state=int(state), n=n) for state, n in counts.items()
    )


def add_event(session: Session, event: Event, when: datetime, *, unsealed: bool = False) -> None:
    row = ConsentEvent(
        at=when,
        subject=new_rid(),
        event=int(event),
        purposes=1,
        channel=1,
        act="JOIN",
        policy="x",
        commit=bytes(32),
    )
    session.add(row)
    session.flush()
    if unsealed:
        session.add(ConsentUnsealed(event_id=row.id))


def test_a_friday_is_open_but_for_the_prayer(database: Database, programme: TrainingProgramme) -> None:
    with database.reading() as session:
        day = day_of(session, PESHAWAR, FRIDAY_NOON)

    assert [(stretch.kind, stretch.start, stretch.end) for stretch in day.stretches] == [
        (Hours.CLOSED, 480, 570),
        (Hours.OPEN, 570, 750),
        (Hours.PRAYER, 750, 870),
        (Hours.OPEN, 870, 1200),
        (Hours.CLOSED, 1200, 1260),
    ]
    assert day.now == 11 * 60 + 48


def test_a_day_of_mourning_is_closed_and_named(database: Database, programme: TrainingProgramme) -> None:
    with database.writing() as session:
        session.add(ClosedDay(place_id=None, from_day=at(0).date(), to_day=at(0).date(), why="mourning"))
    with database.reading() as session:
        day = day_of(session, PESHAWAR, FRIDAY_NOON)

    assert [stretch.kind for stretch in day.stretches] == [Hours.MOURNING]


TEN_MINUTES_OF_TEXTS = 10 * 60 * 10  # on a line of ten parts a second


def test_campaigns_lie_on_the_ribbon_as_they_stand(database: Database, programme: TrainingProgramme) -> None:
    rhythm = programme.rhythms["Peshawar"]
    with database.writing() as session:
        going = add_campaign(session, programme, "going", State.RUNNING, at(11))
        add_tallies(session, going, {DeliveryState.DELIVERED: 9, DeliveryState.QUEUED: TEN_MINUTES_OF_TEXTS})
        session.add(Opening(campaign_id=going.id, rhythm_id=rhythm, opens_at=at(11), closes_at=at(12, 30)))
        waiting = add_campaign(session, programme, "waiting", State.SCHEDULED, at(17))
        session.add(Opening(campaign_id=waiting.id, rhythm_id=rhythm, opens_at=at(17), closes_at=at(18)))
        add_campaign(session, programme, "asked", State.SUBMITTED, at(16, 30))
        add_campaign(session, programme, "tomorrow", State.SCHEDULED, at(17) + timedelta(days=1))

    with database.reading() as session:
        shown = today(session, programme.coordinator, now=FRIDAY_NOON)

    assert {going.name: [(bar.kind, bar.start, bar.end) for bar in going.bars] for going in shown.going} == {
        "going": [(Bar.DONE, 660, 708), (Bar.FORECAST, 708, 718)],
        "asked": [(Bar.UNAPPROVED, 990, 1020)],
        "waiting": [(Bar.SCHEDULED, 1020, 1080)],
    }


def test_since_midnight_counts_each_delivery_once(database: Database, programme: TrainingProgramme) -> None:
    with database.writing() as session:
        for delivery, when in ((1, at(0) - timedelta(minutes=1)), (2, at(9)), (2, at(9, 1)), (3, at(10))):
            session.add(
                Receipt(delivery_id=delivery, stage=1000, state=int(DeliveryState.DELIVERED), at=when)
            )
        session.add(Receipt(delivery_id=4, stage=5, state=int(DeliveryState.FAILED), at=at(10)))
        add_event(session, Event.CONFIRMED, at(0) - timedelta(seconds=1))
        add_event(session, Event.CONFIRMED, at(9))
        add_event(session, Event.WITHDRAWN, at(10))
        add_event(session, Event.WITHDRAWN, at(11))

    with database.reading() as session:
        since = today(session, programme.coordinator, now=FRIDAY_NOON).since

    assert (since.delivered, since.joined, since.stopped) == (2, 1, 2)


def test_a_quiet_day_needs_nobody(database: Database, programme: TrainingProgramme) -> None:
    with database.reading() as session:
        assert today(session, programme.approver, now=FRIDAY_NOON).needs.count == 0


def test_what_waits_for_approval_needs_the_approver_only(
    database: Database, programme: TrainingProgramme
) -> None:
    with database.writing() as session:
        asked = add_campaign(session, programme, "Radio alert", State.SUBMITTED, at(16, 30))
        second_person.ask(
            session, programme.coordinator, ACT, asked.id, bytes(32), training=False, now=FRIDAY_NOON
        )

    with database.reading() as session:
        waits = today(session, programme.approver, now=FRIDAY_NOON).needs.approvals
        assert [(wait.name, wait.asked_by) for wait in waits] == [("Radio alert", "Zarmina K.")]
        assert today(session, programme.coordinator, now=FRIDAY_NOON).needs.count == 0


def test_what_is_broken_needs_everybody(database: Database, programme: TrainingProgramme) -> None:
    with database.writing() as session:
        pause_line(session, programme.one_way, "sender not registered", now=at(11, 31))
        going = add_campaign(session, programme, "going", State.RUNNING, at(11))
        add_tallies(session, going, {DeliveryState.UNKNOWN: 4})
        add_event(session, Event.CONFIRMED, FRIDAY_NOON - timedelta(seconds=61), unsealed=True)

    with database.reading() as session:
        needs = today(session, programme.operator, now=FRIDAY_NOON).needs

    assert [(line.name, line.why) for line in needs.lines] == [("Gudar, one way", "sender not registered")]
    assert (needs.unknown, needs.unknown_in, needs.ledger_late) == (4, going.id, True)
    assert needs.count == 3


@pytest.fixture
def on_friday(tmp_path: Path, signed_in: Callable[[str], Browser]) -> Callable[[str], Browser]:
    """Signed in on that Friday at noon."""

    def open_browser(role: str) -> Browser:
        browser = signed_in(role)
        clock = browser.client.application.extensions["paigham"].clock
        clock._file = tmp_path / "clock.json"
        clock._file.write_text(json.dumps({"real": 0.0, "shown": FRIDAY_NOON.timestamp(), "speed": 0.0}))
        return browser

    return open_browser


def test_the_page_says_the_day_and_what_may_go_when(on_friday: Callable[[str], Browser]) -> None:
    page = on_friday("coordinator").get("/").get_data(as_text=True)

    assert "Friday 27 November 2026, Karachi time" in page
    assert "Open to send for 43 more minutes. Then Friday prayer, until 14:30." in page
    assert "Nothing waits for you." in page


def test_a_going_campaign_shows_counts_that_sum_and_a_pause(
    on_friday: Callable[[str], Browser], database: Database, programme: TrainingProgramme
) -> None:
    browser = on_friday("coordinator")
    with database.writing() as session:
        going = add_campaign(session, programme, "Sunday <dialogue>", State.RUNNING, at(11))
        add_tallies(session, going, {DeliveryState.DELIVERED: 1556, DeliveryState.QUEUED: 44})

    page = browser.get("/").get_data(as_text=True)

    assert "Sunday &lt;dialogue&gt;" in page
    assert "1,556" in page
    assert "1,600 people in all." in page
    pause = re.search(r'formaction="([^"]+)"', page)
    assert pause
    assert browser.post(pause.group(1)).status_code == 303
    with database.reading() as session:
        assert session.get_one(Campaign, going.id).state == State.PAUSED


def test_the_piece_that_renews_itself_is_sent_when_it_changed_only(
    on_friday: Callable[[str], Browser], database: Database, programme: TrainingProgramme
) -> None:
    browser = on_friday("coordinator")
    asks = re.search(r'hx-get="(/today/now\?seen=[0-9a-f]+)"', browser.get("/").get_data(as_text=True))
    assert asks

    assert browser.get(asks.group(1)).status_code == 204
    with database.writing() as session:
        add_campaign(session, programme, "new", State.RUNNING, at(11))
    renewed = browser.get(asks.group(1))

    assert renewed.status_code == 200
    assert renewed.get_data(as_text=True).lstrip().startswith('<div class="page-live" id="now"')


def test_the_frame_counts_what_waits_for_this_person(
    on_friday: Callable[[str], Browser], database: Database, programme: TrainingProgramme
) -> None:
    browser = on_friday("approver")
    with database.writing() as session:
        asked = add_campaign(session, programme, "Radio alert", State.SUBMITTED, at(16, 30))
        second_person.ask(
            session, programme.coordinator, ACT, asked.id, bytes(32), training=True, now=FRIDAY_NOON
        )

    page = browser.get("/").get_data(as_text=True)

    assert 'aria-label="1 waits for you"' in page
    assert "Approve “\u2068Radio alert\u2069”" in page


def test_a_line_that_paused_itself_says_why_and_is_let_on_by_a_person(
    on_friday: Callable[[str], Browser], database: Database, programme: TrainingProgramme
) -> None:
    browser = on_friday("operator")
    with database.writing() as session:
        pause_line(session, programme.one_way, "carrier:21606", now=at(11, 31))
    assert "Since 11:31, the carrier refuses it (its code 21606)." in browser.get("/").get_data(as_text=True)
    assert "send again?" in browser.get(f"/lines/{programme.one_way}").get_data(as_text=True)

    assert browser.post(f"/lines/{programme.one_way}/go-on").status_code == 303

    with database.reading() as session:
        assert session.get_one(Line, programme.one_way).paused_at is None
        assert [(row.act, row.staff) for row in audit.trail(session, f"line:{programme.one_way}")] == [
            ("line.resumed", programme.operator.staff)
        ]
    assert browser.get(f"/lines/{programme.one_way}").headers["Location"] == "/"


def test_while_everything_is_paused_nothing_is_said_to_go_out(
    on_friday: Callable[[str], Browser], database: Database, programme: TrainingProgramme
) -> None:
    browser = on_friday("coordinator")
    with database.writing() as session:
        add_campaign(session, programme, "going", State.RUNNING, at(11))
    assert "Going out" in browser.get("/").get_data(as_text=True)

    browser.post("/halt")

    page = browser.get("/").get_data(as_text=True)
    assert "Going out" not in page
    assert "formaction" not in page
