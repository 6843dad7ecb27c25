"""The way out: the line in every text that says how to stop, for the number at which STOP really arrives."""

from sqlalchemy.orm import Session

from campaigns.language.catalogue import say
from campaigns.programme.lines import Line, way_out_address


class NoWayOut(Exception):
    """The line has no number at which STOP can be sent: nothing may be sent by it."""


def way_out_line(session: Session, line: Line, language: str) -> str:
    """The way out for what this line sends, in a language. Raises NoWayOut."""
    address = way_out_address(session, line)
    if address is None:
        raise NoWayOut
    return say(language, "way_out_two_way", number=national(address))


def national(address: str) -> str:
    """A number as it is dialled in Pakistan, one run of Latin digits; short codes and senders stay as they are."""
    return f"0{address.removeprefix('+92')}" if address.startswith("+92") else address
