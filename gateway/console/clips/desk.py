"""The desk: what waits, one clip with its waveform, and the decision."""

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
from sqlalchemy.orm import Session, undefer

from campaigns.radio import moderation as room
from campaigns.radio.clips import Clip, ClipState, Mentions, Reason, Speaker
from campaigns.radio.moderation import NothingLeft, SpanOutside, WrongClipState
from campaigns.radio.shows import Show, shows
from campaigns.staff.actor import Actor, NotPermitted, Permission
from campaigns.staff.second_person import ContentChanged, SamePerson
from gateway.console.access import current_actor, requires
from gateway.console.clips import words
from gateway.console.clips.edits import edit_given, rid_of
from gateway.console.people.words import language_words
from gateway.console.radio.show import frame_of, length_words
from gateway.console.words import _
from gateway.house import House

BARS = 120
OPEN = (ClipState.PENDING, ClipState.SECOND_EARS)
DECIDED = (ClipState.APPROVED, ClipState.REJECTED)
ADDRESS = "/<key>/<clip>"


def add_pages(pages: Blueprint, house: House) -> None:
    """The list, the clip, and what is done with it."""

    @pages.get("/")
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def first() -> Response:
        """The desk of the first show."""
        with house.database.reading() as session:
            every = shows(session)
        if not every:
            return make_response(render_template("clips/none.html"))
        return make_response(redirect(url_for("clips.index", key=every[0].key), 303))

    @pages.get("/<key>/")
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def index(key: str) -> Response:
        """What waits; the oldest is open."""
        with house.database.reading() as session:
            return make_response(_page(session, house, key, None))

    @pages.get(ADDRESS)
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def clip(key: str, clip: str) -> Response:
        """One clip."""
        with house.database.reading() as session:
            return make_response(_page(session, house, key, rid_of(clip)))

    @pages.post(ADDRESS)
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def edit(key: str, clip: str) -> Response:
        """Keep cuts, beeps, names and words."""
        rid = rid_of(clip)
        try:
            with house.database.writing() as session:
                found = session.get_one(Clip, rid)
                room.edit_clip(
                    session, house.vault(session), current_actor(), rid, edit_given(found), now=house.now()
                )
        except SpanOutside:
            flash(
                _("A cut or a beep lies outside the clip, or nothing would be left. Nothing was kept."),
                "failed",
            )
        except (WrongClipState, NothingLeft, NoResultFound):
            _decided_meanwhile()
        else:
            flash(_("Your cut and your notes are kept."), "happened")
        return _back(key, clip)

    @pages.post(f"{ADDRESS}/approve")
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def approve(key: str, clip: str) -> Response:
        """Say yes to it as it was seen and heard."""
        try:
            seen = bytes.fromhex(request.form.get("seen", ""))
            with house.database.writing() as session:
                state = room.approve(session, current_actor(), rid_of(clip), seen, now=house.now())
        except SamePerson:
            flash(_("You asked for the second ear yourself: another person must listen."), "look")
        except (ContentChanged, ValueError):
            flash(_("The clip was changed since you opened it. Listen to it as it is now."), "look")
        except (WrongClipState, NothingLeft, NoResultFound):
            _decided_meanwhile()
        else:
            if state is ClipState.SECOND_EARS:
                flash(_("Somebody or some group is named, so a second person listens too."), "happened")
            else:
                flash(_("Approved. Callers hear it, if its maker lets them, in a minute."), "happened")
            return make_response(redirect(url_for("clips.index", key=key), 303))
        return _back(key, clip)

    @pages.post(f"{ADDRESS}/reject")
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def reject(key: str, clip: str) -> Response:
        """Do not use it, and say why."""
        try:
            reason = Reason(int(request.form.get("reason", "")))
            with house.database.writing() as session:
                room.reject(session, current_actor(), rid_of(clip), reason, now=house.now())
        except ValueError:
            flash(_("Choose why it is not used; nothing was changed."), "failed")
            return _back(key, clip)
        except (WrongClipState, NothingLeft, NoResultFound):
            _decided_meanwhile()
        else:
            flash(_("Not used. Its sound and its words are gone in seven days."), "happened")
        return make_response(redirect(url_for("clips.index", key=key), 303))

    @pages.post(f"{ADDRESS}/reopen")
    @requires(Permission.PRODUCE_RADIO, or_else=Permission.HEAR_WOMEN)
    def reopen(key: str, clip: str) -> Response:
        """Take a decision back."""
        try:
            with house.database.writing() as session:
                room.reopen(session, current_actor(), rid_of(clip), now=house.now())
        except (WrongClipState, NothingLeft, NoResultFound):
            _decided_meanwhile()
        else:
            flash(_("The decision is taken back: no caller hears it, and it waits here again."), "happened")
        return _back(key, clip)


