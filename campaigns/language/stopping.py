"""Finding a STOP in the words of a text: generous with all that people write round it, deaf to sentences.

Four readings, in this order; the first that covers the whole text decides:
  1. stop words with politeness or with other keywords ("stop help": STOP wins);
  2. stop words with small words ("stop this now"), not for words that also mean something else ("end", "بند");
  3. the same round a word for our messages, where the weaker words count too ("end these messages");
  4. letters spelt apart or words run together ("s t o p", "stopplease").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from campaigns.language.entries import Action
from campaigns.language.lexicon import Allowed, Kind, Piece, lexicon

OTHER_KEYWORDS = (Action.JOIN, Action.HELP, Action.MENU, Action.LANGUAGE, Action.FEEDBACK, Action.YES)
BESIDE_FREE = (Kind.POLITE, Kind.IMPATIENT, Kind.SMALL)
BESIDE_MESSAGES = (*BESIDE_FREE, Kind.LINKING, Kind.MESSAGES)
# Shorter words run together make other words: "bandit", "ending".
SHORTEST_STOP_RUN_TOGETHER = 4
SHORTEST_WORD_RUN_TOGETHER = 3


@dataclass(frozen=True)
class Stop:
    """The piece that meant STOP, and in plain words what else the text has."""

    piece: Piece
    why: str


def find_stop(words: Sequence[str]) -> Stop | None:
    """Return the STOP that `words` (folded, runs taken out) amount to, or None for every ordinary sentence."""
    if not words:
        return None
    return (
        _with_politeness(words)
        or _with_small_words(words)
        or _about_our_messages(words)
        or _with_politeness(_letters_together(words))
        or _run_together("".join(words) if _is_spelt_apart(words) else words[0] if len(words) == 1 else "")
    )


def _is_free(piece: Piece) -> bool:
    """Say whether this stop word stands with small words, as it means nothing else."""
    return (
        piece.means(Action.STOP)
        and piece.keyword is not None
        and not piece.keyword.alone
        and not piece.keyword.about_messages
    )


def _is_by_itself(piece: Piece) -> bool:
    return piece.means(Action.STOP) and piece.keyword is not None and not piece.keyword.about_messages


def _is_only_about_messages(piece: Piece) -> bool:
    return piece.means(Action.STOP) and piece.keyword is not None and piece.keyword.about_messages


def _with_politeness(words: Sequence[str]) -> Stop | None:
    pieces = lexicon().cover(
        words,
        lambda piece: (
            _is_by_itself(piece)
            or piece.means(*OTHER_KEYWORDS)
            or piece.kind in (Kind.POLITE, Kind.IMPATIENT, Kind.LANGUAGE_NAME)
        ),
        _is_by_itself,
    )
    return _stop_in(pieces, "beside it stand only politeness or other keywords")


def _with_small_words(words: Sequence[str]) -> Stop | None:
    def allowed(piece: Piece) -> bool:
        return _is_free(piece) or piece.means(Action.YES) or piece.kind in BESIDE_FREE

    why = "beside it stand only small words"
    whole = lexicon().cover(words, allowed, _is_free)
    if whole is not None:
        return _stop_in(whole, why)
    return _stop_in(lexicon().cover(_without(words, Kind.SMALL), allowed, _is_free), why)


def _about_our_messages(words: Sequence[str]) -> Stop | None:
    """Two kinds of stop words are never mixed here: "band" beside "mat karo" is the opposite of a stop."""
    bare = _without(words, Kind.SMALL, Kind.LINKING, Kind.MESSAGES)
    speaks_of_them = any(
        piece.kind is Kind.MESSAGES for n in range(len(words)) for piece in lexicon().pieces_at(words, n)
    )
    for counts in (_is_by_itself, _is_only_about_messages):

        def allowed(piece: Piece, counts: Allowed = counts) -> bool:
            return counts(piece) or piece.means(Action.YES) or piece.kind in BESIDE_MESSAGES

        found = lexicon().cover(words, allowed, counts, lambda piece: piece.kind is Kind.MESSAGES)
        if found is None and speaks_of_them:
            found = lexicon().cover(bare, allowed, counts)
        if found is not None:
            return _stop_in(found, "the rest speaks of our messages")
    return None


def _without(words: Sequence[str], *kinds: Kind) -> list[str]:
    """Return the words that are none of these kinds: "mat [mujhe message] bhejo"."""
    dropped = _dropped(kinds)
    return [word for word in words if word not in dropped]


@cache
def _dropped(kinds: tuple[Kind, ...]) -> frozenset[str]:
    return frozenset(lexicon().single_words(*kinds))


def _letters_together(words: Sequence[str]) -> list[str]:
    """Return the words with three or more single letters in a row made one word: s t o p please."""
    joined: list[str] = []
    letters: list[str] = []
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            letters.append(word)
            continue
        joined += ["".join(letters)] if len(letters) > 2 else letters
        letters = []
        if word:
            joined.append(word)
    return joined


def _is_spelt_apart(words: Sequence[str]) -> bool:
    """Say whether the whole text is one stop word with spaces in it: sto p."""
    return len(words) > 1 and "".join(words) in _stops_run_together()


@cache
def _stops_run_together() -> frozenset[str]:
    return lexicon().glued(_is_by_itself, SHORTEST_STOP_RUN_TOGETHER)


@cache
def _words_run_together() -> dict[str, tuple[str, ...]]:
    """Return stop words and their company, as they stand without spaces, by their first letter."""
    company = lexicon().glued(
        lambda piece: piece.kind in (Kind.POLITE, Kind.MESSAGES), SHORTEST_WORD_RUN_TOGETHER
    )
    known = sorted(_stops_run_together() | company)
    return {letter: tuple(words) for letter, words in groupby(known, key=lambda word: word[0])}


def _run_together(word: str) -> Stop | None:
    """Read one long word as stop words and their usual company without spaces: stopstop, stopplease."""
    open_ends: list[tuple[int, str]] = [(0, "")]
    seen = set(open_ends)
    while open_ends and word:
        index, stop = open_ends.pop()
        if index == len(word):
            if stop:
                return _stop_in(
                    lexicon().cover([stop], _is_by_itself, _is_by_itself), "written without spaces"
                )
            continue
        # A letter that ends one word and begins the next was written once when runs were taken out.
        for start in {index, max(index - 1, 0)}:
            for known in _words_run_together().get(word[start], ()):
                if word.startswith(known, start) and start + len(known) > index:
                    step = (start + len(known), known if known in _stops_run_together() else stop)
                    if step not in seen:
                        seen.add(step)
                        open_ends.append(step)
    return None


def _stop_in(pieces: Sequence[Piece] | None, why: str) -> Stop | None:
    stops = [piece for piece in pieces or () if piece.means(Action.STOP)]
    return Stop(stops[0], why) if stops else None
