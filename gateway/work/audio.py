"""What a worker does with uploads: reads each in a child with limits, keeps its sound, hands it to who wants it."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from campaigns.audio import uploads
from campaigns.audio.blobs import keep_blob
from campaigns.audio.confined import ReaderDied, mend_confined
from campaigns.audio.kept import Audio, Mended
from campaigns.audio.purposes import Purpose
from campaigns.audio.refusals import AudioRefused, NotWanted, TooHeavy
from campaigns.audio.uploads import MOST_TRIES, NoSuchUpload, Taken
from campaigns.outreach import scripts
from campaigns.outreach.campaigns import WrongState
from campaigns.radio import episodes, questions
from campaigns.staff.actor import NotPermitted, actor_of
from campaigns.voice import prompts
from campaigns.voice.versions import NoSuchVersion, NotADraft, SpokenBy
from gateway.house import House

log = logging.getLogger("paigham.work.audio")

BUDGET_SECONDS = 20.0  # then no further file is begun: receipts and launches wait in the same queue
About = Mapping[str, int | str]
Attach = Callable[[Session, About, Audio, datetime], None]

# What a room says when the thing that a sound was made for has gone or may not be changed any more.
_NOT_WANTED = (
    NoResultFound,
    NotPermitted,
    WrongState,
    scripts.NotACall,
    NoSuchVersion,
    NotADraft,
    prompts.NoSuchPrompt,
    episodes.EpisodeOnThePhone,
    episodes.NoSuchPlace,
)


def prepare_audio(house: House) -> int:
    """Settle every waiting upload, for about twenty seconds; how many it was. One file may take two minutes."""
    until = time.monotonic() + BUDGET_SECONDS
    settled = 0
    while time.monotonic() < until:
        with house.database.writing() as session:
            taken = uploads.take_upload(session, now=house.now())
        if taken is None:
            break
        _prepare(house, taken)
        settled += 1
    return settled


def _prepare(house: House, taken: Taken) -> None:
    try:
        mended = _mended(house, taken)
        _keep(house, taken, mended)
    except AudioRefused as refusal:
        with house.database.writing() as session:
            uploads.refuse_upload(session, taken.rid, refusal.why)
        log.info("audio.refused", extra={"purpose": taken.purpose, "why": refusal.why})
    except NoSuchUpload:
        log.info("audio.settled_by_another", extra={"purpose": taken.purpose})
    else:
        facts = {"purpose": taken.purpose, "seconds": mended.milliseconds // 1_000}
        log.info("audio.prepared", extra=facts)


def _mended(house: House, taken: Taken) -> Mended:
    if taken.tries > MOST_TRIES:
        raise TooHeavy  # whoever took it before did not live to say what became of it
    with house.database.reading() as session:
        data = uploads.bytes_of(session, taken.rid)
    try:
        return mend_confined(data, most_seconds=taken.purpose.most_seconds)
    except ReaderDied as death:
        log.warning("audio.reader_died", extra={"purpose": taken.purpose, "status": death.status})
        raise


def _keep(house: House, taken: Taken, mended: Mended) -> None:
    """Keep the sound, hand it on and settle the upload: all of it or nothing."""
    attach = ATTACH.get(taken.purpose)
    try:
        with house.database.writing() as session:
            blob = keep_blob(session, mended.audio)
            if not uploads.finish_upload(session, taken.rid, blob, mended.findings):
                raise NoSuchUpload
            if attach is not None:
                attach(session, taken.about, mended.audio, house.now())
    except _NOT_WANTED:
        raise NotWanted from None


def _attach_prompt(session: Session, about: About, audio: Audio, now: datetime) -> None:
    actor = actor_of(session, bytes.fromhex(str(about["staff"])))
    if actor is None:
        raise NotWanted
    recording = prompts.Recording(audio.hash, audio.milliseconds, audio.level_db, SpokenBy.PERSON)
    menu, name, language = int(about["menu"]), str(about["name"]), str(about["language"])
    prompts.attach(session, menu, name, language, recording, actor=actor, now=now)


def _attach_segment(session: Session, about: About, audio: Audio, now: datetime) -> None:
    episode, place, language = int(about["episode"]), int(about["place"]), str(about["language"])
    episodes.attach_sound(session, episode, place, language, blob=audio.hash, milliseconds=audio.milliseconds)


def _attach_question(session: Session, about: About, audio: Audio, now: datetime) -> None:
    question, language = int(about["question"]), str(about["language"])
    questions.attach_question_sound(
        session, question, language, blob=audio.hash, milliseconds=audio.milliseconds
    )


def _attach_call(session: Session, about: About, audio: Audio, now: datetime) -> None:
    actor = actor_of(session, bytes.fromhex(str(about["staff"])))
    if actor is None:
        raise NotWanted
    campaign, language = int(about["campaign"]), str(about["language"])
    scripts.set_recording(
        session, actor, campaign, language, blob=audio.hash, milliseconds=audio.milliseconds, now=now
    )


# Who wants a sound of which purpose. What is not here is only kept: its page asks for the outcome and its blob.
ATTACH: Mapping[Purpose, Attach] = {
    Purpose.PROMPT: _attach_prompt,  # about: menu, name, language, staff (hex)
    Purpose.SEGMENT: _attach_segment,  # about: episode, place, language
    Purpose.POLL: _attach_question,  # about: question, language
    Purpose.CALL_WORDING: _attach_call,  # about: campaign, language, staff (hex)
}
