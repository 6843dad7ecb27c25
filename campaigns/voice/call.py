"""What a step of a call is given and what it gives back: plain values, without a carrier and without a database."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from campaigns.people.numbers import Number
from campaigns.radio.clips import MayBe, Speaker
from campaigns.voice.sounds import Sound
from campaigns.voice.state import CallState, Door

__all__ = [
    "Act",
    "Ask",
    "AskForCallBack",
    "Bookmark",
    "Call",
    "Called",
    "Count",
    "Counted",
    "Door",
    "DropRecording",
    "Echo",
    "Heard",
    "HeardRecording",
    "JoinByKeys",
    "KeepRecording",
    "MayBe",
    "MoreMinutes",
    "Outbound",
    "Played",
    "Refusal",
    "RememberLanguage",
    "Sound",
    "Speaker",
    "StopByKey",
    "Take",
    "Turn",
    "Vote",
    "how_long",
]

WAIT_SECONDS = 6  # for a key, after what was asked (R8)
MOST_SECONDS = 60  # of a clip (R30)
SILENCE_SECONDS = 5  # after which a recording ends by itself (R30)
_MS_A_CHARACTER = 75  # of a text that has no recording yet: about thirteen characters a second


@dataclass(frozen=True)
class Echo:
    """Her own recording of this call, played back to her: from the carrier, through the media address of the call.

    Its carrier id stands in the state of the turn (`spoken.carrier_id`).
    """

    milliseconds: int


Played = Sound | Echo


@dataclass(frozen=True)
class Ask:
    """Play sounds, which any key cuts, and wait for one key; silence comes to `next` as a step without a key."""

    sounds: tuple[Played, ...]
    next: CallState
    wait_seconds: int = WAIT_SECONDS


@dataclass(frozen=True)
class Take:
    """Beep and record; any key ends it. What is heard of it comes to `next`, also when nothing was said."""

    next: CallState
    door: Door
    most_seconds: int = MOST_SECONDS
    silence_seconds: int = SILENCE_SECONDS


class Counted(StrEnum):
    """What is counted of a node. Who hung up in it: `entered` less `left`."""

    ENTERED = "entered"
    SILENT = "silent"
    INVALID = "invalid"
    LEFT = "left"
    SECONDS = "seconds"


@dataclass(frozen=True)
class Count:
    """So many more of one thing at a node of a menu. Nobody's: no call and no phone can be told from it."""

    menu_version: int
    node: str
    what: Counted
    n: int = 1


@dataclass(frozen=True)
class JoinByKeys:
    """She agreed twice, by key. `wording`: what she heard, word for word, with the hashes of the recordings."""

    language: str
    wording: str


@dataclass(frozen=True)
class StopByKey:
    """She pressed 7 twice: everything stops, on every channel, as by STOP."""

    language: str


@dataclass(frozen=True)
class RememberLanguage:
    """She chose a language: it is hers from now on."""

    language: str


@dataclass(frozen=True)
class Called:
    """A phone whose language is known has called once more: dated to the day."""


@dataclass(frozen=True)
class Bookmark:
    """She is at this segment (from 1) of this episode; None when she has heard it to its end."""

    show: str
    episode_id: int
    segment_place: int | None


@dataclass(frozen=True)
class Vote:
    """Her answer to a poll: an option from 1. One vote a phone is for the day's tokens to hold."""

    poll_id: int
    option: int


@dataclass(frozen=True)
class KeepRecording:
    """Keep what she recorded, with the consents given so far. Said again with every consent: the last word holds.

    Not `is_final`: she is still being asked, and may yet delete it (DropRecording); when she hangs up instead, this
    was her last word (R20): fetch no sooner than a while after the last one. `wording` is the hash of the consent
    prompts that she heard, None for feedback; `code` what she was told to take a clip back with, None as long as she
    was not: then a code is made that nobody knows. `note`: which prompt a producer read in. No number goes with it.
    """

    carrier_id: str = field(repr=False)
    door: Door
    seconds: int
    language: str
    show: str | None = None
    question: int | None = None
    consents: MayBe = MayBe.KEPT
    wording: bytes | None = None
    speaker: Speaker = Speaker.UNKNOWN
    code: str | None = field(default=None, repr=False)
    is_final: bool = False
    note: str = ""


@dataclass(frozen=True)
class DropRecording:
    """Delete a recording at the carrier: she deleted it, did it again, or nothing can be heard in it."""

    carrier_id: str = field(repr=False)


@dataclass(frozen=True)
class MoreMinutes:
    """So many seconds of an episode were heard since the last step: for a phone's quota of the day (R29), or the one
    that all withheld numbers share."""

    seconds: int


@dataclass(frozen=True)
class AskForCallBack:
    """A missed call: whoever rang is to be called back, if the quotas allow it (`callbacks.ask`).

    `language` is the one she chose, else the first that the line offers.
    """

    language: str


Act = (
    JoinByKeys
    | StopByKey
    | RememberLanguage
    | Called
    | Bookmark
    | Vote
    | KeepRecording
    | DropRecording
    | MoreMinutes
    | AskForCallBack
)


@dataclass(frozen=True)
class Turn:
    """What is answered to one step: `first` is heard whole (consent, warnings, goodbyes), then a key or a recording
    is waited for; without `then` the call ends."""

    first: tuple[Played, ...] = ()
    then: Ask | Take | None = None
    counts: tuple[Count, ...] = ()
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Reject as busy, before anything is paid: the missed call that is called back."""

    counts: tuple[Count, ...] = ()
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Outbound:
    """A call of ours that was answered. `language` of the wording; `message` its recording, None for a call-back."""

    delivery: int
    attempt: int
    language: str | None = None
    message: Sound | None = None


@dataclass(frozen=True)
class Call:
    """The call that a step belongs to. `caller` is the other phone, None when it is withheld: then nothing is
    remembered, joined or stopped. `source` is the keyed mark of the carrier's id of the call.

    `seconds_left` and `recordings_left` of this phone's day (of the hour of all withheld numbers), None where nobody
    counts. `draft`: the version of a menu that is tried before it is published; what such a call does is not kept.
    `outbound` is needed at the beginning only: later the state knows.
    """

    line_id: int
    caller: Number | None
    source: bytes
    now: datetime
    outbound: Outbound | None = None
    seconds_left: int | None = None
    recordings_left: int | None = None
    draft: int | None = None


@dataclass(frozen=True)
class HeardRecording:
    """A recording that the carrier has made. `hung_up`: she ended it by hanging up; nothing can be said to her."""

    carrier_id: str = field(repr=False)
    seconds: int
    hung_up: bool = False


@dataclass(frozen=True)
class Heard:
    """What a step heard: a key, or nothing (None); after a Take, the recording."""

    key: str | None = None
    recording: HeardRecording | None = None


def how_long(sounds: tuple[Played, ...]) -> int:
    """How many milliseconds these take to play; a text without a recording is estimated by its length."""
    return sum(_length(sound) for sound in sounds)


def _length(sound: Played) -> int:
    if sound.milliseconds or isinstance(sound, Echo):
        return sound.milliseconds
    return len(sound.text) * _MS_A_CHARACTER
