"""How a module looks: what it says of itself, how long it is, what it is called, what it prints and logs."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.architecture.source import PACKAGES, ROOT, Module, modules

LONGEST_MODULE_LINES = 300
SAYS_NOTHING = {"util", "utils", "helper", "helpers", "service", "services", "common", "misc"}
LOG_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
NAMES_A_HOST = ("uv.lock", "package-lock.json", "yarn.lock", "poetry.lock", "Pipfile.lock")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_every_module_says_what_it_is_for() -> None:
    silent = [module.path for module in modules() if not ast.get_docstring(module.tree)]
    assert silent == []


def test_every_public_function_and_class_says_what_it_guarantees() -> None:
    silent = [
        f"{module.path}:{node.lineno} {node.name}"
        for module in modules()
        if not module.is_migration
        for node in module.tree.body
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_module_is_asking_to_be_two() -> None:
    long = {
        module.path: lines
        for module in modules()
        if not module.is_migration and (lines := module.text.count("\n")) > LONGEST_MODULE_LINES
    }
    assert long == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = [
        module.path
        for module in modules()
        if SAYS_NOTHING & set(PurePosixPath(module.path.removesuffix(".py")).parts)
    ]
    assert vague == []


def test_each_room_has_its_own_tables_and_no_file_has_them_all() -> None:
    homeless = [
        module.path
        for module in modules()
        if "__tablename__" in module.text and PurePosixPath(module.path).parent.name in PACKAGES
    ]
    assert homeless == []


def test_only_commands_print() -> None:
    printing = [
        f"{module.path}:{call.lineno}"
        for module in modules()
        if not module.path.startswith("gateway/commands/")
        for call in calls(module)
        if isinstance(call.func, ast.Name) and call.func.id == "print"
    ]
    assert printing == []


def test_a_log_line_is_a_constant_name_and_its_facts_stand_in_extra() -> None:
    formatted = [
        f"{module.path}:{call.lineno}"
        for module in modules()
        for call in calls(module)
        if is_log_call(call) and not names_one_constant_event(call)
    ]
    assert formatted == []


@pytest.mark.parametrize(
    ("line", "is_allowed"),
    [
        ('log.info("delivery.claimed", extra={"claimed": 3})', True),
        ('log.info(f"claimed {number}")', False),
        ('log.info("claimed %s", number)', False),
        ('log.info("claimed " + number)', False),
    ],
)
def test_the_rule_for_log_lines_catches_what_it_must(line: str, is_allowed: bool) -> None:
    module = Module("line.py", line, ast.parse(line))
    assert all(names_one_constant_event(call) for call in calls(module) if is_log_call(call)) == is_allowed


def test_no_committed_file_names_the_host_of_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.split("\0") if name]

    assert [name for name in names if PurePosixPath(name).name in NAMES_A_HOST] == []
    assert "://" not in (ROOT / "requirements.lock").read_text()


def calls(module: Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))


def is_log_call(call: ast.Call) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in LOG_LEVELS:
        return False
    return isinstance(function.value, ast.Name) and function.value.id.strip("_").lower() in {
        "log",
        "logger",
        "logging",
    }


def names_one_constant_event(call: ast.Call) -> bool:
    return (
        len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    )
