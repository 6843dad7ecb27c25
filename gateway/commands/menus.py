"""`paigham menu`: the voice line's menu as files, what is wrong with it, publishing it, and which line does what."""

import io
import wave
from array import array
from collections.abc import Iterable
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.audio.blobs import audio_of, keep_blob
from campaigns.audio.confined import mend_confined
from campaigns.audio.kept import Audio
from campaigns.audio.levels import measure
from campaigns.audio.mending import SPEECH_DB
from campaigns.audio.purposes import Purpose
from campaigns.audio.refusals import AudioRefused
from campaigns.audio.sound import SAMPLE_BYTES, TELEPHONE_RATE, Sound, wav_of
from campaigns.programme.lines import Line
from campaigns.radio.shows import shows
from campaigns.staff import audit
from campaigns.staff.actor import Permission
from campaigns.voice import publishing
from campaigns.voice.folder import SoundFile, read_folder, write_folder
from campaigns.voice.menu import prompts_of
from campaigns.voice.prompts import Recording, attach_all, set_words
from campaigns.voice.rules import Finding, Severity
from campaigns.voice.versions import (
    MenuVersion,
    NoSuchVersion,
    SpokenBy,
    VersionState,
    prompt_rows,
    versions,
)
from campaigns.voice.ways import Way, set_way
from campaigns.voice.written import read_menu
from gateway.commands.acting import actor_named, acts_as, the_house

FOLDER = click.Path(file_okay=False, path_type=Path)
MOST_SAMPLES = Purpose.PROMPT.most_seconds * TELEPHONE_RATE
NEAR_ENOUGH_DB = 1.5
WAYS = {way.name.lower().replace("_", "-"): way for way in Way}


@click.group("menu")
def menu_group() -> None:
    """Bring the voice line's menu in and out, check it and publish it."""


@menu_group.command("list")
def list_command() -> None:
    """List the newest versions of the menu."""
    with the_house().database.reading() as session:
        for row in versions(session):
            menu = read_menu(row.body)
            state = VersionState(row.state).name.lower()
            click.echo(f"version {row.version:<4} {state:<10} {menu.name} · {' '.join(menu.languages)}")


@menu_group.command("lint")
@click.option("--version", type=int, help="Another version than the draft, or what callers hear.")
def lint_command(version: int | None) -> None:
    """Say what is wrong with the menu: what must be mended before callers hear it, and what to look at."""
    with the_house().database.reading() as session:
        found = _findings(session, _version(session, version))
    _tell(found)
    mend = sum(finding.severity is Severity.MEND for finding in found)
    click.echo(f"{mend} to mend, {len(found) - mend} to look at.")
    if mend:
        raise SystemExit(1)


@menu_group.command("export")
@click.argument("folder", type=FOLDER)
@click.option("--version", type=int, help="Another version than the draft, or what callers hear.")
def export_command(folder: Path, version: int | None) -> None:
    """Write a version into a new folder: the menu, its words and its recordings."""
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError("The folder is not empty: name a new one.")
    with the_house().database.reading() as session:
        row = _version(session, version)
        menu, rows = read_menu(row.body), prompt_rows(session, row.id)
        order = [(name, language) for name in prompts_of(menu) for language in menu.languages]
        rows = {place: rows[place] for place in order if place in rows}
        sounds = {
            place: (audio_of(session, prompt.blob).data, SpokenBy(prompt.spoken_by))
            for place, prompt in rows.items()
            if prompt.blob is not None and prompt.spoken_by is not None
        }
        write_folder(
            folder, menu, {place: prompt.text for place, prompt in rows.items() if prompt.text}, sounds
        )
    click.echo(f"Version {row.version} is in {folder}: {len(rows)} prompts, {len(sounds)} recordings.")


