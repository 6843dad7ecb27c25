"""From a clip as it was left to what may be heard of it: cut, beeped and disguised as was approved.

The cut is made after the approval, by a worker: nobody's page waits for it, and no transaction is open meanwhile.
"""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from campaigns.audio.blobs import audio_of, keep_blob
from campaigns.audio.kept import Audio
from campaigns.radio.clips import Clip, ClipState, MayBe, Screened, Span, agreed_to, sound_context
from campaigns.radio.moderation import decision_hash, hear
from campaigns.radio.screening import LONGEST_SECONDS
from campaigns.staff.actor import Actor
from campaigns.storage.vault import Vault


@dataclass(frozen=True)
class EditedSound:
    """A clip's sound as it was left, what is to be done to it, and the hash of what was seen (`decision_hash`)."""

    rid: bytes
    seen: bytes
    sound: bytes = field(repr=False)
    cuts: tuple[Span, ...]
    beeps: tuple[Span, ...]
    disguised: bool

    def heard(self) -> Audio:
        """What may be heard of it, a telephone copy. Slow; needs no session. Raises AudioRefused."""
        from campaigns.audio.cutting import Span as Stretch  # FFmpeg is loaded only where a sound is made
        from campaigns.audio.cutting import cut
        from campaigns.audio.decoding import decode
        from campaigns.audio.disguising import disguise
        from campaigns.audio.sound import TELEPHONE_RATE
        from campaigns.audio.sounds import audio_from

        cuts, beeps = (
            [Stretch(span.begins_ms, span.ends_ms) for span in spans] for spans in (self.cuts, self.beeps)
        )
        edited = cut(self.sound, cuts, beeps) if cuts or beeps else self.sound
        edited = disguise(edited) if self.disguised else edited
        return audio_from(decode(edited, rate=TELEPHONE_RATE, most_seconds=LONGEST_SECONDS))


def waiting_for_callers(session: Session) -> list[bytes]:
    """Approved clips that callers may hear and cannot yet; a reading session is enough."""
    statement = select(Clip.rid).where(
        Clip.state == int(ClipState.APPROVED),
        Clip.blob.is_(None),
        Clip.box.is_not(None),
        agreed_to(MayBe.PLAYED),
    )
    return list(session.scalars(statement))


def approved(session: Session, vault: Vault, rid: bytes) -> EditedSound | None:
    """The clip as it was approved; None when it is not, or its sound is gone. Raises BoxDamaged."""
    clip = session.get(Clip, rid, options=[undefer(Clip.box), undefer(Clip.transcript)])
    if clip is None or clip.state != ClipState.APPROVED or clip.box is None:
        return None
    return _edited(clip, vault.unseal(clip.box, sound_context(rid)))


def as_edited(session: Session, vault: Vault, actor: Actor, rid: bytes) -> EditedSound:
    """The clip as its moderators have it now, to be heard before a decision.

    Raises NotForTheseEars, NothingLeft, BoxDamaged.
    """
    sound = hear(session, vault, actor, rid)
    return _edited(session.get_one(Clip, rid), sound)


def _edited(clip: Clip, sound: bytes) -> EditedSound:
    return EditedSound(clip.rid, decision_hash(clip), sound, clip.cut_out, clip.beeped, clip.disguised)


def let_callers_hear(session: Session, cut_from: EditedSound, heard: Audio) -> bool:
    """Keep the cut as the clip's blob; False when it is no longer what was approved, or not for callers."""
    clip = session.get(Clip, cut_from.rid, options=[undefer(Clip.transcript)], with_for_update=True)
    if clip is None or clip.state != ClipState.APPROVED or MayBe.PLAYED not in MayBe(clip.consents):
        return False
    if decision_hash(clip) != cut_from.seen:
        return False
    clip.blob, clip.cut_milliseconds = keep_blob(session, heard), heard.milliseconds
    session.flush()
    return True


def cannot_be_cut(session: Session, cut_from: EditedSound) -> None:
    """Nothing can be heard of it when it is cut so: back to the desk, marked as blank."""
    clip = session.get(Clip, cut_from.rid, with_for_update=True)
    if clip is not None and clip.state == ClipState.APPROVED:
        clip.state, clip.decided_on = int(ClipState.PENDING), None
        clip.screened |= int(Screened.BLANK)
        session.flush()


def blob_of(session: Session, clip: Clip) -> Audio | None:
    """What callers hear of it already: a disguise is drawn anew each time, and two of one voice tell more than one."""
    return audio_of(session, clip.blob) if clip.blob is not None else None
