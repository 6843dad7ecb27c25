"""Sealing: from the words of one person to a box that only a moderator's own key opens.

A `FeedbackText` or `FeedbackVoice` is the first thing without a sender, and the last thing in clear: whoever calls
this room has let the number go. It is padded and sealed to the moderators (the inner box, which the shelf keeps), and
that again to the open run of the shelf (the outer box, which waits in staging). Both are HPKE (RFC 9180: X25519,
HKDF-SHA256, AES-256-GCM), so that WebCrypto opens the inner one in the moderator's browser.
"""

import json
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
INNER_INFO = b"paigham feedback, inner, 1"
OUTER_INFO = b"paigham feedback, outer, 1"
SEAL_BYTES = 32 + 16  # HPKE's encapsulated key and AES-GCM's tag

MOST_CHARACTERS = 1_000
BLOCK_BYTES = 512
MOST_BLOCKS = 8  # 1,000 characters of four bytes, and the JSON round them
KEY_ID_BYTES = 8

# Half a minute, a minute, two, at 16 kbit/s, with what stands before them.
VOICE_BYTES = (64 * 1024, 128 * 1024, 256 * 1024)
VOICE_MEDIA = "audio/mpeg"
_HEAD_ENDS = b"\n"  # in JSON it is written otherwise


class Kind(IntEnum):
    """What lies in an inner box."""

    TEXT = 1
    VOICE = 2


# Every outer box of a kind has one size: the size of a box in staging would tell which shelved box was in it.
_LENGTH_BYTES = 4
_HEAD_BYTES = 1 + KEY_ID_BYTES + _LENGTH_BYTES
_OUTER_PLAIN_BYTES = {
    Kind.TEXT: _HEAD_BYTES + MOST_BLOCKS * BLOCK_BYTES + SEAL_BYTES,
    Kind.VOICE: _HEAD_BYTES + VOICE_BYTES[-1] + SEAL_BYTES,
}
OUTER_BYTES = {kind: plain + SEAL_BYTES for kind, plain in _OUTER_PLAIN_BYTES.items()}


@dataclass(frozen=True, repr=False)
class FeedbackText:
    """What somebody wrote, and in which language; nothing of who she is. It never shows itself in logs or errors."""

    body: str
    language: str


@dataclass(frozen=True, repr=False)
class FeedbackVoice:
    """What somebody said (MP3 without any metadata, filled up with silence), and in which language."""

    audio: bytes
    language: str


Feedback = FeedbackText | FeedbackVoice


@dataclass(frozen=True)
class ModeratorKey:
    """The public half of a moderators' key, and the id that boxes under it carry."""

    key_id: bytes
    public: bytes


@dataclass(frozen=True, repr=False)
class InnerBox:
    """What the shelf keeps of one item: sealed to the moderators, its length one of a few."""

    kind: Kind
    key_id: bytes
    box: bytes


class VoiceTooLong(Exception):
    """More was said than the largest box holds."""


class BoxUnreadable(Exception):
    """A box does not open with this key: it was altered, or sealed to another."""


def clean(body: str) -> str:
    """The words in NFC, without control characters but line ends, at most 1,000 characters; the rest is cut off."""
    kept = "".join(
        char for char in unicodedata.normalize("NFC", body) if char == "\n" or _is_written(char)
    ).strip()
    return kept[:MOST_CHARACTERS]


def _is_written(char: str) -> bool:
    # Cs are lone halves of surrogate pairs, which UTF-8 cannot hold. Cf stays: Pashto and Urdu need U+200C.
    return unicodedata.category(char) not in ("Cc", "Cs")


def padded_text(feedback: FeedbackText) -> bytes:
    """Canonical JSON of the words and their language, padded to whole blocks so that its length says little."""
    plain = json.dumps(
        {"body": clean(feedback.body), "language": feedback.language[:12]},
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    ).encode()
    return pad(plain, BLOCK_BYTES)


def padded_voice(feedback: FeedbackVoice) -> bytes:
    """One line of JSON, then the sound, padded to one of three sizes. Raises VoiceTooLong."""
    head = {"language": feedback.language[:12], "media": VOICE_MEDIA}
    plain = json.dumps(head, separators=(",", ":"), sort_keys=True).encode() + _HEAD_ENDS + feedback.audio
    for size in VOICE_BYTES:
        if len(plain) < size:
            return pad(plain, size)
    raise VoiceTooLong


def pad(plain: bytes, block: int) -> bytes:
    """Add 0x80 and zeros up to the next multiple of `block` (ISO/IEC 7816-4)."""
    return plain + b"\x80" + bytes(-(len(plain) + 1) % block)


def unpad(padded: bytes) -> bytes:
    """What was padded. Raises BoxUnreadable when there is no padding."""
    plain, mark, _ = padded.rpartition(b"\x80")
    if not mark:
        raise BoxUnreadable
    return plain


def seal_inner(feedback: Feedback, key: ModeratorKey) -> InnerBox:
    """Seal it to the moderators; from here on only their key, which the server never holds, reads it.

    Raises VoiceTooLong.
    """
    is_voice = isinstance(feedback, FeedbackVoice)
    padded = padded_voice(feedback) if isinstance(feedback, FeedbackVoice) else padded_text(feedback)
    public = X25519PublicKey.from_public_bytes(key.public)
    box = SUITE.encrypt(padded, public, info=INNER_INFO)
    return InnerBox(Kind.VOICE if is_voice else Kind.TEXT, key.key_id, box)


def open_inner(box: bytes, private: bytes) -> Feedback:
    """What a moderator's tool does with her own key; the server has none to call it with. Raises BoxUnreadable."""
    head, ends, audio = unpad(
        _decrypt(box, X25519PrivateKey.from_private_bytes(private), INNER_INFO)
    ).partition(_HEAD_ENDS)
    told = json.loads(head)
    return FeedbackVoice(audio, told["language"]) if ends else FeedbackText(told["body"], told["language"])


def seal_outer(inner: InnerBox, run_public: bytes) -> bytes:
    """Seal an inner box to the open run of its kind, `OUTER_BYTES` long whatever is in it."""
    plain = bytes([inner.kind]) + inner.key_id + len(inner.box).to_bytes(_LENGTH_BYTES, "big") + inner.box
    filled = plain + bytes(_OUTER_PLAIN_BYTES[inner.kind] - len(plain))
    return SUITE.encrypt(filled, X25519PublicKey.from_public_bytes(run_public), info=OUTER_INFO)


def open_outer(box: bytes, run_private: X25519PrivateKey) -> InnerBox:
    """The inner box again, in memory. Raises BoxUnreadable."""
    plain = _decrypt(box, run_private, OUTER_INFO)
    length = int.from_bytes(plain[_HEAD_BYTES - _LENGTH_BYTES : _HEAD_BYTES], "big")
    return InnerBox(Kind(plain[0]), plain[1 : 1 + KEY_ID_BYTES], plain[_HEAD_BYTES : _HEAD_BYTES + length])


def _decrypt(box: bytes, private: X25519PrivateKey, info: bytes) -> bytes:
    try:
        return SUITE.decrypt(box, private, info=info)
    except InvalidTag:
        raise BoxUnreadable from None
