"""The programme: the one row of settings that an installation has, and the halt."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Integer, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.base import Base
from campaigns.storage.columns import Instant, Rid
from campaigns.storage.engine import gate_exclusive

LEAST_POOL = 10  # Fewer sealed items than this and mixing them hides nobody (promise 5).


class Programme(Base):
    """One programme per installation. `training` is chosen when the database is made and never changes."""

    __tablename__ = "programme"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60))
    own_names: Mapped[str] = mapped_column(String(300), default="")
    zone: Mapped[str] = mapped_column(String(60))
    region: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    languages: Mapped[str] = mapped_column(String(120))
    help_lines: Mapped[str] = mapped_column(String(120), default="")
    barred_prefixes: Mapped[str] = mapped_column(String(300), default="")
    training: Mapped[bool] = mapped_column(Boolean)
    halted_at: Mapped[datetime | None] = mapped_column(Instant)
    halted_by: Mapped[bytes | None] = mapped_column(Rid())
    shelve_at_hour: Mapped[int] = mapped_column(default=4)
    shelve_least: Mapped[int] = mapped_column(default=LEAST_POOL)
    shelve_every_seconds: Mapped[int | None]
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        # Quick shelving with a small pool is for learning only.
        CheckConstraint(
            f"training OR (shelve_least >= {LEAST_POOL} AND shelve_every_seconds IS NULL)", name="pool"
        ),
    )

    def name_in(self, language: str) -> str:
        """What people who read `language` call it; its plain name where nothing else was set.

        `own_names` holds `tag=name` separated by `;`. A Latin name would turn a text in Arabic script round.
        """
        names = dict(pair.split("=", 1) for pair in (self.own_names or "").split(";") if "=" in pair)
        return names.get(language, self.name)

    @property
    def barred(self) -> tuple[str, ...]:
        """Beginnings of numbers, like +92900, that are never called back."""
        return tuple((self.barred_prefixes or "").split())

    @property
    def language_tags(self) -> tuple[str, ...]:
        """The languages that staff write in, in the order of the composer."""
        return tuple(self.languages.split())


def the_programme(session: Session) -> Programme:
    """The programme of this installation."""
    return session.get_one(Programme, 1)


def halt(session: Session, actor: Actor, *, now: datetime) -> None:
    """Stop every hand-over of every campaign: from the commit on nothing is claimed, and the last look refuses.

    Answers to what a person does within her own request go on; STOP is still recorded. Idempotent.
    """
    actor.require(Permission.HALT)
    gate_exclusive(session)
    programme = the_programme(session)
    if programme.halted_at is None:
        programme.halted_at, programme.halted_by = now, actor.staff
        audit.record(session, actor, "halted", "programme:1", now=now)


def resume(session: Session, actor: Actor, *, now: datetime) -> None:
    """Let campaigns go on from where they stood. Idempotent."""
    actor.require(Permission.HALT)
    gate_exclusive(session)
    programme = the_programme(session)
    if programme.halted_at is not None:
        programme.halted_at = programme.halted_by = None
        audit.record(session, actor, "resumed", "programme:1", now=now)
