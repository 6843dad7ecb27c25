"""The recording of a call in one language: recorded here or given as a file, heard again, taken out."""

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from campaigns.audio.blobs import NoSuchSound, audio_of
from campaigns.audio.purposes import MOST_BYTES, Purpose
from campaigns.audio.refusals import AudioRefused, Why
from campaigns.audio.uploads import NoSuchUpload, UploadState, accept_upload, outcome_of
from campaigns.outreach.campaigns import Campaign, wordings_of
from campaigns.outreach.scripts import set_recording
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.around import around_of
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.calls import refusal_words
from gateway.console.campaigns.composing import broadcast, editable, foot_of, head_of
from gateway.console.campaigns.names import is_call
from gateway.console.campaigns.script import spoken_languages, spoken_of
from gateway.console.words import _

ADDRESS = "/<int:campaign_id>/recordings/<language>"
FORM_BYTES = 64 * 1024  # what a form needs beside its file
HEXADECIMAL = frozenset("0123456789abcdef")


@pages.get(ADDRESS)
@requires(Permission.WRITE_CAMPAIGNS)
def recording(campaign_id: int, language: str) -> Response:
    """What is said and heard in one language, and the ways to record it."""
    with the_house().database.reading() as session:
        campaign = _calling(session, campaign_id, language)
        upload = request.args.get("upload", "")
        refused = request.args.get("refused", "")
        spoken = spoken_of(session, campaign, around_of(session))
        return make_response(
            render_template(
                "campaigns/recording.html",
                head=head_of(session, campaign, "wording"),
                spoken=next(each for each in spoken if each.language.tag == language),
                upload=upload if HEXADECIMAL.issuperset(upload) else "",
                refusal=refusal_words(Why(refused)) if refused in list(Why) else None,
                foot=foot_of(session, campaign, now=the_house().now()),
                seconds=Purpose.CALL_WORDING.most_seconds,
            )
        )


@pages.post(ADDRESS)
@requires(Permission.WRITE_CAMPAIGNS)
def record(campaign_id: int, language: str) -> Response:
    """Take a recording in; a worker measures and mends it, and puts it into the campaign."""
    house = the_house()
    request.max_content_length = MOST_BYTES + FORM_BYTES
    file = request.files.get("recording")
    about: dict[str, int | str] = {
        "campaign": campaign_id,
        "language": language,
        "staff": current_actor().staff.hex(),
    }
    try:
        with house.database.writing() as session:
            _calling(session, campaign_id, language)
            data = file.read() if file else b""
            rid = accept_upload(session, Purpose.CALL_WORDING, about, data, house.now())
    except AudioRefused as refused:
        # Not flashed: the browser's recorder reads this answer before the page is opened.
        return _back(campaign_id, language, refused=str(refused.why))
    return _back(campaign_id, language, upload=rid.hex())


@pages.get(f"{ADDRESS}/uploads/<upload>")
@requires(Permission.WRITE_CAMPAIGNS, renews_itself=True)
def recording_outcome(campaign_id: int, language: str, upload: str) -> Response:
    """What became of a recording: asked by the page until it is there."""
    try:
        with the_house().database.reading() as session:
            outcome = outcome_of(session, bytes.fromhex(upload))
    except (NoSuchUpload, ValueError):
        abort(404)
    if outcome.state is UploadState.WAITING:
        return make_response(
            render_template(
                "campaigns/recording_waits.html", campaign_id=campaign_id, language=language, upload=upload
            )
        )
    if outcome.state is UploadState.REFUSED and outcome.why is not None:
        flash(refusal_words(outcome.why), "failed")
    else:
        flash(
            _("The recording is there. Its silence was cut off and its loudness set: hear it once."),
            "happened",
        )
    answer = Response(status=200)
    answer.headers["HX-Redirect"] = url_for("campaigns.recording", campaign_id=campaign_id, language=language)
    return answer


@pages.post(f"{ADDRESS}/take-out")
@requires(Permission.WRITE_CAMPAIGNS)
def take_out(campaign_id: int, language: str) -> Response:
    """Take the recording out of the campaign; its words stay."""
    house = the_house()
    with house.database.writing() as session:
        _calling(session, campaign_id, language)
        set_recording(session, current_actor(), campaign_id, language, blob=None, now=house.now())
    flash(_("The recording is taken out; the words stay."), "happened")
    return _back(campaign_id, language)


@pages.get("/<int:campaign_id>/sounds/<digest>.wav")
@requires(Permission.WRITE_CAMPAIGNS, or_else=Permission.APPROVE_CAMPAIGNS)
def sound(campaign_id: int, digest: str) -> Response:
    """A recording of this campaign and of no other, for who writes or approves it; also a part of it, as some
    browsers play nothing that they cannot have in pieces."""
    try:
        with the_house().database.reading() as session:
            blobs = {wording.blob for wording in wordings_of(session, broadcast(session, campaign_id).id)}
            wanted = bytes.fromhex(digest)
            if wanted not in blobs:
                abort(404)
            audio = audio_of(session, wanted)
    except (NoSuchSound, ValueError):
        abort(404)
    answer = Response(audio.data, mimetype=audio.media_type)
    answer.make_conditional(request, accept_ranges=True, complete_length=len(audio.data))
    return answer


def _calling(session: Session, campaign_id: int, language: str) -> Campaign:
    """A call that may still be changed, in a language that it may be recorded in; else there is no such page."""
    campaign = editable(session, campaign_id)
    if not is_call(campaign) or language not in spoken_languages(session, campaign):
        abort(404)
    return campaign


def _back(
    campaign_id: int, language: str, *, upload: str | None = None, refused: str | None = None
) -> Response:
    address = url_for(
        "campaigns.recording", campaign_id=campaign_id, language=language, upload=upload, refused=refused
    )
    return make_response(redirect(address, 303))
