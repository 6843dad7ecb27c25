"""What a sound says, told to the simulated carrier of a training programme, so that its transcripts can be read.

A carrier never sees it: only a training programme tells, and its carrier is the simulator (docs/simulator.md).
"""

from urllib.parse import quote

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Wording
from campaigns.programme.programme import Programme
from campaigns.radio.episodes import Segment
from campaigns.radio.questions import QuestionWords
from campaigns.voice.versions import Prompt

WORDS, LANGUAGE = "X-Training-Words", "X-Training-Language"
MOST_CHARACTERS = 300  # of up to nine bytes each, in a header


def training_words(session: Session, hash: bytes) -> dict[str, str]:
    """The headers that tell what a sound says; none in a live programme, or when nobody wrote it down."""
    programme = session.get(Programme, 1)
    if programme is None or not programme.training:
        return {}
    for written in _places(hash):
        row = session.execute(written.limit(1)).first()
        if row is not None and row[0]:
            return {WORDS: quote(row[0][:MOST_CHARACTERS], safe=""), LANGUAGE: row[1]}
    return {}


def _places(hash: bytes) -> tuple[Select[str, str], ...]:
    """Where words stand beside the hash of their recording."""
    return (
        select(Prompt.text, Prompt.language).where(Prompt.blob == hash).order_by(Prompt.menu_id.desc()),
        select(Segment.title, Segment.language).where(Segment.blob == hash),
        select(QuestionWords.words, QuestionWords.language).where(QuestionWords.blob == hash),
        select(Wording.body, Wording.language).where(Wording.blob == hash),
    )
