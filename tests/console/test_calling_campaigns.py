"""Campaigns that call: composing them with recordings, the second person who hears them, and watching them ring."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from campaigns.audio.blobs import keep_blob
from campaigns.audio.sounds import audio_from, tone
from campaigns.outreach import drafting, scripts
from campaigns.outreach.calling import BUSY, HARDLY_HEARD, NO_ANSWER, next_ring
from campaigns.outreach.campaigns import Campaign, Kind, Means, State, wordings_of
from campaigns.outreach.claim import claim_slice
from campaigns.outreach.deliveries import DeliveryState
from campaigns.outreach.receipts import apply_receipts, store_receipt
from campaigns.people.contacts import Contact
from campaigns.programme.lines import Line
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.console.campaigns.calls import DAYS_OF_RINGS
from gateway.house import House
from gateway.work.audio import prepare_audio
from tests.support.calls import calling_campaign, can_call, people_to_call
from tests.support.console import Browser, WallClock, console_app, sign_in_of
from tests.support.menus import published_menu
from tests.support.outbox import people_who_agreed
from tests.support.programme import TrainingProgramme

SignedIn = Callable[[str], Browser]
PEOPLE = 9
SPOKEN = {"ps": "سلام", "ur": "سلام", "en": "Salaam, the talk is on Sunday."}
PESHAWAR = ZoneInfo("Asia/Karachi")


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """SQLite alone: the SQL beneath is tested on both where it lives."""
    return str(request.param)


@pytest.fixture
def app(
    database: Database,
    keyring: KeyRing,
    programme: TrainingProgramme,
    wall_clock: WallClock,
    tmp_path: Path,
    now: datetime,
) -> Flask:
    """The console at the tests' hour, a line that calls, and people who agreed to be called."""
    clock = tmp_path / "clock.json"
    clock.write_text(json.dumps({"real": 0.0, "shown": now.timestamp(), "speed": 0.0}))
    made = console_app(database, keyring, tmp_path, clock_file=str(clock))
    sign_in_of(made).clock = wall_clock
    can_call(database, programme, a_second=5, at_once=10)
    people_to_call(database, keyring, programme, PEOPLE, now=now)
    return made


@pytest.fixture
def menu(database: Database, programme: TrainingProgramme, now: datetime) -> None:
    """The voice line's menu is published."""
    with database.writing() as session:
        published_menu(session, programme.actors["producer"], now)


@pytest.fixture
def draft(database: Database, programme: TrainingProgramme, app: Flask, now: datetime) -> int:
    """A call with words and recordings in three languages, ready to be submitted once there is a menu."""
    who = programme.coordinator
    with database.writing() as session:
        campaign = drafting.create_campaign(
            session, who, "Call-out", programme.two_way, means=Means.CALL, now=now
        )
        said = {}
        for place, (tag, words) in enumerate(SPOKEN.items()):
            sound = audio_from(tone(50 + place, 300))
            said[tag] = scripts.Script(words, keep_blob(session, sound), sound.milliseconds)
        scripts.set_scripts(session, who, campaign.id, said, now=now)
        drafting.set_times(session, who, campaign.id, now, now + timedelta(days=3), now=now)
        return campaign.id


