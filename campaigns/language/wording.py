"""What a campaign's text really is: its body and the way out, joined in one place for preview and for sending."""

SENTENCE_ENDS = frozenset(".!?…۔؟:;؛)»\"'")


def with_way_out(body: str, line: str) -> str:
    """Return `body` followed by the way-out `line`, which never runs into an unfinished sentence.

    One character stands between them, a space or a line feed, so parts do not depend on which.
    """
    body, line = body.strip(), line.strip()
    if not body or not line:
        return body or line
    return body + (" " if body[-1] in SENTENCE_ENDS else "\n") + line
