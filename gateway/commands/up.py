"""`paigham up`: the whole house on one machine, from an empty folder to a page in the browser."""

import json
import os
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from gateway.commands.children import MODULES, Place, children_of, environment_of, is_free
from gateway.commands.data_folder import (
    FolderUnusable,
    empty_training_folder,
    only_one,
    open_folder,
    open_runtime,
)
from gateway.commands.forks import load
from gateway.commands.redis_server import NoRedisServer, SocketPathTooLong
from gateway.commands.supervisor import ChildNeverAnswered, Interrupted, Supervisor
from gateway.settings import Settings, SettingsInvalid

DEFAULT_PORT = 8000
COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_red")
NAME_WIDTH = 9


@dataclass(frozen=True)
class Trainee:
    """One invented member of staff of a training programme."""

    name: str
    role: str
    sign_in: str
    password: str


@click.command("up")
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(1024, 65534),
    help="The console's port; the handsets get the next one.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="PAIGHAM_DATA_DIR",
    default=Path("var"),
    show_default=True,
    help="The folder for keys and database.",
)
@click.option("--fresh", is_flag=True, help="Begin again with an empty training programme.")
@click.option("--no-browser", is_flag=True, help="Do not open the console in the browser.")
def up_command(port: int, data: Path, fresh: bool, no_browser: bool) -> None:
    """Start Paigham on this machine and keep it running until Ctrl-C."""
    place = Place(data.expanduser().resolve(), port)
    # Whoever names an account of their own wants no simulated carrier.
    environment = environment_of(place, os.environ, simulated="PAIGHAM_TWILIO_ACCOUNT_SID" not in os.environ)
    try:
        settings = Settings.from_env(environment)
        if fresh and settings.database_url:
            raise FolderUnusable("--fresh works with the built-in database only: unset PAIGHAM_DATABASE_URL.")
        open_folder(place.data)
        with only_one(place.data):
            _keep_up(place, settings, environment, fresh=fresh, opens_browser=not no_browser)
    except (SettingsInvalid, FolderUnusable, NoRedisServer, SocketPathTooLong) as error:
        raise click.ClickException(str(error)) from None


def _keep_up(
    place: Place, settings: Settings, environment: Mapping[str, str], *, fresh: bool, opens_browser: bool
) -> None:
    for port in (place.port, place.handsets_port):
        if not is_free(port):
            raise click.ClickException(
                f"Port {port} is in use: stop the program that uses it, or choose another with --port {port + 10}."
            )
    if fresh:
        empty_training_folder(place.data, settings.runtime_path)
    open_runtime(settings.runtime_path)
    click.echo(f"Starting Paigham with its data in {place.data}")
    _prepare(environment, meanwhile=lambda: load(MODULES))
    environment = environment_of(place, os.environ, simulated=place.simulator_config.exists())
    supervisor = Supervisor(children_of(place, environment), _Screen().say)
    supervisor.handle_signals()
    try:
        supervisor.start()
        click.echo(_greeting(place))
        if opens_browser:
            webbrowser.open(place.console_url)
        supervisor.run()
    except ChildNeverAnswered as error:
        raise click.ClickException(f"{error}: its own lines above say why.") from None
    except Interrupted:
        return
    finally:
        supervisor.stop()


def _prepare(environment: Mapping[str, str], *, meanwhile: Callable[[], None]) -> None:
    """Make or mend keys, database and programme, in a process of its own that ends before the others start."""
    command = [sys.executable, "-m", "gateway.commands.main", "prepare"]
    with subprocess.Popen(command, env=dict(environment)) as preparing:
        meanwhile()
    if preparing.returncode != 0:
        raise click.ClickException("The database could not be made ready: the lines above say why.")


class _Screen:
    """Lines of several processes on one terminal, each under its name."""

    def __init__(self) -> None:
        self._colours: dict[str, str] = {}
        self._one_at_a_time = threading.Lock()

    def say(self, name: str, line: str) -> None:
        """Print one line; a terminal that went away is not an error."""
        with self._one_at_a_time:
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            try:
                click.echo(f"{click.style(name.rjust(NAME_WIDTH), fg=colour)} │ {line}")
            except OSError:
                return


def _greeting(place: Place) -> str:
    lines = ["", "Paigham is running; Ctrl-C stops it.", ""]
    lines.append(f"  Console    {place.console_url}")
    trainees, moderator_key = _trainees(place.data / "trainees.json")
    for trainee in trainees:
        lines.append(f"             {trainee.role:<12} {trainee.sign_in}   {trainee.password}")
    if moderator_key:
        lines.append(f"             the moderator's key: {moderator_key}")
    if place.simulator_config.exists():
        lines += [f"  Handsets   {place.handsets_url}", "", *_THINGS_TO_TRY]
    return "\n".join([*lines, ""])


_THINGS_TO_TRY = (
    "Three things to try:",
    "  1. On the handsets page let a phone text JOIN (or شامل, or ګډون), then YES (ہاں, هو).",
    "  2. As coordinator write a campaign in three languages; as approver approve it; watch it arrive.",
    "  3. Let a phone text what worries her; as moderator open it under Listening with the moderator's key.",
)


def _trainees(file: Path) -> tuple[list[Trainee], str | None]:
    """The accounts of a training programme as `paigham prepare` wrote them; none in any other."""
    if not file.exists():
        return [], None
    written = json.loads(file.read_text())
    return [Trainee(**row) for row in written["trainees"]], written.get("moderator_key")


if __name__ == "__main__":
    up_command(prog_name="paigham up")
