"""The pages before the frame: name and password, then the six figures; and the way out."""

import logging

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from sqlalchemy import select, update

from campaigns.programme.programme import Programme
from campaigns.staff.actor import Permission
from campaigns.storage.engine import Database
from gateway.console.access import requires
from gateway.console.signin.accounts import normal_name
from gateway.console.signin.models import Account
from gateway.console.signin.passwords import hash_of, is_outdated, is_right
from gateway.console.signin.sessions import SignIn, current_account
from gateway.console.signin.tries import TooManyTries, count_try, forgive_try
from gateway.console.words import _

log = logging.getLogger("paigham.console")

pages = Blueprint("signin", __name__)


def the_sign_in() -> SignIn:
    """The sign-in room of this app."""
    room = current_app.extensions["paigham.sign_in"]
    assert isinstance(room, SignIn)  # noqa: S101 - put there by `open_sign_in`
    return room


@pages.get("/sign-in")
def page() -> Response:
    """Name and password."""
    if current_account() is not None:
        return make_response(redirect(url_for("today.page"), 303))
    return _sign_in_page()


@pages.post("/sign-in")
def enter() -> Response:
    """Check name and password. An unknown name takes as long and is answered in the same words as a wrong password."""
    room = the_sign_in()
    name, password = normal_name(request.form.get("sign_in", "")), request.form.get("password", "")
    try:
        tried = count_try(room.database, room.keys.tries, "password", name, now=room.clock())
    except TooManyTries:
        log.warning("signin.slowed")
        return _sign_in_page(name, _too_many(), code=429)
    account = room.accounts.find_user(sign_in=name)
    is_hers = is_right(password, account.password if account else None)
    if account is None or not is_hers or not room.may_enter(account):
        log.info("signin.refused")
        return _sign_in_page(name, _("Name and password do not fit together. Nothing was opened."), code=401)
    forgive_try(room.database, tried)
    if is_outdated(account.password):
        _renew_hash(room.database, account, password)
    if account.has_second_factor:
        room.await_code(account)
        return make_response(redirect(url_for("signin.code"), 303))
    room.begin(account)
    log.info("signin.opened", extra={"account": account.id})
    return make_response(redirect(url_for("today.page"), 303))


@pages.get("/sign-in/code")
def code() -> Response:
    """The six figures."""
    if the_sign_in().awaited() is None:
        return make_response(redirect(url_for("signin.page"), 303))
    return make_response(render_template("signin/code.html"))


@pages.post("/sign-in/code")
def check_code() -> Response:
    """Check the figures, or a recovery code; each is good once."""
    room = the_sign_in()
    account = room.awaited()
    if account is None:
        return make_response(redirect(url_for("signin.page"), 303))
    try:
        tried = count_try(room.database, room.keys.tries, "code", str(account.id), now=room.clock())
    except TooManyTries:
        log.warning("signin.slowed", extra={"account": account.id})
        return make_response(render_template("signin/code.html", error=_too_many()), 429)
    if not room.second_factor.is_right(account, request.form.get("code", "")):
        log.info("signin.refused", extra={"account": account.id})
        wrong = _("These figures are not right, or were used before. Wait for the next six.")
        return make_response(render_template("signin/code.html", error=wrong), 401)
    forgive_try(room.database, tried)
    room.begin(account)
    log.info("signin.opened", extra={"account": account.id})
    return make_response(redirect(url_for("today.page"), 303))


@pages.post("/sign-out")
@requires(Permission.LOOK, before_second_factor=True)
def sign_out() -> Response:
    """End this browser's session and let it forget what it has shown."""
    the_sign_in().end()
    response = make_response(redirect(url_for("signin.page"), 303))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _sign_in_page(name: str = "", error: str | None = None, *, code: int = 200) -> Response:
    with the_sign_in().database.reading() as session:
        training = bool(session.scalars(select(Programme.training).where(Programme.id == 1)).one_or_none())
    return make_response(render_template("signin/page.html", name=name, error=error, training=training), code)


def _too_many() -> str:
    return _("Too many tries. Wait a minute, then try again.")


def _renew_hash(database: Database, account: Account, password: str) -> None:
    with database.writing() as session:
        session.execute(
            update(Account)
            .where(Account.id == account.id, Account.password == account.password)
            .values(password=hash_of(password))
        )