def _page(session: Session, house: House, key: str, rid: bytes | None) -> str:
    actor, frame = current_actor(), frame_of(session, key, "clips")
    waiting = room.clips_in(session, actor, frame.show.id, *OPEN)
    aside = room.set_aside_in(session, actor, frame.show.id)
    decided = room.clips_in(session, actor, frame.show.id, *DECIDED, limit=20)
    chosen = rid if rid is not None else waiting[0].rid if waiting else None
    there = room.waiting_at(session, frame.show.id)
    return render_template(
        "clips/desk.html",
        frame=frame,
        waiting=[_row(one) for one in waiting],
        aside=[_row(one) for one in aside],
        decided=[_row(one) for one in decided],
        hidden=there.for_women if Permission.HEAR_WOMEN not in actor.permissions else 0,
        chosen=_chosen(session, house, actor, frame.show, chosen) if chosen is not None else None,
        mentions=words.mentions(),
        reasons=words.reasons(),
        speakers=[
            (str(int(one)), words.voice_words(one)) for one in (Speaker.WOMAN, Speaker.MAN, Speaker.UNKNOWN)
        ],
        length_words=length_words,
        language_words=language_words,
    )


def _row(clip: Clip) -> dict[str, object]:
    return {
        "label": clip.label,
        "rid": clip.rid.hex(),
        "kind": words.kind_words(clip),
        "language": language_words(clip.language),
        "voice": words.voice_words(clip.speaker),
        "length": length_words(clip.milliseconds),
        "week": clip.week,
        "state": words.state_words(clip.state),
        "screened": words.screened_words(clip.screened),
    }


def _chosen(session: Session, house: House, actor: Actor, show: Show, rid: bytes) -> dict[str, object]:
    clip = session.get(Clip, rid, options=[undefer(Clip.transcript)])
    if clip is None or clip.show_id != show.id:
        abort(404)
    if not room.may_hear(actor, clip):
        raise NotPermitted(Permission.HEAR_WOMEN)
    vault = house.vault(session)
    first, last = _kept(clip)
    beep = next(iter(clip.beeped), None)
    has_sound, bars = True, []
    try:
        bars = _bars(room.hear(session, vault, actor, rid))
    except NothingLeft:
        has_sound = False
    return _row(clip) | {
        "clip": clip,
        "bars": bars,
        "has_sound": has_sound,
        "seconds": clip.milliseconds / 1000,
        "first": first / 1000,
        "last": last / 1000,
        "beep": (beep.begins_ms / 1000, beep.ends_ms / 1000) if beep else None,
        "more_spans": max(0, len(clip.beeped) - 1),
        "transcript": room.words_of(vault, clip),
        "consents": words.consents(clip),
        "heard": Mentions(clip.mentions),
        "seen": room.decision_hash(clip).hex(),
        "edited": bool(clip.cut_out or clip.beeped or clip.disguised),
        "is_open": clip.state in OPEN,
        "second_ears": clip.state == ClipState.SECOND_EARS,
        "needs_two": bool(Mentions(clip.mentions) & room.SECOND_EARS_FOR),
    }


def _bars(sound: bytes) -> list[int]:
    from campaigns.audio.cutting import waveform  # FFmpeg is loaded only where a sound is read
    from campaigns.audio.refusals import AudioRefused

    try:
        heights = waveform(sound, BARS)
    except AudioRefused:
        return []
    highest = max(heights, default=0) or 1
    return [100 * height // highest for height in heights]


def _kept(clip: Clip) -> tuple[int, int]:
    """What is left between a cut at the beginning and one at the end, in milliseconds."""
    first, last = 0, clip.milliseconds
    for span in clip.cut_out:
        if span.begins_ms == 0:
            first = span.ends_ms
        elif span.ends_ms == clip.milliseconds:
            last = span.begins_ms
    return first, last


def _decided_meanwhile() -> None:
    flash(
        _("Somebody decided on this clip meanwhile, or its maker took it back. Nothing was changed."), "look"
    )


def _back(key: str, clip: str) -> Response:
    return make_response(redirect(url_for("clips.clip", key=key, clip=clip), 303))
