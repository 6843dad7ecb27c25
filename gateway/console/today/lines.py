"""A line that paused itself: what its carrier said, and letting it send again."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from campaigns.programme.lines import Line, unpause_line
from campaigns.staff import audit
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.today.facts import PausedLine
from gateway.console.words import _, isolated
from gateway.house import House


def line_pages(house: House) -> Blueprint:
    """The question, and the act."""
    pages = Blueprint("lines", __name__, url_prefix="/lines")

    @pages.get("/<int:line_id>")
    @requires(Permission.HALT)
    def question(line_id: int) -> Response:
        """Say what happened, what to mend first, and ask whether it may send again."""
        with house.database.reading() as session:
            line = session.get_one(Line, line_id)
            if line.paused_at is None:
                return make_response(redirect(url_for("today.page"), 303))
            paused = PausedLine(line.id, line.name, line.paused_at, line.paused_why)
        return make_response(render_template("today/line.html", line=paused, why=why_words(paused)))

    @pages.post("/<int:line_id>/go-on")
    @requires(Permission.HALT)
    def go_on(line_id: int) -> Response:
        """Let it send again; if its carrier still refuses, it pauses itself again."""
        with house.database.writing() as session:
            line = session.get_one(Line, line_id)
            unpause_line(session, line_id)
            audit.record(session, current_actor(), "line.resumed", f"line:{line_id}", now=house.now())
        flash(
            _(
                "“%(name)s” sends again. If the carrier still refuses, it pauses itself.",
                name=isolated(line.name),
            ),
            "happened",
        )
        return make_response(redirect(url_for("today.page"), 303))

    return pages


def why_words(line: PausedLine) -> str:
    """Why a line holds: the sender notes `carrier:<code>`, other words are a person's."""
    said, _colon, code = (line.why or "").partition(":")
    if said == "carrier" and code:
        return _("the carrier refuses it (its code %(code)s)", code=code)
    return line.why or _("the carrier refuses it")
