"""Door 2: what staff see. Each room of the console is a package with its pages; the frame is common to all."""

from flask import Flask

from gateway.console.access import stand_guard
from gateway.console.campaigns.pages import campaign_pages
from gateway.console.clips import clip_pages
from gateway.console.frame import build_frame
from gateway.console.halting import halting_pages
from gateway.console.i18n import speak_languages
from gateway.console.listening import blueprint as listening_pages
from gateway.console.people import people_pages
from gateway.console.radio import radio_pages
from gateway.console.signin import account_page, views
from gateway.console.signin.sessions import open_sign_in
from gateway.console.today.lines import line_pages
from gateway.console.today.page import today_pages
from gateway.console.voice import voice_pages
from gateway.house import House


def register(app: Flask, house: House) -> None:
    """Hang the console's rooms into the app, behind sign-in and guard. Raises KeysMissing, KeysExposed."""
    sign_in = open_sign_in(app, house)
    speak_languages(app, sign_in)
    build_frame(app, house)
    stand_guard(app, house, sign_in)
    app.register_blueprint(views.pages)
    app.register_blueprint(account_page.pages)
    app.register_blueprint(halting_pages(house))
    app.register_blueprint(today_pages(house))
    app.register_blueprint(line_pages(house))
    app.register_blueprint(campaign_pages(house))
    app.register_blueprint(people_pages(house))
    app.register_blueprint(voice_pages(house))
    app.register_blueprint(radio_pages(house))
    app.register_blueprint(clip_pages(house))
    app.register_blueprint(listening_pages(house))
