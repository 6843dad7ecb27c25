"""The webhooks with one difference, for `scripts/bench calls`: a call is answered with the same words whatever it asks.

gunicorn scripts.benches.constant_twiml:app
"""

import os

from flask import Response

from gateway.app import create_app
from gateway.carriers.carrier import Carrier, Form
from gateway.house import House
from gateway.settings import Settings
from gateway.webhooks import twiml
from gateway.webhooks.guard import guarded

settings = Settings.from_env(os.environ)
house = House.from_settings(settings)
app = create_app(settings, {"webhooks"}, house=house)
STEP = f"{settings.public_url}/carrier/twilio/calls/step/{'x' * 300}"
SOUND = twiml.Played(f"{settings.public_url}/carrier/audio/{'x' * 64}.wav")
WORDS = twiml.asking((), (SOUND, SOUND), action=STEP, silent=STEP, wait_seconds=6)


def answer(carrier: Carrier, form: Form, **path: object) -> Response:
    """The same words for everybody whose request is signed."""
    return twiml.respond(WORDS)


for endpoint in ("carrier.twilio_call", "carrier.twilio_step"):
    app.view_functions[endpoint] = guarded(house, "twilio", "call", answer)
