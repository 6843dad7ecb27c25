"""Parts by the standard, held against an encoder of the test's own that packs bits and reads each part alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.language.parts import GSM_BASIC, GSM_ESCAPED, Change, Encoding, Parts, clean, count

MOST_OCTETS = 140
HEADER = bytes([5, 0, 3, 0xA7, 0, 0])
# The codes of the extension table in 3GPP TS 23.038, written down apart from the module's own table.
EXTENSION = dict(zip("\f^{}\\[~]|€", bytes.fromhex("0a 14 28 29 2f 3c 3d 3e 40 65"), strict=True))
BASIC = {character: code + (code >= 0x1B) for code, character in enumerate(GSM_BASIC)}


def septets(text: str) -> list[int]:
    return [code for c in text for code in ([BASIC[c]] if c in BASIC else [0x1B, EXTENSION[c]])]


def packed(codes: list[int], header: bytes) -> bytes:
    """Pack septets behind a header, on a septet boundary, as TP-UD does."""
    fill = -len(header) * 8 % 7
    bits = int.from_bytes(header, "little")
    at = len(header) * 8 + fill
    for code in codes:
        bits |= code << at
        at += 7
    return bits.to_bytes((at + 7) // 8, "little")


def unpacked(data: bytes, length: int, header_octets: int) -> str:
    bits = int.from_bytes(data, "little") >> (header_octets * 8 + -header_octets * 8 % 7)
    codes = [bits >> 7 * n & 0x7F for n in range(length)]
    basic = {code: character for character, code in BASIC.items()}
    extension = {code: character for character, code in EXTENSION.items()}
    text, rest = "", iter(codes)
    for code in rest:
        text += extension[next(rest)] if code == 0x1B else basic[code]
    return text


def sent_and_read_back(text: str, parts: Parts) -> str:
    """Encode every part by itself, see that it fits one message, decode it alone, and join what was read."""
    header = HEADER if parts.parts > 1 else b""
    read = ""
    for start, end in zip(parts.starts, [*parts.starts[1:], len(text)], strict=True):
        piece = text[start:end]
        if parts.encoding is Encoding.GSM_7:
            codes = septets(piece)
            payload = packed(codes, header)
            read += unpacked(payload, len(codes), len(header))
        else:
            payload = header + piece.encode("utf-16-be")
            read += payload[len(header) :].decode("utf-16-be")
        assert len(payload) <= MOST_OCTETS
    return read


GSM_TEXT = st.text(st.sampled_from(GSM_BASIC + GSM_ESCAPED * 8), max_size=700)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
WIDE_TEXT = st.text(st.sampled_from("اب🛑🙏a "), max_size=300)
PHRASE = st.text(st.sampled_from("a€ا🛑 "), min_size=1, max_size=40)
LONG_TEXT = st.builds(lambda text, times: text * times, PHRASE, st.integers(1, 12))


@given(GSM_TEXT | ANY_TEXT | WIDE_TEXT | LONG_TEXT)
def test_every_part_fits_its_message_and_reads_by_itself(text: str) -> None:
    parts = count(text)

    assert sent_and_read_back(text, parts) == text
    assert parts.parts == len(parts.starts)
    assert list(parts.starts) == sorted(set(parts.starts))


@given(GSM_TEXT | WIDE_TEXT | LONG_TEXT)
def test_no_part_has_room_for_what_begins_the_next(text: str) -> None:
    parts = count(text)
    ends = [*parts.starts[1:], len(text)]
    limit = 153 if parts.encoding is Encoding.GSM_7 else 67

    for start, end in list(zip(parts.starts, ends, strict=True))[:-1]:
        assert units_of(text[start : end + 1], parts.encoding) > limit


@given(GSM_TEXT | WIDE_TEXT)
def test_the_room_left_is_room_and_one_more_is_too_much(text: str) -> None:
    parts = count(text)
    letter = "a" if parts.encoding is Encoding.GSM_7 else "ا"

    if parts.parts > 1:
        assert count(text + letter * parts.room_left).parts == parts.parts
        assert count(text + letter * (parts.room_left + 1)).parts == parts.parts + 1


def units_of(text: str, encoding: Encoding) -> int:
    return len(septets(text)) if encoding is Encoding.GSM_7 else len(text.encode("utf-16-be")) // 2


GSM, UCS = Encoding.GSM_7, Encoding.UCS_2
TABLE = [
    ("", Parts(GSM, 0, 1, (0,), 160)),
    ("a" * 160, Parts(GSM, 160, 1, (0,), 0)),
    ("a" * 161, Parts(GSM, 161, 2, (0, 153), 145)),
    ("a" * 306, Parts(GSM, 306, 2, (0, 153), 0)),
    ("a" * 307, Parts(GSM, 307, 3, (0, 153, 306), 152)),
    ("€" * 80, Parts(GSM, 160, 1, (0,), 0)),
    ("€" * 81, Parts(GSM, 162, 2, (0, 76), 143)),
    # ceil(units / 153) would say 2: the euro would be torn.
    ("a" * 152 + "€" + "a" * 152, Parts(GSM, 306, 3, (0, 152, 304), 152)),
    ("ا" * 70, Parts(UCS, 70, 1, (0,), 0)),
    ("ا" * 71, Parts(UCS, 71, 2, (0, 67), 63)),
    ("ا" * 134, Parts(UCS, 134, 2, (0, 67), 0)),
    # ceil(units / 67) would say 2: the emoji would be torn.
    ("ا" * 66 + "🙏" + "ا" * 66, Parts(UCS, 134, 3, (0, 66, 132), 66)),
    ("🙏" * 35, Parts(UCS, 70, 1, (0,), 0)),
    ("🙏" * 36, Parts(UCS, 72, 2, (0, 33), 61)),
    # 152 characters of the alphabet and one outside: three parts.
    ("a" * 152 + "ç", Parts(UCS, 153, 3, (0, 67, 134), 48)),
]


@pytest.mark.parametrize(("text", "parts"), TABLE)
def test_known_texts_count_as_the_standard_says(text: str, parts: Parts) -> None:
    assert count(text) == parts


def test_the_alphabet_is_the_standards() -> None:
    assert len(GSM_BASIC) == len(set(GSM_BASIC)) == 127
    assert set(GSM_ESCAPED) == set(EXTENSION)
    for character in "àäåæèéìñòöøùüÇÉß£¥§¿¡ΔΦΓΛΩΠΨΣΘΞ@$_\n\r":
        assert count(character).encoding is GSM, character
    for character in "çáíóúêï\t`’‘“”–—…•\u00a0\u200b\ufeffɓɗƙẹṣị\x1b🛑ا":
        assert count(character).encoding is UCS, character


def test_the_pictured_wordings_count_as_pictured() -> None:
    english = (
        "Gudar: you are invited to our talk on Sunday 29 November at 11, in the community hall. "
        "Tea for all, children welcome. To stop, send STOP to 03990000017"
    )

    assert (count(english).units, count(english).parts, count(english).room_left) == (151, 1, 9)


CLEANED = [
    ("don’t", "don't", (Change("curly mark", "’", "'", 1),)),
    ("“a” – b…", '"a" - b...', (("curly mark", 2), ("long dash", 1), ("three dots in one", 1))),
    ("a\u00a0b\tc", "a b c", (("no-break space", 1), ("tab", 1))),
    ("\ufeffa\u200bb", "ab", (("byte-order mark", 1), ("zero-width space", 1))),
    ("a\x00b\x1bc", "abc", (("control character", 2),)),
    ("a\r\nb\rc", "a\nb\nc", ()),
    ("e\u0301", "é", (Change("letter and mark joined", "e\u0301", "é", 1),)),
    ("\u200eabc", "abc", (("direction mark", 1),)),
    ("plain", "plain", ()),
    # Nothing would be won here: the text is UCS-2 in any case.
    ("«ہاں» لکھیں…", "«ہاں» لکھیں…", ()),
    ("don’t 🙏", "don’t 🙏", ()),
    ("پیغام\u00a0ہے", "پیغام ہے", (("no-break space", 1),)),
]


@pytest.mark.parametrize(("written", "cleaned", "changes"), CLEANED)
def test_cleaning_shows_what_it_changed(written: str, cleaned: str, changes: tuple[object, ...]) -> None:
    result = clean(written)

    assert result.text == cleaned
    if changes and isinstance(changes[0], Change):
        assert result.changes == changes
    else:
        seen: dict[str, int] = {}
        for change in result.changes:
            seen[change.what] = seen.get(change.what, 0) + change.times
        assert tuple(seen.items()) == changes


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_cleaning_keeps_the_joiners_that_words_need(joiner: str) -> None:
    assert clean(f"بند{joiner}کرو").text == f"بند{joiner}کرو"


@given(st.text(max_size=120))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text).text

    assert clean(once).text == once
    assert clean(once).changes == ()


@given(st.text(max_size=120))
def test_a_cleaned_text_is_composed_and_never_dearer(text: str) -> None:
    cleaned = clean(text).text

    assert unicodedata.is_normalized("NFC", cleaned)
    if count(text).encoding is GSM:
        assert count(cleaned).encoding is GSM
