"""The starter programme's radio: two shows, an episode of each in draft voices, a question of the week with three keys.

All words are ours and invented; people are to record them anew, in their own words and dialect.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.listening.polls import create_poll
from campaigns.radio.episodes import attach_sound, create_episode, make_ready, set_segment
from campaigns.radio.questions import ask_question, attach_question_sound
from campaigns.radio.shows import OnAir, create_show, set_air_times, set_phone_time
from campaigns.staff.actor import Actor

# Words and their language, to the hash of a blob and its milliseconds.
Say = Callable[[str, str], tuple[bytes, int]]
Words = Mapping[str, str]

LANGUAGES = ("ps", "ur", "en")
FRIDAY, SUNDAY, FIVE, SIX = 4, 6, 17 * 60, 18 * 60
OPEN_FOR = timedelta(days=7)


@dataclass(frozen=True)
class PiecePlan:
    """One segment: what it is called and what is said, by language."""

    title: Words
    says: Words


@dataclass(frozen=True)
class ShowPlan:
    """One show with its first episode."""

    key: str
    name: str
    own_name: str
    weekday: int
    station: str
    episode: str
    pieces: tuple[PiecePlan, ...]


WELCOME = PiecePlan(
    {"en": "Welcome", "ur": "خوش آمدید", "ps": "ښه راغلاست"},
    {
        "en": "Peace be with you. This is Gudar, the place at the river where we meet and talk.",
        "ur": "السلام علیکم۔ یہ گودر ہے، دریا کا وہ گھاٹ جہاں ہم مل کر بات کرتے ہیں۔",
        "ps": "السلام علیکم. دا ګودر دی، د سیند هغه ځای چې موږ پرې سره کېنو او خبرې کوو.",
    },
)
STORY = PiecePlan(
    {"en": "The story", "ur": "کہانی", "ps": "کیسه"},
    {
        "en": "Two families had one spring. One summer the water grew less, and each said that the other took too "
        "much. An old woman put two jars beside the spring and said: whoever fills her own jar shall fill the "
        "neighbour's too. By autumn both had dug a second channel together.",
        "ur": "دو گھرانوں کا ایک ہی چشمہ تھا۔ ایک گرمی میں پانی کم ہوا تو ہر ایک نے کہا کہ دوسرا زیادہ لیتا ہے۔ ایک "
        "بوڑھی عورت نے چشمے کے پاس دو گھڑے رکھے اور کہا: جو اپنا گھڑا بھرے، وہ پڑوسی کا بھی بھرے۔ خزاں تک دونوں نے "
        "مل کر دوسری نالی کھود لی۔",
        "ps": "د دوو کورنیو یوه چینه وه. یو اوړی اوبه کمې شوې، او هرې یوې وویل چې بله ډېرې اوبه وړي. یوې بوډۍ د چینې "
        "تر څنګ دوه منګي کېښودل او ویې ویل: څوک چې خپل منګی ډکوي، د ګاونډي دې هم ډک کړي. تر مني پورې دواړو په ګډه "
        "بله ویاله وکیندله.",
    },
)
POEM = PiecePlan(
    {"en": "Poem", "ur": "نظم", "ps": "شعر"},
    {
        "en": "The river does not ask whose jar it is. It fills what is held out to it. Bring your jar, bring your "
        "word: there is water enough for two.",
        "ur": "دریا نہیں پوچھتا کہ گھڑا کس کا ہے۔ جو سامنے رکھو، بھر دیتا ہے۔ اپنا گھڑا لاؤ، اپنی بات لاؤ: پانی دونوں "
        "کے لیے بہت ہے۔",
        "ps": "سیند نه پوښتي چې منګی د چا دی. چې مخې ته یې ونیسې، ډکوي یې. خپل منګی راوړه، خپله خبره راوړه: اوبه د "
        "دواړو لپاره بس دي.",
    },
)
GOODBYE = PiecePlan(
    {"en": "Goodbye", "ur": "خدا حافظ", "ps": "خدای پامان"},
    {
        "en": "That was Gudar. Call again on Friday evening. Go in peace.",
        "ur": "یہ گودر تھا۔ جمعے کی شام پھر کال کیجیے۔ سلامت رہیے۔",
        "ps": "دا ګودر و. د جمعې ماښام بیا زنګ ووهئ. په امان اوسئ.",
    },
)
LAMP = PiecePlan(
    {"en": "The lamp", "ur": "چراغ", "ps": "ډېوه"},
    {
        "en": "A lamp on the wall between two houses: who lit it, nobody remembers. Each night one of us brings the "
        "oil, and both doors stand in its light.",
        "ur": "دو گھروں کے بیچ دیوار پر ایک چراغ: کس نے جلایا، کسی کو یاد نہیں۔ ہر رات ہم میں سے کوئی تیل لاتا ہے، اور "
        "دونوں دروازے اس کی روشنی میں ہیں۔",
        "ps": "د دوو کورونو ترمنځ پر دېوال یوه ډېوه ده: چا بله کړې، د هېچا په یاد نه ده. هره شپه یو له موږه تېل راوړي، "
        "او دواړه دروازې یې په رڼا کې دي.",
    },
)

SHOWS = (
    ShowPlan(
        "gudar",
        "Gudar",
        "ګودر",
        FRIDAY,
        "Radio Gudar",
        "Who draws the water",
        (WELCOME, STORY, POEM, GOODBYE),
    ),
    ShowPlan("poems", "Poems of peace", "د سولې شعرونه", SUNDAY, "Radio Gudar", "The lamp", (LAMP,)),
)
QUESTION_OF = "gudar"
POLL_NAME = "Whom should one speak to first?"
ANSWERS: tuple[Words, ...] = (
    {"en": "an elder woman", "ur": "بزرگ عورت", "ps": "مشره ښځه"},
    {"en": "the jirga", "ur": "جرگہ", "ps": "جرګه"},
    {"en": "the teacher", "ur": "استاد", "ps": "ښوونکی"},
)
QUESTION: Words = {
    "en": "When there is a quarrel in your village, whom should one speak to first? For an elder woman, press 1. For "
    "the jirga, press 2. For the teacher, press 3.",
    "ur": "آپ کے گاؤں میں جھگڑا ہو تو پہلے کس سے بات کی جائے؟ بزرگ عورت کے لیے ایک دبائیے۔ جرگے کے لیے دو دبائیے۔ "
    "استاد کے لیے تین دبائیے۔",
    "ps": "که ستاسو په کلي کې شخړه وشي، لومړی باید له چا سره خبرې وشي؟ د مشرې ښځې لپاره یو کېکاږئ. د جرګې لپاره دوه "
    "کېکاږئ. د ښوونکي لپاره درې کېکاږئ.",
}


def make_radio(session: Session, producer: Actor, say: Say, now: datetime) -> None:
    """Make both shows, their episodes (on the phone from `now` on) and the question, with the voices of `say`."""
    for plan in SHOWS:
        show_id = _show(session, producer, plan, say, now)
        if plan.key == QUESTION_OF:
            _question(session, producer, show_id, say, now)


def _show(session: Session, producer: Actor, plan: ShowPlan, say: Say, now: datetime) -> int:
    show = create_show(session, producer, plan.key, plan.name, LANGUAGES, own_name=plan.own_name, now=now)
    set_air_times(session, producer, show.id, [OnAir(plan.weekday, FIVE, plan.station)])
    set_phone_time(session, producer, show.id, plan.weekday, SIX)
    episode = create_episode(session, producer, show.id, plan.episode, now=now)
    for place, piece in enumerate(plan.pieces, start=1):
        for language in LANGUAGES:
            set_segment(session, producer, episode.id, place, language, piece.title[language])
            blob, milliseconds = say(piece.says[language], language)
            attach_sound(
                session, episode.id, place, language, blob=blob, milliseconds=milliseconds, draft=True
            )
    make_ready(session, producer, episode.id, now, now=now)
    return show.id


def _question(session: Session, producer: Actor, show_id: int, say: Say, now: datetime) -> None:
    ends = now + OPEN_FOR
    poll = create_poll(session, producer, POLL_NAME, ANSWERS, opens_at=now, closes_at=ends, now=now)
    question = ask_question(
        session, producer, show_id, QUESTION, opens_at=now, closes_at=ends, poll=poll.id, now=now
    )
    for language in LANGUAGES:
        blob, milliseconds = say(QUESTION[language], language)
        attach_question_sound(session, question.id, language, blob=blob, milliseconds=milliseconds)
