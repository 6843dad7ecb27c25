"""What becomes of recordings: fetched from the carrier, sealed or kept, and from then on only to be deleted there.

A crash must neither lose nor double what somebody said.
- A clip is kept, and its residue row made "only delete", in one transaction.
- Feedback goes to staging in a transaction of its own, in which nothing else may stand (promise 5); the row is changed
  after it. The other way round a crash in between would lose what she was thanked for. The next round finds the row
  unchanged and seals once more, under the same mark of the recording: it lies in staging already, and stays there once.
  (Only if a shelving falls between the two would it come to the shelf twice.)
"""

import io
import logging
import secrets
import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.audio.confined import mend_confined
from campaigns.audio.refusals import AudioRefused
from campaigns.listening.residue import HeldThing, Use, Wanted, only_delete, wanted_now
from campaigns.listening.sealing import FeedbackVoice
from campaigns.listening.staging import FeedbackNotKept, accept
from campaigns.radio.clips import MayBe, NewClip, NotAllowedToKeep, Speaker, keep_clip
from campaigns.radio.shows import NoSuchShow
from campaigns.staff.actor import NotPermitted
from campaigns.voice.prompts import NoSuchPrompt
from campaigns.voice.studio import attach_read_in
from campaigns.voice.versions import NoSuchVersion, NotADraft
from gateway.carriers.calls import RecordingGone, RecordingTooLarge
from gateway.carriers.carrier import Carrier, CarrierUnreachable
from gateway.house import House

log = logging.getLogger("paigham.work")

MOST_BYTES = 4 * 1024 * 1024  # two minutes of the carrier's WAV are half of that
LONGEST_SECONDS = 119.0  # what is sealed; a recording of two minutes is a little longer than that
SLACK_SECONDS = 6.0
# A key that was retired while she spoke may be replaced within a day and a half of tries (in training, half an hour).
# Longer her voice is not left in clear at the carrier.
TRIES_FOR_A_KEY = 5
CODE_OF_NOBODY_DIGITS = 30  # a clip whose maker hung up before she had a code: nobody guesses this one

# Nobody is heard in it, or nobody wants it any more.
_UNUSABLE = (
    AudioRefused,
    RecordingTooLarge,
    NoSuchShow,
    NotAllowedToKeep,
    NotPermitted,
    NoSuchVersion,
    NotADraft,
    NoSuchPrompt,
)


@dataclass(frozen=True)
class Used:
    """What became of recordings: `done` may be deleted now, `not_yet` could not be used. Others were not tried."""

    done: list[HeldThing]
    not_yet: list[HeldThing]


@dataclass(frozen=True)
class Recordings:
    """Uses what people said on the lines of one carrier."""

    house: House
    carrier: Carrier

    async def used(self, things: Sequence[HeldThing], until: float) -> Used:
        """Do with each recording what it was left for, until this second of the monotonic clock, but with one at least.

        What is only to be deleted is done without a word.
        """
        to_use = [thing for thing in things if thing.wanted.use is not Use.NONE]
        used = Used([thing for thing in things if thing.wanted.use is Use.NONE], [])
        for place, thing in enumerate(to_use):
            if place and time.monotonic() >= until:
                break
            (used.done if await self._is_used(thing) else used.not_yet).append(thing)
        return used

    async def _is_used(self, thing: HeldThing) -> bool:
        try:
            data = await self.carrier.fetch_recording(thing.carrier_id, most_bytes=MOST_BYTES)
            self._use(thing, data)
        except RecordingGone:
            return await self._is_gone(thing)
        except CarrierUnreachable:
            return False
        except FeedbackNotKept:
            if thing.tries < TRIES_FOR_A_KEY:
                return False  # `paigham doctor` says that there is no key; this would say that somebody spoke
            self._give_up(thing)
        except _UNUSABLE:
            self._give_up(thing)
        return True

    def _give_up(self, thing: HeldThing) -> None:
        log.warning("recording.unusable")  # why would tell feedback from a clip
        self._only_delete(thing)

    def _use(self, thing: HeldThing, data: bytes) -> None:
        """Raises FeedbackNotKept, and what is in `_UNUSABLE`."""
        if thing.wanted.use is Use.FEEDBACK:
            self._seal(thing, data)
        elif thing.wanted.use is Use.CLIP:
            self._keep_clip(thing, data)
        elif thing.wanted.note:
            self._read_in(thing, data)
        else:
            self._only_delete(thing)  # whoever read it in never said that it was good

    def _seal(self, thing: HeldThing, data: bytes) -> None:
        from campaigns.audio.sealing import for_sealing  # brings the decoders with it

        longest = LONGEST_SECONDS + SLACK_SECONDS
        heard = mend_confined(data, most_seconds=longest).telephone
        voice = FeedbackVoice(for_sealing(_cut(heard, LONGEST_SECONDS)), thing.wanted.language)
        ring = self.house.keyring
        once = ring.at(ring.newest_epoch).source("staged", thing.carrier_id)
        accept(self.house.database, voice, now=self.house.now(), once=once)
        self._only_delete(thing)

    def _keep_clip(self, thing: HeldThing, data: bytes) -> None:
        from campaigns.radio.screening import screen  # brings the decoders with it

        screened = screen(data)
        with self.house.database.writing() as session:
            vault = self.house.vault(session)
            wanted = wanted_now(session, vault, thing)
            if wanted is None or wanted.use is not Use.CLIP:
                return  # another worker was first, or she has taken it back meanwhile
            clip = NewClip(
                show=wanted.show or "",
                language=wanted.language,
                audio=screened.audio,
                milliseconds=screened.milliseconds,
                consents=MayBe(wanted.consents),
                code=_code(wanted),
                speaker=Speaker(wanted.speaker),
                question_id=wanted.question,
                wording_hash=wanted.wording,
                screened=screened.found,
            )
            keep_clip(session, vault, clip, now=self.house.now())
            only_delete(session, vault, thing)

    def _read_in(self, thing: HeldThing, data: bytes) -> None:
        """Let what staff read in be a prompt of their draft."""
        mended = mend_confined(data, most_seconds=LONGEST_SECONDS)
        with self.house.database.writing() as session:
            vault = self.house.vault(session)
            wanted = wanted_now(session, vault, thing)
            if wanted is not None and wanted.note:
                attach_read_in(session, wanted.note, mended, now=self.house.now())
                only_delete(session, vault, thing)

    def _only_delete(self, thing: HeldThing) -> None:
        with self.house.database.writing() as session:
            only_delete(session, self.house.vault(session), thing)

    async def _is_gone(self, thing: HeldThing) -> bool:
        """Whether the carrier has lost it for good; else it is not ready yet."""
        try:
            is_gone = await self.carrier.is_recording_gone(thing.carrier_id)
        except CarrierUnreachable:
            return False
        if is_gone:
            log.warning("recording.lost")
        return is_gone


def _code(wanted: Wanted) -> str:
    return wanted.code or f"{secrets.randbelow(10**CODE_OF_NOBODY_DIGITS):0{CODE_OF_NOBODY_DIGITS}}"


def _cut(sound: bytes, seconds: float) -> bytes:
    """A WAV of ours, its first seconds at most."""
    with wave.open(io.BytesIO(sound)) as whole:
        form, frames = whole.getparams(), whole.readframes(round(seconds * whole.getframerate()))
    file = io.BytesIO()
    with wave.open(file, "wb") as cut:
        cut.setparams(form)
        cut.writeframes(frames)
    return file.getvalue()
