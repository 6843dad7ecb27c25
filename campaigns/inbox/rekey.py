"""Moving kept texts of conversation lines to the keys of another epoch."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns.inbox.kept import Inbound, kept_context
from campaigns.storage.pieces import in_pieces
from campaigns.storage.vault import Vault


def rekey(session: Session, old: Vault, new: Vault) -> int:
    """Seal every text anew; returns how many. Raises BoxDamaged."""
    done = 0
    for rows in in_pieces(session, Inbound.id, Inbound.rid, Inbound.box):
        remade = []
        for text_id, rid, box in rows:
            context = kept_context(rid)
            remade.append({"id": text_id, "box": new.seal(old.unseal(box, context), context)})
        session.execute(update(Inbound), remade)
        done += len(remade)
    return done
