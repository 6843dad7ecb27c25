"""You said, we did: what we say publicly to feedback."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from campaigns.listening.responses import (
    MOST_CHARACTERS,
    ResponseIncomplete,
    add_response,
    list_responses,
)
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.listening.words import label_words, tab_items
from gateway.console.words import _
from gateway.house import House


def add_pages(pages: Blueprint, house: House) -> None:
    """The list and its form."""

    @pages.get("/responses")
    @requires(Permission.READ_FEEDBACK)
    def responses_page() -> Response:
        """What was said and done so far, and room for one more."""
        return _page(house)

    @pages.post("/responses")
    @requires(Permission.READ_FEEDBACK)
    def publish() -> Response:
        """Publish one; what is incomplete comes back with its words kept."""
        said, did = request.form.get("said", ""), request.form.get("did", "")
        try:
            with house.database.writing() as session:
                add_response(session, current_actor(), said, did, now=house.now())
        except ResponseIncomplete:
            page = _page(
                house,
                said,
                did,
                _("Both halves are needed, each of at most %(num)s characters.", num=MOST_CHARACTERS),
            )
            page.status_code = 422
            return page
        flash(_("Published. It leads to no letter and no person."), "happened")
        return make_response(redirect(url_for("listening.responses_page"), 303))


def _page(house: House, said: str = "", did: str = "", error: str | None = None) -> Response:
    with house.database.reading() as session:
        responses = [(response, label_words(response.month)) for response in list_responses(session)]
    return make_response(
        render_template(
            "listening/responses.html",
            tabs=tab_items("responses"),
            responses=responses,
            said=said,
            did=did,
            error=error,
            most=MOST_CHARACTERS,
        )
    )
