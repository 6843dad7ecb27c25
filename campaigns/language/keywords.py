"""Recognising what a text asks for: STOP in every language and spelling, never inside an ordinary sentence.

The rule (reference/languages.md section 2): the *whole* text must be made of words we know to stand together.
So "stop please" and "please stop sending me messages" stop, and "stop the war" does not: nobody listed "war".
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from campaigns.language.catalogue import NoSuchLanguage, catalogue, languages
from campaigns.language.entries import Action
from campaigns.language.folding import fold, match_forms, without_runs
from campaigns.language.lexicon import Kind, Piece, lexicon
from campaigns.language.stopping import find_stop

__all__ = ["Action", "Recognised", "recognise"]

# A keyword with all its politeness is far shorter; whatever is longer is somebody's own words.
MOST_WORDS = 40
# English STOP and JOIN stand in the way out and the replies of every language: who sends them need not know English.
KNOWN_TO_ALL = "en"
# SWAT7: letters, then digits. A word without digits after JOIN would make a keyword of "join us".
SIGN_UP_CODE = re.compile(r"[^\W\d_]{2,12}\d{1,6}")
CODE_LETTERS, CODE_DIGITS = re.compile(r"[^\W\d_]{3,12}"), re.compile(r"\d{1,4}")


@dataclass(frozen=True)
class Recognised:
    """What a text asks for.

    `language`: of the word (see `recognise`); of the letters where there is no word; None where neither tells.
    `because`: plain words without any of the person's own. `keyword`: ours, from the catalogue, or "".
    `argument`: after JOIN a sign-up code in capitals; for LANGUAGE a known tag; after FEEDBACK the person's words
    as she wrote them (kept out of repr); else "".
    """

    action: Action
    language: str | None
    because: str
    keyword: str = ""
    argument: str = field(default="", repr=False)


def recognise(text: str, *, awaiting_yes: bool = False, language_hint: str | None = None) -> Recognised:
    """Return the one thing `text` asks for; STOP wins over every other word.

    YES and NO count only when `awaiting_yes`. Between languages that share the word its letters decide, then
    `language_hint`, then the order of `languages()`; an English word keeps the hint's language.
    UNSURE may have meant STOP: ask back once. NONE is no keyword: somebody's own words.
    """
    readings = [_words(form) for form in match_forms(text)]
    language = _language_of_letters(text) or _spoken(language_hint)
    if not readings[0]:
        return Recognised(Action.NONE, None, "The text has no words.")
    steps = (_stop, _answer if awaiting_yes else _no_answer, _join, _language, _help, _feedback, _unsure)
    for step in steps:
        for words in readings:
            found = step(_Text(text, words, language))
            if found is not None:
                return found
    return Recognised(
        Action.NONE, _language_of_letters(text), "The text is no keyword: it says more, or other things."
    )


@dataclass(frozen=True)
class _Text:
    written: str
    words: tuple[str, ...]
    hint: str | None

    def found(self, action: Action, piece: Piece, why: str, argument: str = "") -> Recognised:
        """Make the answer, in the hint's language where that has the same word."""
        piece = lexicon().in_language(piece, self.hint)
        phrase = piece.keyword.phrase if piece.keyword else " ".join(piece.words)
        known = catalogue(piece.language)
        because = f"“{phrase}” means {action.upper()} in {known.english_name}; {why}."
        return Recognised(action, self.language_of(piece), because, phrase, argument)

    def language_of(self, piece: Piece) -> str:
        """Return the word's language, but the hint's for a word that all languages use."""
        return self.hint if self.hint and piece.language == KNOWN_TO_ALL else piece.language


def _words(form: str) -> tuple[str, ...]:
    """Return the words of a folded text, one and the same word in a row taken once; too many words are none."""
    words = form.split()
    compared = [without_runs(word) for word in words]
    kept = [word for n, word in enumerate(words) if n == 0 or compared[n] != compared[n - 1]]
    return tuple(kept)


def _cover(
    text: _Text, words: Sequence[str], *actions: Action, names: bool = False
) -> tuple[Piece, ...] | None:
    """Cover `words` with keywords of `actions` and politeness; `names` lets language names stand there too."""
    if not words or len(words) > MOST_WORDS:
        return None

    def counts(piece: Piece) -> bool:
        return piece.means(*actions) or (names and piece.kind is Kind.LANGUAGE_NAME)

    compared = [without_runs(word) for word in words]
    return lexicon().cover(compared, lambda piece: counts(piece) or piece.kind is Kind.POLITE, counts)


def _stop(text: _Text) -> Recognised | None:
    if len(text.words) > MOST_WORDS:
        return None
    stop = find_stop([without_runs(word) for word in text.words])
    return text.found(Action.STOP, stop.piece, stop.why) if stop else None


def _answer(text: _Text) -> Recognised | None:
    """YES or NO to our question; "yes, join" is a yes, "yes but no" is neither."""
    for action, others in ((Action.YES, (Action.JOIN,)), (Action.NO, ())):
        pieces = _cover(text, text.words, action, *others)
        said = [piece for piece in pieces or () if piece.means(action)]
        if said:
            return text.found(action, said[0], "our question was open")
    return None


def _no_answer(text: _Text) -> Recognised | None:
    """Without an open question YES and NO are nothing: told apart only to say why."""
    pieces = _cover(text, text.words, Action.YES, Action.NO)
    if pieces is None:
        return None
    said = next(piece for piece in pieces if piece.keyword is not None)
    language = text.language_of(lexicon().in_language(said, text.hint))
    return Recognised(Action.NONE, language, "Yes and no count only as the answer to a question of ours.")


