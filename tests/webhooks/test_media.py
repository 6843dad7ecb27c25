"""Sounds are handed to whoever has their name, may be kept for ever, and lie on disk once they were asked for."""

import stat
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import event

from campaigns.audio.blobs import NoSuchSound, forget_blob, hash_in_name, keep_blob, media_name
from campaigns.audio.kept import Audio
from campaigns.audio.sounds import draft_tone
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from campaigns.voice.menu import Menu, Node, NodeKind
from campaigns.voice.prompts import Recording, attach, set_words
from campaigns.voice.publishing import change_menu
from campaigns.voice.versions import SpokenBy
from gateway.app import DOORS, create_app
from gateway.house import House
from gateway.webhooks import media
from gateway.webhooks.media import passing_address, sound_address
from gateway.webhooks.sound_cache import SoundCache
from tests.support.programme import training_programme
from tests.support.signing import PUBLIC_URL
from tests.webhooks.conftest import house_on

SOUND = draft_tone(1)
NOT_OURS = (
    *("x", "", SOUND.hash.hex(), "A" * 64, "A" * 65, "A" * 5_000),
    *("..%2f..%2fpaigham.db", "%D9%BE" * 20),
)


@pytest.fixture
def house(database: Database, database_url: str, redis_url: str, keyring: KeyRing, tmp_path: Path) -> House:
    with database.writing() as session:
        keep_blob(session, SOUND)
        keep_blob(session, SOUND)
    return house_on(database_url, redis_url, keyring, tmp_path, tmp_path / "clock.json")


@pytest.fixture
def app(house: House) -> Flask:
    """Both doors: the console's guard stands before this page too."""
    return create_app(house.settings, DOORS, house=house)


def path_of(house: House, audio: Audio = SOUND) -> str:
    return sound_address(house, audio.hash).removeprefix(PUBLIC_URL)


def test_a_carrier_gets_the_sound_and_may_keep_it_for_ever(app: Flask, house: House) -> None:
    client = app.test_client()
    for _ in range(2):  # from the database, and then from the disk
        answer = client.get(path_of(house))

        assert (answer.status_code, answer.content_type, answer.data) == (200, "audio/wav", SOUND.data)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["ETag"] == f'"{SOUND.hash.hex()}"'
        assert answer.content_length == len(SOUND.data)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_who_has_it_is_not_sent_it_again_and_who_asks_about_it_only_is_told(app: Flask, house: House) -> None:
    client = app.test_client()
    for _ in range(2):
        about = client.head(path_of(house))
        again = client.get(path_of(house), headers={"If-None-Match": about.headers["ETag"]})

        assert (about.status_code, about.data, about.content_length) == (200, b"", len(SOUND.data))
        assert (again.status_code, again.data) == (304, b"")
        assert "immutable" in again.headers["Cache-Control"]


def test_a_name_that_we_did_not_make_is_an_empty_404(app: Flask) -> None:
    for name in NOT_OURS:
        answer = app.test_client().get(f"/carrier/audio/{name}.wav")

        assert (answer.status_code, answer.data) == (404, b"")
        assert answer.headers["Cache-Control"] == "no-store"


def test_names_cannot_be_guessed_from_the_sound_or_used_with_other_keys(
    keyring: KeyRing, tmp_path: Path
) -> None:
    name, other = media_name(keyring, SOUND.hash), media_name(KeyRing.create(tmp_path / "others"), SOUND.hash)

    assert hash_in_name(keyring, name) == SOUND.hash
    assert name != other
    for wrong in (
        other,
        name[:-1],
        name + "A",
        name + "=",
        name[:-1] + "\n",
        name.swapcase(),
        f"+{name[1:]}",
    ):
        with pytest.raises(NoSuchSound):
            hash_in_name(keyring, wrong)


def test_nothing_can_be_sent_there(app: Flask, house: House) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = app.test_client().open(path_of(house), method=method)
        assert (answer.status_code, answer.data) == (405, b"")


