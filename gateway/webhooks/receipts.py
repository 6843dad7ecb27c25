"""Receipts come in: the delivery, the stage, the code and the time are kept, and nothing else that stands in them."""

import logging

from flask import Response

from campaigns.outreach.receipts import ReceiptNotOurs, store_receipt
from gateway.carriers.carrier import Carrier, Form, Malformed
from gateway.house import House

log = logging.getLogger("paigham.webhooks")


class ReceiptDoor:
    """Takes receipts of one carrier."""

    def __init__(self, house: House, carrier_name: str) -> None:
        """Take the house and the carrier's name."""
        self._house, self.carrier_name = house, carrier_name

    def take(self, carrier: Carrier, form: Form, **path: int) -> Response:
        """204 when it is kept, and also when our database is away: lost receipts are asked for, while a 5xx makes the
        carrier keep the number in an alert for a month."""
        try:
            receipt = carrier.read_receipt(form)
            with self._house.database.writing() as session:
                store_receipt(
                    session,
                    delivery_id=path["delivery"],
                    attempt=path["attempt"],
                    state=receipt.state.delivery_state,
                    error=receipt.error,
                    sid=receipt.sid,
                    now=self._house.now(),
                )
        except Malformed:
            return Response(status=400)
        except ReceiptNotOurs:
            return Response(status=404)
        except Exception as fault:  # noqa: BLE001 - see above: no trouble of ours becomes an alert with a number
            log.error("receipt.lost", extra={"fault": type(fault).__name__})
        return Response(status=204)
