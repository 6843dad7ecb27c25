"""Taking a clip back: its maker told a member of staff the code that she was given."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from redis import Redis

from campaigns.programme.programme import the_programme
from campaigns.radio.clips import CODE_DIGITS, withdraw_by_code
from campaigns.staff import audit
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.words import _, ngettext
from gateway.house import House
from gateway.webhooks.volatile import DAY, TROUBLE, volatile

MOST_A_DAY = 20  # codes that one member of staff may try: there are a million
SECONDS_A_DAY = 24 * 3_600


def add_pages(pages: Blueprint, house: House) -> None:
    """One address."""

    @pages.post("/<key>/take-back")
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def take_back(key: str) -> Response:
        """Take back whatever clip has this code; who it was nobody learns, as no number goes with it."""
        code = re.sub(r"\D", "", request.form.get("code", ""))
        actor, now = current_actor(), house.now()
        with house.database.reading() as session:
            zone = the_programme(session).zone
        if len(code) != CODE_DIGITS:
            flash(_("A code has %(digits)s digits. Nothing was changed.", digits=CODE_DIGITS), "failed")
        elif not _may_try(volatile(house.settings.redis_address), actor.staff, zone, now):
            flash(_("That were many codes for one day, or Redis is away. Nothing was changed."), "failed")
        else:
            with house.database.writing() as session:
                gone = withdraw_by_code(session, house.vault(session), code, now=now)
                audit.record(session, actor, "clip taken back by code", f"clips:{gone.clips}", now=now)
            _say(gone.clips, gone.packed)
        return make_response(redirect(url_for("clips.index", key=key), 303))


def _say(clips: int, packed: int) -> None:
    if not clips:
        flash(
            _("No clip has this code: it was taken back before, or is not fetched from the carrier yet."),
            "look",
        )
        return
    flash(_("The clip is taken back and its sound is gone. No caller hears it any more."), "happened")
    if packed:
        flash(
            ngettext(
                "The studio was given %(num)s such clip in a pack: ask them to delete it.",
                "The studio was given %(num)s such clips in packs: ask them to delete them.",
                packed,
            ),
            "look",
        )


def _may_try(redis: Redis, staff: bytes, zone: str, now: datetime) -> bool:
    """Count one more; without Redis nobody may, as then nobody counts."""
    name = f"{DAY}{now.astimezone(ZoneInfo(zone)):%Y-%m-%d}:codes:{staff.hex()}"
    try:
        tries = int(redis.incr(name))
        redis.expire(name, SECONDS_A_DAY)
    except TROUBLE:
        return False
    return tries <= MOST_A_DAY