@pytest.mark.parametrize("training", [True, False])
def test_only_a_training_programme_tells_what_is_said(
    app: Flask, house: House, keyring: KeyRing, now: datetime, training: bool
) -> None:
    producer = training_programme(house.database, keyring, now, training=training).actors["producer"]
    menu = Menu("Gudar", ("ps",), {"main": Node("main", NodeKind.MENU, "main", "Main")})
    recording = Recording(SOUND.hash, SOUND.milliseconds, SOUND.level_db, SpokenBy.TONE)
    with house.database.writing() as session:
        version = change_menu(session, producer, menu, now=now).id
        set_words(session, producer, version, {("goodbye", "ps"): "په مخه مو ښه " * 40}, now=now)
        attach(session, version, "goodbye", "ps", recording, actor=None, now=now)

    for _ in range(2):
        headers = app.test_client().get(path_of(house)).headers

        if training:
            assert unquote(headers["X-Training-Words"]).startswith("په مخه مو ښه")
            assert len(headers["X-Training-Words"]) < 4_000
            assert headers["X-Training-Language"] == "ps"
        else:
            assert {"X-Training-Words", "X-Training-Language"}.isdisjoint(dict(headers))


def test_fetching_again_asks_the_database_nothing(app: Flask, house: House) -> None:
    client = app.test_client()
    client.get(path_of(house))
    asked: list[str] = []
    event.listen(house.database._reader, "before_cursor_execute", lambda *told: asked.append(told[2]))

    for _ in range(5):
        assert client.get(path_of(house)).data == SOUND.data

    assert asked == []


def test_a_sound_that_was_let_go_is_gone_within_a_minute_from_the_disk_too(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "BELIEVED_SECONDS", 0.0)
    client = app.test_client()
    assert client.get(path_of(house)).status_code == 200
    with house.database.writing() as session:
        forget_blob(session, SOUND.hash)

    assert client.get(path_of(house)).status_code == 404
    assert list((house.settings.data_dir / "sounds").iterdir()) == []


def test_what_a_listener_left_is_kept_by_nobody_and_gone_with_the_commit_that_takes_it_back(
    app: Flask, house: House
) -> None:
    client = app.test_client()
    path = passing_address(house, SOUND.hash).removeprefix(PUBLIC_URL)
    for _ in range(2):
        answer = client.get(path)
        assert (answer.status_code, answer.content_type, answer.data) == (200, "audio/wav", SOUND.data)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
    # Its name does not open the page whose sounds may be kept, nor the other way round
    kept, passing = path_of(house).rpartition("/")[2], path.rpartition("/")[2]
    assert client.get(f"/carrier/audio/{passing}").status_code == 404
    assert client.get(f"/carrier/audio/passing/{kept}").status_code == 404
    assert not (house.settings.data_dir / "sounds").exists()

    with house.database.writing() as session:
        forget_blob(session, SOUND.hash)
    gone = client.get(path)

    assert (gone.status_code, gone.data, gone.headers["Cache-Control"]) == (404, b"", "no-store")


def test_sounds_on_disk_are_for_their_owner_only_and_whole(app: Flask, house: House) -> None:
    app.test_client().get(path_of(house))

    folder = house.settings.data_dir / "sounds"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    [file] = folder.iterdir()
    assert (file.name, file.read_bytes()) == (f"{SOUND.hash.hex()}.wav", SOUND.data)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_disk_that_takes_nothing_does_not_silence_the_line(app: Flask, house: House) -> None:
    (house.settings.data_dir / "sounds").write_text("a file where a folder should be")

    for _ in range(2):
        assert app.test_client().get(path_of(house)).data == SOUND.data


def test_the_oldest_sounds_make_room_for_new_ones(tmp_path: Path) -> None:
    cache = SoundCache(tmp_path / "sounds", most_bytes=250)
    names = [bytes([n]) * 32 for n in range(5)]
    for name in names:
        cache.keep(name, bytes(100))
    cache.keep(b"\xff" * 32, bytes(251))

    kept = [name for name in names if cache.path_of(name).exists()]
    assert kept == names[-2:]
    assert len(list(cache.folder.iterdir())) == 2
