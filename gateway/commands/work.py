"""`paigham work` and `paigham clock`: the long-lived programs behind the web server."""

import click

from gateway.commands.acting import the_house
from gateway.logs import log_to_stderr


@click.group("work")
def work_group() -> None:
    """Send, and do the work that waits; run one of each, or as many as you like."""


@work_group.command("send")
def send_command() -> None:
    """Hand messages over to the carriers until told to stop."""
    from gateway.work.run import run_sender

    log_to_stderr()
    run_sender(the_house())


@work_group.command("bulk")
def bulk_command() -> None:
    """Launch campaigns, apply receipts and sweep until told to stop."""
    from gateway.work.run import run_bulk

    log_to_stderr()
    run_bulk(the_house())


@click.command("clock")
def clock_command() -> None:
    """See what is due and wake whoever does it, until told to stop. Two clocks do no harm."""
    from gateway.work.clock import run_clock

    log_to_stderr()
    run_clock(the_house())
