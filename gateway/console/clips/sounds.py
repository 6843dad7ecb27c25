"""What the desk hears of a clip: as it was left, and as it will be heard when it is approved so."""

from flask import Blueprint, Response, abort
from sqlalchemy.exc import NoResultFound

from campaigns.audio.refusals import AudioRefused
from campaigns.radio.clips import Clip
from campaigns.radio.cutting import as_edited, blob_of
from campaigns.radio.moderation import NothingLeft, hear
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.clips.edits import rid_of
from gateway.house import House


def add_pages(pages: Blueprint, house: House) -> None:
    """Two addresses, for whoever may hear the clip."""

    @pages.get("/<key>/<clip>/sound.wav")
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def sound(key: str, clip: str) -> Response:
        """The clip as it was left."""
        try:
            with house.database.reading() as session:
                data = hear(session, house.vault(session), current_actor(), rid_of(clip))
        except (NothingLeft, NoResultFound):
            abort(404)
        return Response(data, mimetype="audio/wav")

    @pages.get("/<key>/<clip>/edited.wav")
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def edited(key: str, clip: str) -> Response:
        """The clip cut, beeped and disguised as was kept last; once callers hear it, the very sound they hear.

        A disguise is drawn anew each time: until then it sounds alike, and is not the same.
        """
        rid = rid_of(clip)
        try:
            with house.database.reading() as session:
                kept = as_edited(session, house.vault(session), current_actor(), rid)
                already = blob_of(session, session.get_one(Clip, rid))
            heard = already or kept.heard()
        except (NothingLeft, NoResultFound, AudioRefused):
            abort(404)
        return Response(heard.data, mimetype=heard.media_type)
