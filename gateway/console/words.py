"""Words of the pages, in the language of the request; `pybabel extract` finds both names."""

from flask_babel import get_translations, gettext

__all__ = ["_", "ngettext"]


def _(words: str, /, **values: object) -> str:
    """These words in the page's language, with values put in."""
    return str(gettext(words, **values))


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """The words for a number; `%(num)s` is the number, with thousands set apart."""
    return str(get_translations().ungettext(one, many, num)) % {"num": f"{num:,}", **values}
