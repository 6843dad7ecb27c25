"""The project's own source, read once, for the tests that guard its shape."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("campaigns", "gateway")
MIGRATIONS = "campaigns/storage/migrations/"


@dataclass(frozen=True)
class Module:
    """One file of ours: its path from the root, its text, its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def is_migration(self) -> bool:
        return self.path.startswith(MIGRATIONS)

    @property
    def imports(self) -> Iterator[str]:
        """Every module it names in an import, also inside functions; `from a import b` counts as a.b."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of both packages, and the web server's entry."""
    paths = [
        ROOT / "wsgi.py",
        *(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))),
    ]
    texts = ((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths)
    return tuple(Module(path, text, ast.parse(text, path)) for path, text in texts)


def is_of(name: str, package: str) -> bool:
    """Whether a dotted name is the package or lies in it."""
    return name == package or name.startswith(f"{package}.")
