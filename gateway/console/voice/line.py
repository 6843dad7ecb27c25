"""The voice line's page: the tree, the checks, the draft, publishing, and the menu as a file."""

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.orm import Session

from campaigns.programme.lines import Can, Line, lines_that
from campaigns.radio.shows import shows
from campaigns.staff.actor import Permission
from campaigns.voice import publishing
from campaigns.voice.publishing import MenuFaulty, MenuIncomplete
from campaigns.voice.rules import Severity
from campaigns.voice.versions import (
    MenuVersion,
    NoSuchVersion,
    NotADraft,
    VersionState,
    prompt_rows,
    versions,
)
from campaigns.voice.ways import Way, ways
from campaigns.voice.written import Unreadable, read_menu
from gateway.console.access import current_actor, requires
from gateway.console.people.words import language_words, own_name
from gateway.console.voice import words
from gateway.console.voice.tree import tree_of
from gateway.console.words import _, ngettext
from gateway.house import House

MOST_MENU_BYTES = 300_000


def add_pages(pages: Blueprint, house: House) -> None:
    """The tree, and what is done with a version as a whole."""

    @pages.get("/")
    @requires(Permission.PRODUCE_RADIO)
    def index() -> Response:
        """The draft where there is one, else what callers hear."""
        with house.database.reading() as session:
            return make_response(_page(session))

    @pages.post("/draft")
    @requires(Permission.PRODUCE_RADIO)
    def open_draft() -> Response:
        """Begin a new version as a copy of what callers hear."""
        with house.database.writing() as session:
            try:
                publishing.open_draft(session, current_actor(), now=house.now())
            except NoSuchVersion:
                flash(_("There is no menu yet: bring one in from a file."), "look")
        return _back()

    @pages.post("/<int:menu_id>/publish")
    @requires(Permission.PRODUCE_RADIO)
    def publish(menu_id: int) -> Response:
        """Let callers hear the draft, or say what is missing."""
        try:
            with house.database.writing() as session:
                keys = [show.key for show in shows(session)]
                made = publishing.publish(session, current_actor(), menu_id, now=house.now(), shows=keys)
                version = made.version
        except MenuIncomplete as incomplete:
            missing = ", ".join(
                f"{words.fixed_words(name)} ({language_words(language)})"
                for name, language in incomplete.missing
            )
            flash(
                _("It is not complete, so nothing was published. Missing: %(what)s.", what=missing), "failed"
            )
        except MenuFaulty as faulty:
            count = len(faulty.findings)
            flash(
                ngettext(
                    "Nothing was published: %(num)s thing must be mended first.",
                    "Nothing was published: %(num)s things must be mended first.",
                    count,
                ),
                "failed",
            )
        except (NoSuchVersion, NotADraft):
            flash(_("This version is no draft any more; nothing was changed."), "look")
        else:
            flash(_("Version %(number)s is live: the next caller hears it.", number=version), "happened")
        return _back()

    @pages.get("/<int:menu_id>/drop")
    @requires(Permission.PRODUCE_RADIO)
    def ask_drop(menu_id: int) -> Response:
        """Ask once more before a draft is thrown away."""
        return make_response(render_template("voice/drop.html", menu_id=menu_id))

    @pages.post("/<int:menu_id>/drop")
    @requires(Permission.PRODUCE_RADIO)
    def drop(menu_id: int) -> Response:
        """Throw a draft away; what callers hear stays."""
        try:
            with house.database.writing() as session:
                publishing.drop_draft(session, current_actor(), menu_id, now=house.now())
        except (NoSuchVersion, NotADraft):
            flash(_("This version is no draft any more; nothing was changed."), "look")
        else:
            flash(_("The draft is gone. Callers hear no change."), "happened")
        return _back()

    @pages.get("/<int:menu_id>/menu.yaml")
    @requires(Permission.PRODUCE_RADIO)
    def download(menu_id: int) -> Response:
        """The menu as a file that can be changed and brought in again."""
        with house.database.reading() as session:
            found = session.get_one(MenuVersion, menu_id)
        answer = Response(found.body, mimetype="application/yaml")
        answer.headers["Content-Disposition"] = f"attachment; filename=menu-{found.version}.yaml"
        return answer

    @pages.post("/menu.yaml")
    @requires(Permission.PRODUCE_RADIO)
    def bring_in() -> Response:
        """Take a menu in from a file; the draft becomes it."""
        file = request.files.get("menu")
        content = file.read(MOST_MENU_BYTES + 1) if file else b""
        try:
            menu = read_menu(content.decode())
            with house.database.writing() as session:
                publishing.change_menu(session, current_actor(), menu, now=house.now())
        except UnicodeDecodeError:
            flash(_("This is not a text file; nothing was changed."), "failed")
        except (Unreadable, MenuFaulty) as wrong:
            flash(_("The menu was not taken: %(why)s", why=str(wrong)), "failed")
        else:
            flash(_("The draft is this menu now; recordings stayed by their names."), "happened")
        return _back()


def _page(session: Session) -> str:
    every = versions(session)
    live = next((one for one in every if one.state == VersionState.PUBLISHED), None)
    shown = publishing.draft(session) or live
    if shown is None:
        return render_template("voice/none.html")
    menu = read_menu(shown.body)
    findings = publishing.findings_of(session, shown.id, shows=[show.key for show in shows(session)])
    labels = {node.name: node.label for node in menu.nodes.values()}
    labels |= {node.prompt: node.label for node in menu.nodes.values()}
    mend = [finding for finding in findings if finding.severity is Severity.MEND]
    return render_template(
        "voice/line.html",
        shown=shown,
        live=live,
        menu=menu,
        tree=tree_of(menu, shown.id, prompt_rows(session, shown.id), findings),
        mend=[(words.where_words(finding, labels), words.says(finding)) for finding in mend],
        look=_grouped(findings, labels),
        look_count=len(findings) - len(mend),
        keypad=words.keypad(),
        lines=_lines(session),
        ways=words.ways(),
        language_words=language_words,
        own_name=own_name,
    )


def _lines(session: Session) -> list[tuple[Line, int]]:
    kept = ways(session)
    return [(line, int(kept.get(line.id, Way.ANSWERS))) for line in lines_that(session, Can.VOICE_IN)]


def _grouped(findings: list, labels: dict[str, str]) -> list[tuple[str, str]]:  # type: ignore[type-arg]
    """What a person should look at, the same remark said once with how often it holds."""
    by_words: dict[str, list[str]] = {}
    for finding in findings:
        if finding.severity is Severity.LOOK:
            by_words.setdefault(words.says(finding), []).append(words.where_words(finding, labels))
    return [
        (
            places[0]
            if len(places) == 1
            else ngettext("%(num)s recording", "%(num)s recordings", len(places)),
            says,
        )
        for says, places in by_words.items()
    ]


def _back() -> Response:
    return make_response(redirect(url_for("voice.index"), 303))
