"""One episode as it is made: its pieces in every language, what it lacks, and letting callers hear it."""

from zoneinfo import ZoneInfo

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
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from campaigns.audio.purposes import MOST_BYTES, Purpose
from campaigns.audio.refusals import AudioRefused
from campaigns.audio.uploads import NoSuchUpload, UploadState, accept_upload, outcome_of
from campaigns.programme.programme import the_programme
from campaigns.radio import episodes as room
from campaigns.radio.episodes import (
    MOST_SEGMENTS,
    Episode,
    EpisodeFinding,
    EpisodeIncomplete,
    EpisodeOnThePhone,
    EpisodeState,
    Lack,
    NoSuchPlace,
    Segment,
)
from campaigns.radio.shows import day_of, next_phone_time, show_of
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.people.words import language_words, own_name
from gateway.console.radio.show import frame_of, length_words, local_from_form
from gateway.console.words import _
from gateway.house import House

FORM_BYTES = 64 * 1024
ADDRESS = "/<key>/episodes/<int:episode_id>"


def add_pages(pages: Blueprint, house: House) -> None:
    """The episode and what is done with it."""

    @pages.get(ADDRESS)
    @requires(Permission.PRODUCE_RADIO)
    def episode(key: str, episode_id: int) -> Response:
        """Its pieces and its checklist."""
        with house.database.reading() as session:
            return make_response(_page(session, key, episode_id, house))

    @pages.post(f"{ADDRESS}/segments/<int:place>/<language>")
    @requires(Permission.PRODUCE_RADIO)
    def segment(key: str, episode_id: int, place: int, language: str) -> Response:
        """Name a piece, and take its recording in when one was given."""
        request.max_content_length = MOST_BYTES + FORM_BYTES
        file = request.files.get("recording")
        data = file.read() if file and file.filename else b""
        upload = None
        try:
            with house.database.writing() as session:
                title = request.form.get("title", "")
                room.set_segment(session, current_actor(), episode_id, place, language, title)
                if data:
                    about: dict[str, int | str] = {
                        "episode": episode_id,
                        "place": place,
                        "language": language,
                    }
                    upload = accept_upload(session, Purpose.SEGMENT, about, data, house.now()).hex()
        except AudioRefused as refused:
            flash(_(str(refused)), "failed")
        except (NoSuchPlace, EpisodeOnThePhone, NoResultFound):
            _not_changed()
        return _back(key, episode_id, upload)

    @pages.get(f"{ADDRESS}/uploads/<upload>")
    @requires(Permission.PRODUCE_RADIO, renews_itself=True)
    def segment_upload(key: str, episode_id: int, upload: str) -> Response:
        """What became of a recording."""
        try:
            with house.database.reading() as session:
                outcome = outcome_of(session, bytes.fromhex(upload))
        except (NoSuchUpload, ValueError):
            abort(404)
        address = url_for("radio.segment_upload", key=key, episode_id=episode_id, upload=upload)
        if outcome.state is UploadState.WAITING:
            return make_response(render_template("radio/waits.html", address=address))
        if outcome.state is UploadState.REFUSED and outcome.why is not None:
            flash(_(outcome.why.says), "failed")
        else:
            flash(_("The recording is there, as loud as the others."), "happened")
        answer = Response(status=200)
        answer.headers["HX-Redirect"] = url_for("radio.episode", key=key, episode_id=episode_id)
        return answer

    @pages.post(f"{ADDRESS}/segments/<int:place>/remove")
    @requires(Permission.PRODUCE_RADIO)
    def remove_segment(key: str, episode_id: int, place: int) -> Response:
        """Take a piece out in every language; those after it move up."""
        try:
            with house.database.writing() as session:
                room.remove_segment(session, current_actor(), episode_id, place)
        except (EpisodeOnThePhone, NoResultFound):
            _not_changed()
        return _back(key, episode_id)

    @pages.post(f"{ADDRESS}/adviser")
    @requires(Permission.PRODUCE_RADIO)
    def adviser(key: str, episode_id: int) -> Response:
        """Note that the religious adviser has listened to it."""
        with house.database.writing() as session:
            today = day_of(session, house.now())
            room.adviser_heard(session, current_actor(), episode_id, today, now=house.now())
        return _back(key, episode_id)

    @pages.post(f"{ADDRESS}/ready")
    @requires(Permission.PRODUCE_RADIO)
    def ready(key: str, episode_id: int) -> Response:
        """Let callers hear it from an hour on."""
        hour = local_from_form(request.form.get("publish_at", ""))
        if hour is None:
            flash(_("Say from when callers hear it; nothing was changed."), "failed")
            return _back(key, episode_id)
        try:
            with house.database.writing() as session:
                zone = ZoneInfo(the_programme(session).zone)
                room.make_ready(
                    session, current_actor(), episode_id, hour.replace(tzinfo=zone), now=house.now()
                )
        except EpisodeIncomplete:
            flash(_("A recording is missing, so nothing was changed."), "failed")
        except (EpisodeOnThePhone, NoResultFound):
            _not_changed()
        else:
            flash(_("The episode is ready: callers hear it from that hour on."), "happened")
        return _back(key, episode_id)

    @pages.post(f"{ADDRESS}/take-off")
    @requires(Permission.PRODUCE_RADIO)
    def take_off(key: str, episode_id: int) -> Response:
        """Take it off the phone, to change it or for good."""
        with house.database.writing() as session:
            room.take_off(session, current_actor(), episode_id, now=house.now())
        flash(_("The episode is off the phone: no further caller begins it."), "happened")
        return _back(key, episode_id)


