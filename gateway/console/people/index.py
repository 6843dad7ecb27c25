"""The list of people: fifty a page, by group, language and where they stand; never by number."""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.consent.listing import Answer, Listed, Stands, count_by_stand, list_people
from campaigns.people.listing import Wanted, every_group, groups_of, languages_in_use, masked_number
from campaigns.programme.places import Place
from campaigns.staff.actor import Permission
from campaigns.storage.vault import Vault
from gateway.console.access import requires
from gateway.console.people.words import (
    StandWords,
    language_words,
    month_words,
    purposes,
    stands_words,
)
from gateway.console.words import _
from gateway.house import House

A_PAGE = 50
ANSWER_KEYS = {Answer.YES: "yes", Answer.NO: "no", Answer.OPEN: "not-asked"}


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    rid: str
    code: str
    number: str
    language: str
    groups: list[str]
    place: str
    marks: list[tuple[str, str, str]]
    heard: str | None
    stands: StandWords


@dataclass(frozen=True)
class Paging:
    """Which people of how many this page shows, and the ways to its neighbours."""

    first: int
    last: int
    total: int
    back: str | None
    on: str | None


@dataclass(frozen=True)
class Chosen:
    """The filters as they stand in the address."""

    wanted: Wanted
    stands: Stands | None

    @classmethod
    def from_address(cls) -> "Chosen":
        """Read the address; what cannot be read means everybody."""
        keys = {stands_words(stands).key: stands for stands in Stands}
        wanted = Wanted(request.args.get("group", type=int), request.args.get("language") or None)
        return cls(wanted, keys.get(request.args.get("state", "")))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but everybody is shown."""
        return self.wanted != Wanted() or self.stands is not None

    def address(self, page: int) -> str:
        """The address of a page of this choice."""
        return url_for(
            "people.index",
            group=self.wanted.group,
            language=self.wanted.language,
            state=stands_words(self.stands).key if self.stands else None,
            page=page if page > 1 else None,
        )


def add_pages(pages: Blueprint, house: House) -> None:
    """The list."""

    @pages.get("")
    @requires(Permission.SEE_PEOPLE)
    def index() -> Response:
        """One page of the people chosen; only the numbers it shows are opened, to be masked."""
        chosen, now = Chosen.from_address(), house.now()
        with house.database.reading() as session:
            counts = count_by_stand(session, chosen.wanted, now=now)
            total = counts[chosen.stands] if chosen.stands else sum(counts.values())
            page = min(max(request.args.get("page", 1, type=int), 1), max(-(-total // A_PAGE), 1))
            found = list_people(
                session, chosen.wanted, chosen.stands, limit=A_PAGE, offset=(page - 1) * A_PAGE, now=now
            )
            groups = every_group(session)
            return make_response(
                render_template(
                    "people/index.html",
                    rows=_rows(session, house.vault(session), found),
                    everybody=sum(counts.values()),
                    counts=[(stands_words(stands), count) for stands, count in counts.items()],
                    purposes=purposes(),
                    chosen=chosen,
                    filters=_filters(session, groups, chosen),
                    groups_count=len(groups),
                    paging=_paging(chosen, page, len(found), total),
                )
            )


def _filters(
    session: Session, groups: list[tuple[int, str]], chosen: Chosen
) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """The three menus: name, label, options, and what is chosen."""
    by_group = [(str(group), name) for group, name in groups]
    by_language = [(tag, language_words(tag)) for tag in languages_in_use(session)]
    by_state = [(words.key, words.words) for words in map(stands_words, Stands)]
    group, language = chosen.wanted.group, chosen.wanted.language
    state = stands_words(chosen.stands).key if chosen.stands else ""
    return [
        ("group", _("Group"), [("", _("All groups")), *by_group], str(group or "")),
        ("language", _("Language"), [("", _("All languages")), *by_language], language or ""),
        ("state", _("State"), [("", _("All states")), *by_state], state),
    ]


def _rows(session: Session, vault: Vault, found: list[Listed]) -> list[Row]:
    groups = groups_of(session, [one.contact.id for one in found])
    wanted = {one.contact.place_id for one in found}
    places = dict(session.execute(select(Place.id, Place.name).where(Place.id.in_(wanted))).all())
    return [
        Row(
            rid=one.contact.rid.hex(),
            code=one.contact.code,
            number=masked_number(vault, one.contact),
            language=language_words(one.contact.language),
            groups=groups.get(one.contact.id, []),
            place=places[one.contact.place_id],
            marks=marks_of(one),
            heard=month_words(one.contact.heard_month) if one.contact.heard_month else None,
            stands=stands_words(one.stands),
        )
        for one in found
    ]


def marks_of(one: Listed) -> list[tuple[str, str, str]]:
    """The six marks: state, icon, words."""
    return [(ANSWER_KEYS[one.answers[known.purpose]], known.icon, known.words) for known in purposes()]


def _paging(chosen: Chosen, page: int, shown: int, total: int) -> Paging:
    before = (page - 1) * A_PAGE
    return Paging(
        first=before + 1,
        last=before + shown,
        total=total,
        back=chosen.address(page - 1) if page > 1 else None,
        on=chosen.address(page + 1) if before + shown < total else None,
    )
