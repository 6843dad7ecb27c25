"""Signing webhooks: base64(HMAC-SHA1(token, address + every name and value in the order of the names))."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def sign(auth_token: str, url: str, fields: Mapping[str, str] | None = None) -> str:
    """The `X-Twilio-Signature` of a request to `url` (with its query, without a fragment) carrying `fields`.

    Names are in the order of their code points, case counts, empty values are signed too. A GET has no fields.
    """
    signed = url + "".join(name + value for name, value in sorted((fields or {}).items()))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")
