"""The keys of sign-in, each drawn from the installation's session key for one use only."""

import hashlib
import hmac
from dataclasses import dataclass, field

from campaigns.storage.vault import KeyRing


@dataclass(frozen=True)
class SignInKeys:
    """Keys for cookies, for sealed authenticator secrets, for recovery codes and for the marks of tries."""

    cookies: bytes = field(repr=False)
    authenticators: bytes = field(repr=False)
    recovery_codes: bytes = field(repr=False)
    tries: bytes = field(repr=False)

    @classmethod
    def from_ring(cls, ring: KeyRing) -> "SignInKeys":
        """Draw them; the same ring gives the same keys, in every process."""
        master = ring.keys["session"]

        def draw(use: str) -> bytes:
            return hmac.new(master, f"sign-in {use}".encode(), hashlib.sha256).digest()

        return cls(draw("cookies"), draw("authenticators"), draw("recovery codes"), draw("tries"))
