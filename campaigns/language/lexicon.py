"""The words of all catalogues in one index, and covering a whole text with them; what is left over is a sentence."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from campaigns.language.catalogue import load
from campaigns.language.entries import Action, Catalogue, Keyword
from campaigns.language.folding import match_forms, without_runs

# So many digits in one run are a telephone number, which people write under a STOP as they sign a letter.
DIGITS_OF_A_NUMBER = 7


class Kind(Enum):
    """What a piece of a text does there."""

    KEYWORD = auto()
    LANGUAGE_NAME = auto()
    POLITE = auto()
    IMPATIENT = auto()
    MESSAGES = auto()
    SMALL = auto()
    LINKING = auto()


@dataclass(frozen=True)
class Piece:
    """Folded words of one catalogue with one job; `keyword` only for keywords, `language` always but for digits."""

    words: tuple[str, ...]
    kind: Kind
    language: str
    keyword: Keyword | None = None

    def means(self, *actions: Action) -> bool:
        return self.keyword is not None and self.keyword.action in actions


Allowed = Callable[[Piece], bool]


class Lexicon:
    """All pieces by their first word."""

    def __init__(self, catalogues: Sequence[Catalogue]) -> None:
        self._by_first_word: dict[str, list[Piece]] = defaultdict(list)
        for catalogue in catalogues:
            for piece in dict.fromkeys(_pieces(catalogue)):
                self._by_first_word[piece.words[0]].append(piece)
        for pieces in self._by_first_word.values():
            pieces.sort(key=lambda piece: -len(piece.words))

    def pieces_at(self, words: Sequence[str], index: int) -> Iterator[Piece]:
        """Yield every piece that begins at `index`, the longest first; a run of digits is one too."""
        for piece in self._by_first_word.get(words[index], ()):
            if tuple(words[index : index + len(piece.words)]) == piece.words:
                yield piece
        if words[index].isdigit():
            kind = Kind.POLITE if len(words[index]) >= DIGITS_OF_A_NUMBER else Kind.SMALL
            yield Piece((words[index],), kind, "")

    def cover(self, words: Sequence[str], allowed: Allowed, *wanted: Allowed) -> tuple[Piece, ...] | None:
        """Return allowed pieces that together are exactly `words`, at least one for each of `wanted`; else None."""
        open_ends: list[tuple[int, frozenset[int], tuple[Piece, ...]]] = [(0, frozenset(), ())]
        seen: set[tuple[int, frozenset[int]]] = set()
        while open_ends:
            index, met, pieces = open_ends.pop()
            if (index, met) in seen:
                continue
            seen.add((index, met))
            if index == len(words):
                if len(met) == len(wanted):
                    return pieces
                continue
            # The last put on the pile is read first: so the longest wins, then the earlier catalogue.
            for piece in reversed(list(self.pieces_at(words, index))):
                if allowed(piece):
                    now_met = met | {n for n, wants in enumerate(wanted) if wants(piece)}
                    open_ends.append((index + len(piece.words), now_met, (*pieces, piece)))
        return None

    def single_words(self, *kinds: Kind) -> dict[str, set[Kind]]:
        """Return the words that by themselves are of these kinds."""
        found: dict[str, set[Kind]] = defaultdict(set)
        for pieces in self._by_first_word.values():
            for piece in pieces:
                if piece.kind in kinds and len(piece.words) == 1:
                    found[piece.words[0]].add(piece.kind)
        return dict(found)

    def glued(self, kind: Allowed, shortest: int) -> frozenset[str]:
        """Return the words, run together, of all pieces of a kind that have at least `shortest` letters."""
        joined = ("".join(p.words) for pieces in self._by_first_word.values() for p in pieces if kind(p))
        return frozenset(without_runs(word) for word in joined if len(word) >= shortest)

    def in_language(self, piece: Piece, language: str | None) -> Piece:
        """Return the same words with the same action in `language` where it has them, else `piece`."""
        for other in self._by_first_word.get(piece.words[0], ()):
            same = other.words == piece.words and other.kind is piece.kind and other.language == language
            if same and (piece.keyword is None or other.means(piece.keyword.action)):
                return other
        return piece


@cache
def lexicon() -> Lexicon:
    """Return the index over all catalogues, made at the first call (under a second)."""
    return Lexicon(tuple(load().values()))


def _pieces(catalogue: Catalogue) -> Iterator[Piece]:
    for keyword in catalogue.keywords:
        for words in _word_forms(keyword.phrase):
            yield Piece(words, Kind.KEYWORD, catalogue.tag, keyword)
    kinds = (
        (Kind.LANGUAGE_NAME, catalogue.called),
        (Kind.POLITE, catalogue.polite),
        (Kind.IMPATIENT, catalogue.impatient),
        (Kind.MESSAGES, catalogue.messages),
        (Kind.SMALL, catalogue.small),
        (Kind.LINKING, catalogue.linking),
    )
    for kind, phrases in kinds:
        for phrase in phrases:
            for words in _word_forms(phrase):
                yield Piece(words, kind, catalogue.tag)


def _word_forms(phrase: str) -> Iterator[tuple[str, ...]]:
    """Yield a phrase as its folded words, and as one word: people leave spaces out."""
    for form in match_forms(phrase):
        words = tuple(without_runs(form).split())
        yield words
        if len(words) > 1:
            yield (without_runs("".join(words)),)
