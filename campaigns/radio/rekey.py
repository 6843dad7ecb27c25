"""Moving clips to the keys of another epoch. Marks of codes are made with a key that does not rotate."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns.radio.clips import Clip, sound_context, transcript_context
from campaigns.storage.pieces import in_pieces
from campaigns.storage.vault import BoxContext, Vault

CLIPS_AT_ONCE = 20  # a minute of sound has a megabyte


def rekey(session: Session, old: Vault, new: Vault) -> int:
    """Seal every clip's sound and words anew; returns how many clips. Raises BoxDamaged."""

    def moved(box: bytes | None, context: BoxContext) -> bytes | None:
        return new.seal(old.unseal(box, context), context) if box is not None else None

    done = 0
    for rows in in_pieces(session, Clip.rid, Clip.box, Clip.transcript, size=CLIPS_AT_ONCE):
        remade = [
            {
                "rid": rid,
                "box": moved(box, sound_context(rid)),
                "transcript": moved(words, transcript_context(rid)),
            }
            for rid, box, words in rows
        ]
        session.execute(update(Clip), remade)
        done += len(remade)
    return done
