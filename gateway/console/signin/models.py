"""The tables of sign-in: accounts, the sessions that are open, and the tries that were made."""

from datetime import datetime

from flask_security import UserMixin
from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.staff.actor import Staff
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid

AUTHENTICATOR = "authenticator"  # the library's name of the only second factor we offer


class Account(UserMixin, Base):
    """How one member of staff signs in. No e-mail, no name, no permission: those questions go to `staff`."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sign_in: Mapped[str] = mapped_column(String(40), unique=True)
    staff: Mapped[bytes] = mapped_column(Rid(), ForeignKey(Staff.rid), unique=True)
    password: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(20))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(500))
    totp_counter: Mapped[int | None] = mapped_column(BigInteger)
    recovery_codes: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str | None] = mapped_column(String(12))
    since: Mapped[datetime] = mapped_column(Instant)

    @property
    def has_second_factor(self) -> bool:
        """Whether a code is asked after the password."""
        return self.tf_primary_method is not None and self.tf_totp_secret is not None

    @property
    def recovery_codes_left(self) -> int:
        """How many recovery codes were not used yet."""
        return len(self.recovery_codes.split())


class OpenSession(Base):
    """One signed-in browser. Without its row the cookie is worth nothing, so signing out really ends it."""

    __tablename__ = "open_session"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime] = mapped_column(Instant)


class SignInTry(Base):
    """One try, under a keyed mark of what was typed (it may be a password in the wrong field); kept for an hour."""

    __tablename__ = "sign_in_try"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    mark: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index(None, "mark", "at"), Index(None, "at"))
