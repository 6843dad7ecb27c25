"""Numbers as people in Pakistan write them; invented ones live in training only; none shows itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.people.numbers import (
    Number,
    NumberInvalid,
    NumberNotMobile,
    NumberUnparseable,
    parse_number,
)

REAL = "+923001234567"
INVENTED = "+923990000123"


@pytest.mark.parametrize(
    "written",
    [
        "+923001234567",
        "0300 1234567",
        "0300-123-4567",
        "00923001234567",
        "+92 (0)300 1234567",
        "923001234567",
        "۰۳۰۰۱۲۳۴۵۶۷",
        "٠٣٠٠١٢٣٤٥٦٧",
        "\u202a0300 1234567\u202c",
        "  0300\u00a01234567 ",
    ],
)
def test_every_way_of_writing_leads_to_the_same_number(written: str) -> None:
    assert parse_number(written, "PK") == Number(REAL)


@pytest.mark.parametrize("written", ["", "hello", "0300 ABCDEFG", "+", "0300-FLOWERS"])
def test_what_is_no_number_is_refused_as_such(written: str) -> None:
    with pytest.raises(NumberUnparseable):
        parse_number(written, "PK")


@pytest.mark.parametrize("written", ["0300 123456", "12345", "0300 12345678901", "+920000000000"])
def test_a_number_that_cannot_exist_is_refused(written: str) -> None:
    with pytest.raises(NumberInvalid):
        parse_number(written, "PK")


def test_a_landline_takes_no_texts() -> None:
    with pytest.raises(NumberNotMobile):
        parse_number("091 9210000", "PK")


def test_an_invented_number_is_taken_in_training_only() -> None:
    assert parse_number("0399 0000123", "PK", training=True) == Number(INVENTED)
    with pytest.raises(NumberInvalid):
        parse_number(INVENTED, "PK")


def test_training_takes_real_numbers_no_shorter_invented_ones() -> None:
    with pytest.raises(NumberInvalid):
        parse_number("0399 000012", "PK", training=True)


def test_a_number_shows_itself_in_no_repr_and_masked_only_by_its_end() -> None:
    number = Number(REAL)

    assert "300" not in repr(number)
    assert number.masked == "+92•••••••67"


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused_by_name_without_being_repeated(written: str) -> None:
    said = ""
    try:
        number = parse_number(written, "PK", training=True)
    except (NumberUnparseable, NumberInvalid, NumberNotMobile) as refusal:
        said = str(refusal)
    else:
        assert number.e164.startswith("+")

    assert said == ""
