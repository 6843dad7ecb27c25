"""How trouble with the carrier shows itself, whatever layer it comes from; none of its own words go on from here."""

from collections.abc import Awaitable
from typing import Any

import aiohttp
from twilio.base.exceptions import TwilioException

from gateway.carriers.carrier import Accepted, Outcome, Refused, Unknown
from gateway.carriers.twilio.client import ServerFault, Throttled
from gateway.carriers.twilio.errors import NEVER_REACHED, NOT_TRUSTED, TOO_MANY, Meaning, meaning_of

# How an answer that is not what it should be shows itself inside the SDK.
ODD_ANSWER = (ValueError, KeyError, TypeError, AttributeError)
TROUBLE = (Throttled, ServerFault, TwilioException, aiohttp.ClientError, TimeoutError, OSError, *ODD_ANSWER)
NOT_FOUND = 404


async def outcome_of(created: Awaitable[Any]) -> Outcome:
    """What a create came to. `Refused` only where the carrier certainly took nothing; all else is `Unknown`.

    Nothing that the SDK or the network says goes on from here: their texts often quote the number.
    """
    try:
        made = await created
    except Throttled as throttled:
        return Refused(20429, TOO_MANY.kind, TOO_MANY.why, throttled.retry_after_seconds)
    except ServerFault as fault:
        return Unknown(f"the carrier answered {fault.status}")
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError):
        return _never_taken(NOT_TRUSTED)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        return _never_taken(NEVER_REACHED)
    except (aiohttp.ClientError, TimeoutError, OSError) as broken:
        return Unknown(f"the connection broke off: {type(broken).__name__}")
    except TwilioException as refusal:
        return _refused(refusal)
    except ODD_ANSWER:
        return Unknown("the answer could not be read")
    sid = made.sid
    return Accepted(sid) if isinstance(sid, str) and 0 < len(sid) <= 64 else Unknown("taken without a name")


def is_missing(trouble: BaseException) -> bool:
    """Whether the carrier says that it has no such thing."""
    return getattr(trouble, "status", None) == NOT_FOUND


def _never_taken(meaning: Meaning) -> Refused:
    return Refused(None, meaning.kind, meaning.why)


def _refused(refusal: TwilioException) -> Outcome:
    """4xx with a code: the carrier looked at the request and took nothing. A redirect or a 408 says no such thing."""
    status, code = getattr(refusal, "status", None), getattr(refusal, "code", None)
    if not isinstance(status, int) or not 400 <= status < 500 or status == 408:
        return Unknown("an answer that is neither yes nor no")
    number = code if isinstance(code, int) else None
    meaning = meaning_of(number, status=status)
    return Refused(number, meaning.kind, meaning.why)
