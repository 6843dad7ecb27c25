"""The sender: claim → last look → hand over → settle, for every line that has something due. The only asyncio here.

One event loop, one task a line, one connection pool. It runs for some seconds as one job, then the clock wakes the
next; everything it knows is in the database, so it may be killed anywhere.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.exc import OperationalError

from campaigns.consent.events import Act, Channel
from campaigns.consent.standing import withdraw
from campaigns.outreach.budget import BudgetSpent
from campaigns.outreach.calling import LONGEST_CALL_SECONDS, RING_SECONDS
from campaigns.outreach.campaigns import Means
from campaigns.outreach.claim import (
    Claimed,
    Slice,
    claim_slice,
    claimable_campaigns,
    lines_with_work,
)
from campaigns.outreach.control import answers_without_money, pause_itself
from campaigns.outreach.granting import NO_LIMIT
from campaigns.outreach.look import FRESH, MOST_ROWS, Sight, last_look
from campaigns.outreach.settle import settle
from campaigns.people.contacts import box_context
from campaigns.people.numbers import Number
from campaigns.programme.lines import pause_line
from campaigns.storage.vault import BoxDamaged
from gateway.carriers.calls import OutgoingCall
from gateway.carriers.carrier import Accepted, Carrier, ErrorKind, OutgoingText, Refused, Unknown
from gateway.carriers.registry import (
    call_answer_address,
    call_status_address,
    carrier_for,
    receipt_address,
)
from gateway.house import House
from gateway.work.outcomes import Handed, outcome_of

log = logging.getLogger("paigham.sender")
T = TypeVar("T")
P = ParamSpec("P")

IN_FLIGHT = 256  # requests at once, over all lines of a process
SETTLE_EVERY = 0.05  # seconds between two writes of outcomes
SETTLE_MOST = 500
LOOK_FOR_LINES = 0.5  # seconds between two looks for lines that have something due
IDLE = 0.1  # seconds a line waits when it has no time left in this second
LINGER = 2.0  # seconds without any work after which the job ends
LONGEST_VALIDITY = timedelta(hours=10)
DATABASE_THREADS = 4


class Sender:
    """One run of the sender: lives for one job on one event loop."""

    def __init__(
        self,
        house: House,
        seconds: float,
        stopping: Callable[[], bool] = lambda: False,
        carrier_named: Callable[[House, str], Carrier] = carrier_for,
    ) -> None:
        """Work for at most `seconds` of real time; ends sooner when there is nothing due or `stopping` says so."""
        self._house = house
        self._carrier_named = carrier_named
        self._until = time.monotonic() + seconds
        self._stopping = stopping
        self._threads = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="sender")
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._handed: asyncio.Queue[Handed] = asyncio.Queue()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._busy_at = time.monotonic()
        self._carriers: dict[str, Carrier] = {}
        self.handed_over = 0

    async def run(self) -> None:
        """Serve every line until time is up or nothing is due; whatever was handed over is settled before it ends."""
        settler = asyncio.create_task(self._settle_forever())
        lines: dict[int, asyncio.Task[None]] = {}
        try:
            while self._goes_on():
                for line_id in await self._in_thread(self._lines):
                    if line_id not in lines or lines[line_id].done():
                        self._busy_at = time.monotonic()
                        lines[line_id] = asyncio.create_task(self._serve(line_id))
                await asyncio.sleep(LOOK_FOR_LINES if lines else IDLE)
        finally:
            await asyncio.gather(*lines.values(), return_exceptions=True)
            await asyncio.gather(*self._in_flight, return_exceptions=True)
            await self._handed.join()
            settler.cancel()
            await asyncio.gather(
                settler, *(carrier.aclose() for carrier in self._carriers.values()), return_exceptions=True
            )
            self._threads.shutdown()

    def _goes_on(self) -> bool:
        idle = time.monotonic() - self._busy_at > LINGER
        return time.monotonic() < self._until and not idle and not self._stopping()

    async def _serve(self, line_id: int) -> None:
        turn = 0
        while time.monotonic() < self._until and not self._stopping():
            campaigns = await self._in_thread(self._campaigns, line_id)
            if not campaigns:
                return
            turn += 1
            taken = await self._in_thread(self._claim, campaigns[turn % len(campaigns)])
            if taken is None:
                await asyncio.sleep(IDLE)
                continue
            self._busy_at = time.monotonic()
            await self._hand_over(taken)

    async def _hand_over(self, taken: Slice) -> None:
        """Begin every hand-over of a slice, spread over its second, each within 200 ms of a last look."""
        began = time.monotonic() + max(0.0, (taken.starts_at - self._house.now()).total_seconds())
        load_before = 0
        rows = list(taken.rows)
        while rows:
            chunk, rows = rows[:MOST_ROWS], rows[MOST_ROWS:]
            await _sleep_until(began + _seconds(load_before, taken))
            sights, looked_at = await self._look(taken, chunk)
            for place, row in enumerate(chunk):
                await _sleep_until(began + _seconds(load_before, taken))
                await self._slots.acquire()
                if time.monotonic() - looked_at > FRESH.total_seconds():
                    self._slots.release()
                    rows = chunk[place:] + rows
                    break
                load_before += row.load
                self._begin(taken, row, sights.get(row.id, Sight.NOT_OURS))

    def _begin(self, taken: Slice, row: Claimed, sight: Sight) -> None:
        if sight is not Sight.GO:
            self._slots.release()
            if sight is not Sight.NOT_OURS:
                self._handed.put_nowait(Handed(row, taken.line_id, sight))
            return
        task = asyncio.create_task(self._send(taken, row))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)

    async def _send(self, taken: Slice, row: Claimed) -> None:
        result: Accepted | Refused | Unknown
        try:
            result = await self._handed_to(self._carriers[taken.carrier], taken, row)
            self.handed_over += 1
        except BoxDamaged:
            log.error("delivery.number_does_not_open", extra={"delivery": row.id})
            result = Refused(None, ErrorKind.PERMANENT, "the number does not open")
        finally:
            self._slots.release()
        self._handed.put_nowait(Handed(row, taken.line_id, result))

    async def _handed_to(self, carrier: Carrier, taken: Slice, row: Claimed) -> Accepted | Refused | Unknown:
        if taken.means is Means.CALL:
            return await carrier.place_call(self._call_for(taken, row))
        return await carrier.send(self._text_for(taken, row))

    def _number_of(self, row: Claimed) -> Number:
        vault = self._house.keyring.at(self._house.keyring.newest_epoch)
        return Number(vault.unseal(row.number_box, box_context(row.contact_rid)).decode())

    def _call_for(self, taken: Slice, row: Claimed) -> OutgoingCall:
        settings = self._house.settings
        return OutgoingCall(
            to=self._number_of(row),
            sender=taken.address,
            answer_url=call_answer_address(settings, taken.carrier, row.id, row.attempt),
            status_url=call_status_address(settings, taken.carrier, row.id, row.attempt),
            ring_seconds=RING_SECONDS,
            most_seconds=LONGEST_CALL_SECONDS,
        )

    def _text_for(self, taken: Slice, row: Claimed) -> OutgoingText:
        validity = min(row.expires_at - self._house.now(), LONGEST_VALIDITY)
        return OutgoingText(
            to=self._number_of(row),
            sender=taken.address,
            body=row.body,
            callback_url=receipt_address(self._house.settings, taken.carrier, row.id, row.attempt),
            validity_seconds=max(1, int(validity.total_seconds())),
        )

    async def _look(self, taken: Slice, rows: list[Claimed]) -> tuple[dict[int, Sight], float]:
        looked_at = time.monotonic()
        sights = await self._in_thread(self._last_look, taken.claim_id, [row.id for row in rows])
        return sights, looked_at

    async def _settle_forever(self) -> None:
        while True:
            handed = [await self._handed.get()]
            await asyncio.sleep(SETTLE_EVERY)
            while not self._handed.empty() and len(handed) < SETTLE_MOST:
                handed.append(self._handed.get_nowait())
            try:
                await self._in_thread(self._settle, handed)
            except OperationalError:
                # The leases run out, and the sweep asks the carrier what became of them.
                log.warning("deliveries.not_settled", extra={"count": len(handed)})
            for _ in handed:
                self._handed.task_done()

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **_: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *args))

    # What follows runs in threads, each call one short transaction.

    def _lines(self) -> list[int]:
        with self._house.database.reading() as session:
            return lines_with_work(session, now=self._house.now())

    def _campaigns(self, line_id: int) -> list[int]:
        with self._house.database.reading() as session:
            return claimable_campaigns(session, line_id, now=self._house.now())

    def _claim(self, campaign_id: int) -> Slice | None:
        lease = timedelta(seconds=self._house.settings.lease_seconds)
        try:
            with self._house.database.writing() as session:
                taken = claim_slice(session, campaign_id, now=self._house.now(), lease=lease)
        except BudgetSpent as spent:
            with self._house.database.writing() as session:
                pause_itself(session, campaign_id, "budget", now=self._house.now())
                answers_without_money(session, campaign_id, now=self._house.now())
            log.warning("campaign.out_of_budget", extra={"campaign": campaign_id, "scope": spent.scope})
            return None
        if taken is not None:
            if taken.carrier not in self._carriers:
                self._carriers[taken.carrier] = self._carrier_named(self._house, taken.carrier)
            log.info(
                "slice.claimed",
                extra={"campaign": campaign_id, "rows": len(taken.rows), "touched": taken.touched},
            )
        return taken

    def _last_look(self, claim_id: int, ids: list[int]) -> dict[int, Sight]:
        with self._house.database.reading() as session:
            return last_look(session, claim_id, ids, now=self._house.now())

    def _settle(self, handed: list[Handed]) -> None:
        now = self._house.now()
        with self._house.database.writing() as session:
            settle(session, [outcome_of(one, now) for one in handed], now=now)
        for one in handed:
            if isinstance(one.result, Refused) and one.result.kind is ErrorKind.OPERATOR:
                with self._house.database.writing() as session:
                    pause_line(session, one.line_id, f"carrier:{one.result.code}", now=now)
                log.warning("line.paused_itself", extra={"line": one.line_id, "code": one.result.code})
            if isinstance(one.result, Refused) and one.result.kind is ErrorKind.OPTED_OUT:
                self._take_over_opt_out(one, now)

    def _take_over_opt_out(self, one: Handed, now: datetime) -> None:
        """What the carrier knows as an opt-out becomes ours."""
        with self._house.database.writing() as session:
            vault = self._house.vault(session)
            number = Number(vault.unseal(one.row.number_box, box_context(one.row.contact_rid)).decode())
            act = Act(
                Channel.SMS,
                "opted out at the carrier",
                line_id=one.line_id,
                source=vault.source("opt-out", f"{one.row.id}/{one.row.attempt}"),
            )
            withdraw(session, vault, number, act, now=now)


def drain(house: House, seconds: float, stopping: Callable[[], bool] = lambda: False) -> int:
    """Run the sender for at most `seconds`; returns how many texts were handed over."""

    async def _run() -> int:
        sender = Sender(house, seconds, stopping)
        await sender.run()
        return sender.handed_over

    work: Coroutine[Any, Any, int] = _run()
    return asyncio.run(work)


async def _sleep_until(moment: float) -> None:
    wait = moment - time.monotonic()
    if wait > 0:
        await asyncio.sleep(wait)


def _seconds(load: int, taken: Slice) -> float:
    return 0.0 if taken.rate == NO_LIMIT else load / taken.rate
