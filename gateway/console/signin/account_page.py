"""Your account: password, second factor, recovery codes, and signing out everywhere."""

from dataclasses import dataclass

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from campaigns.programme.programme import the_programme
from campaigns.staff import audit
from campaigns.staff.actor import ROLES, Permission
from gateway.console.access import current_actor, requires
from gateway.console.signin.accounts import end_all_sessions, set_password
from gateway.console.signin.models import Account
from gateway.console.signin.passwords import MOST, PasswordTooLong, PasswordTooShort, is_right
from gateway.console.signin.second_factor import Setup, SetupExpired
from gateway.console.signin.sessions import current_account
from gateway.console.signin.tries import TooManyTries, count_try
from gateway.console.signin.views import the_sign_in
from gateway.console.words import _

pages = Blueprint("account", __name__, url_prefix="/account")


@dataclass(frozen=True)
class AccountFacts:
    """What the account page shows."""

    sign_in: str
    roles: list[str]
    has_second_factor: bool
    codes_left: int


@pages.get("")
@requires(Permission.LOOK)
def page() -> Response:
    """What this account is, and what can be changed about it."""
    return _account_page()


@pages.post("/password")
@requires(Permission.LOOK)
def change_password() -> Response:
    """Another password, against the present one; every other browser is signed out, this one signs in afresh."""
    room, account = the_sign_in(), _account()
    if not _knows_password(account):
        return _account_page(password_error=_("This is not your present password. Nothing was changed."))
    try:
        with room.database.writing() as session:
            kept = session.get_one(Account, account.id)
            set_password(session, kept, request.form.get("new", ""))
            audit.record(
                session, current_actor(), "password changed", f"account:{account.id}", now=room.house.now()
            )
    except PasswordTooShort as error:
        words = _(
            "The new password needs %(least)s characters at least. Nothing was changed.", least=error.least
        )
        return _account_page(password_error=words)
    except PasswordTooLong:
        words = _("The new password may have %(most)s characters at most. Nothing was changed.", most=MOST)
        return _account_page(password_error=words)
    _sign_in_again(account)
    flash(_("Your password is changed. Everywhere else you are signed out."), "happened")
    return make_response(redirect(url_for("account.page"), 303))


@pages.get("/second-factor")
@requires(Permission.LOOK, before_second_factor=True)
def second_factor() -> Response:
    """A drawing to photograph; nothing is kept until its first six figures are right."""
    return _setup_page(the_sign_in().second_factor.begin(_account()))


@pages.post("/second-factor")
@requires(Permission.LOOK, before_second_factor=True)
def confirm_second_factor() -> Response:
    """Keep the new authenticator when its figures and the password are right; shows the recovery codes once."""
    room, account = the_sign_in(), _account()
    if not _knows_password(account):
        return _setup_page(
            room.second_factor.begin(account), _("This is not your password. Nothing was changed.")
        )
    try:
        codes = room.second_factor.confirm(
            account, request.form.get("setup", ""), request.form.get("code", "")
        )
    except SetupExpired:
        return _setup_page(
            room.second_factor.begin(account), _("This page was open for too long. Begin again.")
        )
    if codes is None:
        wrong = _("These figures are not right. Photograph the new drawing and try again.")
        return _setup_page(room.second_factor.begin(account), wrong)
    with room.database.writing() as session:
        end_all_sessions(session, session.get_one(Account, account.id))
        audit.record(
            session, current_actor(), "second factor set", f"account:{account.id}", now=room.house.now()
        )
    _sign_in_again(account)
    return make_response(render_template("signin/recovery_codes.html", codes=codes))


@pages.post("/sign-out-everywhere")
@requires(Permission.LOOK, before_second_factor=True)
def sign_out_everywhere() -> Response:
    """End every session of this account, this one too."""
    room, account = the_sign_in(), _account()
    with room.database.writing() as session:
        end_all_sessions(session, session.get_one(Account, account.id))
        audit.record(
            session, current_actor(), "signed out everywhere", f"account:{account.id}", now=room.house.now()
        )
    room.end()
    return make_response(redirect(url_for("signin.page"), 303))


def _account() -> Account:
    account = current_account()
    assert account is not None  # noqa: S101 - the page requires a permission
    return account


def _knows_password(account: Account) -> bool:
    room = the_sign_in()
    try:
        count_try(room.database, room.keys.tries, "password", account.sign_in, now=room.clock())
    except TooManyTries:
        return False
    return is_right(request.form.get("password", ""), account.password)


def _sign_in_again(account: Account) -> None:
    room = the_sign_in()
    fresh = room.accounts.find_user(sign_in=account.sign_in)
    if fresh is not None:
        room.begin(fresh)


def _account_page(password_error: str | None = None) -> Response:
    account, actor = _account(), current_actor()
    with the_sign_in().database.reading() as session:
        training = the_programme(session).training
    facts = AccountFacts(
        account.sign_in,
        [role for role, permissions in ROLES.items() if permissions in actor.permissions],
        account.has_second_factor,
        account.recovery_codes_left,
    )
    page = render_template(
        "signin/account.html",
        facts=facts,
        password_error=password_error,
        is_training=training,
        role_words=_role_words,
    )
    return make_response(page, 422 if password_error else 200)


def _role_words(roles: list[str]) -> str:
    names = {
        "coordinator": _("coordinator"),
        "approver": _("approver"),
        "producer": _("producer"),
        "moderator": _("moderator"),
        "operator": _("operator"),
    }
    return _(", ").join(names[role] for role in roles)


def _setup_page(setup: Setup, error: str | None = None) -> Response:
    return make_response(
        render_template("signin/second_factor.html", setup=setup, error=error), 422 if error else 200
    )