def words_of(page: str) -> str:
    """A page as it is read: without marks, spaces as one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def blob_of(database: Database, campaign_id: int, language: str) -> bytes | None:
    """The recording of a language."""
    with database.reading() as session:
        return next((w.blob for w in wordings_of(session, campaign_id) if w.language == language), None)


def test_a_call_is_offered_only_where_a_line_can_call(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme
) -> None:
    zarmina = signed_in("coordinator")
    assert "A call" in words_of(zarmina.get("/campaigns/new").text)
    with database.writing() as session:
        session.execute(update(Line).values(can=1))

    assert "A call" not in words_of(zarmina.get("/campaigns/new").text)


def test_going_over_to_a_call_counts_who_agreed_to_calls_and_lists_the_lines_that_call(
    signed_in: SignedIn, database: Database, keyring: KeyRing, programme: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, programme, PEOPLE + 3, now=now)  # three more, to texts only
    zarmina = signed_in("coordinator")
    zarmina.get("/campaigns/new")
    form = {"means": "2", "listed": "1", "purpose": "1", "line": programme.one_way}

    over = zarmina.post("/campaigns/new/count", form).text
    said = words_of(over)

    assert "Did not agree to be called for this" in said
    assert f"Will be called {PEOPLE}" in said
    assert f"{PEOPLE} agreed" in said
    assert re.search(rf'name="line" value="{programme.two_way}" checked', over)
    assert f'name="line" value="{programme.one_way}"' not in over
    again = zarmina.post("/campaigns/new/count", {**form, "listed": "2", "line": programme.two_way}).text
    assert 'name="line"' not in again  # the lists are sent only when they are others


def test_a_new_call_leads_to_its_words_and_stays_a_call(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get("/campaigns/new")
    form = {"name": "Ring", "means": "2", "purpose": "4", "line": programme.two_way}

    answer = zarmina.post("/campaigns/new", form)

    assert answer.location.endswith("/wording")
    page = zarmina.get(answer.location).text
    assert "Nothing is recorded yet" in page
    assert "The voice line has no published menu." in page
    with database.reading() as session:
        made = session.scalars(select(Campaign).where(Campaign.name == "Ring")).one()
    zarmina.post(f"/campaigns/{made.id}/people", {**form, "means": "1"})
    with database.reading() as session:
        assert session.get_one(Campaign, made.id).channel == Means.CALL


def test_words_and_rings_are_kept_on_the_way_to_a_recording(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/wording")
    before = blob_of(database, draft, "en")

    answer = zarmina.post(
        f"/campaigns/{draft}/wording",
        {"text-en": "Other <b>words</b>", "text-ur": "", "text-ps": "سلام", "rings": "5", "record": "ur"},
    )

    assert answer.location.endswith(f"/campaigns/{draft}/recordings/ur")
    with database.reading() as session:
        kept = {w.language: w.typed for w in wordings_of(session, draft)}
        assert session.get_one(Campaign, draft).max_rings == 5
    assert kept == {"en": "Other <b>words</b>", "ur": "", "ps": "سلام"}
    assert blob_of(database, draft, "en") == before
    assert "Other &lt;b&gt;words" in zarmina.get(f"/campaigns/{draft}/wording").text


def test_a_file_becomes_what_is_heard_and_a_bad_one_is_refused_in_words(
    signed_in: SignedIn, database: Database, app: Flask, draft: int
) -> None:
    zarmina = signed_in("coordinator")
    address = f"/campaigns/{draft}/recordings/en"
    zarmina.get(address)
    house: House = app.extensions["paigham"]

    def give(data: bytes) -> str:
        sent = zarmina.post(address, {"recording": (io.BytesIO(data), "call.wav")})
        waits = zarmina.get(sent.location).text
        asked = re.search(r'hx-get="([^"]+/uploads/[0-9a-f]+)"', waits)
        assert asked
        assert "being measured and mended" in zarmina.get(asked.group(1)).text
        prepare_audio(house)
        assert zarmina.get(asked.group(1)).headers["HX-Redirect"] == address
        return words_of(zarmina.get(address).text)

    before = blob_of(database, draft, "en")
    assert "This is not a sound file that we can read" in give(b"no sound at all")
    assert blob_of(database, draft, "en") == before
    assert "The recording is there." in give(audio_from(tone(65, 440)).data)

    assert blob_of(database, draft, "en") not in (None, before)
    with database.reading() as session:
        kept = next(w for w in wordings_of(session, draft) if w.language == "en")
    assert kept.typed == SPOKEN["en"]
    assert kept.parts == 2  # minutes: what is heard, and the greeting before it
    zarmina.post(f"{address}/take-out")
    assert blob_of(database, draft, "en") is None


def test_an_empty_file_is_refused_where_it_was_given(signed_in: SignedIn, draft: int) -> None:
    zarmina = signed_in("coordinator")
    address = f"/campaigns/{draft}/recordings/en"
    zarmina.get(address)

    answer = zarmina.post(address, {"recording": (io.BytesIO(b""), "x.wav")}, follow_redirects=True)

    assert "This is not a sound file that we can read" in answer.text


def test_a_sound_is_heard_only_through_its_own_campaign_and_by_who_writes_or_approves(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, draft: int, now: datetime
) -> None:
    blob = blob_of(database, draft, "ur")
    assert blob
    with database.writing() as session:
        other = drafting.create_campaign(
            session, programme.coordinator, "Other", programme.two_way, means=Means.CALL, now=now
        ).id
    own, foreign = (f"/campaigns/{of}/sounds/{blob.hex()}.wav" for of in (draft, other))

    for role, status in (("coordinator", 200), ("approver", 200), ("producer", 403), ("moderator", 403)):
        assert signed_in(role).client.get(own).status_code == status, role
    zarmina = signed_in("coordinator").client
    assert zarmina.get(foreign).status_code == 404
    assert zarmina.get(f"/campaigns/{draft}/sounds/zz.wav").status_code == 404
    part = zarmina.get(own, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, zarmina.get(own).data[:10])


@pytest.mark.parametrize("path", ["recordings/ha", "recordings/en"])
def test_a_text_and_a_language_that_nobody_speaks_have_no_recording(
    signed_in: SignedIn,
    database: Database,
    programme: TrainingProgramme,
    draft: int,
    now: datetime,
    path: str,
) -> None:
    with database.writing() as session:
        text = drafting.create_campaign(session, programme.coordinator, "Text", programme.one_way, now=now).id

    assert signed_in("coordinator").get(f"/campaigns/{text}/{path}").status_code == 404


@pytest.mark.usefixtures("menu")
def test_what_a_shared_phone_hears_first_is_said_in_the_line_s_own_words(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    with database.writing() as session:
        session.execute(update(Contact).where(Contact.id <= 2).values(quiet=True))

    said = words_of(signed_in("coordinator").get(f"/campaigns/{draft}/wording").text)

    assert "On a shared phone 2 of these people" in said
    assert "Here is something to listen to. To listen, press 1." in said
    assert "Greeting and recording come only after key 1." in said


def test_without_a_published_menu_it_is_not_submitted(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    zarmina = signed_in("coordinator")
    page = zarmina.get(f"/campaigns/{draft}/check").text

    refused = zarmina.post(f"/campaigns/{draft}/submit")

    assert "The voice line has no published menu: whoever answers" in page
    assert refused.status_code == 422
    with database.reading() as session:
        assert session.get_one(Campaign, draft).state == State.DRAFT


@pytest.mark.usefixtures("menu")
def test_what_is_not_recorded_is_named_and_costs_nothing_yet(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, draft: int, now: datetime
) -> None:
    with database.writing() as session:
        scripts.set_recording(session, programme.coordinator, draft, "ur", blob=None, now=now)

    said = words_of(signed_in("coordinator").get(f"/campaigns/{draft}/check").text)

    assert "The words in Urdu are not recorded yet." in said
    assert "minutes and cost: after the recordings" in said


@pytest.mark.usefixtures("menu")
def test_the_second_person_hears_every_recording_before_she_says_yes(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    zarmina = signed_in("coordinator")
    said = words_of(zarmina.get(f"/campaigns/{draft}/check").text)
    assert "for 18 minutes" in said
    assert "Three rings over two days" in said
    assert zarmina.post(f"/campaigns/{draft}/submit").status_code == 303
    palwasha = signed_in("approver")
    page = palwasha.get(f"/campaigns/{draft}").text
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert seen
    assert page.count("<audio") == 3
    assert page.count("I heard this to its end") == 3

    some = palwasha.post(f"/campaigns/{draft}/approve", {"seen": seen.group(1), "read": ["ps", "en"]})
    palwasha.post(f"/campaigns/{draft}/approve", {"seen": seen.group(1), "read": ["ps", "ur", "en"]})

    assert "One recording is still to be heard: Urdu." in words_of(some.text)
    with database.reading() as session:
        assert session.get_one(Campaign, draft).state == State.SCHEDULED


def test_another_recording_takes_the_approval_away(
    signed_in: SignedIn,
    database: Database,
    programme: TrainingProgramme,
    draft: int,
    menu: None,
    now: datetime,
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/check")
    zarmina.post(f"/campaigns/{draft}/submit")

    zarmina.post(f"/campaigns/{draft}/recordings/en/take-out")

    with database.reading() as session:
        assert session.get_one(Campaign, draft).state == State.DRAFT


def test_an_end_that_cuts_the_rings_short_is_said(signed_in: SignedIn, draft: int) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/when")
    times = {"start_day": "2026-11-20", "start_time": "13:00", "end_time": "20:00"}

    short = words_of(zarmina.post(f"/campaigns/{draft}/when/count", {**times, "end_day": "2026-11-21"}).text)
    long = words_of(zarmina.post(f"/campaigns/{draft}/when/count", {**times, "end_day": "2026-11-23"}).text)

    assert "Let it end at least 2 days after its start" in short
    assert "Everybody is called once by Friday 20 November 2026" in short
    assert "Let it end" not in long


def ring(database: Database, campaign_id: int, now: datetime) -> None:
    """Five are called: one hears it, one is busy, one puts it down, one does not answer, one still listens."""
    with database.writing() as session:
        taken = claim_slice(session, campaign_id, now=now, lease=timedelta(minutes=5))
        assert taken is not None
        ends: list[tuple[DeliveryState, int | None, int]] = [
            (DeliveryState.DELIVERED, None, 65),
            (DeliveryState.UNDELIVERED, BUSY, 0),
            (DeliveryState.UNDELIVERED, HARDLY_HEARD, 4),
            (DeliveryState.UNDELIVERED, NO_ANSWER, 0),
            (DeliveryState.SENT, None, 0),
        ]
        for row, (state, why, seconds) in zip(taken.rows, ends, strict=True):
            store_receipt(
                session,
                delivery_id=row.id,
                attempt=0,
                state=state,
                error=why,
                sid=f"CA{row.id}",
                seconds=seconds,
                now=now,
            )
        apply_receipts(session, now=now)


def test_a_campaign_that_calls_shows_seats_rings_and_what_came_of_them(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, app: Flask, now: datetime
) -> None:
    going = calling_campaign(database, programme, now=now, name="Ringing")
    ring(database, going, now)

    page = signed_in("coordinator").get(f"/campaigns/{going}").text
    said = words_of(page)

    assert "1 heard it" in said
    assert "1 on the phone 0 dialled, 0 ringing, 1 listening" in said
    assert "4 to call" in said
    assert "3 called later" in said
    assert "On the phone now 1 of 10 calls on “Gudar”" in said
    assert "4 rings so far" in said
    assert "1 Heard it 1:05 minutes on the phone" in said
    assert "1 Busy 1 is rung again" in said
    assert "1 Not answered 1 is rung again" in said
    assert "1 Put down within ten seconds 1 is rung again" in said
    assert page.count("seat seat-called") == 1


def test_calls_that_came_to_nothing_are_named_without_a_carriers_code(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, app: Flask, now: datetime
) -> None:
    going = calling_campaign(database, programme, now=now)
    with database.writing() as session:
        session.execute(update(Campaign).where(Campaign.id == going).values(max_rings=1))
        campaign = session.get_one(Campaign, going)
        session.refresh(campaign)
        campaign.content_hash = campaign.approved_hash = drafting.content_hash(session, campaign)
    ring(database, going, now)

    page = signed_in("coordinator").get(f"/campaigns/{going}").text

    assert "1 Busy Rung as often as was planned; the next campaign tries" in words_of(page)
    assert "the carrier’s code" not in page


def test_pausing_and_stopping_speak_of_calls(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, app: Flask, now: datetime
) -> None:
    going = calling_campaign(database, programme, now=now)
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{going}")

    paused = zarmina.post(f"/campaigns/{going}/pause", follow_redirects=True).text

    assert f"Paused. {PEOPLE} people are not called for now" in paused
    assert f"{PEOPLE} people are called in their safe hours." in zarmina.get(f"/campaigns/{going}/go-on").text
    assert "are not called any more" in zarmina.get(f"/campaigns/{going}/stop").text


def test_today_shows_the_calls_that_are_on_as_seats(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, app: Flask, now: datetime
) -> None:
    going = calling_campaign(database, programme, now=now, name="Ringing")
    ring(database, going, now)

    page = signed_in("coordinator").get("/").text
    said = words_of(page)

    assert "On the phone now 1 of 10 calls 1 we called 0 called back" in said
    assert page.count('class="seat') - page.count('class="seats') == 10
    assert "Calling Ringing" in said
    assert "3 called later" in said
    assert re.search(r'class="ribbon-label ribbon-row"><bdi>Ringing', page)


def test_the_days_that_a_plan_of_rings_takes_are_those_that_are_said() -> None:
    """Holds what the pages say against the plan itself."""
    for rings, days in DAYS_OF_RINGS.items():
        plan = Campaign(kind=int(Kind.BROADCAST), channel=int(Means.CALL), max_rings=rings)
        for hour in range(9, 20):
            first = moment = datetime(2026, 11, 18, hour, 25, tzinfo=PESHAWAR).astimezone(UTC)
            for n in range(1, rings):
                due = next_ring(plan, attempt=n - 1, rings=n, why=NO_ANSWER, zone=PESHAWAR.key, now=moment)
                assert due is not None
                moment = due
            assert moment - first < timedelta(days=days)


@pytest.mark.parametrize("language", ["en", "ur", "ps"])
@pytest.mark.usefixtures("menu")
def test_every_page_of_a_call_keeps_to_the_pages_policy(
    signed_in: SignedIn, draft: int, language: str
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.post("/language", {"language": language})

    for path in ("people", "wording", "recordings/ur", "when", "check", "delete"):
        answer = zarmina.get(f"/campaigns/{draft}/{path}")
        assert answer.status_code == 200, path
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)\s*=", answer.text), path
