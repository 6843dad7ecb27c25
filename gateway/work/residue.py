"""Clearing residue: delete at the carrier what it still holds of people's texts, and see that it is gone."""

import asyncio
import logging
from dataclasses import dataclass

from campaigns.listening.residue import HeldThing, cleared, count_stuck, due_residue, try_again
from gateway.carriers.carrier import Carrier, CarrierUnreachable
from gateway.carriers.registry import CarrierNotConfigured, NoSuchCarrier, carrier_for
from gateway.house import House

log = logging.getLogger("paigham.work")

AT_ONCE = 8  # requests in flight; deleting is in no hurry, and sending needs the account's share


@dataclass(frozen=True)
class Cleared:
    """What one round did: things seen to be gone, things put off."""

    gone: int
    put_off: int


async def clear_residue(house: House) -> Cleared:
    """Delete everything that is due, verify, and drop the rows; what resists is tried again later, for ever.

    A crash in between deletes twice, which does no harm. Closes the carrier's connections.
    """
    with house.database.reading() as session:
        due = due_residue(session, house.vault(session), now=house.now())
    gone: list[HeldThing] = []
    for name in sorted({thing.carrier for thing in due}):
        gone += await _gone_at(house, name, [thing for thing in due if thing.carrier == name])
    left = [thing for thing in due if thing not in gone]
    if due:
        with house.database.writing() as session:
            cleared(session, [thing.rid for thing in gone])
            try_again(session, left, now=house.now())
            stuck = count_stuck(session)
        log.info("residue.cleared", extra={"gone": len(gone), "put_off": len(left), "stuck": stuck})
    return Cleared(len(gone), len(left))


async def _gone_at(house: House, name: str, things: list[HeldThing]) -> list[HeldThing]:
    try:
        carrier = carrier_for(house, name)
    except (NoSuchCarrier, CarrierNotConfigured):
        return []
    room = asyncio.Semaphore(AT_ONCE)

    async def clear(thing: HeldThing) -> bool:
        async with room:
            return await _is_cleared(carrier, thing)

    try:
        results = await asyncio.gather(*(clear(thing) for thing in things))
    finally:
        await carrier.aclose()
    return [thing for thing, is_gone in zip(things, results, strict=True) if is_gone]


async def _is_cleared(carrier: Carrier, thing: HeldThing) -> bool:
    try:
        await carrier.delete(thing.carrier_id)
        return await carrier.is_gone(thing.carrier_id)
    except CarrierUnreachable:
        return False
