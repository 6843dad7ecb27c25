"""Sessions: who a browser's cookie stands for now, from the first page to signing out.

The cookie is signed and names a row of `open_session`; without that row, or after 30 minutes of rest or eight
hours in all, it stands for nobody. Looking never writes: the last use is kept in the cookie itself.
Real time is used, also in a training programme whose clock runs faster.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, g, session
from flask_login import current_user
from flask_security import RoleMixin, Security, UserDatastore, login_user, logout_user
from sqlalchemy import delete, select

from campaigns.staff import audit
from campaigns.staff.actor import Actor, actor_of
from campaigns.storage.columns import new_rid
from campaigns.storage.engine import Database
from gateway.console.signin.keys import SignInKeys
from gateway.console.signin.models import Account, OpenSession
from gateway.console.signin.second_factor import SecondFactor
from gateway.house import House

REST = timedelta(minutes=30)
WHOLE = timedelta(hours=8)
NOTED_EVERY = timedelta(minutes=1)
CODE_WITHIN = timedelta(minutes=5)


class NobodyActs(Exception):
    """A view asked who acts, but requires no permission; a mistake of ours."""


Clock = Callable[[], datetime]


def real_time() -> datetime:
    """The time it really is, aware, UTC."""
    return datetime.now(UTC)


class _NoRole(RoleMixin):
    """Roles live in the domain (`campaigns.staff`); the library is given none."""


class Accounts(UserDatastore):
    """The library's door to accounts: it looks in short readings and gives rows that no session holds any more."""

    def __init__(self, database: Database) -> None:
        """Opens nothing yet."""
        super().__init__(Account, _NoRole)
        self._database = database

    def find_user(self, case_insensitive: bool = False, **wanted: object) -> Account | None:
        """The account with this one unique value."""
        ((column, value),) = wanted.items()
        with self._database.reading() as reading:
            account = reading.scalars(select(Account).where(getattr(Account, column) == value)).one_or_none()
            if account is not None:
                reading.expunge(account)
            return account

    def find_role(self, role: str) -> None:
        """There are none."""
        return


@dataclass
class SignIn:
    """What the sign-in room needs to work; one a process, in `app.extensions["paigham.sign_in"]`."""

    house: House
    keys: SignInKeys
    accounts: Accounts
    second_factor: SecondFactor
    clock: Clock = real_time

    @property
    def database(self) -> Database:
        """The house's database."""
        return self.house.database

    def load(self, uniquifier: str) -> Account | None:
        """Who the cookie of this request stands for; notes the actor for this request. None ends the session."""
        now, g.actor = self.clock(), None
        seen, sid = session.get("seen"), session.get("sid")
        if not isinstance(seen, int) or not isinstance(sid, str):
            return None
        if now - datetime.fromtimestamp(seen, UTC) > REST:
            return None
        with self.database.reading() as reading:
            row = reading.execute(
                select(Account, OpenSession)
                .join(OpenSession, OpenSession.account_id == Account.id)
                .where(Account.fs_uniquifier == uniquifier, OpenSession.rid == bytes.fromhex(sid))
            ).first()
            if row is None or not row.Account.active or now - row.OpenSession.began_at > WHOLE:
                return None
            g.actor = actor_of(reading, row.Account.staff)
            reading.expunge_all()
        return row.Account if g.actor else None

    def note_use(self) -> None:
        """Keep in the cookie that its owner did something; a page that renews itself is nobody doing something."""
        now = int(self.clock().timestamp())
        if now - session.get("seen", 0) >= NOTED_EVERY.total_seconds():
            session["seen"] = now

    def await_code(self, account: Account) -> None:
        """Remember for five minutes that the password was right."""
        _begin_afresh()
        session["pending"] = [account.fs_uniquifier, int(self.clock().timestamp())]

    def awaited(self) -> Account | None:
        """The account whose second factor is being asked for in this browser."""
        pending = session.get("pending")
        if not pending or self.clock() - datetime.fromtimestamp(pending[1], UTC) > CODE_WITHIN:
            return None
        account = self.accounts.find_user(fs_uniquifier=pending[0])
        return account if account and self.may_enter(account) else None

    def may_enter(self, account: Account) -> bool:
        """Whether account and member of staff are both active."""
        with self.database.reading() as reading:
            return account.active and actor_of(reading, account.staff) is not None

    def begin(self, account: Account) -> None:
        """Sign the account in: a new row, a new cookie, a line in the audit trail."""
        now, rid = self.clock(), new_rid()
        with self.database.writing() as writing:
            writing.execute(delete(OpenSession).where(OpenSession.began_at < now - WHOLE))
            writing.add(OpenSession(rid=rid, account_id=account.id, began_at=now))
            actor = actor_of(writing, account.staff)
            audit.record(writing, actor, "signed in", f"account:{account.id}", now=self.house.now())
        _begin_afresh()
        session["sid"], session["seen"] = rid.hex(), int(now.timestamp())
        if account.language:
            session["language"] = account.language  # not that of whoever sat here before
        login_user(account, remember=False)

    def end(self) -> None:
        """Sign this browser out: its row goes, so that a copy of the cookie is worth nothing either."""
        if sid := session.get("sid"):
            with self.database.writing() as writing:
                writing.execute(delete(OpenSession).where(OpenSession.rid == bytes.fromhex(sid)))
        logout_user()
        _begin_afresh()


def open_sign_in(app: Flask, house: House) -> SignIn:
    """Give the app its accounts, its cookies and the library that watches over them."""
    keys = SignInKeys.from_ring(house.keyring)
    is_https = (house.settings.console_url or house.settings.public_url).startswith("https://")
    app.config.update(
        SECRET_KEY=keys.cookies,
        SESSION_COOKIE_NAME="__Host-paigham" if is_https else "paigham",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_REFRESH_EACH_REQUEST=False,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"sign_in": {"mapper": str, "case_insensitive": True}}],
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_ANONYMOUS_USER_DISABLED=False,
    )
    accounts = Accounts(house.database)
    sign_in = SignIn(house, keys, accounts, SecondFactor(keys, house.database))
    security = Security(app, accounts, register_blueprint=False)
    manager = security.login_manager
    manager.user_loader(sign_in.load)
    manager.request_loader(lambda request: None)  # no tokens in addresses or headers: a cookie or nothing
    manager.session_protection = None  # the address of a phone changes as it travels
    app.extensions["paigham.sign_in"] = sign_in
    return sign_in


def current_account() -> Account | None:
    """The account of this request, or None when nobody is signed in."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def current_actor() -> Actor:
    """Who acts in this request; only where a view requires a permission."""
    actor = g.get("actor")
    if not isinstance(actor, Actor):
        raise NobodyActs
    return actor


def _begin_afresh() -> None:
    """Empty the cookie but for the language: an old cookie never becomes the cookie of a signed-in browser."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
