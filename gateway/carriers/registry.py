"""Which carrier a line's `carrier` column names, made from the house's settings once per process."""

from contextlib import suppress
from functools import lru_cache

from gateway.carriers.carrier import Carrier
from gateway.house import House
from gateway.settings import Settings

TWILIO = "twilio"
CARRIERS = (TWILIO,)


class NoSuchCarrier(Exception):
    """No driver has this name."""


class CarrierNotConfigured(Exception):
    """The settings lack the carrier's account."""


def carrier_for(house: House, name: str) -> Carrier:
    """The carrier of that name; the same object each time. Raises NoSuchCarrier, CarrierNotConfigured."""
    return _made(house.settings, name)


def make_all(house: House) -> None:
    """Make every carrier that is configured: who forks, or must answer quickly, does it at the start."""
    for name in CARRIERS:
        with suppress(CarrierNotConfigured):
            carrier_for(house, name)


@lru_cache(maxsize=8)
def _made(settings: Settings, name: str) -> Carrier:
    if name != TWILIO:
        raise NoSuchCarrier(name)
    if settings.twilio_account_sid is None:
        raise CarrierNotConfigured(name)
    # The SDK takes a tenth of a second to import: only processes that talk to the carrier pay for it.
    from gateway.carriers.twilio.driver import TwilioCarrier

    return TwilioCarrier(settings)


def receipt_address(settings: Settings, carrier: str, delivery_id: int, attempt: int) -> str:
    """Where the carrier shall send receipts of one attempt; the fragment asks it to try again when we are away.

    It holds ids only and unreserved ASCII only, so that its signature is the same however it is written.
    """
    return f"{settings.public_url}/carrier/{carrier}/receipts/{delivery_id}/{attempt}#rc=3&rp=ct,rt,5xx"


def call_answer_address(settings: Settings, carrier: str, delivery_id: int, attempt: int) -> str:
    """Where the carrier shall ask what to say once one of our calls is answered."""
    return f"{settings.public_url}/carrier/{carrier}/calls/begin/{delivery_id}/{attempt}"


def call_status_address(settings: Settings, carrier: str, delivery_id: int, attempt: int) -> str:
    """Where the carrier shall tell how one of our calls goes; asked to try again like receipts."""
    return f"{settings.public_url}/carrier/{carrier}/calls/status/{delivery_id}/{attempt}#rc=3&rp=ct,rt,5xx"
