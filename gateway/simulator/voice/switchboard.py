"""All calls that are going on: who calls, who is called, and how each call ends."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gateway.simulator.config import Line
from gateway.simulator.phones import Phones
from gateway.simulator.voice import remarks
from gateway.simulator.voice.book import Book
from gateway.simulator.voice.calls import Call, CallEvent, CallStatus, Direction, sid_of
from gateway.simulator.voice.conversation import Conversation, Rejected
from gateway.simulator.voice.desk import Desk
from gateway.simulator.voice.news import News
from gateway.simulator.voice.orders import CallOrder
from gateway.simulator.voice.people import Hand, Person, Situation
from gateway.simulator.voice.pulse import Act, HungUp, Pulse, SendElsewhere, SentElsewhere, Stop, Stopped
from gateway.simulator.voice.recordings import RecordingStatus
from gateway.simulator.voice.ringing import Ringing
from gateway.simulator.voice.script import Pickup, Script
from gateway.simulator.voice.source import Source
from gateway.simulator.voice.taking import finish_recording
from gateway.simulator.voice.transcript import Entry, Kind, Transcript, Transcripts

EARLIEST_CUT_SECONDS, LATEST_CUT_SECONDS = 2.0, 60.0
# A call of the line within this time after a missed one is shown as its answer.
FORGET_MISSED_SECONDS = 30 * 60.0
LONGEST_CALL = 4 * 3600.0


class CallRefused(Exception):
    """The call cannot be made, or is over; the text tells the person why."""


@dataclass(repr=False)
class Live:
    """A call that is going on; `over` is set when it is not any more."""

    call: Call
    conversation: Conversation
    is_by_hand: bool
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def transcript(self) -> Transcript:
        return self.conversation.transcript


class Switchboard:
    """Begins calls, hands them what happens from outside, and closes them."""

    def __init__(self, desk: Desk, phones: Phones) -> None:
        self._desk, self._phones = desk, phones
        self._news = News(desk)
        self._tasks: set[asyncio.Task[None]] = set()
        self._live: dict[str, Live] = {}
        self._engaged: Counter[str] = Counter()
        self._free_at = 0.0
        self.book = Book(desk, phones)
        self.transcripts = Transcripts()
        self.missed_at: dict[str, float] = {}
        """When a number last rang a line and was not answered, in shown time."""
        self.calls_at_once = 0

    @property
    def live(self) -> dict[str, Live]:
        return self._live

    def live_of(self, number: str) -> Live | None:
        """The call that a telephone is in."""
        return next((live for live in self._live.values() if live.call.party == number), None)

    def call_in(self, sender: str, line: Line, script: Script | None, pace: float | None = None) -> Live:
        """Somebody calls a line. Raises `CallRefused`. Without a script a hand holds the telephone."""
        if line.voice_url is None:
            raise CallRefused("This line takes no calls.")
        call = self._new(Direction.INBOUND, line.address, sender, CallStatus.RINGING)
        call.started = call.created
        call.callback = line.voice_status_url
        person = self.book.caller(sender, script)
        live = self._begin(call, person, self.book.pace(person, pace))
        source = Source(line.voice_url, fallback_url=line.voice_fallback_url)
        self._run(live, self._inbound(live, source))
        return live

    def call_out(self, order: CallOrder) -> Call:
        """The gateway calls somebody; the call waits for its turn among the account's calls."""
        call = self._new(Direction.OUTBOUND, order.line.address, order.to, CallStatus.QUEUED)
        call.callback, call.callback_method, call.events = order.callback, order.callback_method, order.events
        call.is_silent = self.book.ending(order.to).is_silent
        person, pickup = self.book.callee(order.to)
        live = self._begin(call, person, self.book.pace(person, None))
        self._run(live, self._outbound(live, order, pickup))
        return call

    def put(self, sid: str, act: Act) -> None:
        """Something is done on the telephone of a call. Raises `CallRefused` when the call is over."""
        live = self._live.get(sid)
        if live is None:
            raise CallRefused("This call is over.")
        live.conversation.pulse.put(act)

    async def stop_call(self, call: Call) -> None:
        """The gateway hangs up, or takes back a call that waits or rings; it is over when this returns."""
        live = self._live.get(call.sid)
        if live is not None:
            live.conversation.pulse.put(Stop())
            await live.over.wait()

    def redirect(self, call: Call, source: Source) -> None:
        """The gateway gives a call another answer."""
        act = SendElsewhere(source.url, source.method, source.twiml)
        self._live[call.sid].conversation.pulse.put(act)

    def resume(self) -> None:
        """Calls that a restart cut off have failed; recordings that were being made ready are."""
        for call in self._desk.calls.unfinished():
            self._close(call, CallStatus.FAILED, None)
        for recording in self._desk.recordings.in_order:
            if recording.status is RecordingStatus.PROCESSING:
                finish = partial(finish_recording, self._desk, recording)
                self._desk.timeline.at(self._desk.clock.now(), finish)

    def clear(self) -> None:
        """Forget all calls; those that go on end without a word."""
        for task in self._tasks:
            task.cancel()
        for live in self._live.values():
            live.over.set()
        for memory in (self._live, self._engaged, self.missed_at, self.book, self.transcripts, self._news):
            memory.clear()
        self._free_at, self.calls_at_once = 0.0, 0

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _new(self, direction: Direction, line: str, party: str, status: CallStatus) -> Call:
        now, calls = self._desk.clock.now(), self._desk.calls
        sid = sid_of("CA", self._desk.config().dialect)
        return Call(sid, calls.next_place(), direction, line, party, status, created=now, updated=now)

    def _begin(self, call: Call, person: Person, pace: float) -> Live:
        desk, is_by_hand = self._desk, isinstance(person, Hand)
        pulse = Pulse(desk.clock, desk.timeline, pace, person)
        if desk.chance.strikes(desk.faults.drop_call):
            pulse.cut_at = desk.chance.between(EARLIEST_CUT_SECONDS, LATEST_CUT_SECONDS)
        transcript = self.transcripts.begin(Transcript(call.sid, desk.clock.now(), pace, is_by_hand))
        conversation = Conversation(call, desk, pulse, person, transcript, partial(self._answered, call))
        live = Live(call, conversation, is_by_hand)
        self._live[call.sid] = live
        self.calls_at_once = max(self.calls_at_once, len(self._live))
        desk.calls.add(call)
        self._phones.touch(call.party)
        return live

    def _run(self, live: Live, course: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(course)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _inbound(self, live: Live, source: Source) -> None:
        conversation = live.conversation
        self._engaged[live.call.party] += 1
        conversation.pulse.ends_at = LONGEST_CALL
        conversation.note(Entry(Kind.RING, 0.0))
        conversation.person.hears(Situation.RINGING, 0.0)
        await self._talk(live, source)

    async def _outbound(self, live: Live, order: CallOrder, pickup: Pickup | None) -> None:
        conversation, source = live.conversation, order.source
        try:
            await conversation.pulse.pass_until(self._turn(conversation.pulse))
            ringing = Ringing(conversation, order, self._news, pickup, self._dial(live.call))
            status = await ringing.ring()
            if status is not CallStatus.IN_PROGRESS:
                self._end(live, status)
                return
            conversation.pulse.ends_at = conversation.pulse.now + order.most_seconds
            await ringing.detect()
        except SentElsewhere as other:
            source = Source(other.url, other.method, twiml=other.twiml)
        except HungUp as gone:
            self._end(live, CallStatus.FAILED if gone.is_cut else CallStatus.BUSY)
            return
        except Stopped:
            self._end(live, CallStatus.CANCELED)
            return
        await self._talk(live, source)

    async def _talk(self, live: Live, source: Source) -> None:
        """The conversation, and what the call has become when it is over."""
        ended_by = "the line"
        try:
            await live.conversation.talk(source)
            status = CallStatus.COMPLETED
        except Rejected as rejected:
            status = CallStatus.BUSY if rejected.is_busy else CallStatus.NO_ANSWER
        except HungUp as gone:
            status, ended_by = CallStatus.NO_ANSWER, "the network" if gone.is_cut else "her"
        except Stopped:
            status, ended_by = CallStatus.CANCELED, "the gateway"
        self._end(live, status, ended_by)

    def _turn(self, pulse: Pulse) -> float:
        """When the account may begin its next call, in the call's own time."""
        now, config = self._desk.clock.now(), self._desk.config()
        if not (config.pace and config.calls_per_second):
            return pulse.now
        starts = max(now, self._free_at)
        self._free_at = starts + 1 / config.calls_per_second
        return pulse.moment(starts)

    def _dial(self, call: Call) -> bool:
        """The call leaves its queue; whether the telephone is in use already."""
        call.started = self._desk.clock.now()
        call.queue_ms = round((call.started - call.created) * 1000)
        self._news.tell(call, CallEvent.INITIATED)
        is_engaged = self._engaged[call.party] > 0
        self._engaged[call.party] += 1
        return is_engaged

    def _answered(self, call: Call) -> None:
        call.status, call.updated = CallStatus.IN_PROGRESS, self._desk.clock.now()
        self._desk.calls.changed(call)
        self._news.tell(call, CallEvent.ANSWERED)

    def _end(self, live: Live, status: CallStatus, ended_by: str = "") -> None:
        """An open line that is closed has completed the call, whoever closed it."""
        conversation, call = live.conversation, live.call
        if conversation.is_answered:
            status = CallStatus.COMPLETED
            call.seconds = conversation.pulse.now - (live.transcript.answered_at or 0.0)
        conversation.note(Entry(Kind.END, conversation.pulse.now, ended_by))
        self._live.pop(call.sid, None)
        if call.started is not None:
            self._engaged[call.party] -= 1
            if not self._engaged[call.party]:
                del self._engaged[call.party]
        self._close(call, status, live.transcript.fault)
        if call.direction is Direction.INBOUND and not conversation.is_answered:
            self._remember_missed(call)
        live.over.set()

    def _remember_missed(self, call: Call) -> None:
        """Only for telephones that are shown: a storm of callers is not remembered one by one."""
        if self._phones.get(call.party) is not None:
            self.missed_at[call.party] = self._desk.clock.now()

    def _close(self, call: Call, status: CallStatus, fault: Entry | None) -> None:
        now = self._desk.clock.now()
        call.status, call.updated, call.ended = status, now, now
        self._desk.calls.changed(call)
        self._news.tell(call, CallEvent.COMPLETED)
        self._phones.say(call.party, remarks.ended(call, fault))
