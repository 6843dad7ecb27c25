"""Whichever room a process starts with, the tables that its own point to are known to it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A fresh interpreter that has none of our modules; each module is imported in a fork of it, alone.
PROGRAM = """
import importlib, os, pathlib, sys
from campaigns.storage.base import Base
files = [file for room in ("campaigns", "gateway") for file in sorted(pathlib.Path(room).rglob("*.py"))]
for name in (".".join(file.with_suffix("").parts) for file in files if "__tablename__" in file.read_text()):
    child = os.fork()
    if child == 0:
        importlib.import_module(name)
        try:
            Base.metadata.sorted_tables
        except Exception as error:
            print(name, error, flush=True)
            os._exit(1)
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_a_module_brings_every_table_that_its_own_point_to() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout == ""
