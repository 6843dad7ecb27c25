"""One prompt in one language: its words, its recording, and the three ways to record it."""

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
from sqlalchemy.orm import Session

from campaigns.audio.purposes import MOST_BYTES, Purpose
from campaigns.audio.refusals import AudioRefused
from campaigns.audio.uploads import NoSuchUpload, UploadState, accept_upload, outcome_of
from campaigns.staff.actor import Permission
from campaigns.voice import prompts as room
from campaigns.voice.menu import prompts_of
from campaigns.voice.prompts import NoSuchPrompt, WordsTooLong
from campaigns.voice.publishing import findings_of
from campaigns.voice.versions import (
    MenuVersion,
    NoSuchVersion,
    NotADraft,
    Prompt,
    prompt_rows,
    version_of,
)
from campaigns.voice.written import read_menu
from gateway.console.access import current_actor, requires
from gateway.console.people.words import language_words, own_name
from gateway.console.voice import words
from gateway.console.words import _
from gateway.house import House

ADDRESS = "/<int:menu_id>/prompts/<name>/<language>"
FORM_BYTES = 64 * 1024  # what a form needs beside its file


def add_pages(pages: Blueprint, house: House) -> None:
    """The prompt's page and what is done on it."""

    @pages.get(ADDRESS)
    @requires(Permission.PRODUCE_RADIO)
    def prompt(menu_id: int, name: str, language: str) -> Response:
        """What is said, what is heard, and what is wrong with it."""
        with house.database.reading() as session:
            return make_response(_page(session, menu_id, name, language))

    @pages.post(ADDRESS)
    @requires(Permission.PRODUCE_RADIO)
    def write(menu_id: int, name: str, language: str) -> Response:
        """Write down what is said."""
        said = {(name, language): request.form.get("words", "").strip()}
        try:
            with house.database.writing() as session:
                room.set_words(session, current_actor(), menu_id, said, now=house.now())
        except WordsTooLong:
            flash(_("These words are too long for one prompt; nothing was changed."), "failed")
        except (NoSuchPrompt, NoSuchVersion, NotADraft):
            _not_changed()
        else:
            flash(_("The words are kept."), "happened")
        return _back(menu_id, name, language)

    @pages.post(f"{ADDRESS}/recording")
    @requires(Permission.PRODUCE_RADIO)
    def record(menu_id: int, name: str, language: str) -> Response:
        """Take a recording in; a worker measures and mends it."""
        request.max_content_length = MOST_BYTES + FORM_BYTES
        file = request.files.get("recording")
        about: dict[str, int | str] = {"menu": menu_id, "name": name, "language": language}
        about["staff"] = current_actor().staff.hex()
        try:
            with house.database.writing() as session:
                _require_prompt(session, menu_id, name, language)
                data = file.read() if file else b""
                rid = accept_upload(session, Purpose.PROMPT, about, data, house.now())
        except AudioRefused as refused:
            flash(_(str(refused)), "failed")
            return _back(menu_id, name, language)
        return _back(menu_id, name, language, upload=rid.hex())

    @pages.get(f"{ADDRESS}/recording/<upload>")
    @requires(Permission.PRODUCE_RADIO, renews_itself=True)
    def recording(menu_id: int, name: str, language: str, upload: str) -> Response:
        """What became of a recording: asked by the page until it is there."""
        try:
            with house.database.reading() as session:
                outcome = outcome_of(session, bytes.fromhex(upload))
        except (NoSuchUpload, ValueError):
            abort(404)
        if outcome.state is UploadState.WAITING:
            return make_response(
                render_template(
                    "voice/waits.html", menu_id=menu_id, name=name, language=language, upload=upload
                )
            )
        if outcome.state is UploadState.REFUSED and outcome.why is not None:
            flash(_(outcome.why.says), "failed")
        else:
            flash(
                _("The recording is there: made as loud as the others, silence cut off its ends."), "happened"
            )
        answer = Response(status=200)
        answer.headers["HX-Redirect"] = url_for("voice.prompt", menu_id=menu_id, name=name, language=language)
        return answer

    @pages.post(f"{ADDRESS}/take-out")
    @requires(Permission.PRODUCE_RADIO)
    def take_out(menu_id: int, name: str, language: str) -> Response:
        """Take a recording out of the draft; its words stay."""
        try:
            with house.database.writing() as session:
                room.detach(session, current_actor(), menu_id, name, language, now=house.now())
        except (NoSuchPrompt, NoSuchVersion, NotADraft):
            _not_changed()
        else:
            flash(_("The recording is taken out; the words stay."), "happened")
        return _back(menu_id, name, language)


def _page(session: Session, menu_id: int, name: str, language: str) -> str:
    version = _require_prompt(session, menu_id, name, language)
    menu = read_menu(version.body)
    row = prompt_rows(session, menu_id).get((name, language)) or Prompt(text="", blob=None, spoken_by=None)
    labels = {node.prompt: node.label for node in menu.nodes.values()}
    mine = [
        (finding.severity, words.says(finding))
        for finding in findings_of(session, menu_id)
        if (finding.where.prompt, finding.where.language) == (name, language)
    ]
    order = [(one, tag) for tag in menu.languages for one in prompts_of(menu)]
    place = order.index((name, language))
    following = order[place + 1] if place + 1 < len(order) else None
    upload = request.args.get("upload", "")
    return render_template(
        "voice/prompt.html",
        version=version,
        name=name,
        language=language,
        label=labels.get(name) or words.fixed_words(name),
        about=prompts_of(menu)[name],
        row=row,
        speaker=words.speaker_words(row.spoken_by),
        findings=mine,
        menu_id=menu_id,
        upload=upload if all(char in "0123456789abcdef" for char in upload) else "",
        following=following,
        language_words=language_words,
        own_name=own_name,
    )


def _require_prompt(session: Session, menu_id: int, name: str, language: str) -> MenuVersion:
    try:
        version = version_of(session, menu_id)
    except NoSuchVersion:
        abort(404)
    menu = read_menu(version.body)
    if name not in prompts_of(menu) or language not in menu.languages:
        abort(404)
    return version


def _not_changed() -> None:
    flash(_("This version is no draft any more; nothing was changed."), "look")


def _back(menu_id: int, name: str, language: str, upload: str | None = None) -> Response:
    address = url_for("voice.prompt", menu_id=menu_id, name=name, language=language, upload=upload)
    return make_response(redirect(address, 303))
