"""What lies beside the sounds in a clip pack: the cue sheet, and the safety brief that is read first."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from campaigns.radio.clips import Mentions, Speaker

SPREADSHEET_MARK = "\ufeff"  # without it spreadsheets take UTF-8 for something else
# A cell that begins like a formula is one to a spreadsheet, whoever wrote it.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
INERT = "'"
WORDS_SHOWN = 5
UNNAMED = "a listener"

HEAD = (
    "no",
    "file",
    "clip",
    "language",
    "theme",
    "on-air name",
    "voice",
    "first words",
    "last words",
    "seconds",
    "keep",
    "play to callers",
    "broadcast",
    "disguised",
    "mentions",
)
MENTIONED = {
    Mentions.PERSON: "a person",
    Mentions.PLACE: "a village or place",
    Mentions.SECT_OR_TRIBE: "a sect or tribe",
    Mentions.ARMED_GROUP: "an armed group",
    Mentions.POLICE: "police or army",
}
RULES = (
    "These voices were lent to you for this show. Read this before anything goes on air.",
    "",
    "1. Play each clip as it is here. What was cut or beeped out stays out; do not ask us for the original.",
    "2. Call a speaker by the on-air name of the cue sheet and by nothing else. Never say or guess who it is,",
    "   nor the village, the family or the workplace, not even when you believe that you know the voice.",
    "3. Do not name on air anybody whom a clip speaks of. People named on air have become targets.",
    "4. A disguised voice is not an anonymous one: dialect and story may still be known to neighbours.",
    "5. No clip for another show, another station, the web or social media: they agreed to this broadcast only.",
    "6. A speaker may take her clip back at any time. Before each broadcast ask whether a clip was withdrawn.",
    "7. Delete this pack when the show has been on air.",
)


@dataclass(frozen=True)
class Cue:
    """One line of the sheet. `words` is the transcript of what is heard after the cut."""

    number: int
    file: str
    label: str
    language: str
    theme: str
    on_air_name: str
    speaker: Speaker
    words: str = field(repr=False)
    milliseconds: int
    may_be_played: bool
    disguised: bool
    mentions: Mentions


def cue_sheet(cues: Sequence[Cue]) -> bytes:
    """The sheet as CSV that spreadsheets read as text: no cell of it is a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(HEAD)
    for cue in cues:
        writer.writerow(inert(cell) for cell in _cells(cue))
    return (SPREADSHEET_MARK + written.getvalue()).encode()


def inert(cell: str) -> str:
    """The same words, as a spreadsheet will show them and not compute them."""
    return INERT + cell if cell.startswith(FORMULA_SIGNS) else cell


def safety_brief(cues: Sequence[Cue], withdrawn: Sequence[str]) -> bytes:
    """The rules, which clips speak of somebody who could come to harm, and which older ones may no longer be used."""
    lines = [*RULES, "", "Clips in which somebody or something is mentioned: listen twice, and say no names."]
    lines += [f"  {cue.number:02}  {cue.label}: {_mentions(cue)}" for cue in cues if cue.mentions] or [
        "  none"
    ]
    lines += [
        "",
        "Taken back, by their speakers or by us, since you were given them. Do not use, and delete:",
    ]
    lines += [f"  {label}" for label in withdrawn] or ["  none"]
    return ("\r\n".join(lines) + "\r\n").encode()


def _cells(cue: Cue) -> tuple[str, ...]:
    words = cue.words.split()
    return (
        f"{cue.number:02}",
        cue.file,
        cue.label,
        cue.language,
        cue.theme,
        cue.on_air_name or UNNAMED,
        cue.speaker.name.lower(),
        " ".join(words[:WORDS_SHOWN]),
        " ".join(words[-WORDS_SHOWN:]),
        f"{cue.milliseconds / 1000:.1f}",
        "yes",
        "yes" if cue.may_be_played else "no",
        "yes",
        "yes" if cue.disguised else "no",
        _mentions(cue),
    )


def _mentions(cue: Cue) -> str:
    return ", ".join(what for flag, what in MENTIONED.items() if flag in cue.mentions)
