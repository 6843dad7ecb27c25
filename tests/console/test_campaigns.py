"""The room Campaigns: composing with everything counted, the second person, and watching it go out."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from campaigns.consent.events import Act, Channel
from campaigns.consent.standing import withdraw
from campaigns.outreach import control
from campaigns.outreach.answers import open_answers
from campaigns.outreach.campaigns import Campaign, State, wordings_of
from campaigns.outreach.claim import claim_slice
from campaigns.outreach.deliveries import DeliveryState
from campaigns.outreach.drafting import create_campaign, set_times, set_wordings
from campaigns.outreach.settle import Outcome, finish_done, settle
from campaigns.programme.programme import Programme
from campaigns.staff.actor import ROLES, Staff
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.console.signin.models import Account
from tests.support.console import Browser, WallClock, console_app, sign_in_of
from tests.support.outbox import TEXTS, approved_campaign, launched_campaign, number, people_who_agreed
from tests.support.programme import TrainingProgramme

SignedIn = Callable[[str], Browser]
PEOPLE = 12


@pytest.fixture
def app(
    database: Database,
    keyring: KeyRing,
    programme: TrainingProgramme,
    wall_clock: WallClock,
    tmp_path: Path,
    now: datetime,
) -> Flask:
    """The console at the tests' hour, with a dozen people who agreed."""
    clock = tmp_path / "clock.json"
    clock.write_text(json.dumps({"real": 0.0, "shown": now.timestamp(), "speed": 0.0}))
    made = console_app(database, keyring, tmp_path, clock_file=str(clock))
    sign_in_of(made).clock = wall_clock
    people_who_agreed(database, keyring, programme, PEOPLE, now=now)
    return made


@pytest.fixture
def draft(database: Database, programme: TrainingProgramme, app: Flask, now: datetime) -> int:
    """A draft in three languages with times, ready to be submitted."""
    with database.writing() as session:
        campaign = create_campaign(session, programme.coordinator, "Sunday talk", programme.one_way, now=now)
        set_wordings(session, programme.coordinator, campaign.id, TEXTS, now=now)
        set_times(session, programme.coordinator, campaign.id, now, now + timedelta(days=2), now=now)
        return campaign.id


def state_of(database: Database, campaign_id: int) -> State:
    """Where a campaign stands."""
    with database.reading() as session:
        return State(session.get_one(Campaign, campaign_id).state)


def stop(database: Database, keyring: KeyRing, n: int, now: datetime) -> None:
    """The n-th phone says STOP."""
    with database.writing() as session:
        withdraw(session, keyring.vault(session), number(n), Act(Channel.SMS, "stop"), now=now)


