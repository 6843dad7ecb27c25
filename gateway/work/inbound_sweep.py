"""The inbound sweep: finds at the carrier what its webhooks told us in vain.

A STOP is always applied, however its webhook was lost. Any other text is taken in only if we were there and could
not (its mark is in Redis): a text that nobody of us saw may be hours old, and its sender has given up on it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.inbox.acting import act
from campaigns.inbox.decision import Decision, Heard, Step
from campaigns.inbox.replies import Reply
from campaigns.outreach.answers import owe_answer
from campaigns.people.contacts import find_contact
from campaigns.programme.lines import Can, lines_that
from campaigns.storage.vault import Vault
from gateway.carriers.carrier import CarrierUnreachable, InboundText
from gateway.carriers.registry import CarrierNotConfigured, NoSuchCarrier, carrier_for
from gateway.house import House
from gateway.webhooks.messages import Intake
from gateway.webhooks.seen import Answered

log = logging.getLogger("paigham.work")


@dataclass(frozen=True)
class Swept:
    """What one sweep found: texts looked at, STOPs applied late, other texts taken in late."""

    texts: int
    stops: int
    others: int


async def sweep_inbound(house: House, *, since: datetime, until: datetime) -> Swept:
    """Look through what came to our lines in [since, until]. A carrier that does not answer is passed over and asked
    again in the next round; windows may overlap, as nothing is done twice. Closes the carrier's connections."""
    texts = stops = others = 0
    with house.database.reading() as session:
        lines = lines_that(session, Can.SMS_IN)
    for name in sorted({line.carrier for line in lines}):
        ours = {line.address for line in lines if line.carrier == name}
        for text in await _inbound(house, name, since, until):
            if text.to not in ours:
                continue
            texts += 1
            step = _catch_up(house, Intake(house, name), text)
            stops += step is Step.STOP
            others += step is not None and step is not Step.STOP
    if stops or others:
        log.warning("inbound.caught_up", extra={"texts": texts, "stops": stops, "others": others})
    return Swept(texts, stops, others)


async def _inbound(house: House, name: str, since: datetime, until: datetime) -> list[InboundText]:
    try:
        carrier = carrier_for(house, name)
    except (NoSuchCarrier, CarrierNotConfigured):
        return []
    if not carrier.can_be_asked:
        return []
    try:
        return await carrier.inbound(since, until)
    except CarrierUnreachable:
        log.warning("inbound.not_asked", extra={"carrier": name})
        return []
    finally:
        await carrier.aclose()


def _catch_up(house: House, intake: Intake, text: InboundText) -> Step | None:
    """Take one text in if it is still to be taken in; returns what was done."""
    heard = intake.heard(text)
    if intake.seen.recall(heard.source) is not None:
        return None
    decision = intake.decide(heard)
    if decision.was_done or not (decision.step is Step.STOP or intake.seen.is_missed(heard.source)):
        return None
    if decision.step is Step.FEEDBACK:
        # No answer is owed: it would be a row that says who wrote feedback.
        intake.take_in(heard)
    else:
        reply = _do(house, decision, heard, text)
        intake.seen.remember(heard.source, Answered(reply.key, reply.language))
    intake.seen.was_caught_up(heard.source)
    intake.leave_residue(text.carrier_id)
    return decision.step


def _do(house: House, decision: Decision, heard: Heard, text: InboundText) -> Reply:
    with house.database.writing() as session:
        vault = house.vault(session)
        reply = act(session, vault, decision, heard, now=house.now())
        _owe(house, session, vault, decision, heard, reply, text)
    return reply


def _owe(
    house: House,
    session: Session,
    vault: Vault,
    decision: Decision,
    heard: Heard,
    reply: Reply,
    text: InboundText,
) -> None:
    """Queue the answer, in the act's transaction. A phone that we hold no number for cannot be answered any more."""
    contact = find_contact(session, vault, heard.sender)
    if contact is None or decision.line_id is None or reply.text is None:
        return
    now = house.now()
    owe_answer(
        session,
        contact,
        line_id=decision.line_id,
        language=reply.language,
        body=reply.text,
        act_source=heard.source,
        acted_at=text.at or now,
        now=now,
    )
