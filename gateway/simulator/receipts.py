"""Status callbacks: what the carrier tells the gateway about a message, and the faults that befall the telling."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from gateway.simulator.clock import ShownClock
from gateway.simulator.faults import Chance, Faults
from gateway.simulator.hooks import Hooks, Webhook
from gateway.simulator.messages import API_VERSION, Message, Status
from gateway.simulator.timeline import Timeline
from gateway.simulator.workers import Workers

FINAL = frozenset({Status.DELIVERED, Status.UNDELIVERED, Status.FAILED})
# A receipt for `sent` that follows the final one does so after this many seconds of the shown clock.
REORDERED_SECONDS = 0.5


@dataclass
class ReceiptCounts:
    """How many receipts were sent, and how many each fault touched."""

    sent: int = 0
    lost: int = 0
    late: int = 0
    duplicates: int = 0
    reordered: int = 0


class Receipts:
    """Sends a status callback for each stage of a message that asked for them."""

    def __init__(
        self,
        account_sid: str,
        clock: ShownClock,
        timeline: Timeline,
        hooks: Hooks,
        workers: Workers,
        chance: Chance,
    ) -> None:
        self.account_sid = account_sid
        self.faults = Faults()
        self.counts = ReceiptCounts()
        self._clock, self._timeline, self._chance = clock, timeline, chance
        self._hooks, self._workers = hooks, workers
        self._told_first: set[str] = set()
        self._held_back: set[str] = set()

    def report(self, message: Message, *, is_silent: bool) -> str:
        """Tell the gateway the message's stage as it is now; what befell the receipt, in words for the page."""
        if message.callback is None:
            return ""
        if message.status is Status.SENT and message.sid in self._told_first:
            self._told_first.discard(message.sid)
            return ""
        if is_silent or self._chance.strikes(self.faults.lost):
            self.counts.lost += 1
            return "; receipt lost"
        webhook = self._webhook(message, message.status)
        if message.status is Status.SENT and self._chance.strikes(self.faults.reorder):
            self._held_back.add(message.sid)
            return ""
        late = self.faults.late_seconds if self._chance.strikes(self.faults.late) else 0.0
        self._send(webhook, late)
        self._release(message, late)
        return _words(webhook, late)

    async def report_first(self, message: Message) -> None:
        """Deliver the receipt for `sent` and wait for its answer: the gateway hears it before the create's answer."""
        if message.callback is not None:
            self.counts.sent += 1
            self._told_first.add(message.sid)
            await self._hooks.call(self._webhook(message, Status.SENT))

    def tell(self, webhook: Webhook, *, is_silent: bool = False) -> None:
        """Tell the gateway what became of a call or a recording: lost, late and twice as the faults have it."""
        if is_silent or self._chance.strikes(self.faults.lost):
            self.counts.lost += 1
            return
        late = self.faults.late_seconds if self._chance.strikes(self.faults.late) else 0.0
        self._send(self.with_faults(webhook), late)

    def send(self, webhook: Webhook) -> None:
        """Send it once without waiting for what is answered."""
        self._workers.put(partial(self._post, self.with_faults(webhook)))

    def _release(self, message: Message, late: float) -> None:
        """The held back receipt for `sent` goes out after the final one."""
        if message.sid in self._held_back and message.is_settled:
            self._held_back.discard(message.sid)
            self.counts.reordered += 1
            self._send(self._webhook(message, Status.SENT), late + REORDERED_SECONDS)

    def _send(self, webhook: Webhook, late: float) -> None:
        self.counts.sent += 1
        self.counts.late += late > 0
        self.counts.duplicates += webhook.copies - 1
        job = partial(self._post, webhook)
        if late:
            self._timeline.at(self._clock.now() + late, partial(self._workers.put, job))
        else:
            self._workers.put(job)

    async def _post(self, webhook: Webhook) -> None:
        await self._hooks.call(webhook)

    def clear(self) -> None:
        self.counts = ReceiptCounts()
        self._held_back.clear()
        self._told_first.clear()

    def _webhook(self, message: Message, status: Status) -> Webhook:
        fields = {
            "ApiVersion": API_VERSION,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": status.value,
            "SmsStatus": status.value,
            "AccountSid": self.account_sid,
            "From": message.sender,
            "To": message.to,
        }
        if message.service is not None:
            fields["MessagingServiceSid"] = message.service
        if status in FINAL:
            if message.code is not None:
                fields["ErrorCode"] = str(message.code)
            if status is not Status.FAILED:
                fields["RawDlrDoneDate"] = f"{datetime.fromtimestamp(self._clock.now(), UTC):%y%m%d%H%M}"
        return self.with_faults(Webhook(message.callback or "", fields, message.sid))

    def with_faults(self, webhook: Webhook) -> Webhook:
        """The same webhook, befallen by the faults that all webhooks share."""
        fields = dict(webhook.fields)
        if self._chance.strikes(self.faults.extra_field):
            fields["ChannelHint"] = ""
        together = self._chance.strikes(self.faults.concurrent)
        copies = 2 if together or self._chance.strikes(self.faults.duplicate) else 1
        is_forged = self._chance.strikes(self.faults.wrong_signature)
        return replace(webhook, fields=fields, copies=copies, together=together, is_forged=is_forged)


def _words(webhook: Webhook, late: float) -> str:
    late_words = f"; receipt {late:.0f} s late" if late else ""
    return late_words + ("; receipt sent twice" if webhook.copies > 1 else "")
