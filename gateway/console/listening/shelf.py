"""The shelf: sealed letters by week, and the boxes that the moderator's browser opens with her key."""

import base64
from datetime import datetime

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from sqlalchemy.orm import Session

from campaigns.listening.keys import letters_under, newest_key
from campaigns.listening.letters import boards, has_more, last_opening, letters_of_key, record_opening
from campaigns.listening.responses import list_responses
from campaigns.listening.runs import next_shelving
from campaigns.programme.programme import Programme, the_programme
from campaigns.staff.actor import Permission, names_of
from gateway.console.access import current_actor, requires
from gateway.console.i18n import day_words
from gateway.console.listening.words import label_words, short_day, tab_items
from gateway.console.words import _
from gateway.house import House

NEWEST = 2


def add_pages(pages: Blueprint, house: House) -> None:
    """The shelf and its boxes."""

    @pages.get("")
    @requires(Permission.READ_FEEDBACK)
    def index() -> Response:
        """The shelf as it stands, sealed."""
        with house.database.reading() as session:
            programme = the_programme(session)
            found = boards(session)
            responses = list_responses(session)
            return make_response(
                render_template(
                    "listening/index.html",
                    tabs=tab_items("shelf"),
                    boards=[(board, label_words(board.bucket)) for board in found],
                    total=sum(board.count for board in found),
                    under_keys={key.hex(): count for key, count in letters_under(session).items()},
                    has_key=newest_key(session) is not None,
                    mixing=_mixing(programme, house),
                    taken=_taken(session),
                    short_day=short_day,
                    responses=responses[:NEWEST],
                    responses_count=len(responses),
                )
            )

    @pages.post("/letters")
    @requires(Permission.READ_FEEDBACK)
    def letters() -> Response:
        """Sealed boxes of one key, in the order of their random ids, a piece at a time; nothing here opens them.

        A POST, although it only reads: that letters were taken is recorded, and the address stays empty.
        """
        key_id, after = _bytes_of("key"), _bytes_of("after")
        with house.database.reading() as session:
            found = letters_of_key(session, current_actor(), key_id, after=after)
            goes_on = bool(found) and has_more(session, key_id, found[-1].rid)
        if not after and found:
            with house.database.writing() as session:
                record_opening(session, current_actor(), now=house.now())
        return jsonify(
            letters=[
                {
                    "from": label_words(letter.bucket),
                    "kind": letter.kind,
                    "box": base64.b64encode(letter.box).decode(),
                }
                for letter in found
            ],
            after=found[-1].rid.hex() if goes_on else None,
        )


def _mixing(programme: Programme, house: House) -> str:
    """When what is being gathered comes to the shelf; never how much it is."""
    least = programme.shelve_least
    if programme.shelve_every_seconds is not None:
        return _(
            "come to the shelf together every %(seconds)s seconds, once there are %(least)s or more",
            seconds=programme.shelve_every_seconds,
            least=least,
        )
    moment = next_shelving(programme, house.now())
    return _(
        "come to the shelf together on %(day)s at %(time)s, if there are %(least)s or more",
        day=day_words(moment.date()),
        time=moment.strftime("%H:%M"),
        least=least,
    )


def _taken(session: Session) -> tuple[str, datetime] | None:
    """Who took the letters last, and when."""
    opening = last_opening(session)
    if opening is None or opening.staff is None:
        return None
    return names_of(session, {opening.staff}).get(opening.staff, ""), opening.at


def _bytes_of(name: str) -> bytes:
    try:
        return bytes.fromhex(request.form.get(name, ""))
    except ValueError:
        abort(400)
