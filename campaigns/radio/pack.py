"""The clip pack for the studio: only clips that were approved and whose makers agreed to be broadcast, nothing else."""

import io
import wave
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, undefer

from campaigns.radio.clips import Clip, ClipState, MayBe, Mentions, Speaker, agreed_to
from campaigns.radio.cue_sheet import Cue, cue_sheet, safety_brief
from campaigns.radio.cutting import EditedSound, approved, blob_of
from campaigns.radio.moderation import decision_hash, words_of
from campaigns.radio.questions import Question
from campaigns.radio.shows import Show, day_of
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing

# A minute of broadcast sound has six megabytes; a studio plays some ten clips in a show.
MOST_CLIPS = 20
BRIEF, SHEET = "00-READ-FIRST.txt", "00-cue-sheet.csv"
# Zip files know no date before 1980; the true one would say when the clip was packed, which nobody needs.
NO_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Pack:
    """A zip file, and what is in it."""

    data: bytes = field(repr=False)
    file_name: str
    clips: tuple[bytes, ...]


@dataclass(frozen=True)
class _Ready:
    """One clip on its way into a pack."""

    cue: Cue
    rid: bytes
    approved: EditedSound
    telephone: bytes | None = field(repr=False)

    def sound(self) -> bytes:
        """The broadcast copy."""
        from campaigns.audio.broadcasting import broadcast  # FFmpeg is loaded only where a sound is made

        return broadcast(self.telephone if self.telephone is not None else self.approved.heard().data)


class NothingToPack(Exception):
    """No clip of the show is approved and may be broadcast."""


class ClipsChanged(Exception):
    """A clip was withdrawn or reopened while the pack was being made: make it again."""


def clips_for_air(session: Session, show_id: int, episode_id: int | None = None) -> list[Clip]:
    """The clips that a pack would have, the newest weeks first: of one episode's question, or of the whole show."""
    statement = select(Clip).where(Clip.show_id == show_id, *_may_go_on_air())
    if episode_id is not None:
        asked = select(Question.id).where(Question.episode_id == episode_id)
        statement = statement.where(Clip.question_id.in_(asked))
    return list(session.scalars(statement.order_by(Clip.week.desc(), Clip.rid).limit(MOST_CLIPS)))


def build_pack(
    database: Database,
    keyring: KeyRing,
    actor: Actor,
    show_id: int,
    *,
    episode_id: int | None = None,
    now: datetime,
) -> Pack:
    """A zip of numbered WAVs (48 kHz, -23 LUFS), their cue sheet and the safety brief; the audit trail says so.

    The sounds are made with no transaction open, some seconds for each minute; before the pack is given out every
    clip is looked at again, so that none leaves after its withdrawal. Commits.
    Raises NotPermitted, NothingToPack, ClipsChanged, BoxDamaged, AudioRefused.
    """
    actor.require(Permission.PRODUCE_RADIO)
    with database.reading() as session:
        show = session.get_one(Show, show_id)
        ready = _gather(session, keyring, clips_for_air(session, show_id, episode_id))
        taken_back = _withdrawn(session, show_id)
    if not ready:
        raise NothingToPack
    data = _zipped(ready, taken_back)
    with database.writing() as session:
        _must_still_be_fit(session, ready, now)
        audit.record(session, actor, f"clip pack of {len(ready)}", f"show:{show_id}", now=now)
        for one in ready:
            audit.record(session, actor, "clip packed", f"clip:{one.cue.label}", now=now)
        day = day_of(session, now)
    return Pack(data, f"{show.key}-{day.isoformat()}.zip", tuple(one.rid for one in ready))


def _may_go_on_air() -> tuple[ColumnElement[bool], ...]:
    return (
        Clip.state == int(ClipState.APPROVED),
        agreed_to(MayBe.KEPT | MayBe.BROADCAST),
        Clip.box.is_not(None),
    )


def _withdrawn(session: Session, show_id: int) -> list[str]:
    """What a studio was given and may not use any more: taken back by its maker, or by us."""
    given = select(Clip).where(Clip.show_id == show_id, Clip.packed_on.is_not(None))
    gone = given.where(Clip.state != int(ClipState.APPROVED))
    return sorted(clip.label for clip in session.scalars(gone))


def _gather(session: Session, keyring: KeyRing, clips: Sequence[Clip]) -> list[_Ready]:
    vault = keyring.vault(session)
    ready: list[_Ready] = []
    for clip in clips:
        as_approved = approved(session, vault, clip.rid)
        if as_approved is None:
            continue
        heard = blob_of(session, clip)
        cue = _cue(len(ready) + 1, clip, words_of(vault, clip))
        ready.append(_Ready(cue, clip.rid, as_approved, heard.data if heard else None))
    return ready


def _cue(number: int, clip: Clip, words: str) -> Cue:
    return Cue(
        number=number,
        file=f"{number:02}-{clip.label}-{clip.language}.wav",
        label=clip.label,
        language=clip.language,
        theme=clip.theme,
        on_air_name=clip.on_air_name,
        speaker=Speaker(clip.speaker),
        words=words,
        milliseconds=0,  # until its sound is made
        may_be_played=MayBe.PLAYED in MayBe(clip.consents),
        disguised=clip.disguised,
        mentions=Mentions(clip.mentions),
    )


def _zipped(ready: Sequence[_Ready], taken_back: Sequence[str]) -> bytes:
    file, cues = io.BytesIO(), []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        for one in ready:  # one sound in memory at a time
            sound = one.sound()
            cues.append(replace(one.cue, milliseconds=_length(sound)))
            pack.writestr(zipfile.ZipInfo(one.cue.file, NO_DATE), sound, zipfile.ZIP_DEFLATED)
        pack.writestr(zipfile.ZipInfo(SHEET, NO_DATE), cue_sheet(cues), zipfile.ZIP_DEFLATED)
        pack.writestr(zipfile.ZipInfo(BRIEF, NO_DATE), safety_brief(cues, taken_back), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _length(sound: bytes) -> int:
    """How long a WAV lasts, in milliseconds."""
    with wave.open(io.BytesIO(sound)) as opened:
        return int(opened.getnframes() * 1000 // opened.getframerate())


def _must_still_be_fit(session: Session, ready: Sequence[_Ready], now: datetime) -> None:
    """Lock the clips, see that each is what was approved and may go, and note the day.

    A withdrawal at the same time waits for the lock, or came first and is seen here.
    """
    seen = {one.rid: one.approved.seen for one in ready}
    chosen = select(Clip).where(Clip.rid.in_(seen), *_may_go_on_air()).options(undefer(Clip.transcript))
    fit = session.scalars(chosen.order_by(Clip.rid).with_for_update()).all()
    if {clip.rid: decision_hash(clip) for clip in fit} != seen:
        raise ClipsChanged
    for clip in fit:
        clip.packed_on = day_of(session, now)
    session.flush()
