"""What staff upload is read by the worker's own job, handed to the room it was made for, and soon forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select

from campaigns.audio.blobs import Blob, audio_of, length_of
from campaigns.audio.kept import Finding
from campaigns.audio.purposes import MOST_BYTES, Purpose
from campaigns.audio.refusals import NotAudio, TooLarge, Why
from campaigns.audio.sound import Sound
from campaigns.audio.uploads import (
    KEPT_FOR,
    TAKEN_FOR,
    NoSuchUpload,
    Outcome,
    Upload,
    UploadState,
    accept_upload,
    forget_uploads,
    has_waiting,
    outcome_of,
    take_upload,
)
from campaigns.radio.episodes import create_episode, segments_of
from campaigns.radio.shows import create_show
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from campaigns.voice.menu import Menu, Node, NodeKind
from campaigns.voice.publishing import change_menu
from campaigns.voice.versions import Prompt, SpokenBy
from gateway.house import House
from gateway.work import jobs, queues
from gateway.work.audio import prepare_audio
from gateway.work.clock import Clock
from tests.audio.spoken import as_file, film, speech
from tests.support.programme import TrainingProgramme, training_programme


@pytest.fixture
def people(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    return training_programme(database, keyring, now)


@pytest.fixture
def house(
    database_url: str, redis_url: str, keyring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A house as a worker's process finds it: in its environment."""
    monkeypatch.setenv("PAIGHAM_DATABASE_URL", database_url)
    monkeypatch.setenv("PAIGHAM_REDIS_URL", redis_url)
    monkeypatch.setenv("PAIGHAM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PAIGHAM_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("PAIGHAM_KEYS_DIR", str(keyring.directory))
    jobs.this_house.cache_clear()
    yield jobs.this_house()
    jobs.this_house().database.dispose()
    jobs.this_house.cache_clear()


def give(house: House, purpose: Purpose, data: bytes, **about: int | str) -> bytes:
    with house.database.writing() as session:
        return accept_upload(session, purpose, about, data, house.now())


def outcome(house: House, rid: bytes) -> Outcome:
    with house.database.reading() as session:
        return outcome_of(session, rid)


def work(house: House) -> list[str]:
    """Let the clock look and the worker of the bulk queue do what it was woken for."""
    Clock(house).tick()
    queue = queues.queue_of(house.redis, queues.BULK)
    woken = [job.description for job in queue.get_jobs()]
    worker = SimpleWorker(
        [queue], connection=Redis.from_url(house.settings.redis_address), serializer=JSONSerializer
    )
    worker.work(burst=True, logging_level="ERROR")
    return [str(name) for name in woken]


def test_prompts_and_segments_come_to_their_rooms_and_a_picture_to_a_sentence(
    house: House, people: TrainingProgramme, now: datetime
) -> None:
    producer = people.actors["producer"]
    menu = Menu("Gudar", ("ps",), {"main": Node("main", NodeKind.MENU, "main", "Main")})
    with house.database.writing() as session:
        version = change_menu(session, producer, menu, now=now).id
        show = create_show(session, producer, "tolana", "Tolana", ["ps"], now=now)
        episode = create_episode(session, producer, show.id, "First", now=now).id
    prompt = give(
        house,
        Purpose.PROMPT,
        as_file(speech(level_db=-45), "webm of a browser"),
        menu=version,
        name="goodbye",
        language="ps",
        staff=producer.staff.hex(),
    )
    segment = give(
        house, Purpose.SEGMENT, as_file(speech(seconds=3), "mp3"), episode=episode, place=1, language="ps"
    )
    picture = give(house, Purpose.CLIP_EDIT, film())

    assert "prepare_audio" in work(house)

    done = outcome(house, prompt)
    assert (done.state, done.findings) == (UploadState.DONE, (Finding.RAISED,))
    assert outcome(house, picture) == Outcome(UploadState.REFUSED, Why.NO_SOUND, None, ())
    with house.database.reading() as session:
        recording = session.get_one(Prompt, (version, "goodbye", "ps"))
        assert (recording.blob, recording.spoken_by) == (done.blob, SpokenBy.PERSON)
        assert recording.recorded_by == producer.staff
        [piece] = segments_of(session, episode)
        assert piece.blob == outcome(house, segment).blob
        assert piece.blob is not None
        assert (
            piece.milliseconds == length_of(session, piece.blob) == audio_of(session, piece.blob).milliseconds
        )
        assert session.scalars(select(Upload.data).where(Upload.data.is_not(None))).all() == []
        assert not has_waiting(session, now=now)


def test_what_nobody_wants_any_more_leaves_no_sound_behind(house: House, people: TrainingProgramme) -> None:
    prompt = as_file(speech(), "wav")
    gone = give(
        house, Purpose.PROMPT, prompt, menu=77, name="x", language="ps", staff=people.operator.staff.hex()
    )
    nobody = give(house, Purpose.PROMPT, prompt, menu=77, name="x", language="ps", staff="00" * 16)
    segment = give(house, Purpose.SEGMENT, prompt, episode=99, place=1, language="ps")

    assert prepare_audio(house) == 3

    assert {outcome(house, rid).why for rid in (gone, nobody, segment)} == {Why.NOT_WANTED}
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Blob)) == 0


def test_a_purpose_has_its_own_length_and_one_sound_is_kept_once(
    house: House, people: TrainingProgramme
) -> None:
    half_a_second = speech(0.5)
    long = as_file(Sound(half_a_second.samples * 130, half_a_second.rate), "wav of a telephone")
    refused, one, other = (give(house, purpose, long) for purpose in (Purpose.POLL, *[Purpose.CLIP_EDIT] * 2))

    prepare_audio(house)

    assert outcome(house, refused).why is Why.TOO_LONG
    assert outcome(house, one) == outcome(house, other)
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Blob)) == 1


def test_an_upload_whose_worker_died_is_tried_once_more_and_then_given_up(
    house: House, people: TrainingProgramme
) -> None:
    rid = give(house, Purpose.CLIP_EDIT, as_file(speech(), "wav"))
    now = datetime.now(UTC)
    for died in range(2):
        with house.database.writing() as session:
            taken = take_upload(session, now=now + died * 2 * TAKEN_FOR)
            assert taken is not None
            assert take_upload(session, now=now + died * 2 * TAKEN_FOR) is None
            assert not has_waiting(session, now=now + died * 2 * TAKEN_FOR)
    with house.database.writing() as session:
        session.get_one(Upload, rid).taken_until = now - timedelta(seconds=1)

    prepare_audio(house)

    assert outcome(house, rid).why is Why.TOO_HEAVY


def test_uploads_are_forgotten_after_a_day_and_their_sounds_are_not(
    house: House, people: TrainingProgramme
) -> None:
    rid = give(house, Purpose.CLIP_EDIT, as_file(speech(), "wav"))
    prepare_audio(house)
    blob = outcome(house, rid).blob
    assert blob is not None

    with house.database.writing() as session:
        assert forget_uploads(session, now=datetime.now(UTC)) == 0
        assert forget_uploads(session, now=datetime.now(UTC) + KEPT_FOR + TAKEN_FOR) == 1
        assert audio_of(session, blob).milliseconds > 0
        with pytest.raises(NoSuchUpload):
            outcome_of(session, rid)


def test_too_many_bytes_and_none_are_refused_at_the_door(house: House, people: TrainingProgramme) -> None:
    with pytest.raises(TooLarge):
        give(house, Purpose.SEGMENT, bytes(MOST_BYTES + 1))
    with pytest.raises(NotAudio):
        give(house, Purpose.SEGMENT, b"")
