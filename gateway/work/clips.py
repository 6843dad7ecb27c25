"""What radio and polls leave to a worker: cuts for callers, votes to be counted, clips whose time is over."""

import logging

from campaigns.audio.refusals import AudioRefused
from campaigns.radio.cutting import approved, cannot_be_cut, let_callers_hear, waiting_for_callers
from campaigns.radio.retention import forget_old_clips, has_old_clips
from gateway.house import House

log = logging.getLogger("paigham.radio")


def cut_clips(house: House) -> int:
    """Make the cut of every approved clip that callers may hear; returns how many. No transaction is open meanwhile."""
    with house.database.reading() as session:
        waiting = waiting_for_callers(session)
    made = 0
    for rid in waiting:
        with house.database.reading() as session:
            clip = approved(session, house.vault(session), rid)
        if clip is None:
            continue
        try:
            heard = clip.heard()
        except AudioRefused as refusal:
            with house.database.writing() as session:
                cannot_be_cut(session, clip)
            log.warning("clip.not_cut", extra={"clip": rid.hex()[:8], "why": refusal.why.value})
            continue
        with house.database.writing() as session:
            made += let_callers_hear(session, clip, heard)
    if made:
        log.info("clips.cut", extra={"count": made})
    return made


def forget_clips(house: House) -> int:
    """Delete what clips said once their time is over; returns how many. Takes no writer's lock when there are none."""
    with house.database.reading() as session:
        if not has_old_clips(session, now=house.now()):
            return 0
    with house.database.writing() as session:
        forgotten = forget_old_clips(session, now=house.now())
    log.info("clips.forgotten", extra={"count": forgotten})
    return forgotten
