"""Clearing residue: use what people said, delete what the carrier still holds of them, and see that it is gone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from campaigns.listening.residue import (
    Held,
    HeldThing,
    Use,
    cleared,
    count_stuck,
    due_residue,
    try_again,
)
from gateway.carriers.carrier import Carrier, CarrierUnreachable
from gateway.carriers.registry import CarrierNotConfigured, NoSuchCarrier, carrier_for
from gateway.house import House
from gateway.work.recordings import Recordings

log = logging.getLogger("paigham.work")

AT_ONCE = 8  # requests in flight; deleting is in no hurry, and sending needs the account's share
MOST_RECORDINGS = 25  # are used in one round, a second or two each; the others stay due
Ask = Callable[[Carrier, str], Awaitable[object]]
_DELETE: Mapping[Held, Ask] = {
    Held.MESSAGE: lambda carrier, sid: carrier.delete(sid),
    Held.CALL: lambda carrier, sid: carrier.delete_call(sid),
    Held.RECORDING: lambda carrier, sid: carrier.delete_recording(sid),
}
_IS_GONE: Mapping[Held, Ask] = {
    Held.MESSAGE: lambda carrier, sid: carrier.is_gone(sid),
    Held.CALL: lambda carrier, sid: carrier.is_call_gone(sid),
    Held.RECORDING: lambda carrier, sid: carrier.is_recording_gone(sid),
}


@dataclass(frozen=True)
class Cleared:
    """What one round did: things seen to be gone, things put off."""

    gone: int
    put_off: int


async def clear_residue(house: House) -> Cleared:
    """Use and delete everything that is due, verify, and drop the rows; what resists is tried again later, for ever.

    A crash in between deletes twice, which does no harm. Closes the carrier's connections.
    """
    with house.database.reading() as session:
        due = _of_a_round(due_residue(session, house.vault(session), now=house.now()))
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


def _of_a_round(due: list[HeldThing]) -> list[HeldThing]:
    to_use = [thing for thing in due if thing.wanted.use is not Use.NONE]
    return [thing for thing in due if thing.wanted.use is Use.NONE] + to_use[:MOST_RECORDINGS]


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
        deletable = await Recordings(house, carrier).used(things)
        results = await asyncio.gather(*(clear(thing) for thing in deletable))
    finally:
        await carrier.aclose()
    return [thing for thing, is_gone in zip(deletable, results, strict=True) if is_gone]


async def _is_cleared(carrier: Carrier, thing: HeldThing) -> bool:
    try:
        await _DELETE[thing.kind](carrier, thing.carrier_id)
        return bool(await _IS_GONE[thing.kind](carrier, thing.carrier_id))
    except CarrierUnreachable:
        return False
