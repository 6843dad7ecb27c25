"""Control of calls under `/sim/`: placing them, acting on their telephones, and looking at what happened."""

from collections.abc import Iterable
from itertools import islice

from aiohttp import web

from gateway.simulator.asking import (
    BadRequest,
    Document,
    Handler,
    body_of,
    guarded,
    json_answer,
    number,
    seconds,
    words,
)
from gateway.simulator.config import Line
from gateway.simulator.phones import Phones
from gateway.simulator.voice import storm, view
from gateway.simulator.voice.calls import Call, CallStatus
from gateway.simulator.voice.desk import Desk
from gateway.simulator.voice.people import Decline, Key, Microphone, PutDown, Spoke, TakeUp
from gateway.simulator.voice.pulse import Act
from gateway.simulator.voice.script import Script, read_script
from gateway.simulator.voice.sound import Speech, read_telephone_wav
from gateway.simulator.voice.switchboard import CallRefused, Live, Switchboard
from gateway.simulator.voice.verbs import ANY_KEY

MOST_LISTED = 500
LARGEST_SPEECH = 4 * 1024 * 1024
MISSED = "missed"
_ACTS: dict[str, Act] = {
    "hang up": PutDown(),
    "answer": TakeUp(),
    "decline": Decline(),
    "microphone on": Microphone(is_on=True),
    "microphone off": Microphone(is_on=False),
}


