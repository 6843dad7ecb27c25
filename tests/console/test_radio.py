"""Radio in the console: episodes made and let go, a question asked, clips heard by who may, and the pack."""

import io
import math
import struct
import wave
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns.audio.blobs import Audio, keep_blob
from campaigns.audio.uploads import Upload
from campaigns.radio.clips import Clip, ClipState, MayBe, NewClip, Screened, Speaker, keep_clip
from campaigns.radio.episodes import Episode, EpisodeState, attach_sound
from campaigns.radio.questions import Question
from campaigns.radio.shows import create_show
from campaigns.staff.actor import Permission, Staff
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.console import Browser, console_app
from tests.support.programme import TrainingProgramme

SignedIn = Callable[[str], Browser]
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def tone(seconds: float = 4.0) -> bytes:
    """A WAV of a voice-like tone at 8 kHz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        samples = (int(6000 * math.sin(n / 5) * (n % 4000 > 800)) for n in range(int(8000 * seconds)))
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


@pytest.fixture
def show(database: Database, programme: TrainingProgramme, now: datetime) -> int:
    """A show in English and Urdu; the moderator is a woman."""
    with database.writing() as session:
        producer = programme.actors["producer"]
        moderator = session.get_one(Staff, programme.actors["moderator"].staff)
        moderator.permissions |= int(Permission.HEAR_WOMEN)
        return create_show(session, producer, "gudar", "Gudar", ["en", "ur"], now=now).id


def left(
    database: Database,
    keyring: KeyRing,
    now: datetime,
    *,
    consents: MayBe = MayBe.KEPT | MayBe.PLAYED | MayBe.BROADCAST,
    speaker: Speaker = Speaker.WOMAN,
    code: str = "123456",
) -> str:
    """A clip that a listener left; its id as addresses have it."""
    with database.writing() as session:
        clip = NewClip("gudar", "ur", tone(), 4_000, consents, code, speaker)
        return keep_clip(session, keyring.vault(session), clip, now=now).hex()


def state(database: Database, clip: str) -> ClipState:
    with database.reading() as session:
        return ClipState(session.get_one(Clip, bytes.fromhex(clip)).state)


def text(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.headers.get("Location")
    return answer.get_data(as_text=True)


def seen(page: str) -> str:
    return page.split('name="seen" value="', 1)[1].split('"', 1)[0]


def test_an_episode_is_let_go_only_with_every_recording(
    signed_in: SignedIn, show: int, database: Database
) -> None:
    producer = signed_in("producer")
    text(producer, "/radio/gudar/")
    made = producer.post("/radio/gudar/episodes", {"title": "Who draws the water"})
    address = made.headers["Location"]
    piece = {"title": "The story", "recording": (io.BytesIO(tone()), "story.wav")}
    producer.post(f"{address}/segments/1/ur", piece)
    assert "English is missing: piece 1" in text(producer, address)

    producer.post(f"{address}/ready", {"publish_at": "2026-11-20T18:00"})
    with database.writing() as session:
        episode = session.scalars(select(Episode)).one()
        assert episode.state == EpisodeState.DRAFT
        assert session.scalars(select(Upload)).one().purpose == "segment"
        for language in ("en", "ur"):
            blob = keep_blob(session, Audio(tone(), 100_000, -22.0))
            attach_sound(session, episode.id, 1, language, blob=blob, milliseconds=100_000)
    producer.post(f"{address}/ready", {"publish_at": "2026-11-20T18:00"})

    with database.reading() as session:
        assert session.scalars(select(Episode)).one().state == EpisodeState.READY
    assert "Reached the middle" in text(producer, "/radio/gudar/")
    assert "on the phone from Friday 20 November 2026, 18:00" in text(producer, address)
    producer.post(f"{address}/take-off")
    with database.reading() as session:
        assert session.scalars(select(Episode)).one().state == EpisodeState.TAKEN_OFF


def test_a_second_show_is_made_from_the_episodes_of_the_first(signed_in: SignedIn, show: int) -> None:
    producer = signed_in("producer")
    assert "Another show…" in text(producer, "/radio/gudar/")
    given = {"key": "kore", "name": "Kore", "own_name": "کورې", "languages": "ps ur"}

    made = producer.post("/radio/", given)

    assert made.headers["Location"].endswith("/radio/kore/")
    assert "/radio/kore/" in text(producer, "/radio/gudar/")


def test_a_question_is_asked_in_every_language_or_not_at_all(
    signed_in: SignedIn, show: int, database: Database
) -> None:
    producer = signed_in("producer")
    text(producer, "/radio/gudar/question")
    half = {"words-en": "Whom do you ask first?", "closes_at": "2036-12-01T18:00"}

    producer.post("/radio/gudar/question", half)
    with database.reading() as session:
        assert session.scalars(select(Question)).all() == []
    options = {"option-1-en": "an elder", "option-2-en": "the jirga"}
    producer.post("/radio/gudar/question", {**half, "words-ur": "پہلے کس سے؟", **options})

    page = text(producer, "/radio/gudar/question")
    assert "پہلے کس سے؟" in page
    assert "Shares are shown from 30 votes on" in page
    assert "One vote a phone and day" in page
    assert "an elder" in page


def test_a_woman_s_clip_is_heard_by_women_moderators_only(
    signed_in: SignedIn, show: int, database: Database, keyring: KeyRing, now: datetime
) -> None:
    hers = left(database, keyring, now)
    his = left(database, keyring, now, speaker=Speaker.MAN, code="222222")
    producer, moderator = signed_in("producer"), signed_in("moderator")

    desk = text(producer, "/clips/gudar/")

    assert his in desk
    assert hers not in desk
    assert "1 more is of a woman" in desk
    assert producer.get(f"/clips/gudar/{hers}").status_code == 403
    assert producer.get(f"/clips/gudar/{hers}/sound.wav").status_code == 403
    assert producer.client.get(f"/clips/gudar/{his}/sound.wav").data[:4] == b"RIFF"
    assert moderator.client.get(f"/clips/gudar/{hers}/sound.wav").status_code == 200
    assert signed_in("coordinator").get("/clips/gudar/").status_code == 403


def test_a_clip_goes_from_the_desk_to_the_pack_when_its_maker_agreed(
    signed_in: SignedIn, show: int, database: Database, keyring: KeyRing, now: datetime
) -> None:
    for_air = left(database, keyring, now)
    not_for_air = left(database, keyring, now, consents=MayBe.KEPT | MayBe.PLAYED, code="333333")
    moderator, producer = signed_in("moderator"), signed_in("producer")
    assert "Nothing to pack yet" in text(producer, "/clips/gudar/pack")
    for clip in (for_air, not_for_air):
        text(moderator, f"/clips/gudar/{clip}")
        kept = {"first": "0.5", "last": "3.5", "beep_from": "1", "beep_to": "1.5", "speaker": "1"}
        moderator.post(f"/clips/gudar/{clip}", {**kept, "theme": "water", "transcript": "پانی"})
        page = text(moderator, f"/clips/gudar/{clip}")
        assert "پانی" in page
        moderator.post(f"/clips/gudar/{clip}/approve", {"seen": seen(page)})
        assert state(database, clip) is ClipState.APPROVED

    text(producer, "/clips/gudar/pack")
    answer = producer.client.post("/clips/gudar/pack", data={"csrf_token": producer.token})

    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        sounds = [name for name in pack.namelist() if name.endswith(".wav")]
    assert len(sounds) == 1
    assert for_air[:8] in sounds[0]


def test_where_somebody_is_named_a_second_person_listens(
    signed_in: SignedIn, show: int, database: Database, keyring: KeyRing, now: datetime
) -> None:
    clip = left(database, keyring, now)
    moderator = signed_in("moderator")
    text(moderator, f"/clips/gudar/{clip}")
    moderator.post(f"/clips/gudar/{clip}", {"speaker": "1", "mentions": "1"})
    page = text(moderator, f"/clips/gudar/{clip}")
    assert "a second person listens too" in page

    moderator.post(f"/clips/gudar/{clip}/approve", {"seen": seen(page)})

    assert state(database, clip) is ClipState.SECOND_EARS


def test_the_desk_plays_what_is_approved_and_the_second_ear_hears_it_first(
    signed_in: SignedIn, show: int, database: Database, keyring: KeyRing, now: datetime
) -> None:
    clip = left(database, keyring, now)
    moderator = signed_in("moderator")
    address, whole = f"/clips/gudar/{clip}/edited.wav", len(tone())
    assert address not in text(moderator, f"/clips/gudar/{clip}")
    kept = {"first": "1", "last": "3", "speaker": "1", "disguised": "yes", "mentions": "1"}

    moderator.post(f"/clips/gudar/{clip}", kept)
    page = text(moderator, f"/clips/gudar/{clip}")
    heard = moderator.client.get(address)
    moderator.post(f"/clips/gudar/{clip}/approve", {"seen": seen(page)})
    for_the_second = text(moderator, f"/clips/gudar/{clip}")

    assert heard.data[:4] == b"RIFF"
    assert abs(len(heard.data) - whole / 2) < whole / 10
    assert page.index("sound.wav") < page.index("edited.wav")
    assert for_the_second.index("edited.wav") < for_the_second.index("sound.wav")
    assert signed_in("producer").get(address).status_code == 403


def test_what_was_changed_meanwhile_is_not_approved(
    signed_in: SignedIn, show: int, database: Database, keyring: KeyRing, now: datetime
) -> None:
    clip = left(database, keyring, now)
    moderator = signed_in("moderator")
    before = seen(text(moderator, f"/clips/gudar/{clip}"))
    moderator.post(f"/clips/gudar/{clip}", {"speaker": "1", "on_air_name": "a mother from the north"})

    moderator.post(f"/clips/gudar/{clip}/approve", {"seen": before})

    assert state(database, clip) is ClipState.PENDING


def test_a_clip_is_taken_back_by_its_maker_s_code(
    database: Database,
    keyring: KeyRing,
    programme: TrainingProgramme,
    show: int,
    now: datetime,
    redis_url: str,
    tmp_path: Path,
) -> None:
    clip = left(database, keyring, now, code="424242")
    app = console_app(database, keyring, tmp_path, redis_url=redis_url)
    moderator = Browser(app.test_client())
    moderator.sign_in("moderator")
    text(moderator, "/clips/gudar/")

    with database.writing() as session:
        session.get_one(Clip, bytes.fromhex(clip)).packed_on = now.date()

    moderator.post("/clips/gudar/take-back", {"code": "424243"})
    assert state(database, clip) is ClipState.PENDING
    assert "No clip has this code" in text(moderator, "/clips/gudar/")
    moderator.post("/clips/gudar/take-back", {"code": "42 42 42"})

    assert state(database, clip) is ClipState.WITHDRAWN
    page = text(moderator, "/clips/gudar/")
    assert "its sound is gone" in page
    assert "The studio was given 1 such clip in a pack" in page


def test_a_clip_that_is_not_used_needs_a_reason(
    signed_in: SignedIn, show: int, database: Database, keyring: KeyRing, now: datetime
) -> None:
    clip = left(database, keyring, now)
    moderator = signed_in("moderator")
    text(moderator, f"/clips/gudar/{clip}")

    moderator.post(f"/clips/gudar/{clip}/reject", {"reason": ""})
    assert state(database, clip) is ClipState.PENDING
    moderator.post(f"/clips/gudar/{clip}/reject", {"reason": "3"})

    assert state(database, clip) is ClipState.REJECTED


def test_what_a_machine_set_aside_stands_folded_and_is_not_opened_by_itself(
    signed_in: SignedIn, show: int, database: Database, keyring: KeyRing, now: datetime
) -> None:
    clip = left(database, keyring, now)
    with database.writing() as session:
        session.get_one(Clip, bytes.fromhex(clip)).screened = int(Screened.BLANK)
    moderator = signed_in("moderator")

    desk = text(moderator, "/clips/gudar/")

    assert "Nothing waits for you." in desk
    assert clip in desk.split("Set aside: silence, or very short", 1)[1]
    assert f"{clip}/approve" not in desk
    assert f"{clip}/approve" in text(moderator, f"/clips/gudar/{clip}")
