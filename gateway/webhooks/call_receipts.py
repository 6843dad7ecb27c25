"""How our own calls go: the delivery, the stage, the seconds and the time are kept, and nothing else of them."""

import logging
from functools import partial

from flask import Response

from campaigns.outreach.receipts import ReceiptNotOurs, store_receipt
from gateway.carriers import blocking
from gateway.carriers.call_fates import Fate, fate_of, hung_up_on_a_machine
from gateway.carriers.calls import AnsweredBy, CallReceipt
from gateway.carriers.carrier import Carrier, CarrierUnreachable, Form, Malformed
from gateway.house import House

log = logging.getLogger("paigham.webhooks")


class CallReceiptDoor:
    """Takes the word on calls that we made, of one carrier."""

    def __init__(self, house: House, carrier_name: str) -> None:
        """Take the house and the carrier's name."""
        self._house, self.carrier_name = house, carrier_name

    def take(self, carrier: Carrier, form: Form, delivery: int, attempt: int) -> Response:
        """204 when it is kept, and also when our database is away: lost ones are asked for. On a machine we hang up,
        once the answer is out: it has heard neutral words at most, and nothing is left on it (R21, R28)."""
        response = Response(status=204)
        try:
            receipt = carrier.read_call_status(form)
            if receipt.answered_by is AnsweredBy.MACHINE and receipt.stage is None:
                response.call_on_close(partial(_hang_up, carrier, receipt.sid))
            self._keep(receipt, delivery, attempt)
        except Malformed:
            return Response(status=400)
        except ReceiptNotOurs:
            return Response(status=404)
        except Exception as fault:  # noqa: BLE001 - no trouble of ours becomes an alert with a number
            log.error("receipt.lost", extra={"fault": type(fault).__name__})
        return response

    def _keep(self, receipt: CallReceipt, delivery: int, attempt: int) -> None:
        fate = _fate(receipt)
        if fate is None:
            return
        with self._house.database.writing() as session:
            store_receipt(
                session,
                delivery_id=delivery,
                attempt=attempt,
                state=fate.state,
                error=fate.error,
                sid=receipt.sid,
                seconds=receipt.seconds,
                now=self._house.now(),
            )


def _fate(receipt: CallReceipt) -> Fate | None:
    """What it means for the delivery; nothing, when a person answered or it is not known who."""
    if receipt.stage is not None:
        return fate_of(receipt.stage, receipt.seconds, receipt.answered_by, sip_code=receipt.sip_code)
    return hung_up_on_a_machine() if receipt.answered_by is AnsweredBy.MACHINE else None


def _hang_up(carrier: Carrier, sid: str) -> None:
    try:
        blocking.end_call(carrier, sid)
    except CarrierUnreachable:
        log.warning("call.not_hung_up")
