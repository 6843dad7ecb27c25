"""Clearing residue: use what people said, delete what the carrier still holds of them, and see that it is gone.

What is only to be deleted goes first and waits for nobody; then recordings are used, so many as one run has time for.
A run that is killed all the same has written down what it deleted, and every recording that it used.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
# So long one run begins to use recordings, a second or two each; the others stay due. The last one may take as long as
# any file may (audio/confined.py), and the job's own limit (queues.RESIDUE) lies above both together.
RECORDINGS_SECONDS = 60.0
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

    A crash in between deletes twice, which does no harm. Closes the carriers' connections.
    """
    with house.database.reading() as session:
        due = due_residue(session, house.vault(session), now=house.now())
    to_delete = [thing for thing in due if thing.wanted.use is Use.NONE]
    to_use = [thing for thing in due if thing.wanted.use is not Use.NONE]
    until = time.monotonic() + RECORDINGS_SECONDS
    gone = put_off = 0
    for things in (to_delete, to_use):
        for name in sorted({thing.carrier for thing in things}):
            done = await _cleared_at(house, name, [one for one in things if one.carrier == name], until)
            gone, put_off = gone + done.gone, put_off + done.put_off
    return Cleared(gone, put_off)


async def _cleared_at(house: House, name: str, things: Sequence[HeldThing], until: float) -> Cleared:
    """Use what is to be used, delete what may be, and write down what became of it."""
    try:
        carrier = carrier_for(house, name)
    except (NoSuchCarrier, CarrierNotConfigured):
        return _written_down(house, [], things)
    room = asyncio.Semaphore(AT_ONCE)

    async def clear(thing: HeldThing) -> bool:
        async with room:
            return await _is_cleared(carrier, thing)

    try:
        used = await Recordings(house, carrier).used(things, until)
        results = await asyncio.gather(*(clear(thing) for thing in used.done))
    finally:
        await carrier.aclose()
    gone = [thing for thing, is_gone in zip(used.done, results, strict=True) if is_gone]
    return _written_down(house, gone, [one for one in (*used.done, *used.not_yet) if one not in gone])


def _written_down(house: House, gone: Sequence[HeldThing], left: Sequence[HeldThing]) -> Cleared:
    with house.database.writing() as session:
        cleared(session, [thing.rid for thing in gone])
        try_again(session, list(left), now=house.now())
        stuck = count_stuck(session)
    log.info("residue.cleared", extra={"gone": len(gone), "put_off": len(left), "stuck": stuck})
    return Cleared(len(gone), len(left))


async def _is_cleared(carrier: Carrier, thing: HeldThing) -> bool:
    try:
        await _DELETE[thing.kind](carrier, thing.carrier_id)
        return bool(await _IS_GONE[thing.kind](carrier, thing.carrier_id))
    except CarrierUnreachable:
        return False
