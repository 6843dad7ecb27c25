"""A whole house of real processes for journeys, each of which a test may kill and start again by name."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from gateway.commands.children import Place, children_of, environment_of
from gateway.commands.prepare import prepare
from gateway.commands.processes import die_with_parent, end_session
from gateway.commands.supervisor import Child
from gateway.settings import Settings
from gateway.work.queues import ALIVE_KEY
from tests.support.databases import EngineName, copied_database
from tests.support.nursery import Nursling, nursery
from tests.support.waiting import until


@dataclass
class RealHouse:
    """Redis, simulator, web, sender, worker and clock as `paigham up` starts them, on a database of the test's.

    What they print lies in `logs`, one file per name; a name that is started again writes on. They are forks of a
    process that has loaded what they need, unless each is to load it for itself.
    """

    place: Place
    environment: dict[str, str]
    each_loads_for_itself: bool = not sys.platform.startswith("linux")
    _children: dict[str, Child] = field(default_factory=dict)
    _running: dict[str, subprocess.Popen[bytes] | Nursling] = field(default_factory=dict)

    @classmethod
    def prepare(cls, folder: Path, runtime: Path, port: int, database_url: str, **more: str) -> "RealHouse":
        """Make what is missing of keys, tables and training programme; start nothing.

        `more` are further settings by their names in the environment.
        """
        place = Place(folder, port)
        runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
        outer = {name: value for name, value in os.environ.items() if not name.startswith("PAIGHAM_")}
        ours = {"PAIGHAM_DATABASE_URL": database_url, "PAIGHAM_RUNTIME_DIR": str(runtime), **more}
        prepare(Settings.from_env(environment_of(place, {**outer, **ours}, simulated=True)))
        house = cls(place, environment_of(place, {**outer, **ours}, simulated=True))
        house.logs.mkdir(exist_ok=True)
        house._children = {child.name: child for child in children_of(place, house.environment)}
        return house

    @property
    def settings(self) -> Settings:
        """The settings of every process, for a test that looks into the database or Redis itself."""
        return Settings.from_env(self.environment)

    @property
    def console_url(self) -> str:
        """Where staff sign in, and where the carrier's webhooks arrive."""
        return self.place.console_url

    @property
    def handsets_url(self) -> str:
        """The simulated carrier: its API, its control endpoints, its handsets."""
        return self.place.handsets_url

    @property
    def logs(self) -> Path:
        """The folder with what each process printed."""
        return self.place.data.with_name("logs")

    @property
    def names(self) -> list[str]:
        """Every process in the order of its start."""
        return list(self._children)

    def trainees(self) -> dict[str, dict[str, str]]:
        """The training accounts by role: name, sign_in and password."""
        return {row["role"]: row for row in self.written("trainees.json")["trainees"]}

    def written(self, name: str) -> Any:
        """One of the JSON files that `paigham prepare` wrote into the data folder."""
        return json.loads((self.place.data / name).read_text())

    @property
    def moderator_key(self) -> Path:
        """The file with the moderator's key, which no process of the house reads."""
        return (
            self.place.data / "for-the-moderator" / Path(self.written("trainees.json")["moderator_key"]).name
        )

    def command(self, *words: str) -> str:
        """Run one `paigham` command to its end and return what it printed; fails when the command does."""
        done = subprocess.run(
            [sys.executable, "-m", "gateway.commands.main", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"paigham {' '.join(words)} ended with {done.returncode}:\n{done.stderr}"
        return done.stdout

    def start(self, *names: str) -> None:
        """Start the named ones, or all, in their order, and return when each answers."""
        wanted = [self._children[name] for name in names] if names else list(self._children.values())
        for child in wanted:
            self._forget_heartbeat(child.name)
            self._running[child.name] = self._started(child)
            if child.is_foundation:
                self.wait_for(child.name)
        for child in wanted:
            self.wait_for(child.name)

    def _started(self, child: Child) -> subprocess.Popen[bytes] | Nursling:
        file = self.logs / f"{child.name}.log"
        if child.is_loaded and not self.each_loads_for_itself:
            return nursery().start(child.command, child.environment, file)
        with file.open("ab") as log:
            return subprocess.Popen(
                child.command,
                env=child.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )

    def _forget_heartbeat(self, name: str) -> None:
        """Take away what an earlier process of this name left behind, so that the new one is not taken for it."""
        with suppress(RedisError), Redis.from_url(self.settings.redis_address) as redis:
            redis.delete(ALIVE_KEY.format(name=name))

    def wait_for(self, name: str) -> None:
        """Return when the named one answers; fails at once when it ended."""
        child, process = self._children[name], self._running[name]

        def answers_or_ended() -> bool:
            assert process.poll() is None, f"{name} ended with {process.poll()}:\n{self.log(name)[-3000:]}"
            return child.answers()

        until(answers_or_ended, seconds=child.answers_within_seconds, what=f"{name}'s first answer")

    def kill(self, name: str) -> None:
        """End the named one and all it started at once, as `kill -9` does."""
        process = self._running.pop(name)
        process.kill()
        end_session(process.pid)
        process.wait()

    def stop(self, name: str) -> int:
        """Ask the named one to stop and return its exit code."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        exit_code = process.wait(timeout=40)
        end_session(process.pid)
        return exit_code

    def restart(self, name: str) -> None:
        """Kill the named one and start it again."""
        self.kill(name)
        self.start(name)

    def is_running(self, name: str) -> bool:
        """Whether the named one was started and has not ended."""
        return name in self._running and self._running[name].poll() is None

    def process_id(self, name: str) -> int:
        """The process that the named one runs in, for a test that looks at what it holds."""
        return self._running[name].pid

    def log(self, name: str) -> str:
        """What the named one printed so far."""
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def end(self) -> None:
        """Kill whatever runs, in reverse order, and clear the runtime folder."""
        for name in reversed(list(self._running)):
            self.kill(name)
        shutil.rmtree(self.settings.runtime_path, ignore_errors=True)


@contextmanager
def prepared_copy(engine: EngineName, session_folder: Path, folder: Path, port: int) -> Iterator[RealHouse]:
    """A house of one's own, copied from the run's first one on this engine: making one takes seconds.

    All houses of a run share keys and passwords, and nothing else.
    """
    model = session_folder / f"house-{engine}"
    runtime = session_folder / f"h-{port}"

    def make(database_url: str) -> None:
        RealHouse.prepare(model / "var", model / "runtime", port, database_url)

    with copied_database(engine, session_folder, folder, "house", make) as database_url:
        shutil.copytree(model / "var", folder / "var")
        shutil.copytree(model / "runtime", runtime)
        house = RealHouse.prepare(folder / "var", runtime, port, database_url)
        yield house
        house.end()