class CallsControl:
    """The handlers of calls; bodies and answers are JSON, but for sound."""

    def __init__(self, switchboard: Switchboard, desk: Desk, phones: Phones) -> None:
        self._switchboard, self._desk, self._phones = switchboard, desk, phones

    def routes(self) -> list[web.RouteDef]:
        gets: dict[str, Handler] = {
            "calls": self._list,
            "calls/{sid}": self._one,
            "recordings": self._recordings,
            "clips/{id}": self._clip,
        }
        posts: dict[str, Handler] = {
            "calls": self._place,
            "calls/{sid}": self._act,
            "calls/{sid}/speech": self._speak,
            "callers": self._callers,
            "scripts": self._set_script,
            "voices": self._set_voice,
        }
        return [
            *(web.get(f"/sim/{name}", guarded(handler)) for name, handler in gets.items()),
            *(web.post(f"/sim/{name}", guarded(handler)) for name, handler in posts.items()),
        ]

    def on_screens(self, ids: set[int] | None) -> list[Document]:
        """The calls of the handsets that are shown, once their telephones know of them."""
        config, shown = self._desk.config(), []
        for live in self._switchboard.live.values():
            phone = self._phones.get(live.call.party)
            if live.call.status is CallStatus.QUEUED:
                continue
            if phone is not None and (ids is None or phone.id in ids):
                screen = view.on_screen(live, self._switchboard, config, self._desk.clock)
                shown.append({"handset": phone.id, **screen})
        return shown

    def counts(self) -> Document:
        """How many calls there were, how they ended, and how soon the gateway answered."""
        return {
            "made": len(self._desk.calls.by_sid),
            "live": len(self._switchboard.live),
            "most_at_once": self._switchboard.calls_at_once,
            "by_status": self._desk.calls.by_status(),
            "media_requests": self._desk.media.requests,
            **self._desk.speed.document(),
        }

    async def _list(self, request: web.Request) -> web.Response:
        calls: Iterable[Call] = reversed(self._desk.calls.by_sid.values())
        if "handset" in request.query:
            calls = reversed(self._desk.calls.by_party.get(number(request.query["handset"]), []))
        return json_answer({"calls": [view.summary(call) for call in islice(calls, MOST_LISTED)]})

    async def _place(self, request: web.Request) -> web.Response:
        asked = await body_of(request)
        sender, line = words(asked, "from"), self._line(words(asked, "to"))
        text = MISSED if asked.get("missed") is True else asked.get("script")
        script = None if text is None else read_script(words({"script": text}, "script"))
        pace = seconds(asked["pace"]) if "pace" in asked else None
        if self._phones.get(sender) is not None and self._switchboard.live_of(sender) is not None:
            raise CallRefused("This telephone is in a call already.")
        live = self._switchboard.call_in(sender, line, script, pace)
        if asked.get("wait") is True:
            await live.over.wait()
            return self._whole(live.call)
        return json_answer({"sid": live.call.sid})

    async def _one(self, request: web.Request) -> web.Response:
        call = self._desk.calls.by_sid.get(request.match_info["sid"])
        if call is None:
            raise BadRequest("There is no such call.")
        live = self._switchboard.live.get(call.sid)
        if live is None:
            return self._whole(call)
        if request.query.get("wait") == "1":
            await live.over.wait()
            return self._whole(call)
        return json_answer(self._on_screen(live))

    async def _act(self, request: web.Request) -> web.Response:
        sid, asked = request.match_info["sid"], await body_of(request)
        if "key" in asked:
            key = words(asked, "key")
            if len(key) != 1 or key not in ANY_KEY:
                raise BadRequest("A telephone has no such key.")
            self._switchboard.put(sid, Key(key))
        else:
            act = _ACTS.get(words(asked, "act"))
            if act is None:
                raise BadRequest(f"A telephone can {', '.join(_ACTS)}.")
            self._switchboard.put(sid, act)
        return json_answer({"done": True})

    async def _speak(self, request: web.Request) -> web.Response:
        """What was said; with `past=1` it was said until now, else it is said from now on."""
        speech = await _speech(request)
        is_past = request.query.get("past") == "1"
        self._switchboard.put(request.match_info["sid"], Spoke(speech, is_past))
        return json_answer({"seconds": speech.seconds})

    async def _set_script(self, request: web.Request) -> web.Response:
        asked = await body_of(request)
        scripts, who = self._switchboard.book.scripts, words(asked, "number")
        if asked.get("script") is None:
            scripts.pop(who, None)
        else:
            scripts[who] = read_script(words(asked, "script"))
        return json_answer({"done": True})

    async def _set_voice(self, request: web.Request) -> web.Response:
        speech = await _speech(request)
        self._switchboard.book.voices[number(request.query.get("number", ""))] = speech
        return json_answer({"seconds": speech.seconds})

    async def _callers(self, request: web.Request) -> web.Response:
        asked = await body_of(request)
        texts = asked.get("scripts", [asked.get("script", "")])
        if not isinstance(texts, list) or not texts:
            raise BadRequest("scripts is a list of scripts.")
        scripts: tuple[Script, ...] = tuple(read_script(words({"script": text}, "script")) for text in texts)
        count = int(seconds(asked.get("count", 1)))
        callers = storm.Callers(
            line=self._line(words(asked, "to")),
            scripts=scripts,
            count=count,
            at_once=max(int(seconds(asked.get("at_once", 1))), 1),
            first=words(asked, "first"),
            numbers=max(int(seconds(asked.get("numbers", count))), 1),
        )
        return json_answer(await storm.run(self._switchboard, self._desk, callers))

    async def _recordings(self, _request: web.Request) -> web.Response:
        recordings = self._desk.recordings
        rows = [
            {
                "sid": recording.sid,
                "call_sid": recording.call_sid,
                "seconds": recording.seconds,
                "status": recording.status,
                "is_kept": recordings.holds(recording),
            }
            for recording in recordings.in_order[-MOST_LISTED:]
        ]
        return json_answer({"recordings": rows})

    async def _clip(self, request: web.Request) -> web.Response:
        """The audio that a call played, for the page."""
        clip = self._desk.media.find(request.match_info["id"])
        if clip is None:
            raise BadRequest("This audio was played too long ago.")
        headers = {"Content-Type": clip.content_type, "Cache-Control": "no-store"}
        return web.Response(body=clip.data, headers=headers)

    def _line(self, address: str) -> Line:
        line = self._desk.config().line(address)
        if line is None:
            raise CallRefused("There is no such line.")
        return line

    def _whole(self, call: Call) -> web.Response:
        return json_answer(view.whole(call, self._switchboard.transcripts.get(call.sid)))

    def _on_screen(self, live: Live) -> Document:
        return view.on_screen(live, self._switchboard, self._desk.config(), self._desk.clock)


async def _speech(request: web.Request) -> Speech:
    """A WAV file in the body. Raises `BadRequest` and `NotSound`."""
    if request.content_type not in ("audio/wav", "audio/x-wav", "audio/wave"):
        raise BadRequest("What was said comes as WAV, and says so.")
    data = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        data += chunk
        if len(data) > LARGEST_SPEECH:
            raise BadRequest("Nobody speaks that long.")
    return read_telephone_wav(bytes(data))
