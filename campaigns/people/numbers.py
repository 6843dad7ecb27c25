"""Telephone numbers as people and carriers write them; what is wrong with one is said by the error's name."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

import phonenumbers
from phonenumbers import PhoneNumberType

# Pakistan's plan has no 0399: nobody can be reached by it, so training phones live there.
INVENTED_PREFIX = "+92399"
INVENTED_LENGTH = len("+923990000000")
CALLABLE = (
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
)
TEXTABLE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class NumberUnparseable(Exception):
    """What was given is not a telephone number."""


class NumberInvalid(Exception):
    """It looks like a number, but no such number can exist."""


class NumberNotMobile(Exception):
    """The number exists, but it is not a mobile phone and takes no texts."""


@dataclass(frozen=True)
class Number:
    """A telephone number in E.164; it never shows itself in logs or errors."""

    e164: str = field(repr=False)

    @property
    def masked(self) -> str:
        """What a page may show: country and the last two digits."""
        return f"{self.e164[:3]}{'•' * 7}{self.e164[-2:]}"

    @property
    def is_invented(self) -> bool:
        """Whether this is one of the numbers that only a training programme has."""
        return self.e164.startswith(INVENTED_PREFIX) and len(self.e164) == INVENTED_LENGTH


def is_callable(number: Number, region: str, *, barred: Iterable[str] = (), training: bool = False) -> bool:
    """Whether a phone may be called back: a mobile or a fixed line of the programme's own country.

    Whoever rings us and hangs up chooses the number that we pay for: premium, satellite and foreign numbers are
    how call-backs are abused (voice.md R29). `barred` are further prefixes that staff closed.
    """
    if any(number.e164.startswith(prefix) for prefix in barred):
        return False
    if training and number.is_invented:
        return True
    try:
        parsed = phonenumbers.parse(number.e164)
    except phonenumbers.NumberParseException:
        return False
    return (
        phonenumbers.region_code_for_number(parsed) == region and phonenumbers.number_type(parsed) in CALLABLE
    )


def parse_number(text: str, region: str, *, training: bool = False) -> Number:
    """Read a mobile number as a person typed it, in the region's habits; any script's digits.

    In a training programme the invented range is taken too. Raises NumberUnparseable, NumberInvalid,
    NumberNotMobile; the text stands in none of them.
    """
    plain = "".join(char for char in text if unicodedata.category(char) != "Cf").strip()
    if any(char.isalpha() for char in plain):
        raise NumberUnparseable
    try:
        parsed = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        raise NumberUnparseable from None
    number = Number(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    if training and number.is_invented:
        return number
    if not phonenumbers.is_valid_number(parsed):
        raise NumberInvalid
    if phonenumbers.number_type(parsed) not in TEXTABLE:
        raise NumberNotMobile
    return number
