"""Going on with a Python that is new enough; written so that old ones can read it."""

import os
import sys

NEEDED = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def go_on_with_a_new_enough_one():
    # type: () -> None
    """Return when this Python is new enough; else start again with one that is, or say what to install."""
    if sys.version_info >= NEEDED:
        return
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for name in NEWER:
            program = os.path.join(folder, name)
            if os.access(program, os.X_OK):
                os.execv(program, [program] + sys.argv)  # noqa: RUF005
    sys.stderr.write(
        "Paigham needs Python 3.11 or newer and this is %d.%d: install a newer one from your system or python.org.\n"
        % sys.version_info[:2]
    )
    sys.exit(2)
