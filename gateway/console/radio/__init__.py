"""The producer's room for radio: shows, episodes and how they are listened to, the question of the week, stations."""

from flask import Blueprint

from gateway.console.radio import episode, index, question, stations
from gateway.house import House


def radio_pages(house: House) -> Blueprint:
    """The room's pages, under /radio."""
    pages = Blueprint("radio", __name__, url_prefix="/radio")
    index.add_pages(pages, house)
    episode.add_pages(pages, house)
    question.add_pages(pages, house)
    stations.add_pages(pages, house)
    return pages
