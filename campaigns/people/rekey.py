"""Moving contacts to the keys of another epoch: numbers sealed anew, and the marks by which they are found."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns.people.contacts import Contact, box_context
from campaigns.storage.pieces import in_pieces
from campaigns.storage.vault import Vault


def rekey(session: Session, old: Vault, new: Vault) -> int:
    """Re-make every sealed number, lookup and mark; returns how many contacts. Raises BoxDamaged."""
    done = 0
    for rows in in_pieces(session, Contact.id, Contact.rid, Contact.number_box):
        remade = []
        for contact_id, rid, box in rows:
            number = old.unseal(box, box_context(rid)).decode()
            remade.append(
                {
                    "id": contact_id,
                    "number_box": new.seal(number.encode(), box_context(rid)),
                    "lookup": new.lookup(number),
                    "mark": new.mark(number),
                }
            )
        session.execute(update(Contact), remade)
        done += len(remade)
    return done
