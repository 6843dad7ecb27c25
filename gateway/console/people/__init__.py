"""The room People: who is reached, how, and what each agreed to; numbers masked, nobody's name."""

from flask import Blueprint

from gateway.console.people import changing, index, person
from gateway.house import House


def people_pages(house: House) -> Blueprint:
    """The room's pages, under /people."""
    pages = Blueprint("people", __name__, url_prefix="/people")
    index.add_pages(pages, house)
    person.add_pages(pages, house)
    changing.add_pages(pages, house)
    return pages
