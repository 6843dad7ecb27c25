"""Errors in plain words: what did not happen, whether anything is lost, what to do next."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, NoResultFound
from werkzeug.exceptions import HTTPException

from campaigns.staff.actor import NotPermitted
from gateway.console.words import _
from gateway.logs import where

log = logging.getLogger("paigham.console")

CARRIER_PATHS = "/carrier/"


@dataclass(frozen=True)
class Words:
    """What an error page says."""

    title: str
    text: str


def say_errors(app: Flask, *, has_pages: bool) -> None:
    """Answer every error: a page for staff, an empty body for a carrier; no exception's text leaves or is logged."""

    def answer(code: int, say: Callable[[], Words]) -> Response:
        if not has_pages or request.path.startswith(CARRIER_PATHS):
            return Response(status=code)
        g.failing = True  # the page is made without the database
        return make_response(render_template("error.html", words=say(), code=code), code)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.response is not None or (error.code or 500) < 400:
            return make_response(error.get_response())
        answered = answer(error.code or 500, lambda: words_for(error))
        if allowed := error.get_response().headers.get("Allow"):
            answered.headers["Allow"] = allowed
        return answered

    @app.errorhandler(NotPermitted)
    def not_permitted(_error: NotPermitted) -> Response:
        return answer(403, _may_not)

    @app.errorhandler(NoResultFound)
    def gone(_error: NoResultFound) -> Response:
        return answer(404, _not_found)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.error("console.failed", extra={"endpoint": request.endpoint, "where": where(error)})
        return answer(503, _database_away) if isinstance(error, DBAPIError) else answer(500, _broken)


def words_for(error: HTTPException) -> Words:
    """What to say to an HTTP error."""
    if isinstance(error, CSRFError):
        return Words(
            _("This page was open for too long"),
            _("Nothing was changed. Go back, load the page again and do it once more."),
        )
    if error.code in (404, 405):
        return _not_found()
    if error.code == 403:
        return Words(_("This is not open to you"), _("Nothing was changed."))
    if error.code == 413:
        return Words(_("That is too much at once"), _("Nothing was saved. Send less, or a smaller file."))
    if (error.code or 500) >= 500:
        return Words(_("Something is broken"), _("Try again in a minute."))
    return Words(_("This was not understood"), _("Nothing was changed. Go back and try again."))


def _not_found() -> Words:
    return Words(_("There is no such page"), _("It may have been moved, or the address is not complete."))


def _may_not() -> Words:
    return Words(
        _("This is not open to you"),
        _("Your account may not do this. Ask your coordinator who may; nothing was changed."),
    )


def _database_away() -> Words:
    return Words(
        _("The database does not answer"),
        _(
            "What went out and what was saved before is safe. Try again in a minute; "
            "if it stays so, call your operator."
        ),
    )


def _broken() -> Words:
    return Words(
        _("Something is broken"),
        _(
            "This page could not be made. Nothing you did before is lost. Try again, "
            "and tell your operator when it was."
        ),
    )
