"""The starter programme's plan: invented lines, places, groups, phones and staff, as tables to be read and changed.

All numbers are of Pakistan's 0399, which does not exist: nobody can be reached by them.
"""

from dataclasses import dataclass
from enum import Enum, auto

from campaigns.people.groups import GroupKind
from campaigns.voice.ways import Way

NAME, ZONE, REGION, CURRENCY, LANGUAGES = "Gudar", "Asia/Karachi", "PK", "PKR", "ps ur en"
OWN_NAMES = "ps=ګودر;ur=گودر"
SHELVE_EVERY_SECONDS, SHELVE_LEAST = 20, 1  # so that a learner sees feedback arrive on the shelf
PRICE_MICROS = 4_500_000  # PKR 4.50 a part, invented
DAY_CAP_MICROS, MONTH_CAP_MICROS = 50_000 * 1_000_000, 500_000 * 1_000_000

PROVINCE = "Khyber Pakhtunkhwa"
DISTRICTS = ("Peshawar", "Swat", "Charsadda")


@dataclass(frozen=True)
class LinePlan:
    """One line of texts; a one-way sender names the line that hears what people answer to it."""

    name: str
    address: str
    two_way: bool
    parts_per_second: int
    replies_to: str | None = None


@dataclass(frozen=True)
class VoicePlan:
    """One line of calls, and how a call to it is met. `replies_to`: where STOP can be texted."""

    name: str
    address: str
    way: Way
    replies_to: str


@dataclass(frozen=True)
class GroupPlan:
    """One Tolana."""

    name: str
    kind: GroupKind
    district: str
    code: str


@dataclass(frozen=True)
class TraineePlan:
    """One invented member of staff."""

    name: str
    role: str
    sign_in: str
    hears_women: bool = False


class History(Enum):
    """What a phone did before the learner came."""

    NEW = auto()  # never heard of: a handset to JOIN with
    STANDS = auto()  # a paper form, allowed to stand
    TEXTS_ONLY = auto()  # a paper form for peace messages alone
    UNCONFIRMED = auto()  # a paper form that waits for her own YES
    STOPPED = auto()  # said STOP after her form


@dataclass(frozen=True)
class HandsetPlan:
    """One invented phone."""

    number: str
    language: str
    district: str
    group: str | None
    history: History

    @property
    def label(self) -> str:
        """How the handsets page calls it: by its last digits, as nobody's name is kept."""
        return f"0399 {self.number[-7:-4]} {self.number[-4:]}"


LINES = (
    LinePlan("Gudar line", "+923990000017", two_way=True, parts_per_second=10),
    LinePlan("GUDAR", "GUDAR", two_way=False, parts_per_second=10, replies_to="+923990000017"),
)
VOICE_LINES = (
    VoicePlan("Gudar radio", "+923990000020", Way.ANSWERS, "+923990000017"),
    VoicePlan("Gudar missed call", "+923990000030", Way.CALLS_BACK, "+923990000017"),
    VoicePlan("Gudar studio", "+923990000040", Way.STUDIO, "+923990000017"),
)
CALLS_PER_SECOND, CALLS_AT_ONCE = 5, 100
MINUTE_MICROS = 2_500_000  # PKR 2.50 a started minute, invented
CALL_BACKS_CAP_MICROS = 5_000 * 1_000_000  # a day
GROUPS = (
    GroupPlan("Swat women's Tolana", GroupKind.WOMEN, "Swat", "SWAT7"),
    GroupPlan("Peshawar youth Tolana", GroupKind.YOUTH, "Peshawar", "PESH4"),
    GroupPlan("Charsadda Tolana", GroupKind.MIXED, "Charsadda", "CHAR9"),
)
STAFF = (
    TraineePlan("Zarghuna K.", "coordinator", "zarghuna"),
    TraineePlan("Shahid R.", "approver", "shahid"),
    TraineePlan("Gulalai M.", "moderator", "gulalai", hears_women=True),
    TraineePlan("Bakht Z.", "producer", "bakht"),
    TraineePlan("Amjad O.", "operator", "amjad"),
)

FIRST_PHONE, LAST_PHONE, NEW_PHONES = 101, 300, 4
LANGUAGE_OF = ("ps", "ur", "ps", "en", "ps", "ur", "ps", "ps", "ur", "ps")  # 60, 30 and 10 of a hundred
HISTORY_OF = {7: History.UNCONFIRMED, 13: History.STOPPED, 17: History.TEXTS_ONLY}  # by place among twenty


def _handset(position: int) -> HandsetPlan:
    group = GROUPS[position % len(GROUPS)]
    history = HISTORY_OF.get(position % 20, History.STANDS)
    return HandsetPlan(
        number=f"+92399{FIRST_PHONE + position:07d}",
        language=LANGUAGE_OF[position % len(LANGUAGE_OF)],
        district=group.district,
        group=group.name if position % 4 else None,
        history=History.NEW if position < NEW_PHONES else history,
    )


HANDSETS = tuple(_handset(position) for position in range(LAST_PHONE - FIRST_PHONE + 1))

PAPER_FORM = {
    "en": "I agree that Gudar sends me peace messages, radio alerts and invitations by text, and may call me. "
    "It is free of charge. I can stop at any time with the word STOP.",
    "ur": "میں راضی ہوں کہ گودر مجھے امن کے پیغامات، ریڈیو کی اطلاعات اور دعوتیں بھیجے اور فون کرے۔ "
    "اس کی کوئی فیس نہیں۔ لفظ STOP بھیجنے سے یہ کسی بھی وقت بند ہو جاتا ہے۔",
    "ps": "زه راضي یم چې ګودر ماته د سولې پیغامونه، د راډیو خبرتیاوې او بلنې راولېږي او زنګ راته ووهي. "
    "دا وړیا دی. هر وخت د STOP په لېږلو سره درېدلی شم.",
}
DRAFT_NAME = "Gathering for peace at the river"
DRAFT = {
    "en": "Gudar: our Tolana meets on Saturday at 3 pm to speak about peace among neighbours. All are welcome.",
    "ur": "گودر: ہماری ٹولنہ ہفتے کو تین بجے پڑوسیوں میں امن پر بات کرنے کے لیے مل رہی ہے۔ سب کو خوش آمدید۔",
    "ps": "ګودر: زموږ ټولنه د شنبې په ورځ درې بجې د ګاونډیانو د سولې په اړه سره کېني. ټول راتلی شئ.",
}
