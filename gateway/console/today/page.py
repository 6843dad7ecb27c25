"""The page Today and the piece of it that renews itself."""

import hashlib
from datetime import timedelta

from babel.dates import get_timezone_location
from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from campaigns.outreach.campaigns import State
from campaigns.outreach.progress import Progress
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.i18n import clock_words, day_words, language_now
from gateway.console.today.facts import Going, Today, WaitsForYes, today
from gateway.console.today.lines import why_words
from gateway.console.today.ribbon import Bar, Day, Hours
from gateway.console.words import _, isolated, ngettext
from gateway.house import House

SOON = timedelta(hours=1)
CHIPS = {
    State.SUBMITTED: "waiting",
    State.SCHEDULED: "scheduled",
    State.RUNNING: "going-out",
    State.PAUSED: "paused",
    State.FINISHED: "finished",
    State.STOPPED: "stopped",
}


def today_pages(house: House) -> Blueprint:
    """Today, at the console's root."""
    pages = Blueprint("today", __name__)

    @pages.get("/")
    @requires(Permission.LOOK)
    def page() -> Response:
        """The whole page."""
        inside = _inside(house)
        return make_response(render_template("today/page.html", inside=inside, seen=_mark(inside)))

    @pages.get("/today/now")
    @requires(Permission.LOOK, renews_itself=True)
    def now() -> Response:
        """What changes, without the frame; asked for every five seconds. Nothing (204) while nothing changed,
        so that whoever walks the page by keyboard keeps her place."""
        inside = _inside(house)
        if request.args.get("seen") == _mark(inside):
            return Response(status=204)
        return make_response(render_template("today/live.html", inside=inside, seen=_mark(inside)))

    return pages


def _inside(house: House) -> Markup:
    with house.database.reading() as session:
        facts = today(session, current_actor(), now=house.now())
    return Markup(  # noqa: S704 - a template of ours, which escapes
        render_template(
            "today/now.html",
            facts=facts,
            hours=_hours(facts.day),
            rows=[(going.name, _bars(going)) for going in facts.going if going.bars],
            sentence=_open_sentence(facts),
            chip=_chip,
            counts=_counts,
            going_note=_going_note,
            approval_words=_approval_words,
            why_words=why_words,
            place=str(get_timezone_location(facts.zone, locale=language_now(), return_city=True)),
        )
    )


def _mark(inside: Markup) -> str:
    return hashlib.sha256(inside.encode()).hexdigest()[:16]


def _approval_words(waits: WaitsForYes, day: Day) -> str:
    people = ngettext("up to %(num)s person", "up to %(num)s people", waits.people or 0)
    if waits.starts_at is None:
        return _("By %(name)s, %(people)s.", name=isolated(waits.asked_by), people=people)
    when = clock_words(waits.starts_at)
    if not day.starts <= waits.starts_at < day.ends:
        when = f"{day_words(waits.starts_at)}, {when}"
    return _(
        "By %(name)s, %(people)s, due %(when)s.", name=isolated(waits.asked_by), people=people, when=when
    )


def _chip(going: Going, *, halted: bool) -> str:
    if halted and going.state is State.RUNNING:
        return "paused"
    if going.state is State.PAUSED and going.paused_why not in (None, "person"):
        return "paused-itself"
    if going.state is State.RUNNING and going.is_call:
        return "calling"
    return CHIPS[going.state]


def _counts(going: Going) -> list[tuple[str, int, str]]:
    """The progress of a campaign as the bar takes it; what waits for its hours is no longer "to go"."""
    progress = going.progress
    if going.is_call:
        return _call_counts(progress, min(going.held, progress.to_go))
    return [
        ("delivered", progress.delivered, _("delivered")),
        ("on-the-way", progress.on_the_way, _("on the way")),
        ("to-go", progress.to_go - min(going.held, progress.to_go), _("to go")),
        ("held", min(going.held, progress.to_go), _("wait for their hours")),
        ("not-reached", progress.not_reached, _("not reached")),
        ("unknown", progress.unknown, _("not known yet")),
        ("left-out", progress.left_out, _("left out")),
    ]


def _call_counts(progress: Progress, held: int) -> list[tuple[str, int, str]]:
    """The same of a campaign that calls."""
    return [
        ("delivered", progress.delivered, _("heard it")),
        ("on-the-way", progress.on_the_way, _("on the phone")),
        ("to-go", progress.to_go - held, _("to call")),
        ("held", held, _("called later")),
        ("not-reached", progress.not_reached, _("not reached")),
        ("unknown", progress.unknown, _("not known yet")),
        ("left-out", progress.left_out, _("left out")),
    ]


def _going_note(going: Going) -> str:
    total = going.progress.total
    if not total:
        return _("Nobody is called yet.") if going.is_call else _("Nothing has gone out yet.")
    return ngettext("%(num)s person in all.", "%(num)s people in all.", total)


def _hours(day: Day) -> list[tuple[str, int, int, str]]:
    names = {Hours.PRAYER: _("Friday prayer"), Hours.MOURNING: _("A day without messages")}
    return [
        (str(stretch.kind), stretch.start, stretch.end, names.get(stretch.kind, ""))
        for stretch in day.stretches
    ]


def _bars(going: Going) -> list[tuple[str, int, int, str]]:
    words = {
        Bar.UNAPPROVED: _("%(time)s, if it is approved"),
        Bar.SCHEDULED: _("from %(time)s"),
    }
    named: set[Bar] = set()
    bars = []
    for bar in going.bars:
        label = "" if bar.kind in named else words.get(bar.kind, "") % {"time": _time(bar.start)}
        bars.append((str(bar.kind), bar.start, bar.end, label))
        named.add(bar.kind)
    return bars


def _open_sentence(facts: Today) -> str:
    """Whether texts may go now, until when, and what comes then."""
    day, now = facts.day, facts.now
    for index, window in enumerate(day.windows):
        if now < window.opens:
            return _("Closed now. Open to send from %(time)s.", time=_time(day.minute(window.opens)))
        if now < window.closes:
            left = int((window.closes - now).total_seconds() // 60) + 1
            until = (
                ngettext(
                    "Open to send for %(num)s more minute.", "Open to send for %(num)s more minutes.", left
                )
                if window.closes - now < SOON
                else _("Open to send until %(time)s.", time=_time(day.minute(window.closes)))
            )
            then = _then(day, index)
            return f"{until} {then}" if then else until
    return _("Closed for today.")


def _then(day: Day, index: int) -> str:
    if index + 1 == len(day.windows):
        return ""
    reopens = _time(day.minute(day.windows[index + 1].opens))
    at = day.minute(day.windows[index].closes)
    is_prayer = any(stretch.kind is Hours.PRAYER and stretch.start == at for stretch in day.stretches)
    if is_prayer:
        return _("Then Friday prayer, until %(time)s.", time=reopens)
    return _("Again from %(time)s.", time=reopens)


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
