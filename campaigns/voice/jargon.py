"""Words that do not belong on the line: those of offices, and those that put whoever listens in danger.

Kept as data for native readers to add to; compared folded, as whole words. Sources: voice.md R1 and R6, P3.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from campaigns.language.folding import fold

# Labels that callers do not understand (R6).
OFFICE_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": (
        *(
            "IVR",
            "DTMF",
            "menu",
            "submenu",
            "portal",
            "content",
            "category",
            "module",
            "platform",
            "hotline service",
        ),
        *("stakeholder", "stakeholders", "beneficiary", "beneficiaries", "intervention", "capacity building"),
        *("sensitization", "awareness raising", "feedback mechanism", "opt in", "opt out", "user", "users"),
        *(
            "valued customer",
            "the following options",
            "main menu option",
            "submit",
            "toggle",
            "recording facility",
        ),
    ),
    "ur": (
        *("آئی وی آر", "مینو", "مینیو", "پورٹل", "کیٹیگری", "آپشن", "آپشنز", "صارف", "صارفین", "معزز صارف"),
        *("مستفیدین", "اسٹیک ہولڈر", "استعداد کار", "آگاہی مہم", "فیڈ بیک", "مندرجہ ذیل", "براہ کرم انتخاب"),
    ),
    "ps": (
        *("آی وي آر", "مېنیو", "مینو", "پورټل", "کټګوري", "آپشن", "اپشن", "کاروونکی", "کاروونکي"),
        *("برخوال", "ظرفیت لوړونه", "فیډ بیک", "لاندې انتخابونه"),
    ),
}
# What nobody should hear from a phone that others hold too (R1: neutral, no such words, no agency's name).
TELLING_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": (
        *("extremism", "extremist", "extremists", "terrorism", "terrorist", "terrorists", "radicalisation"),
        *(
            "radicalization",
            "deradicalization",
            "militant",
            "militants",
            "militancy",
            "taliban",
            "jihad",
            "jihadi",
        ),
        *("CVE", "PVE", "NGO", "NGOs", "USAID", "donor", "donors", "army", "police", "intelligence"),
    ),
    "ur": (
        *(
            "انتہا پسندی",
            "انتہاپسندی",
            "انتہا پسند",
            "شدت پسندی",
            "شدت پسند",
            "دہشت گردی",
            "دہشتگردی",
            "دہشت گرد",
        ),
        *(
            "بنیاد پرستی",
            "عسکریت پسند",
            "طالبان",
            "جہاد",
            "جہادی",
            "این جی او",
            "این جی اوز",
            "فوج",
            "پولیس",
            "ایجنسی",
        ),
    ),
    "ps": (
        *("افراطیت", "افراطي", "سختدریځی", "سختدریځي", "ترهګري", "ترهګر", "ترهګرۍ", "تروریزم", "تروریست"),
        *("طالبان", "طالب", "جهاد", "جهادي", "انجو", "این جي او", "پوځ", "پولیس", "استخبارات"),
    ),
}


def found_in(text: str, words: Mapping[str, tuple[str, ...]], language: str) -> Iterator[str]:
    """The words of a table that stand in a text, as the table writes them. English ones count in every language."""
    folded = f" {_folded(text)} "
    for tag in dict.fromkeys((language, "en")):
        for word in words.get(tag, ()):
            if f" {_folded(word)} " in folded:
                yield word


@lru_cache(maxsize=4_096)  # the words of the tables, and those of a line's prompts
def _folded(text: str) -> str:
    return fold(text)
