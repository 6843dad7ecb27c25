"""A message's life at the carrier: taken, queued at its line's rate, sent, and how it ends."""

from collections.abc import Callable
from functools import partial

from gateway.simulator.checks import Order
from gateway.simulator.clock import ShownClock
from gateway.simulator.config import Config, Line
from gateway.simulator.errors import Refused
from gateway.simulator.faults import Chance
from gateway.simulator.messages import WAITING, Direction, Message, Status, digest, new_sid
from gateway.simulator.outcomes import DELIVERED, EXPIRED, Fate, ending_of, fate_of_code
from gateway.simulator.parts import count_parts
from gateway.simulator.phones import Bubble, Phones, answered, clock_time, delivered
from gateway.simulator.receipts import Receipts
from gateway.simulator.store import Store
from gateway.simulator.timeline import Timeline

LONGEST_QUEUE_SECONDS = 10 * 3600.0
LONGEST_VALIDITY_SECONDS = 36000.0
# The usual time from the head of the queue to `sent`, and from there to the phone, in seconds of the shown clock.
SEND_SECONDS, DELIVER_SECONDS = 0.3, 0.9

_REASONS = {
    30001: "its time ran out",
    30003: "phone off, or no signal",
    30005: "number not in use",
    30006: "a landline, or out of reach",
    30007: "stopped as spam",
    30410: "the network did not answer",
}


