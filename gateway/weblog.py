"""The web server's own log in our form. gunicorn quotes the requests that it cannot read or that break it, and those
may hold anything that somebody sent: a number, a text."""

from typing import Any

from gunicorn.glogging import Logger

from gateway.logs import PlainLines

QUOTED_AFTER = " from ip="  # what gunicorn puts before the address of a request that it then quotes


class WebServerLog(Logger):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn's logger without what it quotes, and without its callers' addresses."""

    def setup(self, cfg: Any) -> None:
        """Set up as gunicorn does, then take over the form of its lines."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(PlainLines())

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Tell that something could not be read, and nothing of what stood in it."""
        super().warning(str(msg).partition(QUOTED_AFTER)[0], *args, **kwargs)
