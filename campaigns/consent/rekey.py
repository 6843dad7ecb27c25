"""Moving consent to the keys of another epoch: the sealed halves of events, and suppression marks.

A suppression's number is not kept, so its mark is nested: the new one is made from the old. Events themselves are
never touched: the ledger has the same blocks before and after.
"""

from sqlalchemy import delete, insert, text, update
from sqlalchemy.orm import Session

from campaigns.consent.events import ConsentDetail, detail_context
from campaigns.consent.standing import Suppression
from campaigns.storage.pieces import PIECE_ROWS, in_pieces
from campaigns.storage.vault import Vault


def rekey(session: Session, old: Vault, new: Vault) -> int:
    """Re-make every sealed detail and suppression mark; returns how many rows. Raises BoxDamaged."""
    return _rekey_details(session, old, new) + _rekey_suppressions(session, new)


def _rekey_details(session: Session, old: Vault, new: Vault) -> int:
    done = 0
    for rows in in_pieces(session, ConsentDetail.event_id, ConsentDetail.rid, ConsentDetail.box):
        remade = []
        for event_id, rid, box in rows:
            context = detail_context(rid)
            remade.append({"event_id": event_id, "box": new.seal(old.unseal(box, context), context)})
        session.execute(update(ConsentDetail), remade)
        done += len(remade)
    return done


def _rekey_suppressions(session: Session, new: Vault) -> int:
    """The mark is the key, so the old rows are set aside first: a mark made twice would suppress nobody."""
    session.execute(text("CREATE TEMPORARY TABLE mark_before AS SELECT mark, month FROM suppression"))
    session.execute(delete(Suppression))
    every = text("SELECT mark, month FROM mark_before WHERE mark > :last ORDER BY mark LIMIT :size")
    last, done = b"", 0
    while rows := session.execute(every, {"last": last, "size": PIECE_ROWS}).all():
        session.execute(
            insert(Suppression),
            [{"mark": new.next_mark(bytes(mark)), "month": month} for mark, month in rows],
        )
        last, done = bytes(rows[-1].mark), done + len(rows)
    session.execute(text("DROP TABLE mark_before"))
    return done
