"""Budget: what a campaign, a day and a month may cost, charged in the claim's own transaction; it fails closed."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Budget, Campaign, Kind, Means
from campaigns.programme.lines import price_micros
from campaigns.programme.programme import the_programme

WHOLE = "whole"  # the period of a campaign's budget
EACH = "each"  # the row that sets the cap of every new day or month
CALL_BACKS = "call-backs"  # a day's free calls to whoever rang us; without a cap there are none


class BudgetSpent(Exception):
    """A charge would go over a cap; nothing may be handed over on this claim."""

    def __init__(self, scope: str) -> None:
        """Keep whose cap it was, to say so on the page."""
        super().__init__(f"the budget of {scope} is spent")
        self.scope = scope


def campaign_scope(campaign_id: int) -> str:
    """The name of a campaign's own budget."""
    return f"campaign:{campaign_id}"


@dataclass(frozen=True)
class Room:
    """What a cap on a day or a month still allows, in millionths of the currency."""

    scope: str
    cap: int
    spent: int

    @property
    def left(self) -> int:
        """What may still be spent."""
        return self.cap - self.spent


def rooms(session: Session, *, now: datetime) -> list[Room]:
    """The caps of the day and the month of `now`, where the programme set them."""
    found = []
    for scope, period in _periods(session, now):
        cap = _cap_of_each(session, scope)
        if cap is not None:
            row = session.get(Budget, (scope, period))
            found.append(Room(scope, row.cap, row.spent) if row else Room(scope, cap, 0))
    return found


def open_budget(session: Session, scope: str, period: str, cap: int) -> None:
    """Set the cap of a scope and period; what was spent of it stays spent."""
    row = session.get(Budget, (scope, period))
    if row is None:
        session.add(Budget(scope=scope, period=period, cap=cap, spent=0))
    else:
        row.cap = cap
    session.flush()


def set_cap(session: Session, scope: str, cap: int, *, now: datetime) -> None:
    """Set the cap of every day or month from now on, the present one included."""
    open_budget(session, scope, EACH, cap)
    local = now.astimezone(ZoneInfo(the_programme(session).zone))
    period = local.strftime("%Y-%m" if scope == "month" else "%Y-%m-%d")
    if session.get(Budget, (scope, period)) is not None:
        open_budget(session, scope, period, cap)


def charge(session: Session, campaign: Campaign, parts: int, *, now: datetime) -> None:
    """Charge so many parts of a campaign to every budget above it, in fixed order. Raises BudgetSpent.

    A campaign without a budget may not send, nor call-backs without a cap for the day; other answers have none of
    their own. Days and months have a cap only where the programme set one.
    """
    micros = parts * price_micros(session, campaign.line_id, now=now)
    if parts == 0:
        return
    if campaign.kind != Kind.ANSWERS:
        _charge(session, campaign_scope(campaign.id), WHOLE, micros)
    for scope, period in _scopes(session, campaign, now):
        cap = _cap_of_each(session, scope)
        if cap is not None:
            if session.get(Budget, (scope, period)) is None:
                open_budget(session, scope, period, cap)
            _charge(session, scope, period, micros)
        elif scope == CALL_BACKS:
            raise BudgetSpent(scope)


def _scopes(session: Session, campaign: Campaign, now: datetime) -> tuple[tuple[str, str], ...]:
    (day, today), month = _periods(session, now)
    own = ((CALL_BACKS, today),) if _is_call_back(campaign) else ()
    return (*own, (day, today), month)


def _is_call_back(campaign: Campaign) -> bool:
    return campaign.kind == Kind.ANSWERS and campaign.channel == Means.CALL


def has_room_for_call_back(session: Session, line_id: int, minutes: int, *, now: datetime) -> bool:
    """Whether the caps allow one more call-back of so many minutes now; the claim charges it all the same."""
    micros = minutes * price_micros(session, line_id, now=now)
    periods = _periods(session, now)
    for scope, period in ((CALL_BACKS, periods[0][1]), *periods):
        cap = _cap_of_each(session, scope)
        row = session.get(Budget, (scope, period))
        if cap is None and scope == CALL_BACKS:
            return False
        if cap is not None and (row.spent if row else 0) + micros > (row.cap if row else cap):
            return False
    return True


def _periods(session: Session, now: datetime) -> tuple[tuple[str, str], ...]:
    local = now.astimezone(ZoneInfo(the_programme(session).zone))
    return ("day", local.strftime("%Y-%m-%d")), ("month", local.strftime("%Y-%m"))


def _cap_of_each(session: Session, scope: str) -> int | None:
    return session.scalars(
        select(Budget.cap).where(Budget.scope == scope, Budget.period == EACH)
    ).one_or_none()


def give_back(session: Session, campaign: Campaign, parts: int, *, now: datetime) -> None:
    """Take back the charge of parts that no carrier took: gone back unused, withheld at the last look, refused."""
    correct(session, campaign, -parts, now=now)


def correct(session: Session, campaign: Campaign, parts: int, *, now: datetime) -> None:
    """Add what a call took beyond its charge, or take back what it did not; a cap may be passed: it is spent."""
    micros = parts * price_micros(session, campaign.line_id, now=now)
    local = now.astimezone(ZoneInfo(the_programme(session).zone))
    periods = [("day", local.strftime("%Y-%m-%d")), ("month", local.strftime("%Y-%m"))]
    own = [(CALL_BACKS, local.strftime("%Y-%m-%d"))] if _is_call_back(campaign) else []
    for scope, period in [(campaign_scope(campaign.id), WHOLE), *own, *periods]:
        statement = (
            update(Budget)
            .where(Budget.scope == scope, Budget.period == period)
            .values(spent=case((Budget.spent + micros > 0, Budget.spent + micros), else_=0))
            .execution_options(synchronize_session=False)
        )
        session.execute(statement)


def _charge(session: Session, scope: str, period: str, micros: int) -> None:
    statement = (
        update(Budget)
        .where(Budget.scope == scope, Budget.period == period, Budget.spent + micros <= Budget.cap)
        .values(spent=Budget.spent + micros)
        .execution_options(synchronize_session=False)
    )
    charged = session.execute(statement.returning(Budget.scope)).first()
    if charged is None:
        raise BudgetSpent(scope)
