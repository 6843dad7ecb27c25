"""Hearing again what one has just said: the carrier plays a caller's recording from an address that we seal for her.

The carrier asks for sounds without a signature, and its own address of a recording asks for our account. So the door
is open, and its names open only here: AES-256-GCM over the recording's id and the time until which it may be heard.
The sound passes through this process and is kept nowhere.
"""

import base64
import binascii
import io
import logging
import secrets
import time
import wave
from datetime import timedelta
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Response

from campaigns.audio.kept import WAV
from campaigns.storage.vault import NONCE_BYTES
from gateway.carriers import blocking
from gateway.carriers.calls import RecordingGone, RecordingTooLarge
from gateway.carriers.carrier import CarrierUnreachable
from gateway.carriers.registry import carrier_for
from gateway.house import House

log = logging.getLogger("paigham.webhooks")

RULE = "/{carrier}/heard/<token>.wav"  # below the carriers' door
HEARD_FOR = timedelta(minutes=10)
MOST_BYTES = 4 * 1024 * 1024  # two minutes of the carrier's WAV are half of that
# A recording takes the carrier a second or two to finish; it waits fifteen for its sound.
TRIES, BETWEEN_SECONDS = 8, 0.75
_MEANING = b"heard again"
_BLOCK_BYTES = 96
_NOT_FOUND = 404


class EchoDoor:
    """Seals and opens the addresses of recordings, and gives their sound."""

    def __init__(self, house: House, carrier_name: str) -> None:
        """Take the house and the carrier's name."""
        self._house, self._carrier_name = house, carrier_name

    def address(self, carrier_id: str) -> str:
        """Where the carrier finds this recording for ten minutes."""
        until = int((self._house.now() + HEARD_FOR).timestamp())
        told = f"{until} {carrier_id}".encode().ljust(_BLOCK_BYTES, b"\x00")
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, told, _MEANING)
        token = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
        return f"{self._house.settings.public_url}/carrier/{self._carrier_name}/heard/{token}.wav"

    def give(self, token: str) -> Response:
        """The recording; a moment of silence where the carrier cannot give it, as her call shall go on. An empty 404
        for a name that is not ours, or too old."""
        carrier_id = self._opened(token)
        if carrier_id is None:
            return Response(status=_NOT_FOUND)
        return Response(self._sound(carrier_id), mimetype=WAV)

    def _sound(self, carrier_id: str) -> bytes:
        for _ in range(TRIES):
            try:
                carrier = carrier_for(self._house, self._carrier_name)
                return blocking.fetch_recording(carrier, carrier_id, most_bytes=MOST_BYTES)
            except RecordingGone:
                time.sleep(BETWEEN_SECONDS)
            except (RecordingTooLarge, CarrierUnreachable) as trouble:
                log.warning("echo.silent", extra={"fault": type(trouble).__name__})
                break
        return _silence()

    def _opened(self, token: str) -> str | None:
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            nonce, sealed = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            told = self._cipher.decrypt(nonce, sealed, _MEANING).rstrip(b"\x00").decode()
        except (InvalidTag, binascii.Error, ValueError):
            return None
        until, _, carrier_id = told.partition(" ")
        return carrier_id if self._house.now().timestamp() < int(until) else None

    @property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._house.keyring.keys["token"])


@cache
def _silence() -> bytes:
    """One second of telephone sound in which nothing is heard."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(bytes(16_000))
    return file.getvalue()
