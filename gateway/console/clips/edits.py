"""What a request to the desk says: which clip, and from the form cuts and beeps in seconds, names, words."""

from collections.abc import Sequence

from flask import abort, request

from campaigns.radio.clips import Clip, Mentions, Span, Speaker
from campaigns.radio.moderation import ClipEdit

LONGEST_WORDS = 4_000


def rid_of(text: str) -> bytes:
    """The clip that an address names; there is no such page where it is none."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        abort(404)


def edit_given(clip: Clip) -> ClipEdit:
    """The edit of a clip that the form of this request holds; what cannot be read is left as it was."""
    form, whole = request.form, clip.milliseconds
    first, last = _ms("first", 0), _ms("last", whole)
    cuts = [Span(0, first)] if first > 0 else []
    cuts += [Span(last, whole)] if last < whole else []
    beeps = [
        Span(begins, ends)
        for begins, ends in zip(_all_ms("beep_from"), _all_ms("beep_to"), strict=False)
        if ends > begins
    ]
    mentions = Mentions(0)
    for value in form.getlist("mentions"):
        mentions |= Mentions(int(value)) if value.isdigit() else Mentions(0)
    speaker = form.get("speaker", "")
    return ClipEdit(
        speaker=Speaker(int(speaker)) if speaker in ("0", "1", "2") else Speaker(clip.speaker),
        cuts=cuts,
        beeps=beeps,
        disguised=form.get("disguised") == "yes",
        mentions=mentions,
        theme=form.get("theme", ""),
        on_air_name=form.get("on_air_name", ""),
        transcript=form.get("transcript", "")[:LONGEST_WORDS],
    )


def _ms(name: str, otherwise: int) -> int:
    given = _parsed(request.form.get(name, ""))
    return otherwise if given is None else min(given, otherwise) if otherwise else given


def _all_ms(name: str) -> Sequence[int]:
    return [_parsed(value) or 0 for value in request.form.getlist(name)]


def _parsed(text: str) -> int | None:
    """Seconds as a person typed them, in milliseconds."""
    try:
        return max(0, round(float(text) * 1000))
    except (ValueError, OverflowError):
        return None
