"""The question of the week: what is asked, until when, and what may be shown of the answers by key."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from campaigns.audio.purposes import MOST_BYTES, Purpose
from campaigns.audio.refusals import AudioRefused
from campaigns.audio.uploads import accept_upload
from campaigns.listening.polls import (
    MOST_OPTIONS,
    Poll,
    PollIncomplete,
    close_poll,
    create_poll,
    options_of,
    shares,
)
from campaigns.programme.programme import the_programme
from campaigns.radio import questions as room
from campaigns.radio.questions import Question, QuestionIncomplete, QuestionWords
from campaigns.radio.shows import show_of
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.i18n import language_now
from gateway.console.people.words import language_words, own_name
from gateway.console.radio.show import frame_of, length_words, local_from_form
from gateway.console.words import _
from gateway.house import House

A_WEEK = timedelta(days=7)
FORM_BYTES = 64 * 1024


def add_pages(pages: Blueprint, house: House) -> None:
    """The question and what is done with it."""

    @pages.get("/<key>/question")
    @requires(Permission.PRODUCE_RADIO)
    def question(key: str) -> Response:
        """The present question, earlier ones, and a new one."""
        with house.database.reading() as session:
            return make_response(_page(session, key, house))

    @pages.post("/<key>/question")
    @requires(Permission.PRODUCE_RADIO)
    def ask(key: str) -> Response:
        """Ask a question, with two or three answers by key or without."""
        try:
            with house.database.writing() as session:
                _ask(session, key, house)
        except (QuestionIncomplete, PollIncomplete):
            flash(
                _(
                    "Write the question in every language of the show, two answers or none, and an end after its "
                    "beginning. Nothing was asked."
                ),
                "failed",
            )
        else:
            flash(
                _("The question is asked. Record it in each language, so that callers hear it."), "happened"
            )
        return _back(key)

    @pages.post("/<key>/question/<int:question_id>/close")
    @requires(Permission.PRODUCE_RADIO)
    def close(key: str, question_id: int) -> Response:
        """Take no more answers."""
        with house.database.writing() as session:
            found = session.get_one(Question, question_id)
            room.close_question(session, current_actor(), question_id, now=house.now())
            if found.poll is not None:
                close_poll(session, current_actor(), found.poll, now=house.now())
        flash(_("The question is closed."), "happened")
        return _back(key)

    @pages.post("/<key>/question/<int:question_id>/<language>/recording")
    @requires(Permission.PRODUCE_RADIO)
    def record_question(key: str, question_id: int, language: str) -> Response:
        """Take its recording in one language in."""
        request.max_content_length = MOST_BYTES + FORM_BYTES
        file = request.files.get("recording")
        try:
            with house.database.writing() as session:
                session.get_one(QuestionWords, (question_id, language))
                about: dict[str, int | str] = {"question": question_id, "language": language}
                accept_upload(session, Purpose.POLL, about, file.read() if file else b"", house.now())
        except AudioRefused as refused:
            flash(_(str(refused)), "failed")
        else:
            flash(_("One recording is being measured and mended; it is here in a moment."), "fact")
        return _back(key)


def _ask(session: Session, key: str, house: House) -> None:
    show, now = show_of(session, key), house.now()
    zone = ZoneInfo(the_programme(session).zone)
    closes = local_from_form(request.form.get("closes_at", ""))
    if closes is None:
        raise QuestionIncomplete
    closes_at = closes.replace(tzinfo=zone)
    words = {tag: request.form.get(f"words-{tag}", "").strip() for tag in show.language_tags}
    options = _options(show.language_tags)
    poll = None
    if options:
        name = next(iter(words.values()))[:120]
        poll = create_poll(
            session, current_actor(), name, options, opens_at=now, closes_at=closes_at, now=now
        ).id
    room.ask_question(
        session, current_actor(), show.id, words, opens_at=now, closes_at=closes_at, poll=poll, now=now
    )


def _options(languages: tuple[str, ...]) -> list[Mapping[str, str]]:
    """The answers that were written, each in every language that was filled in."""
    every = [
        {tag: request.form.get(f"option-{n}-{tag}", "").strip() for tag in languages}
        for n in range(1, MOST_OPTIONS + 1)
    ]
    return [{tag: said for tag, said in words.items() if said} for words in every if any(words.values())]


def _page(session: Session, key: str, house: House) -> str:
    frame, now = frame_of(session, key, "question"), house.now()
    zone = ZoneInfo(the_programme(session).zone)
    asked = [_seen(session, one) for one in room.questions_of(session, frame.show.id)]
    return render_template(
        "radio/question.html",
        frame=frame,
        asked=asked,
        now=now,
        keys=range(1, MOST_OPTIONS + 1),
        closes=(now + A_WEEK).astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        language_words=language_words,
        length_words=length_words,
        own_name=own_name,
    )


def _seen(session: Session, question: Question) -> tuple[Question, list[QuestionWords], object]:
    poll = session.get(Poll, question.poll) if question.poll else None
    if poll is None:
        return question, room.words_of(session, question.id), None
    said = {
        option.key: option.words.get(language_now()) or next(iter(option.words.values()), option.key)
        for option in options_of(poll)
    }
    found = shares(session, poll.id)
    rows = [
        (share.options, _(", ").join(said[key] for key in share.options), share.percent)
        for share in found.shown
    ]
    return question, room.words_of(session, question.id), (found.votes, rows, list(said.items()))


def _back(key: str) -> Response:
    return make_response(redirect(url_for("radio.question", key=key), 303))
