"""All pages of the room, gathered for whoever hangs them into the console."""

from flask import Blueprint

from gateway.console.campaigns import (
    approving,
    checking,
    controls,
    index,
    people,
    recording,
    running,
    when,
    wording,
)
from gateway.console.campaigns.blueprint import pages
from gateway.house import House

ROOMS = (index, people, wording, recording, when, checking, approving, running, controls)


def campaign_pages(house: House) -> Blueprint:
    """The blueprint with every view of the room; it finds `house` in its application."""
    return pages
