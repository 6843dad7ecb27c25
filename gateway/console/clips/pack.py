"""The clip pack for the studio: what would be in it, and the file."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from campaigns.radio.pack import ClipsChanged, NothingToPack, build_pack, clips_for_air
from campaigns.radio.shows import show_of
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.clips import words
from gateway.console.people.words import language_words
from gateway.console.radio.show import frame_of, length_words
from gateway.console.words import _
from gateway.house import House


def add_pages(pages: Blueprint, house: House) -> None:
    """The list before, and the pack."""

    @pages.get("/<key>/pack")
    @requires(Permission.PRODUCE_RADIO)
    def pack(key: str) -> Response:
        """Only clips that were approved and whose makers agreed to be broadcast."""
        with house.database.reading() as session:
            frame = frame_of(session, key, "clips")
            rows = [
                (
                    one.label,
                    words.kind_words(one),
                    language_words(one.language),
                    one.on_air_name,
                    one.theme,
                    length_words(one.cut_milliseconds or one.milliseconds),
                )
                for one in clips_for_air(session, frame.show.id)
            ]
            return make_response(render_template("clips/pack.html", frame=frame, rows=rows))

    @pages.post("/<key>/pack")
    @requires(Permission.PRODUCE_RADIO)
    def download(key: str) -> Response:
        """The pack itself; the audit trail says who took it."""
        with house.database.reading() as session:
            show_id = show_of(session, key).id
        try:
            made = build_pack(house.database, house.keyring, current_actor(), show_id, now=house.now())
        except NothingToPack:
            flash(_("No clip is approved for broadcast, so there is nothing to pack."), "look")
        except ClipsChanged:
            flash(_("A clip was taken back while the pack was made. Make it again."), "look")
        else:
            answer = Response(made.data, mimetype="application/zip")
            answer.headers["Content-Disposition"] = f"attachment; filename={made.file_name}"
            return answer
        return make_response(redirect(url_for("clips.pack", key=key), 303))
