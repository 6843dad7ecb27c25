"""Whichever room a process starts with, the tables that its own point to are known to it."""

import subprocess
import sys

# A fresh interpreter that has none of our modules; each module is imported in a fork of it, alone.
PROGRAM = """
import importlib, os, pkgutil, sys
from campaigns.storage.base import Base
import campaigns
names = [module.name for module in pkgutil.walk_packages(campaigns.__path__, "campaigns.")]
names = [name for name in names if "migrations" not in name] + ["gateway.console.signin.models"]
for name in names:
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
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=100)

    assert done.stdout == ""