class Carrier:
    """Takes messages and lives their lives on the timeline; tells receipts and phones what happens."""

    def __init__(
        self,
        config: Config,
        clock: ShownClock,
        timeline: Timeline,
        store: Store,
        phones: Phones,
        receipts: Receipts,
        chance: Chance,
    ) -> None:
        self.config = config
        self._clock, self._timeline, self._chance = clock, timeline, chance
        self._store, self._phones, self._receipts = store, phones, receipts
        self._free_at: dict[str, float] = {}

    def accept(self, order: Order) -> Message:
        """Take the message; it is kept when this returns. Raises `Refused` with 21611 or 21610."""
        if (order.line.address, order.to) in self._store.blocked:
            raise Refused(21610)
        now = self._clock.now()
        if self._free_at.get(order.line.address, now) - now > LONGEST_QUEUE_SECONDS:
            raise Refused(21611)
        status = Status.QUEUED
        if order.service is not None:
            status = Status.ACCEPTED if order.send_at is None else Status.SCHEDULED
        begins = max(now, order.send_at or now)
        message = self._new(Direction.OUTBOUND, order.line.address, order.to, order.body, status)
        message.service, message.callback = order.service, order.callback
        message.is_discarded = order.is_discarded
        message.expires = begins + order.validity_seconds
        if order.is_discarded:
            message.body = ""
        if order.send_at is not None:
            message.starts = order.send_at
        self._store.add(message)
        self._schedule(message)
        return message

    def reply(self, line: Line, to: str, text: str) -> Message:
        """Send an answer to an inbound text; it has no receipts."""
        message = self._new(Direction.REPLY, line.address, to, text, Status.QUEUED)
        message.expires = message.created + LONGEST_VALIDITY_SECONDS
        self._store.add(message)
        self._schedule(message)
        return message

    def cancel(self, message: Message) -> None:
        """Raises `Refused` with 30409 when the message has left the queue."""
        if message.status not in WAITING:
            raise Refused(30409)
        message.is_settled, message.payload = True, ""
        self._enter(message, Status.CANCELED)

    def resume(self) -> None:
        """Go on with the lives that a restart interrupted."""
        for message in self._store.outbound():
            if message.is_settled:
                continue
            if message.status is Status.SENT:
                self._arrive_later(message, self._fate(message))
            else:
                self._schedule(message)

    def clear(self) -> None:
        self._free_at.clear()

    def _new(self, direction: Direction, sender: str, to: str, text: str, status: Status) -> Message:
        now = self._clock.now()
        return Message(
            sid=new_sid(),
            place=self._store.next_place(),
            direction=direction,
            sender=sender,
            to=to,
            body=text,
            payload=text,
            digest=digest(text),
            parts=count_parts(text),
            status=status,
            created=now,
            updated=now,
        )

    def _schedule(self, message: Message) -> None:
        """What comes next for a message that waits."""
        now = self._clock.now()
        if message.status is Status.SCHEDULED:
            self._timeline.at(message.starts or now, partial(self._release, message))
        elif message.status is Status.ACCEPTED:
            self._timeline.at(now, partial(self._choose_sender, message))
        else:
            self._queue(message, now)

    def _queue(self, message: Message, now: float) -> None:
        """A place in the line's queue; a message whose turn comes too late fails when its time runs out."""
        starts = now
        line = self.config.line(message.sender)
        if self.config.pace and line is not None and line.parts_per_second:
            starts = max(now, self._free_at.get(line.address, now))
            if message.expires is None or starts <= message.expires:
                self._free_at[line.address] = starts + message.parts / line.parts_per_second
        if message.expires is not None and starts > message.expires:
            self._timeline.at(message.expires, partial(self._expire, message))
        else:
            self._timeline.at(starts, partial(self._begin, message))

    def _release(self, message: Message) -> None:
        if not message.is_settled:
            message.status = Status.ACCEPTED
            self._schedule(message)

    def _choose_sender(self, message: Message) -> None:
        if not message.is_settled:
            self._enter(message, Status.QUEUED)
            self._report(message)
            self._schedule(message)

    def _expire(self, message: Message) -> None:
        if not message.is_settled:
            self._finish(message, EXPIRED)

    def _begin(self, message: Message) -> None:
        if message.is_settled:
            return
        message.status, message.updated = Status.SENDING, self._clock.now()
        if self._chance.strikes(self._receipts.faults.sending):
            self._report(message)
        fate = self._fate(message)
        act = self._hand_on if fate.passes_sent else self._finish
        self._after(SEND_SECONDS, partial(act, message, fate))

    def _hand_on(self, message: Message, fate: Fate) -> None:
        """Out of the carrier's hands."""
        message.sent = self._clock.now()
        self._enter(message, Status.SENT)
        self._report(message)
        self._arrive_later(message, fate)

    def _arrive_later(self, message: Message, fate: Fate) -> None:
        """Where the network sends no reports, `sent` is the last that is heard of it."""
        line = self.config.line(message.sender)
        is_reported = line is None or line.receipts
        if is_reported and not self._chance.strikes(self._receipts.faults.no_receipt):
            self._after(DELIVER_SECONDS, partial(self._finish, message, fate))
        else:
            self._after(DELIVER_SECONDS, partial(self._arrive_unseen, message, fate))

    def _arrive_unseen(self, message: Message, fate: Fate) -> None:
        message.is_settled = True
        self._hand_over(message, fate, "; the network sends no receipts")
        self._store.changed(message)

    def _finish(self, message: Message, fate: Fate) -> None:
        message.is_settled, message.code = True, fate.code
        if fate.final is Status.FAILED:
            message.sent = None
        self._enter(message, fate.final)
        self._hand_over(message, fate, self._report(message))

    def _hand_over(self, message: Message, fate: Fate, remark: str) -> None:
        """Into the phone, or not; then the carrier owes the text to nobody."""
        if self._phones.get(message.to) is not None:
            now = self._clock.now()
            if fate.final is Status.DELIVERED:
                bubble = Bubble(message.sid, False, message.sender, message.payload, now, message.parts)
                self._phones.put(message.to, bubble)
                told = answered if message.direction is Direction.REPLY else delivered
                note = told(now, message.parts)
            else:
                reason = _REASONS.get(fate.code or 0, "the carrier does not say why")
                note = f"Not delivered {clock_time(now)}: {reason}"
            self._phones.say(message.to, note + remark)
        message.payload = ""

    def _enter(self, message: Message, status: Status) -> None:
        message.status, message.updated = status, self._clock.now()
        self._store.changed(message)

    def _report(self, message: Message) -> str:
        is_silent = self.config.endings and ending_of(message.to).is_silent
        return self._receipts.report(message, is_silent=is_silent)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        delay = self._chance.around(seconds) * self.config.pace if self.config.pace else 0.0
        self._timeline.at(self._clock.now() + delay, act)

    def _fate(self, message: Message) -> Fate:
        if self.config.endings and (fate := ending_of(message.to).fate) != DELIVERED:
            return fate
        code = self._chance.named(self._receipts.faults.outcomes)
        return DELIVERED if code is None else fate_of_code(code)
