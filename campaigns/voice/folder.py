"""A menu as a folder: its YAML, its words, and a sound file for each prompt; to carry to another programme.

    menu.yaml  prompts.yaml  sounds.yaml  sounds/<language>/<prompt>.<any usual kind>

`sounds.yaml` says who speaks where it is not a person: `greeting: {en: {spoken_by: machine}}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from campaigns.voice.menu import Menu, prompts_of
from campaigns.voice.versions import SpokenBy
from campaigns.voice.written import (
    MENU_FILE,
    TEXTS_FILE,
    Texts,
    Unreadable,
    dump_rows,
    load_rows,
    read_menu,
    read_texts,
    write_menu,
    write_texts,
)

SOUNDS_FILE, SOUNDS = "sounds.yaml", "sounds"
MOST_FILES = 2_000
_SPEAKERS = {speaker.name.lower(): speaker for speaker in SpokenBy}


@dataclass(frozen=True)
class SoundFile:
    """One recording as it lies in a folder; `level_db` where its level was written down."""

    path: Path
    spoken_by: SpokenBy
    level_db: float | None = None


@dataclass(frozen=True)
class MenuFolder:
    """What a folder holds. `sounds` and `texts` only of prompts that the menu needs in a language that it offers."""

    menu: Menu
    texts: Texts
    sounds: Mapping[tuple[str, str], SoundFile]


def read_folder(folder: Path) -> MenuFolder:
    """Read a menu's folder; only `menu.yaml` must be there. Opens no sound. Raises Unreadable."""
    menu = read_menu(_text(folder / MENU_FILE))
    texts = read_texts(_text(folder / TEXTS_FILE)) if (folder / TEXTS_FILE).exists() else {}
    needed = {(name, language) for name in prompts_of(menu) for language in menu.languages}
    return MenuFolder(
        menu,
        {place: text for place, text in texts.items() if place in needed},
        {place: sound for place, sound in sounds_of(folder).items() if place in needed},
    )


def sounds_of(folder: Path) -> dict[tuple[str, str], SoundFile]:
    """Every sound file of a folder, by its name and its language; a person's where nothing else is said of it.

    Raises Unreadable.
    """
    said = _said_of_sounds(folder)
    found = {}
    for path in _sound_files(folder):
        place = (path.stem, path.parent.name)
        speaker, level = said.get(place, (SpokenBy.PERSON, None))
        found[place] = SoundFile(path, speaker, level)
    return found


def write_folder(
    folder: Path, menu: Menu, texts: Texts, sounds: Mapping[tuple[str, str], tuple[bytes, SpokenBy]]
) -> None:
    """Write a menu's folder, which must be empty or new; the sounds are telephone WAV files. Raises FileExistsError."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(str(folder))
    (folder / MENU_FILE).write_text(write_menu(menu), encoding="utf-8")
    (folder / TEXTS_FILE).write_text(write_texts(texts), encoding="utf-8")
    speakers: dict[str, dict[str, dict[str, str]]] = {}
    for (name, language), (data, spoken_by) in sounds.items():
        (folder / SOUNDS / language).mkdir(parents=True, exist_ok=True)
        (folder / SOUNDS / language / f"{name}.wav").write_bytes(data)
        speakers.setdefault(name, {})[language] = {"spoken_by": spoken_by.name.lower()}
    (folder / SOUNDS_FILE).write_text(dump_rows(speakers), encoding="utf-8")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Unreadable(file.name, "the file", "is not there") from None
    except UnicodeDecodeError:
        raise Unreadable(file.name, "the file", "is not UTF-8 text") from None


def _sound_files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.glob(f"{SOUNDS}/*/*") if path.is_file())
    if len(files) > MOST_FILES:
        raise Unreadable(SOUNDS, "the folder", f"holds more than {MOST_FILES} files")
    return files


def _said_of_sounds(folder: Path) -> dict[tuple[str, str], tuple[SpokenBy, float | None]]:
    if not (folder / SOUNDS_FILE).exists():
        return {}
    said: dict[tuple[str, str], tuple[SpokenBy, float | None]] = {}
    for name, languages in load_rows(_text(folder / SOUNDS_FILE), SOUNDS_FILE).items():
        for language, facts in languages.items() if isinstance(languages, Mapping) else ():
            speaker = facts.get("spoken_by") if isinstance(facts, Mapping) else None
            level = facts.get("level_db") if isinstance(facts, Mapping) else None
            if speaker not in _SPEAKERS or not isinstance(level, float | int | None):
                known = ", ".join(_SPEAKERS)
                raise Unreadable(SOUNDS_FILE, f"{name}.{language}", f"spoken_by should be one of {known}")
            said[name, language] = (_SPEAKERS[speaker], level)
    return said
