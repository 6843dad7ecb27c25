"""What staff may write down for a person: another language, a shared phone, and a STOP that she said to them."""

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from campaigns.consent.spoken import withdraw_as_told
from campaigns.people.listing import NotOurLanguage, change_language, contact_by_rid, set_shared
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.people.person import rid_of
from gateway.console.people.words import language_words, own_name
from gateway.console.words import _
from gateway.house import House

YES, NO = "yes", "no"


def add_pages(pages: Blueprint, house: House) -> None:
    """The three acts, each with the question before it."""
    _add_language(pages, house)
    _add_shared(pages, house)
    _add_stop(pages, house)


def _add_language(pages: Blueprint, house: House) -> None:
    @pages.get("/<rid>/language")
    @requires(Permission.EDIT_PEOPLE)
    def language(rid: str) -> Response:
        """Ask which language she wants."""
        with house.database.reading() as session:
            contact = contact_by_rid(session, rid_of(rid))
            tags = the_programme(session).language_tags
        options = [(tag, own_name(tag)) for tag in tags]
        return make_response(
            render_template(
                "people/language.html", rid=rid, code=contact.code, options=options, chosen=contact.language
            )
        )

    @pages.post("/<rid>/language")
    @requires(Permission.EDIT_PEOPLE)
    def set_language(rid: str) -> Response:
        """Write to her in another language from now on."""
        tag = request.form.get("language", "")
        try:
            with house.database.writing() as session:
                changed = change_language(session, current_actor(), rid_of(rid), tag, now=house.now())
        except NotOurLanguage:
            abort(400)
        if changed:
            flash(
                _("From now on she gets messages in %(language)s.", language=language_words(tag)), "happened"
            )
        else:
            flash(_("It was that language already. Nothing was changed."), "fact")
        return _to_person(rid)


def _add_shared(pages: Blueprint, house: House) -> None:
    @pages.get("/<rid>/shared")
    @requires(Permission.EDIT_PEOPLE)
    def shared(rid: str) -> Response:
        """Ask whether others use the phone too."""
        with house.database.reading() as session:
            contact = contact_by_rid(session, rid_of(rid))
        return make_response(
            render_template(
                "people/shared.html",
                rid=rid,
                code=contact.code,
                options=[(YES, _("Others use it too")), (NO, _("She alone uses it"))],
                chosen=YES if contact.quiet else NO,
            )
        )

    @pages.post("/<rid>/shared")
    @requires(Permission.EDIT_PEOPLE)
    def write_shared(rid: str) -> Response:
        """Mark the phone as shared, or no longer; calls go by it from the commit on."""
        given = request.form.get("shared")
        if given not in (YES, NO):
            abort(400)
        with house.database.writing() as session:
            changed = set_shared(session, current_actor(), rid_of(rid), given == YES, now=house.now())
        if not changed:
            flash(_("It stood so already. Nothing was changed."), "fact")
        elif given == YES:
            flash(_("From the next call on, this phone is called as a shared one."), "happened")
        else:
            flash(_("From the next call on, this phone is called as hers alone."), "happened")
        return _to_person(rid)


def _add_stop(pages: Blueprint, house: House) -> None:
    @pages.get("/<rid>/stop")
    @requires(Permission.EDIT_PEOPLE)
    def stop(rid: str) -> Response:
        """Ask once more before a spoken STOP is written down."""
        with house.database.reading() as session:
            contact = contact_by_rid(session, rid_of(rid))
        return make_response(render_template("people/stop.html", rid=rid, code=contact.code))

    @pages.post("/<rid>/stop")
    @requires(Permission.EDIT_PEOPLE)
    def write_stop(rid: str) -> Response:
        """Write down the STOP that she said to this member of staff; it holds from the commit on."""
        with house.database.writing() as session:
            written = withdraw_as_told(
                session, house.vault(session), current_actor(), rid_of(rid), now=house.now()
            )
        if written:
            flash(_("It is written down. Nothing more is sent to this phone, on any line."), "happened")
        else:
            flash(_("She had said STOP already, and it holds. Nothing was changed."), "fact")
        return _to_person(rid)


def _to_person(rid: str) -> Response:
    return make_response(redirect(url_for("people.person", rid=rid), 303))
