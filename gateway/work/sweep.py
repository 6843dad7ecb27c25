"""The sweep's walk to the carrier: which deliveries are in doubt, what the carrier lists, what follows."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from campaigns.outreach import sweep as doubts_room
from campaigns.outreach.campaigns import Means
from campaigns.outreach.sweep import BEFORE_CLAIM, NO_BODY, Doubt, Seen
from campaigns.programme.lines import Line
from gateway.carriers.call_fates import fate_of
from gateway.carriers.carrier import Carrier, CarrierUnreachable
from gateway.carriers.registry import carrier_for
from gateway.house import House

log = logging.getLogger("paigham.sweep")
LONGEST_WINDOW = timedelta(hours=26)


def sweep(house: House) -> int:
    """Settle what is in doubt by asking each line's carrier once for the whole window; returns how many were asked
    about. A carrier that cannot be reached changes nothing: the doubt stays for the next time."""
    with house.database.reading() as session:
        in_doubt = doubts_room.doubts(session, house.vault(session), now=house.now())
        lines = {
            line_id: session.get_one(Line, line_id).carrier for line_id in {row.line_id for row in in_doubt}
        }
        mute = {line_id for line_id in lines if not doubts_room.can_be_asked(session, line_id)}
    by_carrier: dict[tuple[str, Means], list[Doubt]] = defaultdict(list)
    unanswerable = []
    for doubt in in_doubt:
        if doubt.line_id in mute:
            unanswerable.append(doubt)
        else:
            by_carrier[lines[doubt.line_id], doubt.means].append(doubt)
    if unanswerable:
        with house.database.writing() as session:
            doubts_room.give_up_asking(session, unanswerable, now=house.now())
    for (carrier, means), doubtful in by_carrier.items():
        _resolve(house, carrier, means, doubtful)
    return len(in_doubt)


def _resolve(house: House, carrier: str, means: Means, in_doubt: list[Doubt]) -> None:
    now = house.now()
    since = max(min(doubt.claimed_at for doubt in in_doubt) - BEFORE_CLAIM, now - LONGEST_WINDOW)
    ask = _calls if means is Means.CALL else _texts
    try:
        seen = asyncio.run(_ask(ask, house, carrier, since - BEFORE_CLAIM, now + BEFORE_CLAIM))
    except CarrierUnreachable:
        log.warning("sweep.carrier_unreachable", extra={"carrier": carrier, "doubts": len(in_doubt)})
        return
    patience = timedelta(seconds=house.settings.absent_after_seconds)
    with house.database.writing() as session:
        doubts_room.resolve(session, in_doubt, seen, now=house.now(), absent_after=patience)
    log.info("sweep.done", extra={"doubts": len(in_doubt), "listed": len(seen)})


Asking = Callable[[Carrier, datetime, datetime], Awaitable[list[Seen]]]


async def _ask(ask: Asking, house: House, name: str, since: datetime, until: datetime) -> list[Seen]:
    carrier = carrier_for(house, name)
    try:
        return await ask(carrier, since, until)
    finally:
        await carrier.aclose()


async def _texts(carrier: Carrier, since: datetime, until: datetime) -> list[Seen]:
    return [
        Seen(
            message.sid,
            message.to.e164,
            message.body_hash,
            message.at,
            message.state.delivery_state,
            message.error,
        )
        for message in await carrier.ask(since, until)
        if not message.inbound
    ]


async def _calls(carrier: Carrier, since: datetime, until: datetime) -> list[Seen]:
    found = []
    for call in await carrier.ask_calls(since, until):
        if not call.inbound:
            became = fate_of(call.stage, call.seconds, call.answered_by, sip_code=None)
            found.append(
                Seen(call.sid, call.to.e164, NO_BODY, call.at, became.state, became.error, call.seconds)
            )
    return found