def _page(session: Session, key: str, episode_id: int, house: House) -> str:
    frame = frame_of(session, key, "episodes")
    found = session.get(Episode, episode_id)
    if found is None or found.show_id != frame.show.id:
        abort(404)
    segments = {(one.place, one.language): one for one in room.segments_of(session, episode_id)}
    places = sorted({place for place, _language in segments})
    following = (places[-1] if places else 0) + 1
    lacks = room.lacks_of(session, found)
    zone = ZoneInfo(the_programme(session).zone)
    usual = (
        found.publish_at or next_phone_time(session, show_of(session, key), now=house.now()) or house.now()
    )
    upload = request.args.get("upload", "")
    return render_template(
        "radio/episode.html",
        frame=frame,
        episode=found,
        is_ready=found.state == EpisodeState.READY,
        places=[
            (place, [_cell(segments, place, tag) for tag in frame.show.language_tags]) for place in places
        ],
        following=following if following <= MOST_SEGMENTS else None,
        checks=_checks(lacks, places, frame.show.language_tags),
        blocks=any(one.blocks for one in lacks),
        adviser_heard=found.adviser_heard,
        usual=usual.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        address=url_for("radio.segment_upload", key=key, episode_id=episode_id, upload=upload)
        if upload and all(char in "0123456789abcdef" for char in upload)
        else None,
        length_words=length_words,
        language_words=language_words,
        own_name=own_name,
    )


def _cell(segments: dict[tuple[int, str], Segment], place: int, language: str) -> Segment:
    empty = Segment(place=place, language=language, title="", blob=None, milliseconds=None, draft=False)
    return segments.get((place, language), empty)


def _checks(
    lacks: list[EpisodeFinding], places: list[int], languages: tuple[str, ...]
) -> list[tuple[str, str]]:
    """The checklist: words, and whether it is done, should be looked at, or stands in the way."""
    rows = [(_("%(num)s pieces", num=len(places)), "yes")] if places else [(_("No piece yet"), "no")]
    for language in languages if places else ():
        mine = [one for one in lacks if one.language == language]
        missing = sorted({one.place or 0 for one in mine if one.lack is Lack.NO_SOUND})
        name = language_words(language)
        if missing:
            told = {"language": name, "places": ", ".join(map(str, missing))}
            rows.append((_("%(language)s is missing: piece %(places)s", **told), "no"))
        else:
            rows.append((_("%(language)s is recorded", language=name), "yes"))
        for lack, says in (
            (Lack.SHORT, _("%(language)s: piece %(places)s is shorter than a minute and a half")),
            (Lack.LONG, _("%(language)s: piece %(places)s is longer than three minutes")),
            (Lack.DRAFT, _("%(language)s: piece %(places)s is a draft that no person recorded")),
        ):
            at = sorted({one.place or 0 for one in mine if one.lack is lack})
            if at:
                rows.append((says % {"language": name, "places": ", ".join(map(str, at))}, "look"))
    if any(one.lack is Lack.ADVISER for one in lacks):
        rows.append((_("The religious adviser has not listened yet"), "look"))
    return rows


def _not_changed() -> None:
    flash(_("The episode is on the phone: take it off first. Nothing was changed."), "look")


def _back(key: str, episode_id: int, upload: str | None = None) -> Response:
    address = url_for("radio.episode", key=key, episode_id=episode_id, upload=upload)
    return make_response(redirect(address, 303))
