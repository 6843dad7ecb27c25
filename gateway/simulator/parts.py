"""How many SMS parts a text takes (GSM 03.38 and 03.40): the carrier's own count, kept apart from the gateway's."""

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("\f^{}\\[~]|€")

GSM_ALONE, GSM_JOINED = 160, 153
UCS2_ALONE, UCS2_JOINED = 70, 67


def count_parts(text: str) -> int:
    """At least 1. A character outside the GSM alphabet makes the whole text UCS-2."""
    letters = frozenset(text)
    if letters <= _GSM_BASIC:
        return 1 if len(text) <= GSM_ALONE else -(-len(text) // GSM_JOINED)
    if letters <= _GSM_BASIC | _GSM_EXTENDED:
        return _split([2 if letter in _GSM_EXTENDED else 1 for letter in text], GSM_ALONE, GSM_JOINED)
    return _split([2 if ord(letter) > 0xFFFF else 1 for letter in text], UCS2_ALONE, UCS2_JOINED)


def _split(widths: list[int], alone: int, joined: int) -> int:
    """A character of two units is never cut in two, so a part may stay one unit short."""
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > joined:
            parts, used = parts + 1, 0
        used += width
    return parts
