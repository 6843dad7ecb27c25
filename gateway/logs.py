"""Logs: one line per thing that happened, with ids and counts; an exception shows where it rose, never its text."""

import logging
import sys
import traceback

_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class PlainLines(logging.Formatter):
    """`level event name=value …`; what a library put into an exception's text may be a person's, so it is left out."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record."""
        extra = (f"{name}={value}" for name, value in vars(record).items() if name not in _ORDINARY)
        words = [record.levelname.lower(), self._event(record), *extra]
        if record.exc_info and record.exc_info[1] is not None:
            words.append(where(record.exc_info[1]))
        return " ".join(words)

    def _event(self, record: logging.LogRecord) -> str:
        # Messages of ours are names of events; those of libraries may hold anything: through their arguments, as an
        # exception in place of words, or below the first line, where asyncio and RQ quote exceptions.
        if record.name.startswith("paigham"):
            return record.getMessage()
        said = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        return f"{record.name}: {said.partition(chr(10))[0]}"


def where(error: BaseException) -> str:
    """What kind of exception, and the places it went through, innermost last; nothing of what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {places}"


def log_to_stderr() -> None:
    """Send our events, and what libraries warn of, to standard error; called once when a process starts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("paigham").setLevel(logging.INFO)
