"""From the gateway's order to the moment when somebody, or nobody, takes up the telephone."""

from dataclasses import dataclass
from functools import partial

from gateway.simulator.voice.calls import CallEvent, CallStatus
from gateway.simulator.voice.conversation import Conversation
from gateway.simulator.voice.news import News
from gateway.simulator.voice.orders import CallOrder, Detection
from gateway.simulator.voice.people import Decline, TakeUp
from gateway.simulator.voice.script import Pickup
from gateway.simulator.voice.transcript import Entry, Kind

DIAL_SECONDS = 0.8
HUMAN_MILLISECONDS, MACHINE_MILLISECONDS, GREETING_MILLISECONDS = 2600, 4200, 9400


@dataclass(repr=False)
class Ringing:
    """One call of the gateway's, until it is answered."""

    conversation: Conversation
    order: CallOrder
    news: News
    pickup: Pickup | None
    is_engaged: bool
    """Whether her telephone is in use already."""

    async def ring(self) -> CallStatus:
        """IN_PROGRESS when somebody answered, else how it ended. Raises `Stopped` and `HungUp`."""
        pulse = self.conversation.pulse
        await pulse.pass_until(pulse.now + DIAL_SECONDS)
        how = "" if self.pickup is None else self.pickup.how
        if how == "failed":
            return CallStatus.FAILED
        if how == "busy" or self.is_engaged:
            return CallStatus.BUSY
        self._rings()
        ends = pulse.now + self.order.ring_seconds
        if self.pickup is not None and how != "no answer":
            ends = min(ends, pulse.now + self.pickup.after)
        while (act := await pulse.wait(ends)) is not None:
            if isinstance(act, TakeUp):
                return self._taken_up()
            if isinstance(act, Decline):
                return CallStatus.BUSY
        if self.pickup is None or how == "no answer" or self.pickup.after >= self.order.ring_seconds:
            return CallStatus.NO_ANSWER
        return CallStatus.BUSY if how == "decline" else self._taken_up()

    async def detect(self) -> None:
        """Find out who answered: before the gateway is asked what to do, or while it already is."""
        detection, call = self.order.detection, self.conversation.call
        if detection is None:
            return
        is_machine = self.pickup is not None and self.pickup.how == "machine"
        found, milliseconds = _found(detection, is_machine)
        pulse = self.conversation.pulse
        after = pulse.now + milliseconds / 1000
        if detection.callback is None:
            await self.conversation.listen(after)
            call.answered_by = found
        else:
            pulse.at(after, partial(self._detected, detection, found, milliseconds))

    def _detected(self, detection: Detection, found: str, milliseconds: int) -> None:
        call = self.conversation.call
        call.answered_by = found
        if detection.callback:
            self.news.detected(call, detection.callback, detection.callback_method, milliseconds)

    def _rings(self) -> None:
        conversation = self.conversation
        conversation.note(Entry(Kind.RING, conversation.pulse.now, seconds=self.order.ring_seconds))
        conversation.call.status = CallStatus.RINGING
        conversation.desk.calls.changed(conversation.call)
        self.news.tell(conversation.call, CallEvent.RINGING)

    def _taken_up(self) -> CallStatus:
        self.conversation.answer()
        return CallStatus.IN_PROGRESS


def _found(detection: Detection, is_machine: bool) -> tuple[str, int]:
    if not is_machine:
        return "human", HUMAN_MILLISECONDS
    if detection.to_the_end:
        return "machine_end_beep", GREETING_MILLISECONDS
    return "machine_start", MACHINE_MILLISECONDS
