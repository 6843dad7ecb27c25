"""The producer's room for the voice line: the menu as a tree, its recordings, what must be mended, and publishing."""

from flask import Blueprint

from gateway.console.voice import line, prompts, sounds, studio, trying
from gateway.house import House


def voice_pages(house: House) -> Blueprint:
    """The room's pages, under /voice."""
    pages = Blueprint("voice", __name__, url_prefix="/voice")
    line.add_pages(pages, house)
    prompts.add_pages(pages, house)
    sounds.add_pages(pages, house)
    trying.add_pages(pages, house)
    studio.add_pages(pages, house)
    return pages
