"""The starter programme's voice line: a complete menu, spoken in drafts, and the voice of its radio.

English and Urdu were spoken by a machine (`scripts/draft_prompts`) and are committed; for Pashto there is no free
voice, so that tones mark what is to be recorded. All of it is labelled a draft.
"""

import hashlib
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

import campaigns.voice
from campaigns.audio.blobs import keep_blob
from campaigns.audio.decoding import Source
from campaigns.audio.kept import Audio
from campaigns.audio.sound import TELEPHONE_RATE, wav_of
from campaigns.audio.sounds import draft_tone
from campaigns.radio.shows import shows
from campaigns.staff.actor import Actor
from campaigns.voice.folder import SoundFile, read_folder, sounds_of
from campaigns.voice.menu import prompts_of
from campaigns.voice.prompts import Recording, attach_all, set_words
from campaigns.voice.publishing import change_menu, publish
from campaigns.voice.versions import MenuVersion, SpokenBy

STARTER = Path(campaigns.voice.__file__).parent / "starter"
MOST_SECONDS = 60
TONE_OF_THE_RADIO = 500  # the first number of tones that stand for words on air


class DraftVoice:
    """Says words of the starter's radio: by the file that was spoken for them, else by a tone."""

    def __init__(self, session: Session) -> None:
        """Keep what is said in this session."""
        self._session = session
        self._spoken = sounds_of(STARTER)
        self._tones = TONE_OF_THE_RADIO

    def __call__(self, words: str, language: str) -> tuple[bytes, int]:
        """The hash of a kept sound, and its milliseconds."""
        file = self._spoken.get((name_of_words(words), language))
        if file is None:
            self._tones += 1
        audio = _decoded(file) if file else draft_tone(self._tones)
        return keep_blob(self._session, audio), audio.milliseconds


def make_line(session: Session, producer: Actor, now: datetime) -> MenuVersion:
    """Publish the starter menu as version 1, everything of it recorded by drafts. The radio's shows must be there."""
    folder = read_folder(STARTER)
    draft = change_menu(session, producer, folder.menu, now=now)
    set_words(session, producer, draft.id, folder.texts, now=now)
    places = [(name, language) for name in prompts_of(folder.menu) for language in folder.menu.languages]
    numbers = {name: number for number, name in enumerate(prompts_of(folder.menu), start=1)}
    recordings = {place: _recording(session, folder.sounds.get(place), numbers[place[0]]) for place in places}
    attach_all(session, draft.id, recordings, actor=None)
    return publish(session, producer, draft.id, now=now, shows=[show.key for show in shows(session)])


def name_of_words(words: str) -> str:
    """How the file of something that is said on air is called: by its words, so that new words have no old voice."""
    return f"on-air-{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _recording(session: Session, file: SoundFile | None, number: int) -> Recording:
    audio = _decoded(file) if file else draft_tone(number)
    speaker = file.spoken_by if file else SpokenBy.TONE
    return Recording(keep_blob(session, audio), audio.milliseconds, audio.level_db, speaker)


def _decoded(file: SoundFile) -> Audio:
    """A draft as the telephone needs it. It was measured and mended when it was spoken: that is not done again."""
    sound = Source(file.path.read_bytes(), MOST_SECONDS).sound(TELEPHONE_RATE)
    return Audio(wav_of(sound), sound.milliseconds, file.level_db or 0.0)
