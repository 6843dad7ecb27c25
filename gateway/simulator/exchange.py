"""The whole carrier put together: its parts, its start from the journal, and its end."""

from pathlib import Path

from gateway.simulator.carrier import Carrier
from gateway.simulator.clock import ShownClock
from gateway.simulator.config import Config
from gateway.simulator.faults import Chance, Faults
from gateway.simulator.hooks import Hooks
from gateway.simulator.inbound import Inbound
from gateway.simulator.journal import Journal, Record
from gateway.simulator.manners import Manners
from gateway.simulator.phones import Phones
from gateway.simulator.receipts import Receipts
from gateway.simulator.rest import Rest
from gateway.simulator.store import Store
from gateway.simulator.timeline import Timeline
from gateway.simulator.voice.api import CallsApi
from gateway.simulator.voice.callstore import CallStore
from gateway.simulator.voice.desk import Desk
from gateway.simulator.voice.media import Media
from gateway.simulator.voice.recordings import Recordings
from gateway.simulator.voice.speed import Speed
from gateway.simulator.voice.switchboard import Switchboard
from gateway.simulator.workers import Workers

RECEIPTS_AT_ONCE, TEXTS_AT_ONCE = 32, 32


class Exchange:
    """One account's carrier. Texts from handsets have workers of their own, so receipts do not hold them up."""

    def __init__(
        self,
        config: Config,
        clock: ShownClock,
        *,
        data: Path | None = None,
        seed: int = 0,
        own_url: str = "http://127.0.0.1",
    ) -> None:
        self.clock = clock
        self._journal = Journal(data)
        self._timeline = Timeline(clock)
        chance = Chance(seed)
        self._receipt_workers, self._text_workers = Workers(RECEIPTS_AT_ONCE), Workers(TEXTS_AT_ONCE)
        self.hooks = Hooks(clock, config.auth_token)
        self.store = Store(self._journal)
        self.phones = Phones(self._journal)
        self.receipts = Receipts(
            config.account_sid, clock, self._timeline, self.hooks, self._receipt_workers, chance
        )
        self.carrier = Carrier(config, clock, self._timeline, self.store, self.phones, self.receipts, chance)
        self.inbound = Inbound(
            clock,
            self.store,
            self.phones,
            self.carrier,
            self.hooks,
            self.receipts,
            self._text_workers,
            chance,
        )
        self.desk = Desk(
            config=lambda: self.carrier.config,
            own_url=own_url,
            clock=clock,
            timeline=self._timeline,
            hooks=self.hooks,
            receipts=self.receipts,
            chance=chance,
            media=Media(clock),
            recordings=Recordings(self._journal, data),
            calls=CallStore(self._journal),
            speed=Speed(),
        )
        self.switchboard = Switchboard(self.desk, self.phones)
        self._manners = Manners(self.receipts, chance)
        calls = CallsApi(self.desk, self.switchboard, self._manners)
        self.rest = Rest(self.carrier, clock, self.store, self.receipts, chance, calls, self._manners)

    @property
    def config(self) -> Config:
        return self.carrier.config

    @property
    def unfinished_webhooks(self) -> int:
        return self._receipt_workers.unfinished + self._text_workers.unfinished

    async def start(self) -> None:
        """Take up what the journal holds, then live on from there."""
        self._add_handsets()
        for record in self._journal.read():
            self._replay(record)
        self._journal.rewrite(self._records())
        await self.hooks.start()
        await self.desk.media.start()
        self._receipt_workers.start()
        self._text_workers.start()
        self.carrier.resume()
        self.switchboard.resume()

    async def stop(self) -> None:
        self.clock.rest()
        await self.switchboard.stop()
        await self._receipt_workers.stop()
        await self._text_workers.stop()
        await self.desk.media.stop()
        await self.hooks.stop()

    def configure(self, config: Config) -> None:
        """Replace the configuration; handsets that are new in it are added, none is taken away."""
        self.carrier.config = config
        self.hooks.auth_token = config.auth_token
        self.receipts.account_sid = config.account_sid
        self.rest.renew()
        self._add_handsets()

    def set_faults(self, faults: Faults) -> None:
        self.receipts.faults = faults
        self._journal.append({"kind": "faults", **faults.model_dump()})

    def reset(self) -> None:
        """Forget messages, calls, recordings, counts, events and faults; the clock, lines and handsets stay."""
        self._timeline.clear()
        self._receipt_workers.clear()
        self._text_workers.clear()
        self.store.clear()
        self.phones.clear()
        self.carrier.clear()
        self.receipts.clear()
        self._manners.clear()
        self.switchboard.clear()
        self.desk.clear()
        self.hooks.events.clear()
        self.receipts.faults = Faults()
        self._journal.rewrite(self._records())

    def _add_handsets(self) -> None:
        for handset in self.config.handsets:
            if self.phones.get(handset.number) is None:
                self.phones.add(handset)

    def _replay(self, record: Record) -> None:
        if record.get("kind") == "faults":
            self.receipts.faults = Faults().changed({k: v for k, v in record.items() if k != "kind"})
        self.store.replay(record)
        self.phones.replay(record)
        self.desk.calls.replay(record)
        self.desk.recordings.replay(record)
        if record.get("kind") in ("message", "change", "call", "recording"):
            self.clock.not_before(record["updated"])

    def _records(self) -> list[Record]:
        return [
            {"kind": "faults", **self.receipts.faults.model_dump()},
            *self.store.records(),
            *self.phones.records(),
            *self.desk.calls.records(),
            *self.desk.recordings.records(),
        ]
