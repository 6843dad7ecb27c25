"""A voice line with a menu and shows, and a telephone that calls it as the carrier would: step by step, signed."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from campaigns.audio.blobs import keep_blob
from campaigns.audio.sounds import draft_tone
from campaigns.programme.lines import Can, Line
from campaigns.radio.episodes import attach_sound, create_episode, make_ready
from campaigns.radio.shows import create_show
from campaigns.staff.actor import Actor
from tests.support.menus import published_menu
from tests.support.programme import LONG_NUMBER, TrainingProgramme
from tests.support.signing import PUBLIC_URL, call_fields, recording_fields
from tests.support.twiml import Verb, next_step, played, read_call, when_silent

BEGIN = "/carrier/twilio/calls/begin"
LANGUAGES = ("ps", "ur", "en")
SEGMENTS = 3
Knock = Callable[[str, Iterable[tuple[str, str]]], TestResponse]


@dataclass(frozen=True)
class VoiceLine:
    """What was made: the newest episode, and the hashes of its pieces in Pashto."""

    episode: int
    pieces: tuple[bytes, ...]


def open_voice_line(session: Session, people: TrainingProgramme, now: datetime) -> VoiceLine:
    """Let the two-way line take and make calls, publish the starter's menu, and put an episode on the phone."""
    line = session.get_one(Line, people.two_way)
    line.can |= int(Can.VOICE_IN | Can.VOICE_OUT)
    producer = people.actors["producer"]
    published_menu(session, producer, now)
    episode, pieces = _episode(session, producer, "gudar", now)
    _episode(session, producer, "poems", now)
    return VoiceLine(episode, pieces)


def _episode(session: Session, producer: Actor, key: str, now: datetime) -> tuple[int, tuple[bytes, ...]]:
    show = create_show(session, producer, key, key.title(), LANGUAGES, now=now)
    episode = create_episode(session, producer, show.id, "First", now=now)
    pieces = []
    for place in range(1, SEGMENTS + 1):
        sound = draft_tone(place + 100 * len(key))
        pieces.append(keep_blob(session, sound))
        for language in LANGUAGES:
            attach_sound(session, episode.id, place, language, blob=pieces[-1], milliseconds=90_000)
    make_ready(session, producer, episode.id, now - timedelta(hours=1), now=now)
    return episode.id, tuple(pieces)


@dataclass
class Telephone:
    """One call from a phone. Every answer is read by the strict reader of both carriers' verbs."""

    knock: Knock
    number: str
    line: str = LONG_NUMBER
    sid: str = field(default_factory=lambda: "CA" + secrets.token_hex(16))
    recordings: list[str] = field(default_factory=list)
    verbs: list[Verb] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)

    def rings(self, path: str = BEGIN, **more: str) -> "Telephone":
        """Call the line, or take up a call of its."""
        return self._ask(path, status="ringing", **more)

    def presses(self, *keys: str) -> "Telephone":
        """Key after key."""
        for key in keys:
            self._ask(self._path(next_step(self.verbs)), Digits=key)
        return self

    def keeps_silent(self) -> "Telephone":
        """Nothing, until the line goes on by itself."""
        return self._ask(self._path(when_silent(self.verbs)))

    def speaks(self, seconds: int = 12, ends: str = "#") -> str:
        """Say something after the beep; the recording's id. `ends` is a key, or `hangup`."""
        return self.says_nothing_new(self._new_recording(), seconds, ends)

    def says_nothing_new(self, recording: str, seconds: int, ends: str) -> str:
        """The carrier tells of a recording that is known already."""
        url = f"https://api.twilio.com/2010-04-01/Accounts/AC/Recordings/{recording}"
        status = "completed" if ends == "hangup" else "in-progress"
        told = {"Digits": ends, "RecordingSid": recording, "RecordingUrl": url}
        path = self._path(next_step(self.verbs))
        self._ask(path, status=status, RecordingDuration=str(seconds), **told)
        return recording

    def is_recorded(self, seconds: int = 12, recording: str | None = None) -> str:
        """The carrier says that the recording is there; nothing else is heard of it."""
        recording = recording or self._new_recording()
        (record,) = [verb for verb in self.verbs if verb.name == "Record"]
        fields = recording_fields("completed", sid=self.sid, recording=recording, seconds=seconds)
        path = self._path(record.attributes["recordingStatusCallback"])
        assert self.knock(path, fields.items()).status_code == 204
        return recording

    @property
    def played(self) -> list[str]:
        """The addresses of what is heard now."""
        return played(self.verbs)

    @property
    def said(self) -> list[str]:
        """What the carrier's own voice says now."""
        return [verb.text for verb in self.verbs if verb.name == "Say"]

    @property
    def is_over(self) -> bool:
        """Whether the line hung up."""
        return self.verbs[-1].name == "Hangup"

    @property
    def is_recording(self) -> bool:
        """Whether the line listens to her."""
        return any(verb.name == "Record" for verb in self.verbs)

    def _new_recording(self) -> str:
        self.recordings.append("RE" + secrets.token_hex(16))
        return self.recordings[-1]

    def _ask(self, path: str, *, status: str = "in-progress", **more: str) -> "Telephone":
        fields = call_fields(caller=self.number, line=self.line, sid=self.sid, status=status, **more)
        response = self.knock(path, fields.items())
        assert response.status_code == 200, response.status_code
        assert response.content_type == "text/xml; charset=utf-8"
        self.answers.append(response.get_data())
        self.verbs = read_call(self.answers[-1])
        return self

    def _path(self, url: str | None) -> str:
        assert url is not None, "the call does not go on"
        assert url.startswith(PUBLIC_URL)
        return url.removeprefix(PUBLIC_URL)
