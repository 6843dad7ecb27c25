"""Who may import whom, where the contracts of import-linter (in pyproject.toml) cannot say it."""

from tests.architecture.source import is_of, modules

SIMULATOR = "gateway.simulator"
EVENT_LOOPS = ("gateway/work/", "gateway/carriers/", "gateway/simulator/")


def test_the_simulated_carrier_knows_nothing_of_ours() -> None:
    for module in modules():
        if module.path.startswith("gateway/simulator/"):
            ours = [name for name in module.imports if is_of(name, "gateway") or is_of(name, "campaigns")]
            assert [name for name in ours if not is_of(name, SIMULATOR)] == [], module.path


def test_nothing_of_ours_knows_the_simulated_carrier() -> None:
    strangers = [
        module.path
        for module in modules()
        if not module.path.startswith("gateway/simulator/")
        and any(is_of(name, SIMULATOR) for name in module.imports)
    ]
    assert strangers == []


def test_an_event_loop_runs_only_where_a_carrier_is_spoken_to() -> None:
    others = [
        module.path
        for module in modules()
        if not module.path.startswith(EVENT_LOOPS) and any(is_of(name, "asyncio") for name in module.imports)
    ]
    assert others == []


def test_imports_are_absolute() -> None:
    relative = [module.path for module in modules() if "\nfrom ." in module.text]
    assert relative == []
