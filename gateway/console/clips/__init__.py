"""The moderation desk: listeners' clips are heard, cut, written down and decided on; nothing is heard before."""

from flask import Blueprint

from gateway.console.clips import desk, pack, sounds, taking_back
from gateway.house import House


def clip_pages(house: House) -> Blueprint:
    """The room's pages, under /clips."""
    pages = Blueprint("clips", __name__, url_prefix="/clips")
    desk.add_pages(pages, house)
    sounds.add_pages(pages, house)
    pack.add_pages(pages, house)
    taking_back.add_pages(pages, house)
    return pages
