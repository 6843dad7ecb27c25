"""What can be wrong with a sound that somebody gave us, one exception for each, in words for that person."""

from enum import StrEnum


class Why(StrEnum):
    """What a file was refused for. `says` has the words in English; a page translates them."""

    NOT_AUDIO = "not_audio"
    NO_SOUND = "no_sound"
    UNUSUAL = "unusual"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_QUIET = "too_quiet"
    TOO_HEAVY = "too_heavy"
    NOT_WANTED = "not_wanted"

    @property
    def says(self) -> str:
        """One sentence for the person: what is wrong, and what she can do."""
        return _SAYS[self]


_SAYS = {
    Why.NOT_AUDIO: "This is not a sound file that we can read: use MP3, M4A, WAV, Ogg, AMR or FLAC.",
    Why.NO_SOUND: "There is no sound in this file, only pictures: choose a recording.",
    Why.UNUSUAL: "This recording is of a kind that we do not take: save it as MP3 or WAV and give it again.",
    Why.DAMAGED: "This file is damaged and nothing of it can be heard: save or record it again.",
    Why.TOO_LARGE: "This file is too large: save it as MP3, or cut it into parts.",
    Why.TOO_LONG: "This recording is longer than may be here: cut it into parts.",
    Why.TOO_SHORT: "This recording is too short: there is not half a second of sound in it.",
    Why.TOO_QUIET: "Nobody is heard in this recording: speak nearer to the microphone and record it again.",
    Why.TOO_HEAVY: "This file takes too long to read: save it as MP3 or WAV and give it again.",
    Why.NOT_WANTED: "What this recording was made for is not there any more.",
}


class AudioRefused(Exception):
    """A sound that is not taken. Its text is a sentence for the person who gave it."""

    why: Why

    def __init__(self) -> None:
        super().__init__(self.why.says)


class NotAudio(AudioRefused):
    """The file is none of the kinds that we read, or only says that it is."""

    why = Why.NOT_AUDIO


class NoSound(AudioRefused):
    """The file can be read and holds no sound: a film without a track, a picture."""

    why = Why.NO_SOUND


class UnusualAudio(AudioRefused):
    """The sound is coded, or sampled, in a way that is not on our list."""

    why = Why.UNUSUAL


class DamagedAudio(AudioRefused):
    """The file begins like a sound and nothing of it can be decoded."""

    why = Why.DAMAGED


class TooLarge(AudioRefused):
    """More bytes than are taken."""

    why = Why.TOO_LARGE


class TooLong(AudioRefused):
    """More seconds than the purpose allows."""

    why = Why.TOO_LONG


class TooShort(AudioRefused):
    """Next to nothing is left when the silence is gone."""

    why = Why.TOO_SHORT


class TooQuiet(AudioRefused):
    """Silence, or something so quiet that raising it would only raise the noise."""

    why = Why.TOO_QUIET


class TooHeavy(AudioRefused):
    """Reading it took more time or memory than one file may."""

    why = Why.TOO_HEAVY


class NotWanted(AudioRefused):
    """What it was recorded for has gone meanwhile."""

    why = Why.NOT_WANTED


REFUSALS = {refusal.why: refusal for refusal in AudioRefused.__subclasses__()}
