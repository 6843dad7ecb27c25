"""Sealing: from the words of one person to a box that only a moderator's own key opens.

A `FeedbackText` is the first thing without a sender, and the last thing in clear: whoever calls this room has let
the number go. Words are padded and sealed to the moderators (the inner box, which the shelf keeps), and that again
to the open run of the shelf (the outer box, which waits in staging). Both are HPKE (RFC 9180: X25519, HKDF-SHA256,
AES-256-GCM), so that WebCrypto opens the inner one in the moderator's browser.
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

# Every outer box has one size: the size of a box in staging would tell which shelved box was in it.
_LENGTH_BYTES = 2
_HEAD_BYTES = 1 + KEY_ID_BYTES + _LENGTH_BYTES
_OUTER_PLAIN_BYTES = _HEAD_BYTES + MOST_BLOCKS * BLOCK_BYTES + SEAL_BYTES
OUTER_BYTES = _OUTER_PLAIN_BYTES + SEAL_BYTES


class Kind(IntEnum):
    """What lies in an inner box."""

    TEXT = 1


@dataclass(frozen=True, repr=False)
class FeedbackText:
    """What somebody wrote, and in which language; nothing of who she is. It never shows itself in logs or errors."""

    body: str
    language: str


@dataclass(frozen=True)
class ModeratorKey:
    """The public half of a moderators' key, and the id that boxes under it carry."""

    key_id: bytes
    public: bytes


@dataclass(frozen=True, repr=False)
class InnerBox:
    """What the shelf keeps of one item: sealed to the moderators, its length a multiple of 512 bytes and 48."""

    kind: Kind
    key_id: bytes
    box: bytes


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


def pad(plain: bytes, block: int) -> bytes:
    """Add 0x80 and zeros up to the next multiple of `block` (ISO/IEC 7816-4)."""
    return plain + b"\x80" + bytes(-(len(plain) + 1) % block)


def unpad(padded: bytes) -> bytes:
    """What was padded. Raises BoxUnreadable when there is no padding."""
    plain, mark, _ = padded.rpartition(b"\x80")
    if not mark:
        raise BoxUnreadable
    return plain


def seal_inner(feedback: FeedbackText, key: ModeratorKey) -> InnerBox:
    """Seal words to the moderators; from here on only their key, which the server never holds, reads them."""
    public = X25519PublicKey.from_public_bytes(key.public)
    return InnerBox(Kind.TEXT, key.key_id, SUITE.encrypt(padded_text(feedback), public, info=INNER_INFO))


def open_inner(box: bytes, private: bytes) -> FeedbackText:
    """What a moderator's tool does with her own key; the server has none to call it with. Raises BoxUnreadable."""
    plain = json.loads(unpad(_decrypt(box, X25519PrivateKey.from_private_bytes(private), INNER_INFO)))
    return FeedbackText(plain["body"], plain["language"])


def seal_outer(inner: InnerBox, run_public: bytes) -> bytes:
    """Seal an inner box to the open run, `OUTER_BYTES` long whatever is in it."""
    plain = bytes([inner.kind]) + inner.key_id + len(inner.box).to_bytes(_LENGTH_BYTES, "big") + inner.box
    filled = plain + bytes(_OUTER_PLAIN_BYTES - len(plain))
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
