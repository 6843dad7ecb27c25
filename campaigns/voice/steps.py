"""The brain of a call: how it begins, and what follows each key, silence and recording. Looks only; `do` acts.

    begin / go_on  ->  Turn (what she hears, where the call is then, what to count, what to do)  ->  do

A step reads the menu of the call's version (kept by each process), and what it comes to: an episode, a question.
"""

from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from campaigns.consent.standing import is_suppressed
from campaigns.people.contacts import Contact
from campaigns.programme.lines import Can, Line
from campaigns.storage.vault import Vault
from campaigns.voice.acting import do
from campaigns.voice.call import AskForCallBack, Call, Called, Heard, Refusal, Sound, Turn
from campaigns.voice.journey.beginning import what_we_call_for
from campaigns.voice.journey.moment import Moment
from campaigns.voice.journey.walking import first_step, next_step
from campaigns.voice.listeners import Remembered, remembered
from campaigns.voice.menu import MAIN
from campaigns.voice.on_air import RadioOnAir
from campaigns.voice.state import CallState, Phase
from campaigns.voice.versions import NoSuchVersion, PublishedMenu, published, version_heard
from campaigns.voice.ways import Way, way_of

__all__ = ["begin", "do", "go_on"]

# The only words that are not the menu's: there is none, or it is not one yet.
NOT_OPEN = Sound("This line is not open now. Please call again another day. Goodbye.", "en", None)


def begin(session: Session, vault: Vault, call: Call) -> Turn | Refusal:
    """What a call that comes in, or an answered call of ours, hears first; a reading session is enough.

    On a line that calls back (its way, or the menu's `call_back`), whoever shows a number is refused as busy and called
    back. Whoever said STOP is never called, and heard when she calls: that is her own act (R29).
    """
    menu = _menu_of(session, call)
    if menu is None:
        return Turn((NOT_OPEN,))
    known = remembered(session, vault, call.caller, now=call.now) if call.caller else None
    if _is_to_be_called_back(session, vault, call, menu):
        language = known.language if known and known.language else menu.menu.languages[0]
        return Refusal(acts=(AskForCallBack(language),))
    moment = Moment(
        menu, RadioOnAir(session, vault, call.now), call, _at_first(session, vault, call, menu, known)
    )
    return _with_the_call_counted(first_step(moment), call, known)


def go_on(session: Session, vault: Vault, state: CallState, call: Call, heard: Heard) -> Turn:
    """What follows a step of a call, in the menu that the call began with; a reading session is enough."""
    try:
        menu = version_heard(session, state.version)
    except NoSuchVersion:
        return Turn((NOT_OPEN,))
    if not _can_be_heard(menu):
        return Turn((NOT_OPEN,))
    return next_step(Moment(menu, RadioOnAir(session, vault, call.now), call, state), heard)


def _menu_of(session: Session, call: Call) -> PublishedMenu | None:
    try:
        menu = published(session) if call.draft is None else version_heard(session, call.draft)
    except NoSuchVersion:
        return None
    return menu if menu is not None and _can_be_heard(menu) else None


def _can_be_heard(menu: PublishedMenu) -> bool:
    return MAIN in menu.menu.nodes and bool(menu.menu.languages)


def _is_to_be_called_back(session: Session, vault: Vault, call: Call, menu: PublishedMenu) -> bool:
    if call.outbound is not None or call.draft is not None or call.caller is None:
        return False
    if not menu.menu.call_back and way_of(session, call.line_id) is not Way.CALLS_BACK:
        return False
    line = session.get(Line, call.line_id)
    can_call = line is not None and Can.VOICE_OUT in line.abilities
    return can_call and not is_suppressed(session, vault.mark(call.caller.e164))


def _at_first(
    session: Session, vault: Vault, call: Call, menu: PublishedMenu, known: Remembered | None
) -> CallState:
    ours = what_we_call_for(call.outbound)
    chosen = known.language if known else None
    if call.outbound is not None and call.outbound.message is not None:
        chosen = call.outbound.language  # the message is in it
    elif call.outbound is not None:
        chosen = chosen or call.outbound.language
    quiet = _is_quiet(session, vault, call)
    return CallState(
        version=menu.id,
        phase=Phase.LANGUAGE,
        language=chosen if chosen in menu.menu.languages else None,
        is_new=known is None or known.is_new,
        quiet=quiet,
        draft=call.draft is not None,
        marked=known.marked if known and not quiet else None,
        ours=ours,
    )


_QUIET = select(Contact.quiet).where(Contact.lookup == bindparam("lookup"))


def _is_quiet(session: Session, vault: Vault, call: Call) -> bool:
    """Whether the phone is a shared one, on which nothing may show by itself (R21)."""
    if call.caller is None:
        return False
    lookup = {"lookup": vault.lookup(call.caller.e164)}
    return bool(session.connection().execute(_QUIET, lookup).scalar_one_or_none())


def _with_the_call_counted(turn: Turn, call: Call, known: Remembered | None) -> Turn:
    """A phone that is known has called once more: written once a day, and while it is new with every call."""
    if known is None or call.draft is not None or not (known.is_new or known.day < call.now.date()):
        return turn
    return replace(turn, acts=(*turn.acts, Called()))
