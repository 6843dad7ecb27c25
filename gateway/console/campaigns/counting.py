"""Counting a wording as it is typed: parts to the character, cost, what was cleaned, where the way out lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from campaigns.language.parts import LIMITS, Change, Encoding, Parts, clean, count
from campaigns.language.wording import with_way_out

MANY_LETTERS = 4  # how many letters outside the plain alphabet are named


@dataclass(frozen=True)
class Piece:
    """A run of a text; `part` is the part that begins with it, when one does."""

    text: str
    part: int | None = None


@dataclass(frozen=True)
class Counted:
    """One language's text as it would go out. `blocks` are runs (kind, share in percent) of each part."""

    body: str
    parts: Parts
    blocks: tuple[tuple[tuple[str, float], ...], ...]
    pieces: tuple[Piece, ...]
    capacity: int
    changes: tuple[Change, ...]
    parts_uncleaned: int
    way_out_part: int
    way_out_is_split: bool
    costly: tuple[str, ...]

    def units_over(self, most_parts: int) -> int:
        """How many characters too long it is for so many parts; 0 when it fits."""
        return max(0, self.parts.units - capacity(self.parts.encoding, most_parts))


def count_wording(typed: str, way_out: str) -> Counted | None:
    """Count a text with its way out; None when nothing is typed."""
    cleaned = clean(typed)
    text = cleaned.text.strip()
    if not text:
        return None
    body = with_way_out(text, way_out)
    parts = count(body)
    begins = len(body) - len(way_out.strip())
    bounds = [*parts.starts, len(body)]
    in_parts = [n for n, (start, end) in enumerate(pairwise(bounds), 1) if start < len(body) and end > begins]
    return Counted(
        body=body,
        parts=parts,
        blocks=tuple(_runs(body, start, end, begins, parts) for start, end in pairwise(bounds)),
        pieces=_pieces(body, parts.starts),
        capacity=capacity(parts.encoding, parts.parts),
        changes=cleaned.changes,
        parts_uncleaned=count(with_way_out(typed, way_out)).parts,
        way_out_part=in_parts[0],
        way_out_is_split=len(in_parts) > 1,
        costly=_costly_letters(body, parts.encoding),
    )


def capacity(encoding: Encoding, parts: int) -> int:
    """How many characters (units of the encoding) fit into so many parts."""
    alone, joined = LIMITS[encoding]
    return alone if parts == 1 else joined * parts


def whose_text(language: str, typed: Mapping[str, str], instead: Mapping[str, str]) -> str | None:
    """Whose text the readers of a language get: their own, or the one chosen instead, where that has words."""
    if typed.get(language, "").strip():
        return language
    other = instead.get(language, "")
    return other if typed.get(other, "").strip() else None


def _units(text: str, encoding: Encoding) -> int:
    return count(text).units if encoding is Encoding.GSM_7 else len(text.encode("utf-16-le")) // 2


def _runs(
    body: str, start: int, end: int, way_out_begins: int, parts: Parts
) -> tuple[tuple[str, float], ...]:
    full = capacity(parts.encoding, 1) if parts.parts == 1 else LIMITS[parts.encoding][1]
    middle = min(max(way_out_begins, start), end)
    shares = (("text", body[start:middle]), ("way-out", body[middle:end]))
    return tuple((kind, 100 * _units(run, parts.encoding) / full) for kind, run in shares if run)


def _pieces(body: str, starts: tuple[int, ...]) -> tuple[Piece, ...]:
    """The text cut before the words in which a further part begins."""
    if len(starts) == 1:
        return (Piece(body),)
    cuts = [0]
    for start in starts[1:]:
        word = start
        while word > cuts[-1] and not body[word - 1].isspace():
            word -= 1
        cuts.append(word if word > cuts[-1] else start)
    bounds = [*cuts, len(body)]
    return tuple(
        Piece(body[begin:end], n if n > 1 else None) for n, (begin, end) in enumerate(pairwise(bounds), 1)
    )


def _costly_letters(body: str, encoding: Encoding) -> tuple[str, ...]:
    """The few letters that make an otherwise plain text go out in the dear alphabet; none for other scripts."""
    if encoding is Encoding.GSM_7:
        return ()
    outside = [letter for letter in dict.fromkeys(body) if count(letter).encoding is not Encoding.GSM_7]
    return tuple(outside) if len(outside) <= MANY_LETTERS else ()
