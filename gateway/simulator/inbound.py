"""A text from a handset to a line: kept, told to the gateway, and what the gateway answers sent back."""

from functools import partial

from gateway.simulator.carrier import Carrier
from gateway.simulator.clock import ShownClock
from gateway.simulator.config import Line
from gateway.simulator.faults import Chance
from gateway.simulator.hooks import Answer, Hooks, Webhook
from gateway.simulator.messages import API_VERSION, Direction, Message, Status, digest, new_sid
from gateway.simulator.optout import ANSWERS, OptOut, meaning
from gateway.simulator.parts import count_parts
from gateway.simulator.phones import Bubble, Phones, clock_time
from gateway.simulator.receipts import Receipts
from gateway.simulator.store import Store
from gateway.simulator.twiml import AnswerWrong, read_messages
from gateway.simulator.workers import Workers

_PLACES = [side + part for side in ("From", "To") for part in ("City", "State", "Zip", "Country")]


class TextRefused(Exception):
    """The text cannot be sent; the text of this exception tells the person why."""


class Inbound:
    """Takes texts from handsets."""

    def __init__(
        self,
        clock: ShownClock,
        store: Store,
        phones: Phones,
        carrier: Carrier,
        hooks: Hooks,
        receipts: Receipts,
        workers: Workers,
        chance: Chance,
    ) -> None:
        self._clock, self._store, self._phones = clock, store, phones
        self._carrier, self._hooks, self._receipts = carrier, hooks, receipts
        self._workers, self._chance = workers, chance

    def text(self, sender: str, to: str, body: str) -> Message:
        """Take the text and see to it that the gateway is told. Raises `TextRefused`."""
        line = self._carrier.config.line(to)
        if line is None:
            raise TextRefused("There is no such line.")
        if not line.is_reachable:
            raise TextRefused(f"{line.address} only sends. It cannot get a text.")
        now = self._clock.now()
        message = Message(
            sid=new_sid(),
            place=self._store.next_place(),
            direction=Direction.INBOUND,
            sender=sender,
            to=to,
            body=body,
            payload="",
            digest=digest(body),
            parts=count_parts(body),
            status=Status.RECEIVED,
            created=now,
            updated=now,
            sent=now,
            is_settled=True,
        )
        self._store.add(message)
        self._phones.put(sender, Bubble(message.sid, True, to, body, now, message.parts))
        self._phones.say(sender, f"Texted {clock_time(now)}")
        opt_out = meaning(body) if line.carrier_stop else None
        if opt_out is not None:
            self._heed(line, sender, opt_out)
        if line.sms_url is not None and not self._chance.strikes(self._receipts.faults.lost_inbound):
            self._workers.put(partial(self._ask, line, message, body, opt_out))
        return message

    def _heed(self, line: Line, number: str, opt_out: OptOut) -> None:
        """The carrier's own answer goes out even to a number that it has just blocked."""
        if opt_out is not OptOut.HELP:
            self._store.block(line.address, number, on=opt_out is OptOut.STOP)
        self._carrier.reply(line, number, ANSWERS[opt_out])

    async def _ask(self, line: Line, message: Message, body: str, opt_out: OptOut | None) -> None:
        fields = self._fields(message, body)
        if opt_out is not None:
            fields["OptOutType"] = opt_out.value
        webhook = Webhook(line.sms_url or "", fields, message.sid, line.sms_fallback_url)
        answer = await self._hooks.call(self._receipts.with_faults(webhook))
        if answer is None:
            self._phones.say(
                message.sender, f"Texted {clock_time(message.created)}; the gateway did not answer"
            )
        else:
            self._send_answers(line, message, answer)

    def _send_answers(self, line: Line, message: Message, answer: Answer) -> None:
        try:
            texts = read_messages(answer.content_type, answer.body)
        except AnswerWrong as wrong:
            self._hooks.note(wrong.code, message.sid)
            self._phones.say(message.sender, f"Texted {clock_time(message.created)}; the answer was unusable")
            return
        if not texts:
            self._phones.say(message.sender, f"Texted {clock_time(message.created)}; taken without an answer")
        for text in texts:
            if (line.address, message.sender) in self._store.blocked:
                self._hooks.note(21610, message.sid)
            else:
                self._carrier.reply(line, message.sender, text)

    def _fields(self, message: Message, body: str) -> dict[str, str]:
        return {
            **dict.fromkeys(_PLACES, ""),
            "SmsMessageSid": message.sid,
            "NumMedia": "0",
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "Body": body,
            "To": message.to,
            "NumSegments": str(message.parts),
            "MessageSid": message.sid,
            "AccountSid": self._receipts.account_sid,
            "From": message.sender,
            "ApiVersion": API_VERSION,
        }
