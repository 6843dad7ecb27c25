"""Carrying out what the gateway answers, verb by verb, until one side hangs up."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from gateway.simulator.hooks import Webhook, WebhookFailed
from gateway.simulator.voice.answer import AnswerWrong, read_answer
from gateway.simulator.voice.calls import Call, told_about
from gateway.simulator.voice.desk import Desk, path_of
from gateway.simulator.voice.media import MediaFailed
from gateway.simulator.voice.people import Key, Person, PersonsAct, Situation
from gateway.simulator.voice.pulse import Pulse, SentElsewhere
from gateway.simulator.voice.source import Source
from gateway.simulator.voice.taking import Taking
from gateway.simulator.voice.transcript import Entry, Kind, Transcript
from gateway.simulator.voice.verbs import (
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    Sound,
    Verb,
)

LETTERS_PER_SECOND = 14.0
ERROR_SECONDS = 4.0
APOLOGY = "We are sorry, an application error has occurred. Goodbye."
# Nothing is written down of how many answers the carrier takes in which nothing is said and nothing asked.
MOST_ANSWERS_IN_A_ROW, TOO_MANY_ANSWERS = 50, 12400


class Fault(Exception):
    """The gateway's answer cannot be carried out; the call ends with the carrier's apology."""

    def __init__(self, code: int, words: str, status: int = 0) -> None:
        self.code, self.words, self.status = code, words, status
        super().__init__(f"{code} {words}")


class Rejected(Exception):
    """The gateway refuses the call before it is answered."""

    def __init__(self, *, is_busy: bool) -> None:
        self.is_busy = is_busy
        super().__init__("rejected")


@dataclass(repr=False)
class Conversation:
    """One call that the gateway directs. `on_answer` is called when the line opens."""

    call: Call
    desk: Desk
    pulse: Pulse
    person: Person
    transcript: Transcript
    on_answer: Callable[[], None]
    is_answered: bool = False
    _here: str = ""
    _fallback: str | None = None
    _answers_in_a_row: int = 0

    def answer(self) -> None:
        """The line opens."""
        self.is_answered = True
        self.transcript.answered_at = self.pulse.now
        self.on_answer()
        self.note(Entry(Kind.ANSWER, self.pulse.now))
        self.person.hears(Situation.ANSWERED, self.pulse.now)

    async def talk(self, source: Source | None) -> None:
        """Until the gateway has nothing more to say. Raises `HungUp`, `Stopped` and `Rejected`."""
        self._fallback = source.fallback_url if source else None
        while source is not None:
            try:
                source = await self._carry_out(await self._ask(source))
            except SentElsewhere as other:
                source = Source(other.url or self._here, other.method, twiml=other.twiml)
            except Fault as fault:
                await self._apologise(fault)
                return

    def note(self, entry: Entry) -> Entry:
        """Write it down."""
        return self.transcript.add(entry)

    async def listen(self, until: float | None) -> PersonsAct | None:
        """What she does until then while nobody listens to keys; they are written down as lost."""
        while (act := await self.pulse.wait(until)) is not None:
            if not isinstance(act, Key):
                return act
            self.note(Entry(Kind.KEY, self.pulse.now, act.digit, is_lost=True))
        return None

    async def _ask(self, source: Source) -> tuple[Verb, ...]:
        self._guard()
        if source.twiml is not None:
            return self._read("text/xml", source.twiml.encode())
        self._here = urljoin(self._here, source.url)
        fields = {**told_about(self.call, self.desk.config().account_sid), **source.fields}
        fallback = source.fallback_url or self._fallback
        webhook = Webhook(self._here, fields, self.call.sid, fallback, method=source.method)
        entry = self.note(Entry(Kind.ASK, self.pulse.now, fields.get("Digits", ""), path=path_of(self._here)))
        began = time.perf_counter()
        try:
            answer, lost = await self.pulse.during(
                self.desk.hooks.ask(self.desk.receipts.with_faults(webhook))
            )
        except WebhookFailed as failure:
            self.desk.speed.failures += 1
            # The hooks have made an event of it already.
            raise Fault(failure.code, "The gateway did not answer.", failure.status) from None
        entry.seconds = time.perf_counter() - began
        self.desk.speed.took(entry.seconds)
        self._lose(lost)
        self._here = answer.url
        return self._read(answer.content_type, answer.body)

    def _read(self, content_type: str, body: bytes) -> tuple[Verb, ...]:
        try:
            return read_answer(content_type, body, self.desk.config().dialect)
        except AnswerWrong as wrong:
            self.desk.hooks.note(wrong.code, self.call.sid)
            raise Fault(wrong.code, wrong.words) from None

    def _guard(self) -> None:
        """Answers that send each other on for ever, and say nothing, end here."""
        self._answers_in_a_row += 1
        if self._answers_in_a_row > MOST_ANSWERS_IN_A_ROW:
            self.desk.hooks.note(TOO_MANY_ANSWERS, self.call.sid)
            raise Fault(TOO_MANY_ANSWERS, "One answer leads to the next and nothing is said.")

    async def _carry_out(self, verbs: tuple[Verb, ...]) -> Source | None:
        """Where the next answer comes from; None when the call is over."""
        for verb in verbs:
            if not self.is_answered and not isinstance(verb, Reject | Pause | Redirect):
                self.answer()
            if not isinstance(verb, Redirect):
                self._answers_in_a_row = 0
            match verb:
                case Say() | Play() | Pause():
                    await self._sound(verb, is_cut_by_keys=False)
                case Gather():
                    source = await self._gather(verb)
                    if source is not None:
                        return source
                case Record():
                    source = await Taking(
                        self.call, self.desk, self.pulse, self.person, self.transcript, self._here
                    ).take(verb)
                    if source is not None:
                        return source
                case Redirect(url, method):
                    self.note(Entry(Kind.REDIRECT, self.pulse.now))
                    return Source(url, method)
                case Reject(is_busy):
                    self._reject(is_busy)
                case Hangup():
                    return None
        if not self.is_answered:
            self.answer()
        return None

    def _reject(self, is_busy: bool) -> None:
        if not self.is_answered:
            raise Rejected(is_busy=is_busy)
        self.desk.hooks.note(12200, self.call.sid)
        raise Fault(12200, "A call that was answered cannot be rejected.")

    async def _apologise(self, fault: Fault) -> None:
        """What the carrier says when it cannot go on."""
        self.note(Entry(Kind.FAULT, self.pulse.now, fault.words, code=fault.code))
        if not self.is_answered:
            self.answer()
        self.note(Entry(Kind.SAY, self.pulse.now, APOLOGY, "en", ERROR_SECONDS))
        await self.listen(self.pulse.now + ERROR_SECONDS)

    def _lose(self, keys: list[Key]) -> None:
        for key in keys:
            self.note(Entry(Kind.KEY, self.pulse.now, key.digit, is_lost=True))

    async def _sound(self, verb: Sound, *, is_cut_by_keys: bool) -> Key | None:
        """Let it sound to its end, or to the key that cuts it."""
        entry = await self._announced(verb)
        self.person.hears(Situation.SOUNDING, self.pulse.now)
        times = 1 if isinstance(verb, Pause) else verb.times
        ends = self.pulse.now + (entry.seconds or 0.0) * times
        listens = self.pulse.wait if is_cut_by_keys else self.listen
        try:
            while (act := await listens(ends)) is not None:
                if isinstance(act, Key):
                    return act
            return None
        finally:
            entry.until = self.pulse.now

    async def _announced(self, verb: Sound) -> Entry:
        match verb:
            case Say(text, language):
                seconds = max(len(text) / LETTERS_PER_SECOND, 1.0)
                return self.note(Entry(Kind.SAY, self.pulse.now, text, language, seconds))
            case Play(url):
                return await self._fetched(urljoin(self._here, url))
            case Pause(seconds):
                return Entry(Kind.SILENCE, self.pulse.now, seconds=seconds)

    async def _fetched(self, url: str) -> Entry:
        try:
            clip, lost = await self.pulse.during(self.desk.media.get(url))
        except MediaFailed as failure:
            self.desk.hooks.note(failure.code, self.call.sid, failure.status)
            raise Fault(failure.code, failure.words, failure.status) from None
        self._lose(lost)
        entry = Entry(Kind.PLAY, self.pulse.now, clip.words, clip.language, clip.seconds)
        entry.clip, entry.path = clip.id, path_of(url)
        return self.note(entry)

    async def _gather(self, verb: Gather) -> Source | None:
        """Where the keys go, or None when there were none and the next verb follows."""
        self.person.hears(Situation.LISTENING, self.pulse.now)
        self.note(Entry(Kind.LISTEN, self.pulse.now, seconds=verb.timeout_seconds))
        key = None
        for sound in verb.sounds:
            key = await self._sound(sound, is_cut_by_keys=True)
            if key is not None:
                break
        if key is None:
            self.person.hears(Situation.ASKED, self.pulse.now)
        digits, finished_on = await self._keys(verb, key)
        if not digits:
            self.person.hears(Situation.UNHEARD, self.pulse.now)
            if not finished_on:
                self.note(Entry(Kind.SILENCE, self.pulse.now))
            if not verb.asks_when_empty:
                return None
        else:
            self.person.hears(Situation.BUSY, self.pulse.now)
        fields = {"Digits": digits, "FinishedOnKey": finished_on, "msg": "Gather End"}
        return Source(verb.action or self._here, verb.method, fields)

    async def _keys(self, verb: Gather, key: Key | None) -> tuple[str, str]:
        """The digits, and the key that finished them."""
        digits = ""
        while True:
            if key is not None:
                self.note(Entry(Kind.KEY, self.pulse.now, key.digit))
                if key.digit == verb.finish_key:
                    return digits, key.digit
                digits += key.digit
                if len(digits) == verb.most_keys:
                    return digits, ""
            key = await self._next_key(self.pulse.now + verb.timeout_seconds)
            if key is None:
                return digits, ""

    async def _next_key(self, until: float) -> Key | None:
        while (act := await self.pulse.wait(until)) is not None:
            if isinstance(act, Key):
                return act
        return None
