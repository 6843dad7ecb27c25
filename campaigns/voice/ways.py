"""What each voice line does when somebody calls it: answers with the menu, calls back for free, or takes prompts in."""

from enum import IntEnum

from sqlalchemy import ForeignKey, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.programme.lines import Can, Line, NoSuchLine
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, SmallEnum


class Way(IntEnum):
    """How a call to a line is met."""

    ANSWERS = 0  # with the menu
    CALLS_BACK = 1  # rejected as busy before it costs anything, and called back (R29)
    STUDIO = 2  # asks producers for their code, and takes prompts in


class VoiceLine(Base):
    """The way of a line that does not simply answer."""

    __tablename__ = "voice_line"
    line_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Line.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    way: Mapped[int] = mapped_column(SmallEnum)


_WAY = select(VoiceLine.way).where(VoiceLine.line_id == bindparam("line"))


def way_of(session: Session, line_id: int) -> Way:
    """How a call to this line is met; a line of which nothing is said answers."""
    way = session.connection().execute(_WAY, {"line": line_id}).scalar_one_or_none()
    return Way.ANSWERS if way is None else Way(way)


def ways(session: Session) -> dict[int, Way]:
    """The lines that do not simply answer, for who keeps it in mind."""
    return {row.line_id: Way(row.way) for row in session.scalars(select(VoiceLine))}


def set_way(session: Session, line_id: int, way: Way) -> None:
    """Let calls to a line be met in this way; the caller has asked who may. Raises NoSuchLine for one without voice."""
    line = session.get(Line, line_id)
    if line is None or Can.VOICE_IN not in line.abilities:
        raise NoSuchLine
    session.merge(VoiceLine(line_id=line_id, way=int(way)))
    session.flush()


def studio_lines(session: Session) -> list[Line]:
    """The lines that producers can call to record prompts."""
    of_the_studio = select(VoiceLine.line_id).where(VoiceLine.way == int(Way.STUDIO))
    return list(session.scalars(select(Line).where(Line.id.in_(of_the_studio)).order_by(Line.id)))
