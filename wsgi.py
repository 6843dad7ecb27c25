"""The web server's entry: `gunicorn wsgi:app`, with everything it needs to know in the environment."""

import os

from gateway.app import create_app
from gateway.logs import log_to_stderr
from gateway.settings import Settings

log_to_stderr()
app = create_app(Settings.from_env(os.environ))
