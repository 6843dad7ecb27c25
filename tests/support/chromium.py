"""Where Chromium is on this machine; read by `scripts/test` too, so it needs nothing but Python."""

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
APPLICATIONS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)


def find_chromium() -> str | None:
    """The program's path, or None."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return next((str(path) for path in APPLICATIONS if path.exists()), None)
