"""Scripts: what a call plays in each language, words and recording, and how often a phone is rung."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from campaigns.language.parts import clean
from campaigns.outreach.campaigns import Campaign, Means, Wording, wordings_of
from campaigns.outreach.drafting import begin_edit, end_edit
from campaigns.staff.actor import Actor

MOST_RINGS = 5
ANSWERING_MS = 20_000  # the greeting before what is played, and a key or two
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Script:
    """What a call plays in one language: its words for whoever approves it, and the recording, once there is one."""

    words: str
    blob: bytes | None = None
    milliseconds: int = 0


class RingsWrong(Exception):
    """A phone is rung once at least and five times at most."""


class NotACall(Exception):
    """What is to be played belongs to a campaign of texts."""


def set_scripts(
    session: Session, actor: Actor, campaign_id: int, scripts: Mapping[str, Script], *, now: datetime
) -> Campaign:
    """Set what a call plays in each language; a language that is not named is removed. Raises WrongState."""
    campaign = begin_edit(session, actor, campaign_id, now)
    _write_scripts(session, campaign, scripts)
    return end_edit(session, campaign)


def set_script_words(
    session: Session, actor: Actor, campaign_id: int, words: Mapping[str, str], *, now: datetime
) -> Campaign:
    """Set the words of these languages; their recordings stay. Without words and recording a language is removed.
    Raises WrongState."""
    campaign = begin_edit(session, actor, campaign_id, now)
    scripts = scripts_of(session, campaign_id)
    for language, said in words.items():
        scripts[language] = replace(scripts.get(language, Script("")), words=clean(said).text.strip())
    _write_scripts(session, campaign, scripts)
    return end_edit(session, campaign)


def set_recording(
    session: Session,
    actor: Actor,
    campaign_id: int,
    language: str,
    *,
    blob: bytes | None,
    milliseconds: int = 0,
    now: datetime,
) -> Campaign:
    """Set what is heard in one language, or take it out (None); its words stay. Raises NotACall, WrongState."""
    campaign = begin_edit(session, actor, campaign_id, now)
    if campaign.channel != Means.CALL:
        raise NotACall
    scripts = scripts_of(session, campaign_id)
    before = scripts.get(language, Script(""))
    scripts[language] = replace(before, blob=blob, milliseconds=milliseconds)
    _write_scripts(session, campaign, scripts)
    return end_edit(session, campaign)


def scripts_of(session: Session, campaign_id: int) -> dict[str, Script]:
    """What a call plays, by language, as far as it is written and recorded."""
    return {
        wording.language: Script(wording.typed, wording.blob, wording.milliseconds or 0)
        for wording in wordings_of(session, campaign_id)
    }


def set_rings(session: Session, actor: Actor, campaign_id: int, rings: int, *, now: datetime) -> Campaign:
    """Set how often a phone is rung in all, 1 to 5. Raises RingsWrong, WrongState."""
    if not 1 <= rings <= MOST_RINGS:
        raise RingsWrong
    campaign = begin_edit(session, actor, campaign_id, now)
    campaign.max_rings = rings
    return end_edit(session, campaign)


def _write_scripts(session: Session, campaign: Campaign, scripts: Mapping[str, Script]) -> None:
    session.execute(delete(Wording).where(Wording.campaign_id == campaign.id, Wording.step == 0))
    for language, script in sorted(scripts.items()):
        if not (script.words or script.blob):
            continue
        session.add(
            Wording(
                campaign_id=campaign.id,
                step=0,
                language=language,
                text_hash=hashlib.sha256((script.blob or b"") + script.words.encode()).digest(),
                typed=script.words,
                body=script.words,
                parts=-(-(script.milliseconds + ANSWERING_MS) // MINUTE_MS),
                blob=script.blob,
                milliseconds=script.milliseconds if script.blob else None,
            )
        )
    session.flush()
