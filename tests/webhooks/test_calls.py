"""Calls through the door, on both engines: what is heard, what is kept of it, what is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from campaigns.consent.events import Event
from campaigns.consent.standing import Suppression, standing_mask
from campaigns.listening.residue import Held, HeldThing, Use, Wanted, due_residue
from campaigns.outreach.deliveries import Receipt
from campaigns.people.contacts import find_contact
from campaigns.people.numbers import Number
from campaigns.radio.clips import MayBe, Speaker
from campaigns.voice.counts import node_figures
from campaigns.voice.listeners import Listener
from campaigns.voice.versions import MenuVersion
from gateway.webhooks import call_acts, limits
from gateway.webhooks.media import sound_address
from gateway.webhooks.trying import Trying
from gateway.work.counts import flush_counts
from tests.support.programme import LONG_NUMBER
from tests.support.signing import ACCOUNT, PUBLIC_URL, call_fields, call_status_fields
from tests.support.telephone import BEGIN, Telephone, VoiceLine, open_voice_line
from tests.support.twiml import read_call
from tests.webhooks.conftest import WOMAN, Door

STRANGER = "+923990000199"
HOUR = timedelta(hours=1)
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
def line(door: Door) -> VoiceLine:
    """A voice line that is open."""
    with door.house.database.writing() as session:
        return open_voice_line(session, door.people, door.house.now())


@pytest.fixture
def ring(door: Door, line: VoiceLine) -> Callable[..., Telephone]:
    """Somebody calls the line."""
    return lambda number=WOMAN, **more: Telephone(door.knock, number, **more).rings()


Ring = Callable[..., Telephone]


def address(door: Door, blob: bytes) -> str:
    return sound_address(door.house, blob)


def held(door: Door) -> list[HeldThing]:
    """What the carrier is thought to hold, by kind."""
    with door.house.database.reading() as session:
        vault = door.house.vault(session)
        things = due_residue(session, vault, now=door.house.now() + 24 * HOUR)
    return sorted(things, key=lambda thing: thing.kind)


def wanted(door: Door) -> dict[str, Wanted]:
    """What each recording is for."""
    return {thing.carrier_id: thing.wanted for thing in held(door) if thing.kind is Held.RECORDING}


def listener(door: Door, number: str = WOMAN) -> Listener | None:
    with door.house.database.reading() as session:
        return session.get(Listener, door.house.vault(session).lookup(number))


@pytest.fixture
def home(door: Door, ring: Callable[..., Telephone]) -> Callable[..., Telephone]:
    """She calls, and stands at the main menu: in Pashto from her first call on, past the practice of the first two."""

    def call(number: str = WOMAN) -> Telephone:
        known = listener(door, number)
        keys = ("1", "1") if known is None else ("1",) if known.calls < 2 else ()
        return ring(number).presses(*keys)

    return call


def test_she_chooses_pashto_hears_the_newest_episode_hangs_up_and_goes_on_where_she_stopped(
    door: Door, ring: Ring, line: VoiceLine
) -> None:
    # Given a first call: language, practice, menu, episode
    first = ring()
    assert len(first.played) >= 4
    first.presses("1", "1")
    first.presses("1")
    assert first.played[-1] == address(door, line.pieces[0])
    first.presses("6")
    assert first.played[-1] == address(door, line.pieces[1])
    # When she hangs up there, and calls again a day later
    door.show(door.house.now() + timedelta(days=1))
    again = ring().presses("1", "1")
    # Then she is asked, and goes on there
    assert again.played[-1] != address(door, line.pieces[1])
    again.presses("1")
    assert again.played[-1] == address(door, line.pieces[1])
    # And of her a language and a bookmark are kept, dated to the day
    kept = listener(door)
    assert kept is not None
    assert (kept.language, kept.segment_place, kept.day) == ("ps", 2, door.house.now().date())


@on_sqlite
def test_silence_is_a_step_without_a_key_and_every_step_has_an_answer(door: Door, ring: Ring) -> None:
    telephone = ring()
    for _ in range(60):
        if telephone.is_over:
            break
        telephone.keeps_silent()
    assert telephone.is_over
    assert len(telephone.played) > 0, "never a bare hang-up"


@on_sqlite
def test_a_withheld_number_is_heard_and_nothing_is_kept_of_it(door: Door, ring: Ring) -> None:
    before = door.rows()
    ring("anonymous").presses("1", "1", "1")
    after = door.rows()
    assert {name for name in after if after[name] != before[name]} == {"residue"}


@on_sqlite
def test_a_line_that_the_programme_does_not_know_or_has_no_menu_says_so(door: Door, line: VoiceLine) -> None:
    stranger = Telephone(door.knock, WOMAN, "+923990000077").rings()
    assert stranger.said
    assert stranger.is_over
    with door.house.database.writing() as session:
        session.execute(update(MenuVersion).values(state=3))
    closed = Telephone(door.knock, WOMAN).rings()
    assert closed.said
    assert closed.is_over


def test_joining_and_stopping_by_keys_are_in_the_ledger_once_each(door: Door, home: Ring) -> None:
    # When she joins by keys: menu, word, join, yes, yes
    home().presses("3", "3", "1", "1")
    with door.house.database.reading() as session:
        contact = find_contact(session, door.house.vault(session), Number(WOMAN))
        assert contact is not None
        assert standing_mask(session, contact.id) != 0
    assert [event.event for event in door.events()] == [Event.CONFIRMED]
    # And presses 7 twice in a later call, whose last step the carrier tells us of twice
    later = home().presses("7")
    again = Telephone(door.knock, WOMAN, sid=later.sid, verbs=later.verbs)
    later.presses("7")
    again.presses("7")
    # Then she hears the same, and one STOP is written
    assert later.is_over
    assert again.answers[-1] == later.answers[-1]
    assert [event.event for event in door.events()] == [Event.CONFIRMED, Event.WITHDRAWN]
    with door.house.database.reading() as session:
        assert session.get(Suppression, door.house.vault(session).mark(WOMAN)) is not None


def test_feedback_by_voice_leaves_two_rows_that_look_alike_and_nothing_else(door: Door, home: Ring) -> None:
    # Given somebody whose language is known
    home()
    home()
    telephone = home().presses("3", "2")
    assert telephone.is_recording
    before = door.rows()
    # When she speaks, sends it, and the carrier says that the recording is there
    recording = telephone.speaks(20)
    telephone.presses("1")
    # Then it is to be sealed, and no table tells it from the call
    after = door.rows()
    assert {name for name in after if after[name] != before[name]} == {"residue"}
    assert wanted(door) == {recording: Wanted(Use.FEEDBACK, "ps", 20, consents=1, final=True)}
    assert {thing.kind for thing in held(door)} == {Held.CALL, Held.RECORDING}
    assert len({(len(row[1]), row[3]) for row in after["residue"]}) == 1  # type: ignore[arg-type]


@on_sqlite
def test_what_is_deleted_or_done_again_is_only_deleted_at_the_carrier(door: Door, home: Ring) -> None:
    telephone = home().presses("3", "2")
    first = telephone.speaks()
    telephone.presses("2")
    second = telephone.speaks()
    telephone.presses("3")
    assert {sid: one.use for sid, one in wanted(door).items()} == {first: Use.NONE, second: Use.NONE}
    # And a late copy of the first word does not bring it back
    late = Telephone(door.knock, WOMAN, sid=telephone.sid)
    late.verbs = read_call(telephone.answers[4])
    late.says_nothing_new(first, 12, "#")
    assert wanted(door)[first].use is Use.NONE


def test_hanging_up_while_speaking_keeps_what_was_said_by_either_word_of_the_carrier(
    door: Door, home: Ring
) -> None:
    told = home().presses("3", "2")
    by_its_action = told.speaks(8, ends="hangup")
    assert told.is_over
    other = home(STRANGER).presses("3", "2")
    by_its_status = other.is_recorded(9)
    too_short = home("+923990000103").presses("3", "2").is_recorded(2)
    assert {sid: one.use for sid, one in wanted(door).items()} == {
        by_its_action: Use.FEEDBACK,
        by_its_status: Use.FEEDBACK,
        too_short: Use.NONE,
    }


def test_a_clip_carries_her_consents_her_code_and_no_number(door: Door, home: Ring) -> None:
    # Given her own poem, spoken and sent
    telephone = home().presses("2", "3")
    recording = telephone.speaks(30)
    telephone.presses("1")
    # When it may be played, but not broadcast, and it is a woman's voice
    telephone.presses("1", "2")
    copy = Telephone(door.knock, WOMAN, sid=telephone.sid, verbs=telephone.verbs)
    telephone.presses("1")
    copy.presses("1")
    # Then that is written down with her code, and a copy of the last step says the same code
    (kept,) = wanted(door).values()
    assert list(wanted(door)) == [recording]
    assert (kept.use, kept.show, kept.language, kept.seconds) == (Use.CLIP, "poems", "ps", 30)
    assert MayBe(kept.consents) == MayBe.KEPT | MayBe.PLAYED
    assert (Speaker(kept.speaker), len(kept.wording or b"")) == (Speaker.WOMAN, 32)
    assert kept.code is not None
    assert kept.code.isdigit()
    assert copy.answers[-1] == telephone.answers[-1]


@on_sqlite
def test_two_recordings_a_day_are_taken_from_a_phone_and_the_next_day_is_free(door: Door, home: Ring) -> None:
    for _ in range(2):
        telephone = home().presses("3", "2")
        telephone.speaks()
        telephone.presses("1")
    assert not home().presses("3", "2").is_recording
    assert home(STRANGER).presses("3", "2").is_recording
    door.show(door.house.now() + timedelta(days=1))
    telephone = home().presses("3", "2")
    assert telephone.is_recording
    # And what is deleted does not count
    telephone.speaks()
    telephone.presses("3")
    for _ in range(2):
        telephone = home().presses("3", "2")
        assert telephone.is_recording
        telephone.speaks()
        telephone.presses("1")


@on_sqlite
def test_phones_that_show_no_number_share_so_many_recordings_and_minutes_an_hour(
    door: Door, ring: Ring, line: VoiceLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_acts, "RECORDINGS_WITHHELD_AN_HOUR", 2)
    monkeypatch.setattr(call_acts, "SECONDS_WITHHELD_AN_HOUR", 60)

    def withheld(*keys: str) -> Telephone:
        return ring("anonymous").presses("1", "1", *keys)

    for _ in range(2):
        telephone = withheld("3", "2")
        telephone.speaks()
        telephone.presses("1")
    assert not withheld("3", "2").is_recording
    assert not withheld("2", "3").is_recording
    playing = withheld("1")
    door.show(door.house.now() + timedelta(seconds=130))
    assert playing.presses("8").is_over
    # Whoever shows a number has her own day, and in the next hour they may again
    assert ring(STRANGER).presses("1", "1", "3", "2").is_recording
    door.show(door.house.now() + timedelta(hours=1))
    assert withheld("3", "2").is_recording
    assert address(door, line.pieces[0]) in withheld("1").played


@on_sqlite
def test_no_phone_records_when_all_together_have_had_their_hour(
    door: Door, ring: Ring, home: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_AN_HOUR", 1)
    telephone = home().presses("3", "2")
    telephone.speaks()
    assert not home(STRANGER).presses("3", "2").is_recording
    assert not ring("anonymous").presses("1", "1", "3", "2").is_recording


@on_sqlite
def test_who_listened_for_half_an_hour_today_is_told_that_it_is_enough(
    door: Door, ring: Ring, home: Ring, line: VoiceLine
) -> None:
    # Given calls in which a piece of a minute and a half is heard again and again
    for _ in range(3):
        telephone = home().presses("1")
        while not telephone.is_over and len(telephone.answers) < 15:
            door.show(door.house.now() + timedelta(seconds=100))
            telephone.presses("8")
    assert telephone.is_over
    # Then the next call today plays nothing more to her, and tomorrow's does
    assert not set(home().presses("1").played) & {address(door, piece) for piece in line.pieces}
    door.show(door.house.now() + timedelta(days=1))
    assert address(door, line.pieces[0]) in home().presses("1", "2").played


@on_sqlite
def test_what_she_said_can_be_heard_again_under_an_address_that_only_we_can_make(
    door: Door, home: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def fetched(_carrier: object, carrier_id: str, *, most_bytes: int) -> bytes:
        heard.append(carrier_id)
        return b"RIFF her own voice"

    monkeypatch.setattr("gateway.carriers.blocking.fetch_recording", fetched)
    telephone = home().presses("3", "2")
    recording = telephone.speaks()
    telephone.presses("8")
    (echo,) = [url for url in telephone.played if "/heard/" in url]
    path = echo.removeprefix(PUBLIC_URL)
    # When the carrier asks for it, without a signature
    answer = door.send(path, b"", {}, "GET")
    assert (answer.status_code, answer.mimetype, answer.get_data()) == (
        200,
        "audio/wav",
        b"RIFF her own voice",
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert heard == [recording]
    assert recording not in echo
    # Then an altered name, and the same one after ten minutes, open nothing
    name = path.rpartition("/")[2]
    spoiled = path.replace(name, ("B" if name[0] == "A" else "A") + name[1:])
    assert door.send(spoiled, b"", {}, "GET").status_code == 404
    door.show(door.house.now() + timedelta(minutes=11))
    assert door.send(path, b"", {}, "GET").status_code == 404
    assert heard == [recording]


@on_sqlite
def test_a_draft_that_is_tried_keeps_nothing_of_the_call(door: Door, home: Ring) -> None:
    with door.house.database.reading() as session:
        version = session.scalars(select(MenuVersion.id)).one()
    assert Trying(door.house.redis, door.house.keyring).begin(Number(WOMAN), version)
    before = door.rows()
    telephone = home().presses("3", "2")
    recording = telephone.speaks()
    telephone.presses("1")
    assert wanted(door) == {recording: Wanted()}
    after = door.rows()
    assert {name for name in after if after[name] != before[name]} == {"residue"}
    assert flush_counts(door.house) == 0


@on_sqlite
def test_steps_are_counted_by_node_and_day_and_reach_the_database_once(
    door: Door, home: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.webhooks.call_counts.EVERY_SECONDS", 0.01)
    home().presses("1")
    home(STRANGER).presses("2")
    assert flush_counts(door.house) > 0
    assert flush_counts(door.house) == 0
    today = door.house.now().date()
    with door.house.database.reading() as session:
        entered = {node: one.entered for node, one in node_figures(session, today, today).items()}
    assert (entered["main"], entered["newest"], entered["poems"]) == (2, 1, 1)


MESSAGE_OF_OURS = f"{BEGIN}/7/0"


@on_sqlite
def test_a_call_of_ours_that_a_machine_answers_hears_nothing_at_all(door: Door, line: VoiceLine) -> None:
    before = door.rows()
    fields = call_fields(
        caller=LONG_NUMBER, line=WOMAN, sid="CA1", Direction="outbound-api", AnsweredBy="machine_start"
    )
    verbs = read_call(door.knock(MESSAGE_OF_OURS, fields.items()).get_data())
    assert [verb.name for verb in verbs] == ["Hangup"]
    assert door.rows() == before


def test_how_our_calls_go_is_kept_as_receipts_and_a_machine_is_hung_up_on(
    door: Door, line: VoiceLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr("gateway.carriers.blocking.end_call", lambda _carrier, sid: ended.append(sid))
    path = "/carrier/twilio/calls/status/7/1"
    for fields in (
        call_status_fields("ringing", sid="CA1", to=WOMAN, line=LONG_NUMBER),
        call_status_fields("in-progress", sid="CA1", to=WOMAN, line=LONG_NUMBER),
        {"AccountSid": ACCOUNT, "CallSid": "CA1", "AnsweredBy": "machine_start"},
        call_status_fields("completed", sid="CA1", to=WOMAN, line=LONG_NUMBER, CallDuration="4"),
    ):
        assert door.knock(path, fields.items()).status_code == 204
    with door.house.database.reading() as session:
        kept = session.scalars(select(Receipt).order_by(Receipt.id)).all()
    assert [(one.delivery_id, one.sid, one.seconds) for one in kept] == [
        (7, "CA1", None),
        (7, "CA1", None),
        (7, "CA1", None),
        (7, "CA1", 4),
    ]
    assert ended == ["CA1"]
    nonsense = {"AccountSid": ACCOUNT, "CallSid": "CA1"}
    assert door.knock(path, nonsense.items()).status_code == 400
