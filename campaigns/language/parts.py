"""SMS parts by the standard: how a text is coded, where each part begins, and cleaning that shows its changes.

Sources: 3GPP TS 23.038 (alphabets), TS 23.040 (parts); checked cases in reference/languages.md section 3.
National shift tables are taken as not available: carriers fall back to UCS-2.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

# The default alphabet without its escape, in the order of the standard (0x00 to 0x7F, 0x1B left out).
GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# These take an escape before them: two septets, never in two parts.
GSM_ESCAPED = "\f^{}\\[~]|€"
_ONE_SEPTET = frozenset(GSM_BASIC)
_TWO_SEPTETS = frozenset(GSM_ESCAPED)


class Encoding(StrEnum):
    """How the carrier codes a text; one letter outside GSM-7 makes the whole text UCS-2."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


# Units a text may have by itself, and in each of several parts (six octets go to the joining header).
LIMITS = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}


@dataclass(frozen=True)
class Parts:
    """`units` are septets or 16-bit code units; `starts` are indexes into the text, one for each part."""

    encoding: Encoding
    units: int
    parts: int
    starts: tuple[int, ...]
    room_left: int


def count(text: str) -> Parts:
    """Return how `text` goes out. Escapes and surrogate pairs are never split; an empty text is one part."""
    encoding = encoding_of(text)
    alone, joined = LIMITS[encoding]
    widths = [_width(character, encoding) for character in text]
    units = sum(widths)
    if units <= alone:
        return Parts(encoding, units, 1, (0,), alone - units)
    starts, filled = [0], 0
    for index, width in enumerate(widths):
        if filled + width > joined:
            starts.append(index)
            filled = 0
        filled += width
    return Parts(encoding, units, len(starts), tuple(starts), joined - filled)


def encoding_of(text: str) -> Encoding:
    """Return GSM-7 where every character is in the default alphabet or its extension."""
    fits = all(character in _ONE_SEPTET or character in _TWO_SEPTETS for character in text)
    return Encoding.GSM_7 if fits else Encoding.UCS_2


def _width(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM_7:
        return 2 if character in _TWO_SEPTETS else 1
    return 2 if ord(character) > 0xFFFF else 1


@dataclass(frozen=True)
class Change:
    """One kind of change: `was` became `now`, `times` times; `what` names it in plain words."""

    what: str
    was: str
    now: str
    times: int


@dataclass(frozen=True)
class Cleaned:
    """A text ready to count and send, and everything that was changed in it."""

    text: str
    changes: tuple[Change, ...]


# Cannot be seen, or cannot be told from a space: mended in every text. ZWNJ and ZWJ are not here: words need them.
UNSEEN: dict[str, tuple[str, str]] = {
    "\u00a0": (" ", "no-break space"),
    "\u202f": (" ", "no-break space"),
    "\u2007": (" ", "no-break space"),
    "\u3000": (" ", "wide space"),
    "\u205f": (" ", "thin space"),
    **{chr(code): (" ", "thin space") for code in (*range(0x2000, 0x2007), *range(0x2008, 0x200B))},
    "\t": (" ", "tab"),
    "\u2028": ("\n", "line separator"),
    "\u2029": ("\n", "paragraph separator"),
    "\u0085": ("\n", "line separator"),
    "\ufeff": ("", "byte-order mark"),
    "\u200b": ("", "zero-width space"),
    "\u2060": ("", "word joiner"),
    "\u00ad": ("", "soft hyphen"),
}
# Fine to read, but outside GSM-7: made plain only where the whole text then goes out as GSM-7.
# In an Urdu or Pashto text they cost nothing more, and its quotation marks stay as they were written.
COSTLY: dict[str, tuple[str, str]] = {
    **dict.fromkeys("‘’‚‛′", ("'", "curly mark")),
    **dict.fromkeys("“”„‟″«»", ('"', "curly mark")),
    **dict.fromkeys("`´ʼʻ", ("'", "slanted mark")),
    **dict.fromkeys("‐‑‒–—―−", ("-", "long dash")),
    "…": ("...", "three dots in one"),
    "•": ("-", "bullet"),
    **dict.fromkeys("\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069", ("", "direction mark")),
}


def clean(text: str) -> Cleaned:
    """Return `text` in NFC without control characters and unseen spaces, plain where that buys GSM-7.

    Line ends become one line feed. ZWNJ and ZWJ stay. Cleaning what was cleaned changes nothing.
    """
    tally: dict[tuple[str, str, str], int] = {}
    mended = _compose(text.replace("\r\n", "\n").replace("\r", "\n"), tally)
    mended = _replace(mended, UNSEEN, tally)
    mended = _drop_controls(mended, tally)
    tally_if_plain = dict(tally)
    plain = _replace(mended, COSTLY, tally_if_plain)
    if encoding_of(plain) is Encoding.GSM_7:
        mended, tally = plain, tally_if_plain
    changes = tuple(Change(what, was, now, times) for (what, was, now), times in tally.items())
    return Cleaned(mended, changes)


def _compose(text: str, tally: dict[tuple[str, str, str], int]) -> str:
    """Return `text` in NFC (one letter with its marks is one unit where Unicode has it so)."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.category(character).startswith("M"):
            clusters[-1] += character
        else:
            clusters.append(character)
    for cluster in clusters:
        composed = unicodedata.normalize("NFC", cluster)
        if composed != cluster:
            _note(tally, "letter and mark joined", cluster, composed)
    return unicodedata.normalize("NFC", text)


def _replace(text: str, table: dict[str, tuple[str, str]], tally: dict[tuple[str, str, str], int]) -> str:
    for character in text:
        if character in table:
            now, what = table[character]
            _note(tally, what, character, now)
    return text.translate({ord(was): now for was, (now, _) in table.items()})


def _drop_controls(text: str, tally: dict[tuple[str, str, str], int]) -> str:
    kept = []
    for character in text:
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cs"):
            _note(tally, "control character", character, "")
        else:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def _note(tally: dict[tuple[str, str, str], int], what: str, was: str, now: str) -> None:
    tally[what, was, now] = tally.get((what, was, now), 0) + 1
