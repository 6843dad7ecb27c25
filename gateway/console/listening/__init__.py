"""The moderator's room: the sealed shelf, letters opened in her own browser, keys, and "you said, we did"."""

from flask import Blueprint

from gateway.console.listening import keys, responses, shelf
from gateway.house import House


def blueprint(house: House) -> Blueprint:
    """The room's pages, under /listening."""
    pages = Blueprint("listening", __name__, url_prefix="/listening")
    shelf.add_pages(pages, house)
    keys.add_pages(pages, house)
    responses.add_pages(pages, house)
    return pages
