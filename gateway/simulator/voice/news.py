"""What the gateway is told of a call's course: its status callbacks, in the order of their numbers."""

import math

from gateway.simulator.hooks import Webhook
from gateway.simulator.messages import rfc2822
from gateway.simulator.voice.calls import SIP_CODES, Call, CallEvent, told_about, whole_seconds
from gateway.simulator.voice.desk import Desk

# Told only when the call is over, this many seconds of the shown clock after the last one.
HELD_BACK_SECONDS = 0.5


class News:
    """Status callbacks of all calls."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._held_back: dict[str, Webhook] = {}

    def tell(self, call: Call, event: CallEvent) -> None:
        """Tell who asked for it; a call that the gateway did not order is told of at its end alone."""
        if call.callback is None or event.value not in call.events:
            return
        webhook = Webhook(call.callback, self._fields(call, event), call.sid, method=call.callback_method)
        call.sequence += 1
        desk = self._desk
        if event is CallEvent.ANSWERED and desk.chance.strikes(desk.faults.reorder):
            self._held_back[call.sid] = webhook
            return
        desk.receipts.tell(webhook, is_silent=call.is_silent)
        held = self._held_back.pop(call.sid, None) if event is CallEvent.COMPLETED else None
        if held is not None:
            desk.receipts.counts.reordered += 1
            later = desk.clock.now() + HELD_BACK_SECONDS * desk.config().pace
            desk.timeline.at(later, lambda: desk.receipts.tell(held, is_silent=call.is_silent))

    def detected(self, call: Call, url: str, method: str, milliseconds: int) -> None:
        """Tell who answered, a person or a machine."""
        fields = {
            "CallSid": call.sid,
            "AccountSid": self._desk.config().account_sid,
            "AnsweredBy": call.answered_by or "unknown",
            "MachineDetectionDuration": str(milliseconds),
        }
        self._desk.receipts.tell(Webhook(url, fields, call.sid, method=method), is_silent=call.is_silent)

    def clear(self) -> None:
        self._held_back.clear()

    def _fields(self, call: Call, event: CallEvent) -> dict[str, str]:
        fields = {
            **told_about(call, self._desk.config().account_sid),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(call.sequence),
            "Timestamp": rfc2822(self._desk.clock.now()) or "",
        }
        if event is CallEvent.INITIATED:
            fields["CallStatus"] = event.value
        if event is CallEvent.COMPLETED:
            seconds = whole_seconds(call)
            fields["CallDuration"] = str(seconds)
            fields["Duration"] = str(math.ceil(seconds / 60))
            fields["SipResponseCode"] = str(SIP_CODES[call.status])
        return fields
