"""Sounds for the producer's ears: a recording by its hash, for whoever may produce."""

from flask import Blueprint, Response, abort

from campaigns.audio.blobs import NoSuchSound, audio_of
from campaigns.staff.actor import Permission
from gateway.console.access import requires
from gateway.house import House


def add_pages(pages: Blueprint, house: House) -> None:
    """One address."""

    @pages.get("/sounds/<digest>.wav")
    @requires(Permission.PRODUCE_RADIO)
    def sound(digest: str) -> Response:
        """A recording. What listeners left is not among these: it is heard at the moderation desk alone."""
        try:
            with house.database.reading() as session:
                audio = audio_of(session, bytes.fromhex(digest))
        except (NoSuchSound, ValueError):
            abort(404)
        return Response(audio.data, mimetype=audio.media_type)
