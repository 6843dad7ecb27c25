"""The carrier's own count of parts."""

import pytest

from gateway.simulator.parts import count_parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("x" * 152 + "[" + "x" * 151, 2),
        ("x" * 152 + "[" + "x" * 152, 3),
        ("پ" * 70, 1),
        ("پ" * 71, 2),
        ("پ" * 134, 2),
        ("پ" * 135, 3),
        ("x" * 69 + "’", 1),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),
        ("😀" * 67, 3),
    ],
)
def test_parts_of(text: str, parts: int) -> None:
    assert count_parts(text) == parts