def words_of(page: str) -> str:
    """A page as it is read: without marks, spaces as one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def seen_in(page: str) -> str:
    """The whole fingerprint that an approval page carries."""
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found
    return found.group(1)


# ---- the composer ----


def test_a_new_campaign_is_saved_and_leads_to_its_wording(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get("/campaigns/new")

    answer = zarmina.post(
        "/campaigns/new",
        {"name": "Theatre", "purpose": "4", "line": programme.one_way, "groups": [programme.groups["Rora"]]},
    )

    assert answer.status_code == 303
    assert answer.location.endswith("/wording")
    with database.reading() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.name == "Theatre")).one()
        assert campaign.purpose == 4
        assert json.loads(campaign.audience)["groups"] == [programme.groups["Rora"]]


def test_a_campaign_without_a_name_is_not_saved_and_nothing_chosen_is_lost(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get("/campaigns/new")

    answer = zarmina.post(
        "/campaigns/new",
        {"name": " ", "purpose": "2", "line": programme.one_way, "places": programme.places["Swat"]},
    )

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Give it a name" in answer.text
    assert re.search(rf'name="places" value="{programme.places["Swat"]}" checked', answer.text)
    assert re.search(r'name="purpose" value="2" checked', answer.text)
    with database.reading() as session:
        assert session.scalars(select(Campaign).where(Campaign.name == "")).first() is None


def test_who_falls_out_is_counted_as_the_choice_changes_and_nothing_is_saved(
    signed_in: SignedIn,
    database: Database,
    keyring: KeyRing,
    programme: TrainingProgramme,
    draft: int,
    now: datetime,
) -> None:
    stop(database, keyring, 0, now)
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/people")

    everybody = zarmina.post(f"/campaigns/{draft}/people/count", {"purpose": "1", "line": programme.one_way})
    urdu_only = zarmina.post(
        f"/campaigns/{draft}/people/count",
        {"purpose": "1", "line": programme.one_way, "languages": ["ur"]},
    )

    assert "1 person said STOP and is left out." in words_of(everybody.text)
    assert "Will get it 11" in words_of(everybody.text)
    assert "Will get it 4" in words_of(urdu_only.text)
    with database.reading() as session:
        assert json.loads(session.get_one(Campaign, draft).audience)["languages"] == []


def test_a_text_is_counted_with_its_way_out_and_what_was_cleaned_is_said(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/wording")

    answer = zarmina.post(
        f"/campaigns/{draft}/wording/count",
        {"text-en": "We’re glad to see you. " * 4, "text-ur": "سلام " * 40},
    )
    said = words_of(answer.text)

    assert "4 curly marks were made plain (’ to ')." in said
    assert "As typed, this would be 2 parts." in said
    assert re.search(r"1 part, \d+ of 160 characters", said)
    assert re.search(r"4 parts, \d+ over 2", said)
    assert "Cut " in said
    assert "Without a text 4 people get nothing." in said
    assert "<textarea" not in answer.text
    with database.reading() as session:
        typed = {wording.language: wording.typed for wording in wordings_of(session, draft)}
    assert typed == TEXTS


def test_the_way_out_names_the_number_where_stop_really_arrives(signed_in: SignedIn, draft: int) -> None:
    page = signed_in("coordinator").get(f"/campaigns/{draft}/wording").text

    assert "To stop, send STOP to 03990000017" in page
    assert page.count("The way out, always there") == 3


def test_whatever_is_typed_is_kept_and_never_becomes_part_of_the_page(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/wording")
    text = "<script>alert(1)</script> far too long " * 20

    answer = zarmina.post(f"/campaigns/{draft}/wording", {**typed(TEXTS), "text-en": text})
    page = zarmina.get(f"/campaigns/{draft}/wording").text

    assert answer.status_code == 303
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    with database.reading() as session:
        kept = next(wording for wording in wordings_of(session, draft) if wording.language == "en")
    assert kept.typed == text.strip()


def test_readers_of_a_language_without_a_text_get_the_one_chosen_for_them(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/wording")

    zarmina.post(f"/campaigns/{draft}/wording", {**typed(TEXTS), "text-ps": "", "instead-ps": "ur"})

    with database.reading() as session:
        fallbacks = {wording.language: wording.fallback_to for wording in wordings_of(session, draft)}
    assert fallbacks == {"en": None, "ps": "ur", "ur": None}
    assert "also for who reads Pashto" in words_of(zarmina.get(f"/campaigns/{draft}/check").text)


def test_when_everybody_is_reached_is_said_in_words(signed_in: SignedIn, draft: int) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/when")

    answer = zarmina.post(
        f"/campaigns/{draft}/when/count",
        {"start_day": "2026-11-20", "start_time": "13:00", "end_day": "2026-11-21", "end_time": "20:00"},
    )

    assert "Everybody is reached by Friday 20 November 2026, 14:31." in words_of(answer.text)
    assert "Friday prayer" in answer.text


def test_an_end_before_the_start_is_named_under_its_field_and_nothing_is_lost(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/when")

    answer = zarmina.post(
        f"/campaigns/{draft}/when",
        {"start_day": "2026-11-21", "start_time": "11:00", "end_day": "2026-11-20", "end_time": "soon"},
    )

    assert answer.status_code == 422
    assert "Enter a time such as 11:20." in answer.text
    assert 'value="2026-11-21"' in answer.text


def test_what_must_be_mended_is_named_with_the_way_to_mend_it(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, app: Flask, now: datetime
) -> None:
    with database.writing() as session:
        bare = create_campaign(session, programme.coordinator, "Bare", programme.one_way, now=now).id
    zarmina = signed_in("coordinator")
    page = zarmina.get(f"/campaigns/{bare}/check").text

    refused = zarmina.post(f"/campaigns/{bare}/submit")

    assert "Nothing is written yet." in page
    assert "It has no start and no end yet." in page
    assert f'href="/campaigns/{bare}/when"' in page
    assert refused.status_code == 422
    assert state_of(database, bare) is State.DRAFT


def test_a_draft_is_deleted_after_a_question(signed_in: SignedIn, database: Database, draft: int) -> None:
    zarmina = signed_in("coordinator")
    question = zarmina.get(f"/campaigns/{draft}/delete").text

    zarmina.post(f"/campaigns/{draft}/delete")

    assert 'id="question"' in question
    with database.reading() as session:
        assert session.get(Campaign, draft) is None


# ---- the second person ----


def typed(texts: dict[str, str]) -> dict[str, object]:
    """Texts as the form sends them."""
    return {f"text-{language}": text for language, text in texts.items()}


def submitted(signed_in: SignedIn, draft: int) -> Browser:
    """The coordinator submits the draft."""
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{draft}/check")
    assert zarmina.post(f"/campaigns/{draft}/submit").status_code == 303
    return zarmina


ALL_READ: dict[str, object] = {"read": ["ps", "ur", "en"]}


def test_a_second_person_approves_exactly_what_she_saw(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    submitted(signed_in, draft)
    palwasha = signed_in("approver")
    assert "Waits for you" in palwasha.get("/campaigns").text
    seen = seen_in(palwasha.get(f"/campaigns/{draft}").text)

    palwasha.post(f"/campaigns/{draft}/approve", {"seen": seen, **ALL_READ})

    assert state_of(database, draft) is State.SCHEDULED
    with database.reading() as session:
        assert session.get_one(Campaign, draft).approved_hash == bytes.fromhex(seen)


def test_the_fingerprint_is_shown_in_groups(signed_in: SignedIn, draft: int) -> None:
    page = submitted(signed_in, draft).get(f"/campaigns/{draft}").text

    digits = seen_in(page)[:16]
    assert " ".join(digits[n : n + 4] for n in range(0, 16, 4)) in page


def test_an_approval_with_a_text_unread_is_refused(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    submitted(signed_in, draft)
    palwasha = signed_in("approver")
    seen = seen_in(palwasha.get(f"/campaigns/{draft}").text)

    answer = palwasha.post(f"/campaigns/{draft}/approve", {"seen": seen, "read": ["ps", "en"], "note": "But"})

    assert answer.status_code == 422
    assert "One wording is still to be read: Urdu." in words_of(answer.text)
    assert ">But</textarea>" in answer.text
    assert state_of(database, draft) is State.SUBMITTED


def test_the_button_is_off_until_every_text_is_ticked(signed_in: SignedIn, draft: int) -> None:
    submitted(signed_in, draft)
    palwasha = signed_in("approver")

    some = palwasha.get(f"/campaigns/{draft}/approval/acts?read=ps").text
    every = palwasha.get(f"/campaigns/{draft}/approval/acts?read=ps&read=ur&read=en").text

    assert "2 wordings are still to be read: Urdu, English." in words_of(some)
    assert re.search(r"<button[^>]*disabled[^>]*>.*Approve for 12 people", some)
    assert "disabled" not in every


def test_what_was_changed_after_it_was_seen_is_not_approved(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, draft: int, now: datetime
) -> None:
    zarmina = submitted(signed_in, draft)
    palwasha = signed_in("approver")
    seen = seen_in(palwasha.get(f"/campaigns/{draft}").text)
    zarmina.post(f"/campaigns/{draft}/wording", typed({**TEXTS, "en": "Gudar: another text."}))
    zarmina.post(f"/campaigns/{draft}/submit")

    answer = palwasha.post(f"/campaigns/{draft}/approve", {"seen": seen, **ALL_READ}, follow_redirects=True)

    assert "It was changed after you looked. Nothing was approved" in answer.text
    assert "It was changed after it had been submitted before." in answer.text
    assert state_of(database, draft) is State.SUBMITTED


def test_whoever_asked_may_not_say_yes_in_a_live_programme(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    with database.writing() as session:
        session.execute(
            update(Staff)
            .where(Staff.name == "Zarmina K.")
            .values(permissions=int(ROLES["coordinator"] | ROLES["approver"]))
        )
    zarmina = signed_in("coordinator")
    with database.writing() as session:
        session.execute(update(Programme).values(training=False))
        session.execute(update(Account).values(tf_primary_method="authenticator", tf_totp_secret="set"))
    zarmina.get(f"/campaigns/{draft}/check")
    zarmina.post(f"/campaigns/{draft}/submit")
    page = zarmina.get(f"/campaigns/{draft}").text

    answer = zarmina.post(
        f"/campaigns/{draft}/approve", {"seen": seen_in(page), **ALL_READ}, follow_redirects=True
    )

    assert "You asked for this approval." in page
    assert "Approve for" not in page
    assert "another person has to say yes" in answer.text
    assert state_of(database, draft) is State.SUBMITTED


def test_in_training_one_person_may_do_both_and_the_page_says_so(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    with database.writing() as session:
        session.execute(
            update(Staff)
            .where(Staff.name == "Zarmina K.")
            .values(permissions=int(ROLES["coordinator"] | ROLES["approver"]))
        )
    zarmina = submitted(signed_in, draft)
    page = zarmina.get(f"/campaigns/{draft}").text

    zarmina.post(f"/campaigns/{draft}/approve", {"seen": seen_in(page), **ALL_READ})

    assert "In training one person may do both." in page
    assert state_of(database, draft) is State.SCHEDULED


def test_it_is_sent_back_with_a_note_that_its_writer_reads(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    zarmina = submitted(signed_in, draft)
    palwasha = signed_in("approver")
    seen = seen_in(palwasha.get(f"/campaigns/{draft}").text)

    without = palwasha.post(f"/campaigns/{draft}/send-back", {"seen": seen, "note": "  "})
    palwasha.post(f"/campaigns/{draft}/send-back", {"seen": seen, "note": "The hall has <no> name."})

    assert without.status_code == 422
    assert "Say what to mend" in without.text
    assert state_of(database, draft) is State.DRAFT
    page = zarmina.get(f"/campaigns/{draft}/wording").text
    assert "The hall has &lt;no&gt; name." in page
    assert "Palwasha M. sent it back" in words_of(page)


def test_a_saved_change_takes_the_approval_away_and_is_announced(
    signed_in: SignedIn, database: Database, draft: int
) -> None:
    zarmina = submitted(signed_in, draft)

    warned = zarmina.get(f"/campaigns/{draft}/wording").text
    zarmina.post(f"/campaigns/{draft}/wording", typed(TEXTS))

    assert "the approval falls away" in warned
    assert state_of(database, draft) is State.DRAFT


@pytest.mark.parametrize("role", ["producer", "moderator", "operator"])
def test_who_only_looks_can_neither_write_nor_approve(signed_in: SignedIn, role: str, draft: int) -> None:
    looker = signed_in(role)

    assert looker.get("/campaigns").status_code == 200
    assert looker.get(f"/campaigns/{draft}/wording").status_code == 403
    assert looker.post(f"/campaigns/{draft}/wording", {"text-en": "x"}).status_code == 403
    assert looker.post(f"/campaigns/{draft}/approve", ALL_READ).status_code == 403


# ---- going out ----


@pytest.fixture
def going_out(
    database: Database, keyring: KeyRing, programme: TrainingProgramme, app: Flask, now: datetime
) -> int:
    """A campaign that goes out to eleven; one said STOP before."""
    stop(database, keyring, 0, now)
    return launched_campaign(database, programme, now=now, name="Talk")


def finish(database: Database, campaign_id: int, now: datetime) -> None:
    """Hand everything over: two fail, the rest is delivered."""
    moment = now
    while True:
        with database.writing() as session:
            taken = claim_slice(session, campaign_id, now=moment, lease=timedelta(minutes=1))
            if taken is None and finish_done(session, now=moment):
                return
            rows = taken.rows if taken else ()
            ends = [
                Outcome(row.id, row.attempt, DeliveryState.UNDELIVERED, error=30003)
                if row.id % 5 == 0
                else Outcome(row.id, row.attempt, DeliveryState.DELIVERED)
                for row in rows
            ]
            settle(session, ends, now=moment)
        moment += timedelta(seconds=1)


def test_a_campaign_that_goes_out_shows_its_counts_and_who_was_left_out(
    signed_in: SignedIn, going_out: int
) -> None:
    said = words_of(signed_in("coordinator").get(f"/campaigns/{going_out}").text)

    assert "0 of 11 people settled" in said
    assert "11 to go" in said
    assert "At most 10 parts a second" in said
    assert "1 person said STOP before it began and was left out." in said
    assert "Approved by Palwasha M." in said


def test_the_live_part_is_sent_only_when_something_changed(
    signed_in: SignedIn, database: Database, going_out: int, now: datetime
) -> None:
    zarmina = signed_in("coordinator")
    page = zarmina.get(f"/campaigns/{going_out}").text
    address = re.search(r'hx-get="(/campaigns/\d+/now[^"]+)"', page)
    assert address
    asked = address.group(1).replace("&amp;", "&")

    unchanged = zarmina.get(asked)
    with database.writing() as session:
        claim_slice(session, going_out, now=now, lease=timedelta(minutes=1))
    changed = zarmina.get(asked)

    assert unchanged.status_code == 204
    assert changed.status_code == 200
    assert re.search(r"\d+ taken up", changed.text)


def test_another_state_renews_the_whole_page(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, going_out: int, now: datetime
) -> None:
    zarmina = signed_in("coordinator")
    page = zarmina.get(f"/campaigns/{going_out}").text
    address = re.search(r'hx-get="(/campaigns/\d+/now[^"]+)"', page)
    assert address
    with database.writing() as session:
        control.pause(session, programme.coordinator, going_out, now=now)

    answer = zarmina.get(address.group(1).replace("&amp;", "&"))

    assert answer.headers["HX-Refresh"] == "true"


def test_what_is_over_shows_its_result_and_the_reasons_in_plain_words(
    signed_in: SignedIn, database: Database, going_out: int, now: datetime
) -> None:
    finish(database, going_out, now)

    page = signed_in("coordinator").get(f"/campaigns/{going_out}").text
    said = words_of(page)

    assert "11 of 11 people settled" in said
    assert re.search(r"\d people have it\.", said)
    assert "Phone off, or no signal" in said
    assert re.search(r"<details[^>]*>.*30003.*</details>", page)
    assert "every 2s" not in page
    assert "Stop for good" not in page


def test_it_is_paused_at_once_and_goes_on_after_a_question(
    signed_in: SignedIn, database: Database, going_out: int
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{going_out}")

    paused = zarmina.post(f"/campaigns/{going_out}/pause", follow_redirects=True)
    assert "Paused. 11 texts wait; none is lost" in paused.text
    assert state_of(database, going_out) is State.PAUSED
    question = zarmina.get(f"/campaigns/{going_out}/go-on").text
    zarmina.post(f"/campaigns/{going_out}/go-on")

    assert "Go on for 11 people" in question
    assert state_of(database, going_out) is State.RUNNING


def test_it_is_stopped_for_good_after_a_question_that_says_for_how_many(
    signed_in: SignedIn, database: Database, going_out: int
) -> None:
    zarmina = signed_in("coordinator")

    question = zarmina.get(f"/campaigns/{going_out}/stop").text
    stopped = zarmina.post(f"/campaigns/{going_out}/stop", follow_redirects=True)
    again = zarmina.post(f"/campaigns/{going_out}/stop", follow_redirects=True)

    assert "Stop for 11 people" in question
    assert 'id="question"' in question
    assert "Stopped for good. 11 people do not get it." in stopped.text
    assert "Nothing was changed." in again.text
    assert state_of(database, going_out) is State.STOPPED


def test_what_is_going_out_can_no_longer_be_edited(
    signed_in: SignedIn, database: Database, going_out: int
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.get(f"/campaigns/{going_out}")

    answer = zarmina.post(f"/campaigns/{going_out}/wording", typed({"en": "Other"}), follow_redirects=True)

    assert "That cannot be done any more" in answer.text
    with database.reading() as session:
        assert {w.language: w.typed for w in wordings_of(session, going_out)} == TEXTS


def test_a_lines_box_of_answers_is_no_campaign_of_staff(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, app: Flask, now: datetime
) -> None:
    with database.writing() as session:
        box = open_answers(session, programme.two_way, now=now)
    zarmina = signed_in("coordinator")

    for page in ("", "/stop", "/now", "/people"):
        assert zarmina.get(f"/campaigns/{box}{page}").status_code == 404


def test_the_list_shows_every_state_and_how_far_it_is(
    signed_in: SignedIn, database: Database, programme: TrainingProgramme, draft: int, now: datetime
) -> None:
    approved_campaign(database, programme, now=now, name="Ahead")
    going = launched_campaign(database, programme, now=now, name="Going")
    finish(database, going, now)

    said = words_of(signed_in("coordinator").get("/campaigns").text)

    assert "Sunday talk by Zarmina K. Draft" in said
    assert "Ahead by Zarmina K. Going out" in said or "Ahead by Zarmina K. Scheduled" in said
    assert re.search(r"Going by Zarmina K\. Finished \d+ delivered of 12", said)


@pytest.mark.parametrize("language", ["en", "ur", "ps"])
def test_every_page_of_the_room_keeps_to_the_pages_policy(
    signed_in: SignedIn, draft: int, going_out: int, language: str
) -> None:
    zarmina = signed_in("coordinator")
    zarmina.post("/language", {"language": language})
    paths = ["", "/new", *(f"/{draft}/{step}" for step in ("people", "wording", "when", "check", "delete"))]
    paths += [f"/{going_out}", f"/{going_out}/stop"]

    for path in paths:
        answer = zarmina.get(f"/campaigns{path}")
        assert answer.status_code == 200, path
        assert f'<html lang="{language}"' in answer.text
        assert not re.search(r"<[^>]+\sstyle\s*=", answer.text), path
        assert not re.search(r"<[^>]+\son[a-z]+\s*=", answer.text), path
