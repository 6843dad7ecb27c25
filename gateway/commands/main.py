"""The `paigham` command: finds the room a word belongs to, and says in one plain sentence what went wrong.

Rooms are imported when they are called for: the sender should not wait for what only `doctor` needs.
"""

import importlib
import sys
from collections.abc import Sequence

import click

# word -> (where its command lives, what `paigham --help` says)
ROOMS = {
    "up": ("gateway.commands.up:up_command", "Start the whole house on this machine."),
    "prepare": ("gateway.commands.prepare:prepare_command", "Make keys, database and programme ready."),
    "migrate": ("gateway.commands.prepare:migrate_command", "Bring the database to the newest schema."),
    "programme": ("gateway.commands.programme:programme_group", "Make and show the programme."),
    "line": ("gateway.commands.lines:line_group", "Add and list senders and numbers."),
    "place": ("gateway.commands.lines:place_group", "Add and list places."),
    "work": ("gateway.commands.work:work_group", "Send, and do the work that waits."),
    "clock": ("gateway.commands.work:clock_command", "See what is due, and wake who does it."),
    "doctor": ("gateway.commands.doctor:doctor_command", "Check this installation; say what to mend."),
    "ledger": ("gateway.commands.ledger:ledger_group", "Verify the consent ledger; show its head."),
    "keys": ("gateway.commands.keys:keys_group", "Rotate the keys of the vault."),
    "staff": ("gateway.commands.staff:staff_group", "Add, list and disable members of staff."),
    "moderator-key": ("gateway.commands.moderator_key:moderator_key_group", "Make a moderators' key."),
    "menu": ("gateway.commands.menus:menu_group", "Bring the voice line's menu in and out; publish it."),
    "halt": ("gateway.commands.programme:halt_command", "Pause everything at once."),
    "resume": ("gateway.commands.programme:resume_command", "Let campaigns go on."),
}
EXIT_REFUSED = 2


class _Rooms(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every word, in the order of the table."""
        return list(ROOMS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command behind a word."""
        if cmd_name not in ROOMS:
            return None
        module, _, name = ROOMS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(word, words) for word, (_, words) in ROOMS.items()])


@click.group(cls=_Rooms)
@click.version_option(package_name="paigham")
def rooms() -> None:
    """Paigham: SMS and IVR outreach for community peacebuilding."""


def run(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what can be expected to go wrong is one sentence, no traceback."""
    try:
        rooms.main(list(words) if words is not None else None, prog_name="paigham")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 1
    except _expected() as error:  # looked up only when something was raised
        from gateway.commands.refusals import in_plain_words

        click.echo(f"Error: {in_plain_words(error)}", err=True)
        return EXIT_REFUSED


def main() -> None:
    """The console script's entry."""
    sys.exit(run())


def _expected() -> tuple[type[Exception], ...]:
    from gateway.commands.refusals import EXPECTED

    return tuple(EXPECTED)


if __name__ == "__main__":
    main()
