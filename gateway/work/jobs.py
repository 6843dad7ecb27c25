"""The jobs: thin wake-ups. Each looks in the database for what to do, and does nothing when there is none."""

import asyncio
import os
import threading
import time
from datetime import timedelta
from functools import cache

from campaigns.audio.uploads import forget_uploads
from campaigns.consent.standing import forget_unanswered
from campaigns.inbox.kept import forget_old_texts
from campaigns.outreach import control, receipts
from campaigns.outreach import launch as launching
from campaigns.outreach.settle import finish_done
from campaigns.people.contacts import forget_unconfirmed
from campaigns.voice.listeners import forget_old_listeners
from gateway.house import House
from gateway.settings import Settings
from gateway.work import audio, clips, inbound_sweep, residue, sender
from gateway.work.sweep import sweep as sweep_doubts

DRAIN_SECONDS = 20.0
INBOUND_WINDOW = timedelta(minutes=30)
stopping = threading.Event()  # set when the worker was asked to stop: a drain ends after what is in flight


@cache
def this_house() -> House:
    """The house of this process, made from its environment; a forked child opens connections of its own."""
    return House.from_settings(Settings.from_env(os.environ))


def drain() -> None:
    """Send what is due on every line, for at most 20 seconds."""
    sender.drain(this_house(), DRAIN_SECONDS, stopping.is_set)


def launch() -> None:
    """Write the deliveries of every campaign that has begun, one piece each in turn.

    On SQLite it rests as long as each piece took, so that others write in between.
    """
    house = this_house()
    while True:
        with house.database.reading() as session:
            begun = launching.to_launch(session)
        if not begun:
            return
        for campaign_id in begun:
            started = time.monotonic()
            with house.database.writing() as session:
                launching.launch_piece(session, campaign_id, now=house.now())
            if house.database.dialect == "sqlite":
                time.sleep(time.monotonic() - started)


def apply_receipts() -> None:
    """Apply stored receipts, batch after batch."""
    house = this_house()
    while True:
        with house.database.writing() as session:
            if receipts.apply_receipts(session, now=house.now()) == 0:
                return


def sweep() -> None:
    """Ask carriers about deliveries in doubt."""
    sweep_doubts(this_house())


def tidy() -> None:
    """Cancel what stopped campaigns left, finish what is done, forget old questions, texts, clips and callers."""
    house = this_house()
    with house.database.reading() as session:
        stopped = control.to_cancel(session)
    for campaign_id in stopped:
        cancelled = 1
        while cancelled:
            with house.database.writing() as session:
                cancelled = control.cancel_piece(session, campaign_id)
    with house.database.writing() as session:
        finish_done(session, now=house.now())
        forget_unanswered(session, now=house.now())
        forget_unconfirmed(session, now=house.now())
        forget_old_texts(session, now=house.now())
        forget_uploads(session, now=house.now())
        forget_old_listeners(session, now=house.now())
    clips.forget_clips(house)


def sweep_inbound() -> None:
    """Look at the carriers for texts whose webhook never reached us."""
    house = this_house()
    now = house.now()
    asyncio.run(inbound_sweep.sweep_inbound(house, since=now - INBOUND_WINDOW, until=now))


def clear_residue() -> None:
    """Delete at the carriers what they still hold of what people told us."""
    asyncio.run(residue.clear_residue(this_house()))


def prepare_audio() -> None:
    """Read what staff uploaded and hand it to the rooms that want it."""
    audio.prepare_audio(this_house())


def cut_clips() -> None:
    """Make what callers may hear of clips that were approved."""
    clips.cut_clips(this_house())
