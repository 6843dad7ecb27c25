"""Where a call is: the whole of it travels, sealed, in the address that the carrier asks next; no row is kept."""

import base64
import binascii
import secrets
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import ConfigDict, TypeAdapter, ValidationError

from campaigns.radio.clips import MayBe, Speaker
from campaigns.storage.vault import NONCE_BYTES, KeyRing
from campaigns.voice.menu import MAIN

MOST_TOKEN_CHARACTERS = 1_000
_BLOCK_BYTES = 64  # a token's length says no more than so many bytes of what it holds
_KEY = "token"
_MEANING = b"call state\x1f"  # the key seals other things too: none of them opens as a state


class Phase(StrEnum):
    """What a call waits for."""

    LANGUAGE = "language"
    PRACTICE = "practice"
    NEUTRAL = "neutral"  # a call of ours to a shared phone, before her key 1 (R21)
    OUR_CALL = "our_call"  # the message of a call of ours is heard
    MENU = "menu"
    RESUME = "resume"
    PLAYING = "playing"
    ENDED = "ended"
    POLL = "poll"
    JOIN_ASK = "join_ask"
    JOIN_CONFIRM = "join_confirm"
    SPEAK = "speak"
    RECORDED = "recorded"
    MAY_WE_PLAY = "may_we_play"
    MAY_WE_BROADCAST = "may_we_broadcast"
    WOMAN_OR_MAN = "woman_or_man"
    STUDIO = "studio"


class Door(StrEnum):
    """By which door a recording comes in: the token says it, no column does."""

    CLIP = "clip"
    FEEDBACK = "feedback"
    STUDIO = "studio"


@dataclass(frozen=True)
class Marked:
    """A bookmark: the segment at which she stopped, counted from 1."""

    show: str
    episode_id: int
    segment_place: int


@dataclass(frozen=True)
class Playing:
    """What is being played: the n-th of so many pieces of an episode, or of a show's clips (no episode).

    `intro_ms` is what is said before the piece in this turn, `piece_ms` how long the piece is.
    """

    show: str
    place: int
    of: int
    episode_id: int | None = None
    intro_ms: int = 0
    piece_ms: int = 0


@dataclass(frozen=True)
class Spoken:
    """A recording that was made in this call. `carrier_id` is None until the carrier has said it."""

    door: Door
    show: str | None = None
    question: int | None = None
    carrier_id: str | None = field(default=None, repr=False)
    seconds: int = 0
    consents: int = int(MayBe.KEPT)
    speaker: int = int(Speaker.UNKNOWN)
    takes: int = 1


@dataclass(frozen=True)
class OurMessage:
    """The message of a call of ours: its delivery, and its recording by content hash."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    delivery: int
    attempt: int
    blob: bytes | None = None
    milliseconds: int = 0


@dataclass(frozen=True)
class Asked:
    """The poll that was put to her: its id, and how many answers it has (keys 1 to `options`)."""

    poll_id: int
    options: int


@dataclass(frozen=True)
class CallState:
    """All that the next step of a call needs to know. `version` is the id of the menu that the call began with.

    `silent` and `invalid` count since the last good key; `waited_ms` is what was played and waited since then.
    `paused` and `stopping` count how often was asked whether to go on, and whether to stop: 0 when neither.
    `began_at` and `asked_at` (whole seconds since 1970) are when the call began and the last turn was given. `ours` is
    there in calls of ours. `note` is the studio's own.
    """

    version: int
    phase: Phase
    node: str = MAIN
    language: str | None = None
    steps: int = 0
    silent: int = 0
    invalid: int = 0
    waited_ms: int = 0
    began_at: int = 0
    asked_at: int = 0
    paused: int = 0
    stopping: int = 0
    is_new: bool = False
    quiet: bool = False
    pressed: bool = False
    draft: bool = False
    marked: Marked | None = None
    playing: Playing | None = None
    spoken: Spoken | None = None
    asked: Asked | None = None
    ours: OurMessage | None = None
    note: str = ""

    def changed(self, **changes: Any) -> "CallState":
        """This state with other values. As `dataclasses.replace`, at a tenth of its time: a step does it often."""
        state = object.__new__(CallState)
        state.__dict__.update(self.__dict__, **changes)
        return state


class StateUnreadable(Exception):
    """A token is not ours, not of this call, altered, or of a release that knew other states."""


class StateTooLong(Exception):
    """A state does not fit into an address."""


_JSON = TypeAdapter(CallState)
# Every name that a state may hold, so that what is sealed is little more than its values. Changing it makes the
# tokens of calls that are going on unreadable, as any change of the states does.
_NAMES = _JSON.dump_json(
    CallState(
        version=1,
        phase=Phase.MAY_WE_BROADCAST,
        language="ps",
        marked=Marked("show", 1, 1),
        asked=Asked(1, 3),
        spoken=Spoken(Door.FEEDBACK),
        ours=OurMessage(1, 1),
        playing=Playing("show", 1, 5, 1, 1, 1),
    )
)


def seal_state(keyring: KeyRing, state: CallState, call_sid: str) -> str:
    """The state as a token for an address: AES-256-GCM, padded, bound to the carrier's id of the call.

    Letters, digits, `-` and `_` only, under 1,000 of them. Raises StateTooLong.
    """
    plain = _squeezed(_JSON.dump_json(state, exclude_defaults=True))
    padded = plain.ljust(-(-len(plain) // _BLOCK_BYTES) * _BLOCK_BYTES, b"\x00")
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(keyring.keys[_KEY]).encrypt(nonce, padded, _MEANING + call_sid.encode())
    token = base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()
    if len(token) >= MOST_TOKEN_CHARACTERS:
        raise StateTooLong
    return token


def open_state(keyring: KeyRing, token: str, call_sid: str) -> CallState:
    """The state that `seal_state` sealed for this very call. Raises StateUnreadable."""
    if len(token) >= MOST_TOKEN_CHARACTERS:
        raise StateUnreadable
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        nonce, sealed = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        plain = AESGCM(keyring.keys[_KEY]).decrypt(nonce, sealed, _MEANING + call_sid.encode())
        return _JSON.validate_json(_loosened(plain))
    except (InvalidTag, ValidationError, zlib.error, binascii.Error, ValueError):
        raise StateUnreadable from None


def _squeezed(plain: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=_NAMES)
    return squeeze.compress(plain) + squeeze.flush()


def _loosened(squeezed: bytes) -> bytes:
    """What was squeezed; the padding behind its end is left alone."""
    return zlib.decompressobj(-zlib.MAX_WBITS, zdict=_NAMES).decompress(squeezed)
