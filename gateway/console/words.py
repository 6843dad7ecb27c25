"""Words of the pages, in the language of the request; `pybabel extract` finds both names."""

from flask_babel import get_translations, gettext

__all__ = ["_", "isolated", "ngettext"]

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def _(words: str, /, **values: object) -> str:
    """These words in the page's language, with values put in."""
    return str(gettext(words, **values))


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """The words for a number; `%(num)s` is the number, with thousands set apart."""
    return str(get_translations().ungettext(one, many, num)) % {"num": f"{num:,}", **values}


def isolated(words: str) -> str:
    """A name put into a sentence of another direction, so that it disturbs neither itself nor the sentence."""
    return f"{FIRST_STRONG_ISOLATE}{words}{POP_ISOLATE}"
