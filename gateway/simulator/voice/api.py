"""The calls and recordings of the carrier's HTTP API."""

from collections.abc import Iterator, Mapping
from functools import partial

from aiohttp import web

from gateway.simulator import wire
from gateway.simulator.errors import Refused
from gateway.simulator.manners import Manners
from gateway.simulator.messages import API_VERSION
from gateway.simulator.outcomes import Answer
from gateway.simulator.paging import Listing, page_of, window_of
from gateway.simulator.voice import calls, recordings
from gateway.simulator.voice.calls import Call, CallStatus
from gateway.simulator.voice.desk import Desk
from gateway.simulator.voice.orders import check_call, check_source
from gateway.simulator.voice.recordings import Recording, RecordingStatus
from gateway.simulator.voice.switchboard import Switchboard

_CALL_FILTERS = tuple(
    ["To", "From", "Status", "ParentCallSid"]
    + [f"{name}{sign}" for name in ("StartTime", "EndTime") for sign in ("", "<", ">")]
)
_RECORDING_FILTERS = ("CallSid", "DateCreated", "DateCreated<", "DateCreated>", "IncludeSoftDeleted")


class CallsApi:
    """Answers what lies under `Calls` and `Recordings`."""

    def __init__(self, desk: Desk, switchboard: Switchboard, manners: Manners) -> None:
        self._desk, self._switchboard, self._manners = desk, switchboard, manners

    async def answer(self, request: web.Request, path: wire.Path, suffix: str) -> wire.Reply:
        """Raises `Refused`."""
        if path[0] == "Recordings" and len(path) == 2 and suffix in ("", "wav"):
            return self._audio(request, self._recording(path[1]))
        if suffix != "json":
            raise Refused(20404)
        match path:
            case ("Calls",) if request.method == "POST":
                return await self._create(request)
            case ("Calls",):
                wire.allow(request, "GET")
                return 200, self._list_calls(wire.query(request))
            case ("Calls", sid):
                return await self._one_call(request, self._call(sid))
            case ("Recordings",):
                wire.allow(request, "GET")
                return 200, self._list_recordings(wire.query(request), None)
            case ("Recordings", sid):
                return self._one_recording(request, self._recording(sid, _wants_deleted(request)))
            case ("Calls", sid, "Recordings"):
                wire.allow(request, "GET")
                return 200, self._list_recordings(wire.query(request), self._call(sid))
            case ("Calls", call_sid, "Recordings", sid):
                recording = self._recording(sid, _wants_deleted(request))
                if recording.call_sid != call_sid:
                    raise Refused(20404)
                return self._one_recording(request, recording)
        raise Refused(20404)

    @property
    def _account(self) -> str:
        return self._desk.config().account_sid

    async def _create(self, request: web.Request) -> wire.Reply:
        order = check_call(await wire.form(request), self._desk.config())
        answer: Answer = self._switchboard.book.ending(order.to).answer
        self._manners.before(order.to, answer)
        call = self._switchboard.call_out(order)
        document = calls.as_json(call, self._account)
        self._manners.taken(request, answer)
        await self._manners.linger(answer)
        return 201, document

    async def _one_call(self, request: web.Request, call: Call) -> wire.Reply:
        if request.method == "DELETE":
            if not call.is_over:
                raise Refused(21220)
            self._desk.calls.delete(call)
            return 204, None
        if request.method == "POST":
            await self._update(call, await wire.form(request))
        else:
            wire.allow(request, "GET")
        return 200, calls.as_json(call, self._account)

    async def _update(self, call: Call, form: wire.Form) -> None:
        """Raises `Refused` with 21220 for what a call in its state cannot do."""
        status = form["Status"][-1] if "Status" in form else ""
        if call.is_over:
            raise Refused(21220)
        if status == "canceled":
            if call.status is CallStatus.IN_PROGRESS:
                raise Refused(21220)
            await self._switchboard.stop_call(call)
        elif status == "completed":
            await self._switchboard.stop_call(call)
        elif status:
            raise Refused(20001)
        else:
            source = check_source(form)
            if call.status is not CallStatus.IN_PROGRESS:
                raise Refused(21220)
            self._switchboard.redirect(call, source)

    def _one_recording(self, request: web.Request, recording: Recording) -> wire.Reply:
        wire.allow(request, "GET", "DELETE")
        if request.method == "DELETE":
            if recording.status is RecordingStatus.DELETED:
                raise Refused(20404)
            self._desk.recordings.delete(recording, self._desk.clock.now())
            return 204, None
        return 200, self._write(recording)

    def _audio(self, request: web.Request, recording: Recording) -> wire.Reply:
        """One channel is all there is of it. What is not ready yet, or deleted, is not found."""
        wire.allow(request, "GET", "DELETE")
        if request.method == "DELETE":
            return self._one_recording(request, recording)
        if wire.query(request).get("RequestedChannels", "1") != "1":
            raise Refused(20001)
        audio = self._desk.recordings.wav(recording)
        if audio is None:
            raise Refused(20404)
        return 200, audio

    def _call(self, sid: str) -> Call:
        call = self._desk.calls.find(sid)
        if call is None:
            raise Refused(20404)
        return call

    def _recording(self, sid: str, with_deleted: bool = False) -> Recording:
        recording = self._desk.recordings.by_sid.get(sid)
        if recording is None or (recording.status is RecordingStatus.DELETED and not with_deleted):
            raise Refused(20404)
        return recording

    def _write(self, recording: Recording) -> dict[str, object]:
        url = self._desk.recording_url(recording.sid)
        return {**recordings.as_json(recording, self._account), "media_url": url}

    def _list_calls(self, query: Mapping[str, str]) -> wire.Document:
        base = f"/{API_VERSION}/Accounts/{self._account}/Calls.json"
        listing: Listing[Call] = Listing(
            "calls", base, _CALL_FILTERS, lambda call: calls.as_json(call, self._account)
        )
        return page_of(listing, query, self._place_of_call, partial(self._matching_calls, query))

    def _place_of_call(self, sid: str) -> int | None:
        call = self._desk.calls.by_sid.get(sid)
        return None if call is None else call.place

    def _matching_calls(self, query: Mapping[str, str], before: int | None) -> Iterator[Call]:
        """Newest first. A call that has not begun yet is found by the moment when it was ordered."""
        started, ended = window_of(query, "StartTime"), window_of(query, "EndTime")
        to, sender, status = query.get("To"), query.get("From"), query.get("Status")
        if query.get("ParentCallSid"):
            return
        known = self._desk.calls
        pools = (known.by_party.get(number) for number in (to, sender) if number)
        pool = next((found for found in pools if found is not None), None)
        for call in reversed(known.by_sid.values() if pool is None else pool):
            if call.is_deleted or (before is not None and call.place >= before):
                continue
            if (to and call.called != to) or (sender and call.caller != sender):
                continue
            if status and call.status.value != status:
                continue
            if not started.holds(call.created if call.started is None else call.started):
                continue
            if ended.is_open or ended.holds(call.ended):
                yield call

    def _list_recordings(self, query: Mapping[str, str], call: Call | None) -> wire.Document:
        below = "Recordings.json" if call is None else f"Calls/{call.sid}/Recordings.json"
        base = f"/{API_VERSION}/Accounts/{self._account}/{below}"
        listing = Listing("recordings", base, _RECORDING_FILTERS, self._write)
        narrowed = {**query, "CallSid": call.sid} if call is not None else query
        return page_of(listing, query, self._place_of_recording, partial(self._matching_recordings, narrowed))

    def _place_of_recording(self, sid: str) -> int | None:
        recording = self._desk.recordings.by_sid.get(sid)
        return None if recording is None else recording.place

    def _matching_recordings(self, query: Mapping[str, str], before: int | None) -> Iterator[Recording]:
        created = window_of(query, "DateCreated")
        with_deleted = query.get("IncludeSoftDeleted", "").lower() == "true"
        call_sid = query.get("CallSid")
        for recording in reversed(self._desk.recordings.in_order):
            if before is not None and recording.place >= before:
                continue
            if recording.status is RecordingStatus.DELETED and not with_deleted:
                continue
            if call_sid and recording.call_sid != call_sid:
                continue
            if created.holds(recording.created):
                yield recording


def _wants_deleted(request: web.Request) -> bool:
    return wire.query(request).get("IncludeSoftDeleted", "").lower() == "true"
