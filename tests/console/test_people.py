"""The room People: numbers masked, no search by number, what each agreed to and how we know."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.consent.events import Act, Channel, ConsentEvent, Event, Purpose, keep_wording
from campaigns.consent.standing import confirm, grant_attested, is_suppressed, request_opt_in, withdraw
from campaigns.outreach.campaigns import Campaign, Kind, State
from campaigns.outreach.deliveries import STAGE_DELIVERED, Delivery, DeliveryState
from campaigns.people.contacts import Contact, remember_contact
from campaigns.people.groups import Membership
from campaigns.people.numbers import Number
from campaigns.programme.calendars import FRIDAY, SLOTS_A_DAY, WeeklyHours
from campaigns.staff.audit import trail
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.console.people.index import A_PAGE
from gateway.console.people.words import hours_lines
from gateway.console.words import isolated
from tests.support.console import Browser, WallClock, console_app, sign_in_of
from tests.support.programme import TrainingProgramme

QUESTION = "Gudar: one or two messages a week, free. If you agree, answer YES."
SignedIn = Callable[[str], Browser]


class People:
    """Puts phones into the programme and lets them say things."""

    def __init__(
        self, database: Database, keyring: KeyRing, programme: TrainingProgramme, now: datetime
    ) -> None:
        self.database, self.keyring, self.programme, self.now = database, keyring, programme, now

    def phone(self, n: int, language: str = "ps", group: str | None = None) -> str:
        """A phone that we know and that agreed to nothing; its random id in hexadecimal."""
        with self.database.writing() as session:
            contact = remember_contact(
                session,
                self.keyring.vault(session),
                number(n),
                language=language,
                place_id=self.programme.places["Swat"],
                rhythm_id=self.programme.rhythms["Swat"],
                now=self.now,
            )
            if group:
                session.add(
                    Membership(
                        tolana_id=self.programme.groups[group], contact_id=contact.id, joined_at=self.now
                    )
                )
            return contact.rid.hex()

    def asks_to_join(self, n: int) -> None:
        """She texts JOIN."""
        with self.database.writing() as session:
            wording = keep_wording(session, "en", Channel.SMS, QUESTION)
            act = Act(Channel.SMS, "JOIN", self.programme.two_way, "en", wording)
            contact = self._contact(session, n)
            request_opt_in(session, self.keyring.vault(session), contact, number(n), act, now=self.now)

    def says_yes(self, n: int) -> None:
        """She texts YES."""
        with self.database.writing() as session:
            contact = self._contact(session, n)
            act = Act(Channel.SMS, "YES", self.programme.two_way, "en")
            later = self.now + timedelta(minutes=4)
            assert confirm(session, self.keyring.vault(session), contact, number(n), act, now=later)

    def says_stop(self, n: int) -> None:
        """She texts STOP."""
        with self.database.writing() as session:
            act = Act(Channel.SMS, "STOP", self.programme.two_way, "en")
            withdraw(
                session, self.keyring.vault(session), number(n), act, now=self.now + timedelta(minutes=9)
            )

    def signed_a_form(self, n: int) -> None:
        """She signed a paper form, which stands."""
        with self.database.writing() as session:
            act = Act(Channel.PAPER, "paper form", recorded_by=self.programme.coordinator.staff)
            contact = self._contact(session, n)
            vault = self.keyring.vault(session)
            grant_attested(session, vault, contact, number(n), Purpose.PEACE, act, now=self.now, stands=True)

    def got(self, n: int, name: str, kind: Kind) -> None:
        """A message of a campaign, or an answer, reached her."""
        with self.database.writing() as session:
            campaign = Campaign(
                kind=int(kind),
                name=name,
                channel=1,
                purpose=1,
                need=1,
                state=int(State.FINISHED),
                line_id=self.programme.two_way,
                audience="{}",
                content_hash=bytes(32),
                created_at=self.now,
            )
            session.add(campaign)
            session.flush()
            session.add(
                Delivery(
                    campaign_id=campaign.id,
                    contact_id=self._contact(session, n).id,
                    step=0,
                    line_id=campaign.line_id,
                    wording_id=1,
                    language="ps",
                    parts=1,
                    state=int(DeliveryState.DELIVERED),
                    stage=STAGE_DELIVERED,
                    due_at=self.now,
                    claimed_at=self.now,
                    training=True,
                )
            )

    def _contact(self, session: Session, n: int) -> Contact:
        mark = self.keyring.vault(session).lookup(number(n).e164)
        return session.scalars(select(Contact).where(Contact.lookup == mark)).one()


def number(n: int) -> Number:
    """One of the invented numbers."""
    return Number(f"+92399000{1000 + n}")


@pytest.fixture
def people(database: Database, keyring: KeyRing, programme: TrainingProgramme, now: datetime) -> People:
    """Those whom the coordinator looks at."""
    return People(database, keyring, programme, now)


@pytest.fixture
def app(
    database: Database,
    keyring: KeyRing,
    programme: TrainingProgramme,
    wall_clock: WallClock,
    now: datetime,
    tmp_path: Path,
) -> Flask:
    """The console an hour after what the phones said; its clock stands still."""
    clock_file = tmp_path / "clock.json"
    shown = {"real": 0.0, "shown": (now + timedelta(hours=1)).timestamp(), "speed": 0.0}
    clock_file.write_text(json.dumps(shown))
    made = console_app(database, keyring, tmp_path, clock_file=str(clock_file))
    sign_in_of(made).clock = wall_clock
    return made


def test_the_list_shows_each_phone_masked_with_its_state(signed_in: SignedIn, people: People) -> None:
    for n in range(4):
        people.phone(n, group="Zarghuna")
    people.signed_a_form(0)
    people.asks_to_join(1)
    people.says_stop(2)

    page = signed_in("coordinator").get("/people").text

    assert "4 phones, in 3 groups. Numbers are hidden" in page
    for words in ("Agreed", "Asked, waiting", "Said STOP", "Never confirmed"):
        assert f"<li><b>1</b> {words}</li>" in re.sub(r"<b><bdi[^>]*>1</bdi></b>", "<b>1</b>", page)
        assert f"<span>{words}</span>" in page
    assert "+92•••••••00" in page
    assert all(number(n).e164[3:] not in page for n in range(4))


def test_the_list_is_narrowed_by_group_language_and_state(signed_in: SignedIn, people: People) -> None:
    people.phone(1, "ps", "Zarghuna")
    people.phone(2, "ur", "Zarghuna")
    people.phone(3, "ps", "Bahadar")
    people.says_stop(3)
    coordinator = signed_in("coordinator")

    def shown(query: str) -> set[str]:
        return set(re.findall(r"\+92•+(\d\d)", coordinator.get(f"/people?{query}").text))

    group = people.programme.groups["Zarghuna"]
    assert shown("") == {"01", "02", "03"}
    assert shown(f"group={group}") == {"01", "02"}
    assert shown(f"group={group}&language=ur") == {"02"}
    assert shown("state=stopped") == {"03"}
    assert shown("state=agreed") == set()
    assert shown("group=x&state=x&page=x") == {"01", "02", "03"}


def test_a_number_finds_nobody(signed_in: SignedIn, people: People) -> None:
    people.phone(1)
    people.phone(2)
    coordinator = signed_in("coordinator")

    page = coordinator.get(f"/people?q={number(1).e164[1:]}&number={number(1).e164[1:]}").text

    assert "1 to 2 of 2" in page
    assert 'type="search"' not in page
    assert coordinator.get(f"/people/{number(1).e164}").status_code == 404


def test_only_the_numbers_that_a_page_shows_are_opened(
    signed_in: SignedIn, people: People, database: Database
) -> None:
    for n in range(A_PAGE + 2):
        people.phone(n)
    with database.writing() as session:
        on_second_page = select(Contact.id).order_by(Contact.rid).offset(A_PAGE)
        ids = list(session.scalars(on_second_page))
        session.execute(update(Contact).where(Contact.id.in_(ids)).values(number_box=b"damaged"))
    coordinator = signed_in("coordinator")

    first = coordinator.get("/people")

    assert first.status_code == 200
    assert f"1 to {A_PAGE} of {A_PAGE + 2}" in first.text
    assert "page=2" in first.text
    assert coordinator.get("/people?page=2").status_code == 500


def test_only_who_may_see_people_comes_in(signed_in: SignedIn, people: People) -> None:
    rid = people.phone(1)

    for role in ("producer", "moderator", "operator"):
        outsider = signed_in(role)
        for path in ("", f"/{rid}", f"/{rid}/stop", f"/{rid}/language", f"/{rid}/shared"):
            assert outsider.get(f"/people{path}").status_code == 403
    approver = signed_in("approver")
    assert approver.get(f"/people/{rid}").status_code == 200
    assert "She told us to stop" not in approver.get(f"/people/{rid}").text
    assert approver.post(f"/people/{rid}/stop").status_code == 403
    assert approver.post(f"/people/{rid}/language", {"language": "ur"}).status_code == 403
    assert approver.post(f"/people/{rid}/shared", {"shared": "yes"}).status_code == 403


def test_the_timeline_tells_what_she_said_and_the_exact_words_she_was_asked_with(
    signed_in: SignedIn, people: People
) -> None:
    rid = people.phone(1)
    people.asks_to_join(1)
    people.says_yes(1)
    people.says_stop(1)

    page = signed_in("coordinator").get(f"/people/{rid}").text

    order = [
        "She stopped everything",
        "Yes to peace messages",
        "We asked her to confirm",
        "She asked to join",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert QUESTION in page
    assert "Wednesday 18 November 2026" in page
    assert "12:04" in page
    assert (
        f"A text that means {isolated('STOP')}; line {isolated('Gudar')}, {isolated('+923990000017')}" in page
    )
    assert re.search(r'class="fingerprint">[0-9a-f]{4}( [0-9a-f]{4}){3}<', page)
    assert "only she, by texting JOIN and confirming" in page
    assert number(1).e164[3:] not in page


def test_the_page_says_until_when_her_yes_is_awaited(signed_in: SignedIn, people: People) -> None:
    rid = people.phone(1)
    people.asks_to_join(1)
    coordinator = signed_in("coordinator")

    assert (
        "Her YES is awaited until 12:00 on Thursday 19 November 2026"
        in coordinator.get(f"/people/{rid}").text
    )

    people.says_stop(1)
    people.asks_to_join(1)
    again = coordinator.get(f"/people/{rid}").text
    assert "She said STOP." in again
    assert "She has asked to join again" in again


def test_who_agreed_and_asks_again_keeps_what_she_agreed_to(signed_in: SignedIn, people: People) -> None:
    rid = people.phone(1)
    people.signed_a_form(1)
    people.asks_to_join(1)

    page = signed_in("coordinator").get(f"/people/{rid}").text

    assert "<span>Agreed</span>" in page
    assert "What she agreed to before holds meanwhile" in page
    assert "only answers are sent to her" not in page


def test_a_spoken_stop_is_asked_once_more_and_holds_like_her_own(
    signed_in: SignedIn, people: People, database: Database
) -> None:
    rid = people.phone(1)
    people.signed_a_form(1)
    coordinator = signed_in("coordinator")
    assert "Did she tell you herself to stop?" in coordinator.get(f"/people/{rid}/stop").text

    page = coordinator.post(f"/people/{rid}/stop", follow_redirects=True).text

    assert "It is written down" in page
    assert f"She said it to a member of staff; written down by {isolated('Zarmina K.')}" in page
    with database.reading() as session:
        contact = session.scalars(select(Contact)).one()
        assert is_suppressed(session, contact.mark)
        event = session.scalars(select(ConsentEvent).order_by(ConsentEvent.id.desc())).first()
        assert event is not None
        assert (event.event, event.channel) == (Event.WITHDRAWN, Channel.FIELD)
        assert event.recorded_by == people.programme.coordinator.staff
        assert [row.act for row in trail(session, f"contact:{contact.id}")] == ["withdrawal written down"]


def test_a_second_spoken_stop_changes_nothing(
    signed_in: SignedIn, people: People, database: Database
) -> None:
    rid = people.phone(1)
    people.says_stop(1)
    coordinator = signed_in("coordinator")
    assert "She told us to stop" not in coordinator.get(f"/people/{rid}").text

    page = coordinator.post(f"/people/{rid}/stop", follow_redirects=True).text

    assert "She had said STOP already" in page
    with database.reading() as session:
        assert len(session.scalars(select(ConsentEvent)).all()) == 1


def test_her_language_is_changed_as_she_asked_and_the_trail_says_by_whom(
    signed_in: SignedIn, people: People, database: Database
) -> None:
    rid = people.phone(1, "ps")
    coordinator = signed_in("coordinator")
    assert "اردو" in coordinator.get(f"/people/{rid}/language").text

    page = coordinator.post(f"/people/{rid}/language", {"language": "ur"}, follow_redirects=True).text

    assert "From now on she gets messages in Urdu" in page
    with database.reading() as session:
        contact = session.scalars(select(Contact)).one()
        assert contact.language == "ur"
        assert [row.staff for row in trail(session, f"contact:{contact.id}")] == [
            people.programme.coordinator.staff
        ]
    assert coordinator.post(f"/people/{rid}/language", {"language": "fr"}).status_code == 400


def test_a_phone_is_marked_as_shared_and_no_longer_and_the_trail_says_by_whom(
    signed_in: SignedIn, people: People, database: Database
) -> None:
    rid = people.phone(1)
    coordinator = signed_in("coordinator")
    assert f"/people/{rid}/shared" in coordinator.get(f"/people/{rid}").text
    assert "Is this phone shared?" in coordinator.get(f"/people/{rid}/shared").text

    for given, is_quiet in (("yes", True), ("yes", True), ("no", False)):
        page = coordinator.post(f"/people/{rid}/shared", {"shared": given}, follow_redirects=True).text
        assert ("nothing is said of us until she presses 1" in page) == is_quiet
        with database.reading() as session:
            assert session.scalars(select(Contact)).one().quiet == is_quiet

    with database.reading() as session:
        contact = session.scalars(select(Contact)).one()
        assert {(row.act, row.staff) for row in trail(session, f"contact:{contact.id}")} == {
            ("phone marked as shared", people.programme.coordinator.staff),
            ("phone marked as not shared", people.programme.coordinator.staff),
        }
        assert len(trail(session, f"contact:{contact.id}")) == 2
    assert coordinator.post(f"/people/{rid}/shared", {"shared": "perhaps"}).status_code == 400


def test_the_page_names_what_campaigns_sent_her_and_no_answers(signed_in: SignedIn, people: People) -> None:
    rid = people.phone(1)
    for name, kind in (("Gathering at the river", Kind.BROADCAST), ("answers", Kind.ANSWERS)):
        people.got(1, name, kind)

    page = signed_in("coordinator").get(f"/people/{rid}").text

    assert "Gathering at the river" in page
    assert "her phone has it" in page
    assert "<bdi>answers</bdi>" not in page


def test_an_address_that_leads_to_nobody_is_not_found(signed_in: SignedIn, people: People) -> None:
    rid = people.phone(1)
    coordinator = signed_in("coordinator")

    for wrong in ("00" * 16, "zz", rid[:-2], rid.upper() + " "):
        assert coordinator.get(f"/people/{wrong}").status_code == 404


def test_hours_are_said_in_words(app: Flask) -> None:
    mornings = WeeklyHours(
        frozenset(day * SLOTS_A_DAY + slot for day in range(7) if day != FRIDAY for slot in range(20, 24))
    )
    with app.test_request_context("/"):
        usual = hours_lines(WeeklyHours.default())
        chosen = hours_lines(mornings)

        assert [(line.days, line.stretches) for line in usual] == [
            ("Every day but Friday", ("09:30–20:00",)),
            ("Friday", ("09:30–12:30", "14:30–20:00")),
        ]
        assert [(line.days, line.stretches) for line in chosen] == [
            ("Every day but Friday", ("10:00–12:00",)),
            ("Friday", ()),
        ]
        assert hours_lines(WeeklyHours(frozenset())) == []
