"""Access: what each page requires. A page that says nothing does not exist.

A view is marked with what guards it: a permission, or the carrier's signature (`CARRIER`, set by the webhooks'
own guard). The few pages open to everybody stand in `OPEN_PAGES`. One hook looks at every request before its
view; a view without a mark answers 404, and `tests/architecture/test_routes.py` refuses it before that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, abort, g, make_response, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect

from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Permission
from gateway.console.signin.sessions import SignIn, current_account, current_actor
from gateway.house import House

__all__ = ["CARRIER", "OPEN_PAGES", "current_actor", "guard_of", "requires", "stand_guard"]

CARRIER = "carrier"
OPEN_PAGES = frozenset(
    {
        *("static", "health", "language.choose"),
        *("signin.page", "signin.enter", "signin.code", "signin.check_code"),
        # carriers sign no request for a sound; the keyed mark in its name lets in (webhooks/media.py)
        *("carrier.audio", "carrier.passing_audio"),
        "carrier.twilio_heard",  # nor for what a caller has just said; its name is sealed (webhooks/echo.py)
    }
)
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SAME_SITE = frozenset({"same-origin", "none"})

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class _Terms:
    """What a page asks beyond its permission."""

    before_second_factor: bool
    renews_itself: bool
    or_else: Permission | None = None


def requires(
    permission: Permission,
    *,
    or_else: Permission | None = None,
    before_second_factor: bool = False,
    renews_itself: bool = False,
) -> Callable[[View], View]:
    """Mark a view: only a signed-in person with this permission, or with `or_else`, reaches it.

    `before_second_factor`: also while a live programme's member of staff has none yet. `renews_itself`: the page
    is asked for by a page and not by a person, so it does not keep a session awake.
    """

    def mark(view: View) -> View:
        view.__guarded__ = permission  # type: ignore[attr-defined]
        view.__terms__ = _Terms(before_second_factor, renews_itself, or_else)  # type: ignore[attr-defined]
        return view

    return mark


def guard_of(app: Flask, endpoint: str) -> Permission | str | None:
    """What guards an endpoint: a permission, `CARRIER`, "open", or None (such a page answers 404)."""
    if endpoint in OPEN_PAGES:
        return "open"
    guard = getattr(app.view_functions[endpoint], "__guarded__", None)
    return guard if guard == CARRIER or isinstance(guard, Permission) else None


def admitted_by(app: Flask, endpoint: str) -> tuple[Permission, ...]:
    """The permissions that each alone open a page; none for one that is open, a carrier's, or unmarked."""
    guard = guard_of(app, endpoint)
    if not isinstance(guard, Permission):
        return ()
    terms = getattr(app.view_functions[endpoint], "__terms__", _Terms(False, False))
    return (guard,) if terms.or_else is None else (guard, terms.or_else)


def stand_guard(app: Flask, house: House, sign_in: SignIn) -> None:
    """Look at every request before its view does: forged forms, who it is, and what she may do."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_SSL_STRICT=False, WTF_CSRF_TIME_LIMIT=None)
    csrf = CSRFProtect(app)

    @app.before_request
    def guard() -> Response | None:
        if request.endpoint is None:
            return None  # no such page: Flask says so
        guarded = guard_of(app, request.endpoint)
        if guarded is None:
            abort(404)
        if guarded == CARRIER:
            return None
        _refuse_other_sites()
        csrf.protect()
        if not isinstance(guarded, Permission):
            return None
        if current_account() is None:
            return _to_sign_in()
        terms = getattr(app.view_functions[request.endpoint], "__terms__", _Terms(False, False))
        if terms.or_else is None or terms.or_else not in current_actor().permissions:
            current_actor().require(guarded)
        if not terms.before_second_factor and _lacks_second_factor(house):
            return make_response(redirect(url_for("account.second_factor"), 303))
        if not terms.renews_itself:
            sign_in.note_use()
        return None


def _refuse_other_sites() -> None:
    """Browsers say where a request comes from; another site may not even try to guess a token."""
    site = request.headers.get("Sec-Fetch-Site")
    if request.method in CHANGING and site is not None and site not in SAME_SITE:
        abort(403)


def _to_sign_in() -> Response:
    address = url_for("signin.page")
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": address})
    return make_response(redirect(address, 303))


def _lacks_second_factor(house: House) -> bool:
    account = current_account()
    if account is None or account.has_second_factor:
        return False
    if "is_training" not in g:
        with house.database.reading() as session:
            g.is_training = the_programme(session).training
    return not g.is_training
