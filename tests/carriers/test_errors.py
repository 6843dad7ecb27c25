"""The table of codes."""

import pytest

from gateway.carriers.carrier import ErrorKind
from gateway.carriers.twilio.errors import MEANINGS, ROWS, UNLISTED, meaning_of


def test_no_code_stands_in_two_rows() -> None:
    assert len(MEANINGS) == sum(len(codes) for codes, _, _ in ROWS)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (21610, ErrorKind.OPTED_OUT),
        (20003, ErrorKind.OPERATOR),
        (30007, ErrorKind.OPERATOR),
        (21211, ErrorKind.PERMANENT),
        (30410, ErrorKind.PERMANENT),
        (21611, ErrorKind.RETRY_LATER),
        (30003, ErrorKind.RETRY_LATER),
    ],
)
def test_a_code_has_its_consequence(code: int, kind: ErrorKind) -> None:
    assert meaning_of(code).kind is kind


def test_an_unknown_code_is_tried_once_more_and_a_refused_account_stops_all() -> None:
    assert meaning_of(99999) is UNLISTED
    assert UNLISTED.kind is ErrorKind.RETRY_LATER
    assert meaning_of(99999, status=401).kind is ErrorKind.OPERATOR
    assert meaning_of(None, status=429).kind is ErrorKind.RETRY_LATER
