"""The studio by telephone, and how each voice line meets a call."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from campaigns.programme.lines import NoSuchLine
from campaigns.staff import audit
from campaigns.staff.actor import Permission
from campaigns.voice.studio import LanguageNotOffered, open_studio, to_read
from campaigns.voice.versions import NoSuchVersion, NotADraft, version_of
from campaigns.voice.ways import Way, set_way, studio_lines
from campaigns.voice.written import read_menu
from gateway.console.access import current_actor, requires
from gateway.console.people.words import language_words
from gateway.console.words import _
from gateway.house import House


def add_pages(pages: Blueprint, house: House) -> None:
    """Getting a code, and setting what a line does."""

    @pages.get("/<int:menu_id>/studio")
    @requires(Permission.PRODUCE_RADIO)
    def ask_studio(menu_id: int) -> Response:
        """Ask in which language prompts shall be read in."""
        with house.database.reading() as session:
            try:
                menu = read_menu(version_of(session, menu_id).body)
            except NoSuchVersion:
                return _back()
            rows = [(tag, language_words(tag), len(to_read(session, menu_id, tag))) for tag in menu.languages]
            lines = studio_lines(session)
        return make_response(render_template("voice/studio.html", menu_id=menu_id, rows=rows, lines=lines))

    @pages.post("/<int:menu_id>/studio")
    @requires(Permission.PRODUCE_RADIO)
    def begin_studio(menu_id: int) -> Response:
        """Give the code, once: it is kept as a keyed mark only."""
        language = request.form.get("language", "")
        try:
            with house.database.writing() as session:
                vault = house.vault(session)
                code = open_studio(session, vault, current_actor(), menu_id, language, now=house.now())
                lines = studio_lines(session)
                waiting = to_read(session, menu_id, language)
        except (NoSuchVersion, NotADraft, LanguageNotOffered):
            flash(_("This version is no draft any more; nothing was changed."), "look")
            return _back()
        return make_response(
            render_template(
                "voice/code.html", code=code, lines=lines, waiting=waiting, language=language_words(language)
            )
        )

    @pages.post("/lines/<int:line_id>/way")
    @requires(Permission.PRODUCE_RADIO)
    def line_way(line_id: int) -> Response:
        """Set how a line meets a call."""
        try:
            way = Way(int(request.form.get("way", "")))
            with house.database.writing() as session:
                set_way(session, line_id, way)
                audit.record(
                    session, current_actor(), f"line {way.name.lower()}", f"line:{line_id}", now=house.now()
                )
        except (ValueError, NoSuchLine):
            flash(_("This line takes no calls; nothing was changed."), "failed")
        else:
            flash(_("The next call to this line is met so."), "happened")
        return _back()


def _back() -> Response:
    return make_response(redirect(url_for("voice.index"), 303))