def _join(text: _Text) -> Recognised | None:
    """JOIN by itself, with a sign-up code, or with a language; never spelt by guess, never in a sentence."""
    for words, code in _with_and_without_code(text.words):
        pieces = _cover(text, words, Action.JOIN)
        if pieces is not None:
            said = next(piece for piece in pieces if piece.means(Action.JOIN))
            beside = "beside it stands a sign-up code" if code else "nothing else is asked"
            return text.found(Action.JOIN, said, beside, code)
    pieces = _cover(text, text.words, Action.JOIN, names=True)
    said_join = [piece for piece in pieces or () if piece.means(Action.JOIN)]
    named = {piece.language for piece in pieces or () if piece.kind is Kind.LANGUAGE_NAME}
    if not said_join or len(named) != 1:
        return None
    because = "A word for JOIN with the name of a language."
    phrase = said_join[0].keyword.phrase if said_join[0].keyword else ""
    return Recognised(Action.JOIN, named.pop(), because, phrase)


def _with_and_without_code(words: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    """Return all words with no code, and the words that stay with each sign-up code after the first word."""
    found = [(words, "")]
    for n in range(1, len(words)):
        if SIGN_UP_CODE.fullmatch(words[n]):
            found.append((words[:n] + words[n + 1 :], words[n].upper()))
        if n > 1 and CODE_LETTERS.fullmatch(words[n - 1]) and CODE_DIGITS.fullmatch(words[n]):
            found.append((words[: n - 1] + words[n + 1 :], (words[n - 1] + words[n]).upper()))
    return found


def _language(text: _Text) -> Recognised | None:
    pieces = _cover(text, text.words, Action.LANGUAGE, names=True)
    if pieces is None:
        return None
    named = {piece.language for piece in pieces if piece.kind is Kind.LANGUAGE_NAME}
    if len(named) == 1:
        tag = named.pop()
        because = f"The text names {catalogue(tag).english_name} and nothing else."
        return Recognised(Action.LANGUAGE, tag, because, catalogue(tag).english_name, tag)
    said = next(piece for piece in pieces if piece.kind is not Kind.POLITE)
    return text.found(Action.LANGUAGE, said, "no single language is named")


def _help(text: _Text) -> Recognised | None:
    for action in (Action.HELP, Action.MENU):
        pieces = _cover(text, text.words, action)
        if pieces is not None:
            said = next(piece for piece in pieces if piece.means(action))
            return text.found(action, said, "nothing else is asked")
    return None


def _feedback(text: _Text) -> Recognised | None:
    """FEEDBACK by itself; one we are sure of may be followed by anything, unless that is a STOP."""
    pieces = _cover(text, text.words, Action.FEEDBACK)
    if pieces is not None:
        said = next(piece for piece in pieces if piece.means(Action.FEEDBACK))
        return text.found(Action.FEEDBACK, said, "nothing is written after it")
    compared = [without_runs(word) for word in text.words[:MOST_WORDS]]
    for piece in lexicon().pieces_at(compared, 0):
        if piece.means(Action.FEEDBACK) and piece.keyword and piece.keyword.confidence == "H":
            return _stop(_Text(text.written, text.words[len(piece.words) :], text.hint)) or text.found(
                Action.FEEDBACK,
                piece,
                "what follows is the person's own",
                _written_after(text.written, piece.words),
            )
    return None


def _written_after(written: str, keyword: tuple[str, ...]) -> str:
    """Return what was written after the keyword, letter for letter, without the mark between them."""
    for end in range(1, len(written)):
        if _is_of_a_word(written[end]) or not _is_of_a_word(written[end - 1]):
            continue
        if tuple(without_runs(fold(written[:end])).split())[-len(keyword) :] == keyword:
            rest = written[end:]
            starts = (
                n for n, character in enumerate(rest) if _is_of_a_word(character) or character in "(\"'«“‘"
            )
            return rest[next(starts, len(rest)) :].strip()
    return ""


def _is_of_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or unicodedata.category(character) == "Cf"


def _unsure(text: _Text) -> Recognised | None:
    """Words that may have meant STOP and may not."""
    if len(text.words) > MOST_WORDS:
        return None
    beside = (Kind.POLITE, Kind.IMPATIENT, Kind.SMALL, Kind.MESSAGES)
    pieces = lexicon().cover(
        [without_runs(word) for word in text.words],
        lambda piece: piece.means(Action.UNSURE) or piece.kind in beside,
        lambda piece: piece.means(Action.UNSURE),
    )
    if pieces is None:
        return None
    said = next(piece for piece in pieces if piece.means(Action.UNSURE))
    found = text.found(Action.UNSURE, said, "")
    because = f"“{found.keyword}” may mean STOP and may not: ask back once."
    return Recognised(Action.UNSURE, found.language, because, found.keyword)


def _spoken(tag: str | None) -> str | None:
    """Return the language of a tag, or None where we have no catalogue for it."""
    try:
        return catalogue(tag).tag if tag else None
    except NoSuchLanguage:
        return None


def _language_of_letters(text: str) -> str | None:
    """Return the one language whose own letters the text has; Latin letters tell nothing here."""
    having = [
        tag for tag in languages() if catalogue(tag).own_letters & set(unicodedata.normalize("NFC", text))
    ]
    return having[0] if len(having) == 1 else None
