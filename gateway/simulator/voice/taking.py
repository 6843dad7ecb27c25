"""Taking a recording: from the beep to the silence, the key or the end of the call that finishes it."""

from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urljoin

from gateway.simulator.config import Dialect
from gateway.simulator.hooks import Webhook
from gateway.simulator.messages import rfc2822
from gateway.simulator.voice.calls import Call, CallStatus, sid_of, told_about
from gateway.simulator.voice.desk import Desk
from gateway.simulator.voice.people import Key, Microphone, Person, PersonsAct, Situation, Spoke
from gateway.simulator.voice.pulse import HungUp, Pulse, SentElsewhere, Stopped
from gateway.simulator.voice.recordings import Recording, RecordingStatus
from gateway.simulator.voice.sound import Speech, joined
from gateway.simulator.voice.source import Source
from gateway.simulator.voice.transcript import Entry, Kind, Transcript
from gateway.simulator.voice.verbs import Record

BEEP_SECONDS = 0.5
READY_SECONDS = 1.5
# What she said until the last moment is still on its way from her microphone when the recording ends.
ARRIVING_SECONDS = 10.0
HUNG_UP = "hangup"


@dataclass(frozen=True, repr=False)
class _Said:
    starts: float
    ends: float
    speech: Speech


@dataclass(repr=False)
class Taking:
    """One `Record` of one call."""

    call: Call
    desk: Desk
    pulse: Pulse
    person: Person
    transcript: Transcript
    here: str
    _said: list[_Said] = field(default_factory=list)
    _is_speaking: bool = False
    _speaks_since: float = 0.0
    _began: float = 0.0

    async def take(self, verb: Record) -> Source | None:
        """Where the recording is told; None when nothing was said and the next verb follows.

        Whatever ends the call meanwhile goes on from here, after what was said is kept.
        """
        key = ""
        try:
            if verb.beeps:
                await self._quiet(self.pulse.now + BEEP_SECONDS)
            self._begin(verb)
            key = await self._listen(verb)
        except HungUp:
            self._end()
            recording = self._keep(verb)
            if recording is not None and not self._is_somleng:
                self._tell_after_hanging_up(verb, recording)
            raise
        except (Stopped, SentElsewhere):
            self._end()
            self._keep(verb)
            raise
        self._end()
        recording = self._keep(verb)
        self.person.hears(Situation.BUSY if recording else Situation.UNHEARD, self.pulse.now)
        if recording is None:
            return None
        return Source(verb.action or self.here, verb.method, self._fields(recording, key))

    @property
    def _is_somleng(self) -> bool:
        return self.desk.config().dialect is Dialect.SOMLENG

    async def _quiet(self, until: float) -> None:
        """The beep. Keys in it are lost; who speaks into it is heard afterwards."""
        while (act := await self.pulse.wait(until)) is not None:
            if isinstance(act, Key):
                self.transcript.add(Entry(Kind.KEY, self.pulse.now, act.digit, is_lost=True))
            else:
                self._hear(act)

    def _begin(self, verb: Record) -> None:
        self._began = self.pulse.now
        self.transcript.is_recording = True
        self.transcript.add(Entry(Kind.BEEP, self.pulse.now, seconds=verb.most_seconds))
        self.person.hears(Situation.RECORDING, self.pulse.now)

    def _end(self) -> None:
        self.transcript.is_recording = False

    async def _listen(self, verb: Record) -> str:
        """The key that finished it, or '' for silence and for the longest length."""
        ends = self._began + verb.most_seconds
        while True:
            quiet_since = max([self._began, *(said.ends for said in self._said)])
            until = ends if self._is_speaking else min(ends, quiet_since + verb.timeout_seconds)
            act = await self.pulse.wait(until)
            if act is None:
                if self._is_speaking:
                    await self._arrived()
                return ""
            if isinstance(act, Key):
                is_finish = act.digit in verb.finish_keys
                self.transcript.add(Entry(Kind.KEY, self.pulse.now, act.digit, is_lost=not is_finish))
                if is_finish:
                    return act.digit
            else:
                self._hear(act)

    async def _arrived(self) -> None:
        """The microphone is still open: what came in by it follows in a moment."""
        until = self.pulse.now + ARRIVING_SECONDS
        while self._is_speaking and (act := await self.pulse.wait(until)) is not None:
            self._hear(act)

    def _hear(self, act: PersonsAct) -> None:
        now = self.pulse.now
        match act:
            case Microphone(is_on):
                self._is_speaking = is_on
                self._speaks_since = now
            case Spoke(speech, is_past):
                starts = max(now - speech.seconds, self._began) if is_past else max(now, self._began)
                self._said.append(_Said(starts, starts + speech.seconds, speech))
                self._is_speaking = False

    def _keep(self, verb: Record) -> Recording | None:
        """The recording of what was said until now; None where nothing was, save at Somleng, which keeps silence."""
        most = min(self.pulse.now, self._began + verb.most_seconds)
        heard = [
            (said.starts, min(said.ends, most), said.speech)
            for said in self._said
            if min(said.ends, most) > said.starts
        ]
        if self._is_somleng:
            return self._kept(verb, heard, self._began, most) if most > self._began else None
        if not heard:
            self._report_absence(verb)
            return None
        if not verb.trims:
            return self._kept(verb, heard, self._began, most)
        return self._kept(verb, heard, min(piece[0] for piece in heard), max(piece[1] for piece in heard))

    def _kept(
        self, verb: Record, heard: list[tuple[float, float, Speech]], begins: float, ends: float
    ) -> Recording:
        voice = int(self.call.sid[-2:], 16)
        is_hum = bool(heard) and all(piece[2].samples is None for piece in heard)
        now, recordings = self.desk.clock.now(), self.desk.recordings
        recording = Recording(
            sid=sid_of("RE", self.desk.config().dialect),
            place=recordings.next_place(),
            call_sid=self.call.sid,
            created=now,
            updated=now,
            started=self.pulse.shown(begins),
            seconds=ends - begins,
            status=RecordingStatus.PROCESSING,
            voice=voice,
            callback=None if verb.callback is None else urljoin(self.here, verb.callback),
            callback_method=verb.callback_method,
        )
        recordings.add(recording, None if is_hum else joined(heard, begins, ends, voice))
        self.transcript.add(
            Entry(Kind.RECORDED, self.pulse.now, seconds=recording.seconds, sid=recording.sid)
        )
        finish = partial(finish_recording, self.desk, recording)
        delay = self.desk.chance.around(READY_SECONDS) * self.desk.config().pace
        self.desk.timeline.at(now + delay, finish)
        return recording

    def _fields(self, recording: Recording, key: str) -> dict[str, str]:
        """What the action is told. Somleng tells neither the key nor the recording's name."""
        told = {
            "RecordingUrl": self.desk.recording_url(recording.sid),
            "RecordingDuration": str(recording.whole_seconds),
        }
        return told if self._is_somleng else {**told, "RecordingSid": recording.sid, "Digits": key}

    def _tell_after_hanging_up(self, verb: Record, recording: Recording) -> None:
        """The action is asked for though nobody is there to hear its answer; by a fault it is not."""
        if self.desk.chance.strikes(self.desk.faults.no_hangup_action):
            return
        fields = {
            **told_about(self.call, self.desk.config().account_sid),
            "CallStatus": CallStatus.COMPLETED.value,
            **self._fields(recording, HUNG_UP),
        }
        url = urljoin(self.here, verb.action or "")
        self.desk.receipts.send(Webhook(url, fields, self.call.sid, method=verb.method))

    def _report_absence(self, verb: Record) -> None:
        if verb.callback is not None and "absent" in verb.callback_events:
            url = urljoin(self.here, verb.callback)
            fields = _status_fields(self.desk, self.call.sid, RecordingStatus.ABSENT, None)
            self.desk.receipts.tell(Webhook(url, fields, self.call.sid, method=verb.callback_method))


def finish_recording(desk: Desk, recording: Recording) -> None:
    """The file is ready, and whoever asked for it is told; not when it was deleted before."""
    if recording.status is not RecordingStatus.PROCESSING:
        return
    recording.status, recording.updated = RecordingStatus.COMPLETED, desk.clock.now()
    desk.recordings.changed(recording)
    if recording.callback is not None:
        fields = _status_fields(desk, recording.call_sid, recording.status, recording)
        desk.receipts.tell(
            Webhook(recording.callback, fields, recording.sid, method=recording.callback_method)
        )


def _status_fields(
    desk: Desk, call_sid: str, status: RecordingStatus, recording: Recording | None
) -> dict[str, str]:
    fields = {
        "AccountSid": desk.config().account_sid,
        "CallSid": call_sid,
        "RecordingStatus": status.value,
        "RecordingSource": "RecordVerb",
        "RecordingTrack": "inbound",
        "RecordingChannels": "1",
    }
    if recording is None:
        return fields
    return {
        **fields,
        "RecordingSid": recording.sid,
        "RecordingUrl": desk.recording_url(recording.sid),
        "RecordingDuration": str(recording.whole_seconds),
        "RecordingStartTime": rfc2822(recording.started) or "",
    }
