"""Reading verified fields into values of the house."""

import re
from enum import Enum

from campaigns.people.numbers import Number
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