@menu_group.command("import")
@click.argument("folder", type=FOLDER)
@acts_as
def import_command(folder: Path, acting: str) -> None:
    """Let the draft be what a folder holds: menu.yaml, prompts.yaml and sounds/LANGUAGE/PROMPT in any usual kind."""
    brought, house = read_folder(folder), the_house()
    with house.database.reading() as session:
        actor_named(session, acting).require(Permission.PRODUCE_RADIO)  # before minutes of work
    mended = {place: _mended(sound) for place, sound in brought.sounds.items()}
    now = house.now()
    with house.database.writing() as session:
        actor = actor_named(session, acting)
        draft = publishing.change_menu(session, actor, brought.menu, now=now)
        set_words(session, actor, draft.id, brought.texts, now=now)
        recordings = {
            place: Recording(keep_blob(session, audio), audio.milliseconds, audio.level_db, speaker)
            for place, (audio, speaker) in mended.items()
        }
        attach_all(session, draft.id, recordings, actor=actor)
        audit.record(session, actor, "menu brought in", f"menu:{draft.id}", now=now)
        found, version = _findings(session, draft), draft.version
    mend = [finding for finding in found if finding.severity is Severity.MEND]
    click.echo(f"Version {version} is a draft now, with {len(mended)} recordings of the folder.")
    click.echo(f"{len(mend)} to mend, {len(found) - len(mend)} to look at: see `paigham menu lint`.")


@menu_group.command("publish")
@acts_as
def publish_command(acting: str) -> None:
    """Let callers hear the draft. Refused, with the names, while a prompt is missing in a language it offers."""
    house = the_house()
    with house.database.writing() as session:
        actor, found = actor_named(session, acting), publishing.draft(session)
        if found is None:
            raise click.UsageError("There is no draft: bring one in with `paigham menu import`.")
        keys = [show.key for show in shows(session)]
        version = publishing.publish(session, actor, found.id, now=house.now(), shows=keys).version
    click.echo(f"Version {version} is live: the next caller hears it.")


@menu_group.command("line")
@click.option("--address", required=True, help="The number of a voice line.")
@click.option("--way", type=click.Choice(list(WAYS)), required=True, help="How a call to it is met.")
@acts_as
def line_command(address: str, way: str, acting: str) -> None:
    """Let a line answer with the menu, call back who rings it, or take prompts in from producers."""
    house = the_house()
    with house.database.writing() as session:
        actor = actor_named(session, acting)
        actor.require(Permission.OPERATE)
        line = session.scalars(select(Line).where(Line.address == address)).first()
        if line is None:
            raise click.UsageError("There is no such line: see `paigham line list`.")
        set_way(session, line.id, WAYS[way])
        audit.record(session, actor, f"line {way}", f"line:{line.id}", now=house.now())
    click.echo(f"{address}: {way}.")


def _version(session: Session, number: int | None) -> MenuVersion:
    """The version asked for; else the draft, else what callers hear. Raises NoSuchVersion."""
    wanted = select(MenuVersion).where(MenuVersion.version == number)
    if number is None:
        wanted = select(MenuVersion).where(MenuVersion.state != int(VersionState.RETIRED))
    found = session.scalars(wanted.order_by(MenuVersion.state)).first()
    if found is None:
        raise NoSuchVersion
    return found


def _findings(session: Session, version: MenuVersion) -> list[Finding]:
    return publishing.findings_of(session, version.id, shows=[show.key for show in shows(session)])


def _tell(found: Iterable[Finding]) -> None:
    for finding in found:
        click.echo(f"{finding.severity:<5} {finding.rule.source:<4} {finding.where}: {finding.says}")


def _mended(sound: SoundFile) -> tuple[Audio, SpokenBy]:
    data = sound.path.read_bytes()
    as_it_is = _of_the_telephone(data)
    if as_it_is is not None:
        return as_it_is, sound.spoken_by
    try:
        return mend_confined(data, most_seconds=Purpose.PROMPT.most_seconds).audio, sound.spoken_by
    except AudioRefused as refused:
        raise click.UsageError(f"{sound.path}: {refused}") from None


def _of_the_telephone(data: bytes) -> Audio | None:
    """What we wrote ourselves comes back as it was: a telephone WAV at the level of speech is not mended again."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            if shape != (1, SAMPLE_BYTES, TELEPHONE_RATE) or file.getnframes() > MOST_SAMPLES:
                return None
            samples = array("h", file.readframes(file.getnframes()))
    except (wave.Error, EOFError, ValueError):
        return None
    sound = Sound(samples)
    again, level_db = wav_of(sound), measure(sound).level_db
    if again != data or abs(level_db - SPEECH_DB) > NEAR_ENOUGH_DB:
        return None
    return Audio(data, sound.milliseconds, round(level_db, 1))
