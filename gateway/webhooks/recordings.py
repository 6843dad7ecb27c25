"""A recording is there: what it is for is written down, in case nobody else could say it.

Mostly the call itself has said so before: its action told us of the recording, and her keys what to do with it. When
that request was lost, or she hung up and it never came, this word is the only one; and nobody who spoke is forgotten.
"""

import logging
from functools import partial

from flask import Response

from campaigns.listening.residue import ONLY_DELETE, Held, Use, Wanted, leave_residue
from campaigns.voice.journey.recording import kept_by_hanging_up
from campaigns.voice.state import Phase, StateUnreadable, open_state
from gateway.carriers.calls import RecordingReceipt
from gateway.carriers.carrier import Carrier, Form
from gateway.house import House
from gateway.webhooks.call_acts import wanted_of
from gateway.webhooks.patience import patiently

log = logging.getLogger("paigham.webhooks")


class RecordingDoor:
    """Takes the word on recordings of one carrier. It names no phone, so none is counted against its day here."""

    def __init__(self, house: House, carrier_name: str) -> None:
        """Take the house and the carrier's name."""
        self._house, self.carrier_name = house, carrier_name

    def take(self, carrier: Carrier, form: Form, token: str) -> Response:
        """204, whatever becomes of it: the call has said most of it already."""
        receipt = carrier.read_recording(form)
        try:
            if receipt.is_ready:
                patiently(partial(self._leave, receipt, token))
        except Exception as fault:  # noqa: BLE001 - see above; nothing of it may follow into the server's log
            log.error("recording.not_noted", extra={"fault": type(fault).__name__})
        return Response(status=204)

    def _leave(self, receipt: RecordingReceipt, token: str) -> None:
        """What was written down before stays: her own keys said it."""
        wanted = self._wanted(receipt, token)
        with self._house.database.writing() as session:
            leave_residue(
                session,
                self._house.vault(session),
                self.carrier_name,
                Held.RECORDING,
                receipt.carrier_id,
                now=self._house.now(),
                wanted=wanted,
            )

    def _wanted(self, receipt: RecordingReceipt, token: str) -> Wanted:
        try:
            state = open_state(self._house.keyring, token, receipt.call_id)
        except StateUnreadable:
            return ONLY_DELETE
        if state.phase is Phase.STUDIO:
            return Wanted(use=Use.STUDIO)  # nothing, until she says that it is good
        kept = kept_by_hanging_up(state, receipt.carrier_id, receipt.seconds)
        return wanted_of(kept) if kept is not None and not state.draft else ONLY_DELETE
