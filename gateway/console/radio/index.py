"""A show's episodes: how the chosen one is listened to, what each still lacks, and a new one."""

from dataclasses import dataclass

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from campaigns.listening.polls import Poll, Shares, options_of, shares
from campaigns.radio.episodes import (
    Episode,
    EpisodeState,
    Lack,
    create_episode,
    episodes_of,
    lacks_of,
    segments_of,
)
from campaigns.radio.questions import open_question
from campaigns.radio.shows import ShowIncomplete, ShowKeyUnusable, create_show, show_of, shows
from campaigns.staff.actor import Permission
from campaigns.voice.counts import SegmentFigures, segment_figures
from gateway.console.access import current_actor, requires
from gateway.console.i18n import language_now
from gateway.console.radio.show import frame_of, length_words
from gateway.console.words import _
from gateway.house import House


@dataclass(frozen=True)
class Listened:
    """How an episode was listened to: for each segment, of a hundred who began, how many were there at its start."""

    begun: int
    minutes: int
    percents: list[float]
    titles: list[tuple[str, str]]
    reached_middle: int | None
    most_leave: tuple[str, int] | None


@dataclass(frozen=True)
class Row:
    """One episode of the list."""

    episode: Episode
    begun: int
    minutes: int
    reached_middle: int | None
    lacks: int
    is_ready: bool


def add_pages(pages: Blueprint, house: House) -> None:
    """The shows and a show's episodes."""

    @pages.get("/")
    @requires(Permission.PRODUCE_RADIO)
    def index() -> Response:
        """The first show, or the making of one."""
        with house.database.reading() as session:
            every = shows(session)
            if every:
                return make_response(redirect(url_for("radio.episodes", key=every[0].key), 303))
            return make_response(render_template("radio/none.html"))

    @pages.post("/")
    @requires(Permission.PRODUCE_RADIO)
    def new_show() -> Response:
        """Make a show."""
        given = request.form
        try:
            with house.database.writing() as session:
                made = create_show(
                    session,
                    current_actor(),
                    given.get("key", ""),
                    given.get("name", ""),
                    given.get("languages", "").split(),
                    own_name=given.get("own_name", ""),
                    now=house.now(),
                )
                key = made.key
        except ShowKeyUnusable:
            flash(_("Its short name must be new, of a to z, digits and _; nothing was made."), "failed")
        except ShowIncomplete:
            flash(_("A show needs a name and a language at least; nothing was made."), "failed")
        else:
            return make_response(redirect(url_for("radio.episodes", key=key), 303))
        return make_response(redirect(url_for("radio.index"), 303))

    @pages.get("/<key>/")
    @requires(Permission.PRODUCE_RADIO)
    def episodes(key: str) -> Response:
        """Episodes, newest first; the chosen one with its chart."""
        with house.database.reading() as session:
            return make_response(_page(session, key, request.args.get("episode", type=int), house))

    @pages.post("/<key>/episodes")
    @requires(Permission.PRODUCE_RADIO)
    def new_episode(key: str) -> Response:
        """A draft with the next number."""
        title = request.form.get("title", "").strip()
        if not title:
            flash(_("Give the episode a title; nothing was made."), "failed")
            return make_response(redirect(url_for("radio.episodes", key=key), 303))
        with house.database.writing() as session:
            made = create_episode(session, current_actor(), show_of(session, key).id, title, now=house.now())
            found = made.id
        return make_response(redirect(url_for("radio.episode", key=key, episode_id=found), 303))


def _page(session: Session, key: str, chosen: int | None, house: House) -> str:
    frame = frame_of(session, key, "episodes")
    every = episodes_of(session, frame.show.id)
    figures = segment_figures(session, [one.id for one in every])
    rows = [
        _row(session, one, [figure for figure in figures if figure.episode_id == one.id]) for one in every
    ]
    shown = next((row for row in rows if row.episode.id == chosen), None)
    shown = shown or next((row for row in rows if row.begun), None) or next(iter(rows), None)
    question = open_question(session, key, now=house.now())
    poll = session.get(Poll, question.poll) if question and question.poll else None
    return render_template(
        "radio/episodes.html",
        frame=frame,
        rows=rows,
        shown=shown,
        listened=_listened(session, shown.episode, figures) if shown else None,
        others=[
            (one.name, url_for("radio.episodes", key=one.key)) for one in shows(session) if one.key != key
        ],
        question=question,
        words=_in_language(question.words) if question else None,
        answers=_answers(poll, shares(session, poll.id)) if poll else None,
        ready=EpisodeState.READY,
    )


def _row(session: Session, episode: Episode, figures: list[SegmentFigures]) -> Row:
    begun = next((one.entered for one in figures if one.place == 1), 0)
    lacks = [one for one in lacks_of(session, episode) if one.lack is not Lack.ADVISER]
    return Row(
        episode,
        begun,
        sum(one.minutes for one in figures),
        _reached_middle(session, episode, figures),
        sum(one.blocks for one in lacks),
        episode.state == EpisodeState.READY,
    )


def _reached_middle(session: Session, episode: Episode, figures: list[SegmentFigures]) -> int | None:
    """Of a hundred who began, how many reached the piece in which the middle of the episode lies; None without any."""
    begun = next((one.entered for one in figures if one.place == 1), 0)
    segments = _in_first_language(session, episode)
    if not begun or not segments:
        return None
    half, passed = sum(one.milliseconds or 0 for one in segments) / 2, 0
    for segment in segments:
        passed += segment.milliseconds or 0
        if passed >= half:
            there = next((one.entered for one in figures if one.place == segment.place), 0)
            return round(100 * min(begun, there) / begun)  # who resumes comes in later
    return None


def _listened(session: Session, episode: Episode, figures: list[SegmentFigures]) -> Listened | None:
    mine = [one for one in figures if one.episode_id == episode.id]
    begun = next((one.entered for one in mine if one.place == 1), 0)
    segments = _in_first_language(session, episode)
    if not begun or not segments:
        return None
    entered = {one.place: one.entered for one in mine}
    left = {one.place: one.left for one in mine}
    there = [100 * min(begun, entered.get(one.place, 0)) / begun for one in segments]
    there.append(100 * min(begun, left.get(segments[-1].place, 0)) / begun)
    drops = [(there[n] - there[n + 1], segments[n].title) for n in range(len(segments))]
    most = max(drops)
    return Listened(
        begun=begun,
        minutes=sum(one.minutes for one in mine),
        percents=there,
        titles=[(one.title or str(one.place), length_words(one.milliseconds)) for one in segments],
        reached_middle=_reached_middle(session, episode, mine),
        most_leave=(most[1], round(most[0])) if most[0] >= 1 else None,
    )


def _in_first_language(session: Session, episode: Episode) -> list:  # type: ignore[type-arg]
    every = segments_of(session, episode.id)
    first = every[0].language if every else ""
    return [one for one in every if one.language == first]


def _in_language(words: object) -> tuple[str, str]:
    """The question in the page's language where it was asked in it, else in its first."""
    said = dict(words)  # type: ignore[call-overload]
    tag = language_now() if language_now() in said else next(iter(said))
    return tag, said[tag]


def _answers(poll: Poll, found: Shares) -> tuple[int, list[tuple[str, str, int]]]:
    """Votes, and rows of (keys, words, percent) that may be shown."""
    words = {
        option.key: option.words.get(language_now()) or next(iter(option.words.values()), option.key)
        for option in options_of(poll)
    }
    rows = [
        (", ".join(share.options), _(", ").join(words[key] for key in share.options), share.percent)
        for share in found.shown
    ]
    return found.votes, rows
