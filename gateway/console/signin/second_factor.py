"""The second factor: six figures from an authenticator, each good once, and recovery codes for a lost phone."""

import hashlib
import hmac
import io
from dataclasses import dataclass
from typing import cast

import qrcode
import qrcode.image.svg
from flask_security import UserMixin
from flask_security.totp import Totp
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup
from passlib.exc import UsedTokenError
from passlib.totp import TotpMatch
from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from campaigns.storage.engine import Database
from gateway.console.signin.keys import SignInKeys
from gateway.console.signin.models import AUTHENTICATOR, Account

ISSUER = "Paigham"
CLOCK_DRIFT_SECONDS = (
    30  # phones' clocks drift: one code before and after is taken (ASVS 6.5.5 asks for none)
)
SETUP_SECONDS = 15 * 60
RECOVERY_CODES = 8


class SetupExpired(Exception):
    """The page with the new authenticator's code was open for over 15 minutes, or belongs to another account."""


@dataclass(frozen=True)
class Setup:
    """What a page shows while an authenticator is being set up; nothing of it is stored yet."""

    sealed: str
    key: str
    drawing: Markup


class OnceOnlyTotp(Totp):
    """The library's TOTP with a memory in the database: a code that was used is not taken again, by any process."""

    def __init__(self, keys: SignInKeys, database: Database) -> None:
        """Secrets are sealed with a key that is not in the database."""
        super().__init__({"1": keys.authenticators.hex()}, ISSUER)
        self._database = database

    def get_last_counter(self, user: UserMixin) -> int | None:
        """The newest step from which a code was taken."""
        return cast(Account, user).totp_counter

    def set_last_counter(self, user: UserMixin, tmatch: TotpMatch) -> None:
        """Take the code unless another request took it, or a newer one, first. Raises UsedTokenError."""
        not_taken = or_(Account.totp_counter.is_(None), Account.totp_counter < tmatch.counter)
        statement = (
            update(Account).where(Account.id == user.id, not_taken).values(totp_counter=tmatch.counter)
        )
        with self._database.writing() as session:
            taken = session.execute(statement.returning(Account.id)).first()
        if taken is None:
            raise UsedTokenError


class SecondFactor:
    """Setting up and asking the second factor of one installation."""

    def __init__(self, keys: SignInKeys, database: Database) -> None:
        """Needs the keys of sign-in and the database."""
        self._keys = keys
        self._database = database
        self._totp = OnceOnlyTotp(keys, database)
        self._setups = URLSafeTimedSerializer(keys.cookies, salt="authenticator setup")

    def begin(self, account: Account) -> Setup:
        """A fresh secret as a drawing to photograph and a key to type; kept by the page, sealed, until confirmed."""
        secret = self._totp.generate_totp_secret()
        image = qrcode.make(
            self._totp.get_totp_uri(account.sign_in, secret),
            image_factory=qrcode.image.svg.SvgPathImage,
            border=2,
        )
        file = io.BytesIO()
        image.save(file)
        drawing = file.getvalue().decode().split("?>", 1)[1]
        sealed = self._setups.dumps([account.fs_uniquifier, secret])
        return Setup(str(sealed), self._totp.get_totp_pretty_key(secret), Markup(drawing))  # noqa: S704 - ours

    def again(self, account: Account, sealed: str) -> str:
        """The secret of a setup page. Raises SetupExpired."""
        try:
            whose, secret = self._setups.loads(sealed, max_age=SETUP_SECONDS)
        except BadData:
            raise SetupExpired from None
        if whose != account.fs_uniquifier:
            raise SetupExpired
        return str(secret)

    def confirm(self, account: Account, sealed: str, code: str) -> list[str] | None:
        """Keep the new authenticator when `code` is its own, and give fresh recovery codes; else None.

        Raises SetupExpired.
        """
        secret = self.again(account, sealed)
        if not self._is_code_of(account, code, secret):
            return None
        codes = self._totp.generate_recovery_codes(RECOVERY_CODES)
        with self._database.writing() as session:
            kept = session.get_one(Account, account.id)
            kept.tf_primary_method, kept.tf_totp_secret = AUTHENTICATOR, secret
            kept.recovery_codes = " ".join(self._mark(account, code) for code in codes)
        return list(codes)

    def is_right(self, account: Account, code: str) -> bool:
        """Whether these are the figures of now, or an unused recovery code; either is used up by this."""
        plain = "".join(char for char in code.lower() if char.isalnum())
        if plain.isdigit() and len(plain) == 6:
            return account.tf_totp_secret is not None and self._is_code_of(
                account, plain, account.tf_totp_secret
            )
        with self._database.writing() as session:
            return self._use_recovery_code(session, account.id, plain)

    def _is_code_of(self, account: Account, code: str, secret: str) -> bool:
        plain = "".join(code.split())
        return bool(self._totp.verify_totp(plain, secret, account, window=CLOCK_DRIFT_SECONDS))

    def _use_recovery_code(self, session: Session, account_id: int, plain: str) -> bool:
        account = session.get_one(Account, account_id, with_for_update=True)
        marks = account.recovery_codes.split()
        mark = self._mark(account, plain)
        left = [kept for kept in marks if not hmac.compare_digest(kept, mark)]
        account.recovery_codes = " ".join(left)
        return len(left) < len(marks)

    def _mark(self, account: Account, code: str) -> str:
        plain = "".join(char for char in code if char.isalnum())
        return hmac.new(
            self._keys.recovery_codes, f"{account.id}\x1f{plain}".encode(), hashlib.sha256
        ).hexdigest()
