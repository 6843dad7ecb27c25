"""Moving residue to the keys of another epoch. Feedback is sealed to the moderators: there is nothing to move."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns.listening.residue import Residue, residue_context
from campaigns.storage.pieces import in_pieces
from campaigns.storage.vault import Vault


def rekey(session: Session, old: Vault, new: Vault) -> int:
    """Seal every row anew; returns how many. Raises BoxDamaged."""
    done = 0
    for rows in in_pieces(session, Residue.rid, Residue.box):
        remade = []
        for rid, box in rows:
            context = residue_context(rid)
            remade.append({"rid": rid, "box": new.seal(old.unseal(box, context), context)})
        session.execute(update(Residue), remade)
        done += len(remade)
    return done
