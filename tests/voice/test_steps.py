"""A call on the database: what a published line says, what it remembers, and what her keys do to her consent."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from campaigns.consent.events import (
    JOINED_BY_KEYS,
    JOINED_BY_TEXT,
    Act,
    Channel,
    ConsentEvent,
    ConsentWording,
    Event,
    bits,
)
from campaigns.consent.standing import is_suppressed, standing_mask, withdraw
from campaigns.people.contacts import Contact, find_contact, remember_contact
from campaigns.people.numbers import Number
from campaigns.programme.lines import Can, Line
from campaigns.radio import episodes, shows
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from campaigns.voice.call import Ask, AskForCallBack, Call, Called, Heard, Outbound, Refusal, Sound, Turn
from campaigns.voice.listeners import Listener
from campaigns.voice.menu import Menu
from campaigns.voice.state import open_state, seal_state
from campaigns.voice.steps import NOT_OPEN, begin, do, go_on
from campaigns.voice.ways import Way, set_way
from tests.support.menus import SOUND, drafted_menu, published_menu, starter_menu
from tests.support.programme import TrainingProgramme, training_programme

HERS = Number("+923990000141")
PIECES = 3


@dataclass
class Phone:
    """A phone that calls the line, one webhook after another; each carries the state as its sealed token."""

    database: Database
    keyring: KeyRing
    now: datetime
    number: Number | None = HERS
    line: int = 1
    calls: int = 0
    turn: Turn | Refusal = field(default_factory=Turn)

    @property
    def call(self) -> Call:
        return Call(self.line, self.number, self.calls.to_bytes(32, "big"), self.now)

    def rings(self, outbound: Outbound | None = None, draft: int | None = None) -> "Phone":
        self.calls += 1
        with self.database.reading() as session:
            call = replace(self.call, outbound=outbound, draft=draft)
            return self._done(begin(session, self.keyring.vault(session), call))

    def presses(self, keys: str) -> "Phone":
        for key in keys:
            self.hears(Heard(key))
        return self

    def hears(self, heard: Heard) -> "Phone":
        assert isinstance(self.turn, Turn)
        assert self.turn.then is not None
        token = seal_state(self.keyring, self.turn.then.next, f"CA{self.calls}")
        with self.database.reading() as session:
            state = open_state(self.keyring, token, f"CA{self.calls}")
            turn = go_on(session, self.keyring.vault(session), state, self.call, heard)
        return self._done(turn)

    def again(self) -> None:
        """The carrier repeats its last webhook: the same acts are done once more."""
        with self.database.writing() as session:
            do(session, self.keyring.vault(session), self.turn.acts, self.call)

    @property
    def texts(self) -> list[str]:
        assert isinstance(self.turn, Turn)
        asked = self.turn.then.sounds if isinstance(self.turn.then, Ask) else ()
        return [sound.text for sound in (*self.turn.first, *asked) if isinstance(sound, Sound)]

    @property
    def language(self) -> str | None:
        assert isinstance(self.turn, Turn)
        assert self.turn.then is not None
        return self.turn.then.next.language

    def _done(self, turn: Turn | Refusal) -> "Phone":
        self.turn = turn
        self.again()
        return self


@pytest.fixture
def there(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    """The starter line, published, with an episode of three pieces."""
    there = training_programme(database, keyring, now)
    publish(database, there, now)
    producer = there.actors["producer"]
    with database.writing() as session:
        show = shows.create_show(session, producer, "gudar", "Gudar", ["ps", "ur", "en"], now=now)
        episode = episodes.create_episode(session, producer, show.id, "Water", now=now)
        for place in range(1, PIECES + 1):
            for language in show.language_tags:
                title = f"piece {place} in {language}"
                episodes.set_segment(session, producer, episode.id, place, language, title)
                episodes.attach_sound(
                    session, episode.id, place, language, blob=SOUND.hash, milliseconds=120_000
                )
        episodes.make_ready(session, producer, episode.id, now, now=now)
    return there


def publish(
    database: Database,
    there: TrainingProgramme,
    now: datetime,
    change: Callable[[Menu], Menu] = lambda menu: menu,
) -> None:
    with database.writing() as session:
        published_menu(session, there.actors["producer"], now, change(starter_menu()))


@pytest.fixture
def phone(database: Database, keyring: KeyRing, there: TrainingProgramme, now: datetime) -> Phone:
    return Phone(database, keyring, now, line=there.two_way)


def standing_of(phone: Phone) -> tuple[int, bool]:
    """What stands for her phone, and whether it is suppressed."""
    with phone.database.reading() as session:
        vault = phone.keyring.vault(session)
        contact = find_contact(session, vault, HERS)
        mask = standing_mask(session, contact.id) if contact else 0
        return mask, is_suppressed(session, vault.mark(HERS.e164))


def count_of(phone: Phone, table: type) -> int:
    with phone.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_she_chooses_pashto_hears_the_newest_hangs_up_and_goes_on_where_she_stopped(phone: Phone) -> None:
    # Given her first call, in which she heard one piece and a half
    phone.rings().presses("111")
    assert phone.texts[-1] == "piece 1 in ps"
    assert phone.hears(Heard()).texts[-1] == "piece 2 in ps"
    # When she calls again the day after
    phone.now += timedelta(days=1)
    phone.rings()
    # Then she is asked for no language, and whether to go on
    assert (phone.language, phone.turn.acts) == ("ps", (Called(),))
    phone.presses("11")
    assert phone.texts[-1].startswith("له هغه ځایه")
    assert phone.presses("1").texts[-1] == "piece 2 in ps"
    # And when it is over there is nothing to go on with
    phone.hears(Heard()).hears(Heard()).rings().presses("1")
    assert phone.texts[-1] == "piece 1 in ps"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_who_withholds_her_number_is_heard_and_leaves_nothing(phone: Phone) -> None:
    phone.number = None
    phone.rings().presses("2111").presses("0331")

    assert (count_of(phone, Listener), count_of(phone, Contact), count_of(phone, ConsentEvent)) == (0, 0, 0)


def test_she_joins_by_keys_once_in_a_call_and_her_words_are_kept(phone: Phone) -> None:
    phone.rings().presses("11").presses("3311")
    phone.again()

    texts, calls = bits(JOINED_BY_KEYS), bits(JOINED_BY_KEYS, voice=True)
    assert standing_of(phone) == (texts | calls, False)
    with phone.database.reading() as session:
        event = session.scalars(select(ConsentEvent)).one()
        assert (event.event, event.channel, event.language) == (Event.CONFIRMED, Channel.IVR, "ps")
        words = session.get_one(ConsentWording, event.wording)
        assert SOUND.hash.hex() in words.body
        contact = session.scalars(select(Contact)).one()
        assert (contact.language, contact.expires_at) == ("ps", None)


def test_key_seven_twice_is_as_binding_as_stop_and_only_joining_twice_undoes_it(phone: Phone) -> None:
    phone.rings().presses("113311").presses("7").presses("7")
    assert standing_of(phone) == (0, True)
    assert isinstance(phone.turn, Turn)
    assert phone.turn.then is None

    phone.again()
    assert count_of(phone, ConsentEvent) == 2
    phone.rings().presses("133").presses("2")
    assert standing_of(phone) == (0, True)
    phone.rings().presses("3311")  # the third call has no practice any more
    assert standing_of(phone)[1] is False


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_stop_is_kept_of_a_phone_that_we_do_not_hold(phone: Phone) -> None:
    phone.rings().presses("77")

    assert standing_of(phone) == (0, True)
    assert count_of(phone, Contact) == 0


@pytest.mark.parametrize("said_by", ["the menu", "the line"])
def test_a_line_that_calls_back_is_busy_for_all_but_those_who_must_not_be_called(
    phone: Phone, database: Database, there: TrainingProgramme, now: datetime, said_by: str
) -> None:
    if said_by == "the menu":
        publish(database, there, now, lambda menu: replace(menu, call_back=True))
    with database.writing() as session:
        line = session.get_one(Line, there.two_way)
        line.can |= int(Can.VOICE_IN)
        if said_by == "the line":
            set_way(session, line.id, Way.CALLS_BACK)
    assert isinstance(phone.rings().turn, Turn)  # it cannot call anybody yet
    with database.writing() as session:
        session.get_one(Line, there.two_way).can |= int(Can.VOICE_OUT)
    assert phone.rings().turn == Refusal(acts=(AskForCallBack("ps"),))

    with database.writing() as session:
        withdraw(session, phone.keyring.vault(session), HERS, Act(Channel.SMS, "STOP"), now=now)
    assert isinstance(phone.rings().turn, Turn)
    phone.number = None
    assert isinstance(phone.rings().turn, Turn)
    phone.number = Number("+923990000149")
    assert isinstance(phone.rings(Outbound(1, 0)).turn, Turn)


def test_a_shared_phone_is_rung_up_with_nothing_of_ours_and_remembers_no_place(
    phone: Phone, database: Database, there: TrainingProgramme, now: datetime
) -> None:
    with database.writing() as session:
        place, rhythm = there.places["Swat"], there.rhythms["Swat"]
        contact = remember_contact(
            session,
            phone.keyring.vault(session),
            HERS,
            language="ps",
            place_id=place,
            rhythm_id=rhythm,
            now=now,
        )
        contact.quiet = True

    phone.rings(Outbound(1, 0, "en", Sound("our message", "en", SOUND.hash, 1000)))
    assert phone.texts[0].startswith("Salaam. Here is something to listen to.")
    phone.presses("1").presses("0").presses("1")
    assert phone.texts[-1] == "piece 1 in en"
    assert count_of(phone, Listener) == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_without_a_published_menu_whoever_calls_is_told_so(
    database: Database, keyring: KeyRing, now: datetime
) -> None:
    training_programme(database, keyring, now)

    assert Phone(database, keyring, now).rings().turn == Turn((NOT_OPEN,))


def test_a_call_goes_on_in_the_menu_that_it_began_with(
    phone: Phone, database: Database, there: TrainingProgramme, now: datetime
) -> None:
    phone.rings().presses("31")
    publish(database, there, now, lambda menu: replace(menu, languages=("ps",)))

    assert phone.presses("*").presses("3").language == "en"
    assert phone.rings().language == "ps"  # hers is not offered any more, and one needs no question


def test_a_draft_is_tried_without_a_trace(
    phone: Phone, database: Database, there: TrainingProgramme, now: datetime
) -> None:
    with database.writing() as session:
        draft = drafted_menu(session, there.actors["producer"], now).id
    phone.rings(draft=draft).presses("11").presses("33").presses("1").presses("1")

    assert (count_of(phone, Listener), count_of(phone, ConsentEvent)) == (0, 0)
    assert bits(JOINED_BY_TEXT) & standing_of(phone)[0] == 0
