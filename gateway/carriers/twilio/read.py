"""Reading verified fields into values of the house."""

import re
from enum import Enum

from campaigns.people.numbers import Number
from gateway.carriers.calls import (
    AnsweredBy,
    CallReceipt,
    CallRequest,
    CallStage,
    RecordingReceipt,
    TakenRecording,
)
from gateway.carriers.carrier import (
    CarrierOptOut,
    CarrierReceipt,
    CarrierState,
    Form,
    InboundText,
    Malformed,
    NotFromAPhone,
)

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
ERROR_CODE = re.compile(r"[0-9]{1,6}")

STATES = {
    "accepted": CarrierState.TAKEN,
    "scheduled": CarrierState.TAKEN,
    "queued": CarrierState.TAKEN,
    "sending": CarrierState.TAKEN,
    "sent": CarrierState.SENT,
    "delivered": CarrierState.DELIVERED,
    "read": CarrierState.DELIVERED,
    "partially_delivered": CarrierState.SENT,
    "undelivered": CarrierState.UNDELIVERED,
    "failed": CarrierState.FAILED,
    "canceled": CarrierState.CANCELLED,
    "receiving": CarrierState.RECEIVED,
    "received": CarrierState.RECEIVED,
}
STAGES = {
    "queued": CallStage.WAITING,
    "initiated": CallStage.WAITING,
    "ringing": CallStage.RINGING,
    "in-progress": CallStage.ON,
    "answered": CallStage.ON,
    "completed": CallStage.COMPLETED,
    "busy": CallStage.BUSY,
    "no-answer": CallStage.NO_ANSWER,
    "failed": CallStage.FAILED,
    "canceled": CallStage.CANCELLED,
}
HUNG_UP = "hangup"
KEYS = frozenset("0123456789*#")
# What the carrier writes for callers that withhold their number: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE.
WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
RECORDING_IN_URL = re.compile(r"/Recordings/([A-Za-z0-9-]{1,64})(?:\.\w+)?(?:\?|$)")
_OPT_OUTS = {kind.name: kind for kind in CarrierOptOut}


def is_phone(text: str | None) -> bool:
    """Whether this is a telephone number as the carrier writes one; its own pseudo numbers pass, and hurt nobody."""
    return text is not None and E164.fullmatch(text) is not None


def state_of(status: object) -> CarrierState:
    """A status in few words; one that the carrier invents tomorrow is taken as "has it"."""
    word = status.value if isinstance(status, Enum) else status
    return STATES.get(str(word), CarrierState.TAKEN)


def read_message(form: Form) -> InboundText:
    """The text in verified fields. Raises NotFromAPhone, when an operator's sender name or short code wrote."""
    sender = form["From"]
    if not is_phone(sender):
        raise NotFromAPhone
    return InboundText(
        to=form["To"],
        sender=Number(sender),
        body=form["Body"],
        carrier_id=form["MessageSid"],
        opt_out=_OPT_OUTS.get(form.get("OptOutType", "")),
    )


def read_receipt(form: Form) -> CarrierReceipt:
    """The receipt in verified fields. Raises Malformed for a code that is no number, or one of an inbound text."""
    code = form.get("ErrorCode", "")
    if code and ERROR_CODE.fullmatch(code) is None:
        raise Malformed
    state = state_of(form["MessageStatus"])
    if state is CarrierState.RECEIVED:
        raise Malformed
    return CarrierReceipt(
        state=state, error=int(code) if code and int(code) else None, sid=form["MessageSid"]
    )


def stage_of(status: object) -> CallStage:
    """A call's status in few words; one that the carrier invents tomorrow is taken as "it is on"."""
    word = status.value if isinstance(status, Enum) else status
    return STAGES.get(str(word), CallStage.ON)


def answered_by(word: str | None) -> AnsweredBy | None:
    """What the carrier takes for having answered; None where it does not say."""
    if not word:
        return None
    if word == "human":
        return AnsweredBy.HUMAN
    return AnsweredBy.MACHINE if word.startswith(("machine", "fax")) else AnsweredBy.UNSURE


def seconds_of(text: str | None) -> int | None:
    """Whole seconds, as the carrier writes them: text, or nothing; a duration that it does not know is negative."""
    return max(0, int(text)) if text and text.lstrip("-").isdigit() else None


def read_call(form: Form) -> CallRequest:
    """The question in verified fields. Of several keys the first counts: we ask for one at a time."""
    is_outbound = form["Direction"].startswith("outbound")
    line, other = (form["From"], form["To"]) if is_outbound else (form["To"], form["From"])
    digits = form.get("Digits", "")
    return CallRequest(
        call_id=form["CallSid"],
        line=line,
        caller=Number(other) if is_phone(other) and other not in WITHHELD else None,
        is_outbound=is_outbound,
        key=digits[0] if digits and digits[0] in KEYS else None,
        recording=_recording(form, digits == HUNG_UP),
        answered_by=answered_by(form.get("AnsweredBy")),
        is_over=stage_of(form["CallStatus"]).is_over,
    )


def _recording(form: Form, hung_up: bool) -> TakenRecording | None:
    """What was recorded. Somleng tells no id beside the address, which ends in it."""
    found = RECORDING_IN_URL.search(form.get("RecordingUrl", ""))
    carrier_id = form.get("RecordingSid") or (found.group(1) if found else None)
    if carrier_id is None:
        return None
    is_over = stage_of(form["CallStatus"]).is_over
    return TakenRecording(carrier_id, seconds_of(form.get("RecordingDuration")) or 0, hung_up or is_over)


def read_recording(form: Form) -> RecordingReceipt:
    """The word on a recording in verified fields."""
    return RecordingReceipt(
        call_id=form["CallSid"],
        carrier_id=form["RecordingSid"],
        is_ready=form["RecordingStatus"] == "completed",
        seconds=seconds_of(form.get("RecordingDuration")) or 0,
    )


def read_call_status(form: Form) -> CallReceipt:
    """The word on a call in verified fields. Raises Malformed when it says neither how far it is nor what answered."""
    status, machine = form.get("CallStatus"), answered_by(form.get("AnsweredBy"))
    if status is None and machine is None:
        raise Malformed
    return CallReceipt(
        sid=form["CallSid"],
        stage=stage_of(status) if status is not None else None,
        seconds=seconds_of(form.get("CallDuration")),
        sequence=seconds_of(form.get("SequenceNumber")),
        sip_code=seconds_of(form.get("SipResponseCode")) or None,
        answered_by=machine,
    )
