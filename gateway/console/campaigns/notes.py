"""Notes under a text, in words: what is too long, what was cleaned, what costs more than it must."""

from dataclasses import dataclass

from campaigns.language.parts import LIMITS, Change, Encoding
from gateway.console.campaigns.counting import Counted
from gateway.console.i18n import money_words
from gateway.console.words import _, ngettext


@dataclass(frozen=True)
class Note:
    """One line under a text; state yes, look, no or info."""

    state: str
    words: str


def notes_of(counted: Counted | None, people: int, price: int, most_parts: int) -> list[Note]:
    """What to say of one language's text, most pressing first."""
    if counted is None:
        return [_nothing_written(people)]
    notes = []
    over = counted.units_over(most_parts)
    if over:
        spared = (counted.parts.parts - most_parts) * people
        notes.append(Note("look", _cut_words(over, most_parts, spared, spared * price)))
    if counted.costly:
        alone, dear = LIMITS[Encoding.GSM_7][0], LIMITS[Encoding.UCS_2][0]
        words = _(
            "With %(letters)s a part holds %(dear)s characters and not %(alone)s. Write it without.",
            letters=" ".join(counted.costly),
            dear=dear,
            alone=alone,
        )
        notes.append(Note("look", words))
    notes += [Note("yes", _with_gain(change_words(change), counted)) for change in counted.changes]
    if counted.way_out_is_split:
        words = _("The way out is cut in two by a new part. Old phones may show the parts apart.")
        notes.append(Note("info", words))
    elif counted.way_out_part > 1:
        words = _(
            "The way out stands in part %(n)s. Old phones may show the parts apart.", n=counted.way_out_part
        )
        notes.append(Note("info", words))
    if not notes:
        notes.append(Note("yes", _("Nothing to mend.")))
    return notes


def script_notes(words: str, people: int, *, is_recorded: bool, unspoken: str | None) -> list[Note]:
    """What to say of one language of a call; `unspoken` names the language where the voice line does not speak it."""
    if not is_recorded and not people:
        return [Note("info", _("Nobody in this choice speaks it: no recording is needed."))]
    notes = []
    if not is_recorded:
        missing = ngettext(
            "%(num)s person is to be called in it: record it, or leave this language out.",
            "%(num)s people are to be called in it: record it, or leave this language out.",
            people,
        )
        notes.append(Note("look", missing))
    elif not words:
        notes.append(Note("look", _("Write down what is said: who approves reads along while hearing it.")))
    if unspoken:
        said = _(
            "The voice line does not speak %(language)s: it greets in another language.", language=unspoken
        )
        notes.append(Note("look", said))
    return notes or [Note("yes", _("Nothing to mend."))]


def change_words(change: Change) -> str:
    """What cleaning did, in words."""
    n = change.times
    said = {
        "curly mark": ngettext("%(num)s curly mark was made plain", "%(num)s curly marks were made plain", n),
        "slanted mark": ngettext(
            "%(num)s slanted mark was made plain", "%(num)s slanted marks were made plain", n
        ),
        "long dash": ngettext("%(num)s long dash was made short", "%(num)s long dashes were made short", n),
        "three dots in one": ngettext(
            "%(num)s sign of three dots was made three dots",
            "%(num)s signs of three dots were made three dots",
            n,
        ),
        "bullet": ngettext("%(num)s bullet was made a dash", "%(num)s bullets were made dashes", n),
        "direction mark": ngettext(
            "%(num)s unseen direction mark was taken out", "%(num)s unseen direction marks were taken out", n
        ),
        "letter and mark joined": ngettext(
            "%(num)s letter and its mark were joined", "%(num)s letters and their marks were joined", n
        ),
    }.get(change.what) or ngettext("%(num)s unseen sign was mended", "%(num)s unseen signs were mended", n)
    shows = change.what in ("curly mark", "slanted mark", "long dash", "three dots in one", "bullet")
    if shows:
        return _("%(said)s (%(was)s to %(now)s).", said=said, was=change.was, now=change.now)
    return _("%(said)s.", said=said)


def _with_gain(words: str, counted: Counted) -> str:
    if counted.parts_uncleaned <= counted.parts.parts:
        return words
    more = ngettext(
        "As typed, this would be %(num)s part.",
        "As typed, this would be %(num)s parts.",
        counted.parts_uncleaned,
    )
    return f"{words} {more}"


def _cut_words(over: int, most_parts: int, spared: int, micros: int) -> str:
    cut = ngettext("Cut %(num)s character", "Cut %(num)s characters", over)
    fits = ngettext("it fits in %(num)s part", "it fits in %(num)s parts", most_parts)
    saves = ngettext(
        "%(num)s part and %(money)s less",
        "%(num)s parts and %(money)s less",
        spared,
        money=money_words(micros),
    )
    return _("%(cut)s and %(fits)s: %(saves)s.", cut=cut, fits=fits, saves=saves)


def _nothing_written(people: int) -> Note:
    if not people:
        return Note("info", _("Nobody in this choice reads it: no text is needed."))
    return Note(
        "look",
        ngettext(
            "Without a text %(num)s person gets nothing. Write one, or choose another language’s for them.",
            "Without a text %(num)s people get nothing. Write one, or choose another language’s for them.",
            people,
        ),
    )
