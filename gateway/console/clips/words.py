"""Words of the moderation desk."""

from campaigns.radio.clips import Clip, ClipState, MayBe, Mentions, Reason, Screened, Speaker
from gateway.console.words import _


def voice_words(speaker: int) -> str:
    """Whose voice it is."""
    return {
        Speaker.WOMAN: _("a woman’s voice"),
        Speaker.MAN: _("a man’s voice"),
        Speaker.UNKNOWN: _("not told whose voice"),
    }[Speaker(speaker)]


def kind_words(clip: Clip) -> str:
    """What it is."""
    return _("Answer to the question") if clip.question_id else _("A word for the show")


def mentions() -> list[tuple[Mentions, str]]:
    """What a moderator may have heard named."""
    return [
        (Mentions.PERSON, _("a person’s name")),
        (Mentions.PLACE, _("a village’s name")),
        (Mentions.SECT_OR_TRIBE, _("sect or tribe")),
        (Mentions.ARMED_GROUP, _("an armed group")),
        (Mentions.POLICE, _("police")),
    ]


def reasons() -> list[tuple[Reason, str]]:
    """Why a clip is not used."""
    return [
        (Reason.NOT_UNDERSTOOD, _("cannot be understood")),
        (Reason.NOT_FOR_THE_SHOW, _("not for this show")),
        (Reason.NAMES_SOMEBODY, _("names somebody who could be harmed")),
        (Reason.INSULTS, _("insults somebody")),
        (Reason.INCITES, _("calls for violence")),
        (Reason.TOO_PRIVATE, _("too private")),
        (Reason.NOTHING_TO_HEAR, _("nothing to hear")),
    ]


def screened_words(screened: int) -> list[str]:
    """What listening by machine found."""
    said = [
        (Screened.SHORT, _("very short")),
        (Screened.BLANK, _("hardly anything to hear")),
        (Screened.NOISE, _("mostly noise")),
        (Screened.CLIPPED, _("too loud, distorted")),
    ]
    return [words for found, words in said if found in Screened(screened)]


def consents(clip: Clip) -> list[tuple[str, bool, str]]:
    """The three consents: what, whether given, and what follows."""
    given = MayBe(clip.consents)
    return [
        (_("Keeping it"), MayBe.KEPT in given, _("she heard how it is kept")),
        (
            _("Playing it to callers"),
            MayBe.PLAYED in given,
            _("key 1") if MayBe.PLAYED in given else _("not agreed: no caller hears it"),
        ),
        (
            _("Broadcasting it"),
            MayBe.BROADCAST in given,
            _("key 1") if MayBe.BROADCAST in given else _("not agreed: it cannot go to the studio"),
        ),
    ]


def state_words(state: int) -> tuple[str, str, str]:
    """A state as a chip: words, icon, tint."""
    return {
        ClipState.PENDING: (_("to listen to"), "ear", ""),
        ClipState.SECOND_EARS: (_("waits for a second ear"), "people", "apricot"),
        ClipState.APPROVED: (_("approved"), "check", "willow"),
        ClipState.REJECTED: (_("not used"), "cross", "madder"),
        ClipState.WITHDRAWN: (_("taken back by its maker"), "undo", ""),
    }[ClipState(state)]
