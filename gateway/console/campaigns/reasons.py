"""Why a text or a call came to nothing, in plain words with what happens next; a carrier's code is one click away."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from campaigns.outreach import calling
from gateway.carriers.call_fates import NO_SUCH_NUMBER
from gateway.console.words import _


class Reason(StrEnum):
    """What staff can do something with; many codes of a carrier mean the same to them."""

    OFF = "off"
    NOT_IN_USE = "not_in_use"
    NOT_TEXTABLE = "not_textable"
    BLOCKED = "blocked"
    STOPPED = "stopped"
    CONTENT = "content"
    MAYBE = "maybe"
    OURS = "ours"
    BUSY = "busy"
    LINE_BUSY = "line_busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    PUT_DOWN = "put_down"
    UNSAID = "unsaid"


# By the carrier's codes (gateway/carriers/twilio/errors.py has each one's meaning for the sender).
CODES: dict[Reason, tuple[int, ...]] = {
    Reason.OFF: (30003,),
    Reason.NOT_IN_USE: (30005, 30006, 21211, 21217, 21401, 63003, 63024),
    Reason.NOT_TEXTABLE: (21614, 21612, 21214),
    Reason.BLOCKED: (30004, 21216, 13225),
    Reason.STOPPED: (21610,),
    Reason.CONTENT: (30007, 63013, 63016),
    Reason.MAYBE: (30410,),
    Reason.OURS: (
        *(20003, 20403, 21212, 21606, 21657, 21408, 21215, 13227, 21210, 21219, 21608, 21609),
        *(21703, 21704, 21705, 30002, 30018, 30024, 30032, 30034, 30450, 21602, 21603, 21604, 21617),
    ),
    Reason.BUSY: (30001, 30008, 30017, 30022, 30023, 20429, 20500, 20503, 21611, 14107, 63018, 63038),
}
# What came of our own calls, by the outbox's numbers: none of a carrier's, so they are not shown.
OF_CALLS = {
    calling.BUSY: Reason.LINE_BUSY,
    calling.NO_ANSWER: Reason.NO_ANSWER,
    calling.MACHINE: Reason.MACHINE,
    calling.HARDLY_HEARD: Reason.PUT_DOWN,
    calling.CONGESTED: Reason.BUSY,
    NO_SUCH_NUMBER: Reason.NOT_IN_USE,
}
REASON_OF = {code: reason for reason, codes in CODES.items() for code in codes} | OF_CALLS


@dataclass(frozen=True)
class Failed:
    """How many failed for one reason, and the carrier's codes behind it with their counts."""

    reason: Reason
    people: int
    codes: list[tuple[int, int]] = field(default_factory=list)
    is_call: bool = False

    @property
    def words(self) -> str:
        """The reason."""
        return {
            Reason.OFF: _("Phone off, or no signal"),
            Reason.NOT_IN_USE: _("Number no longer in use"),
            Reason.NOT_TEXTABLE: _("Cannot be called") if self.is_call else _("Takes no texts"),
            Reason.BLOCKED: _("Blocked by the network"),
            Reason.STOPPED: _("Said STOP to the carrier"),
            Reason.CONTENT: _("Refused for its content"),
            Reason.MAYBE: _("The network did not answer"),
            Reason.OURS: _("The carrier refuses our account or sender"),
            Reason.BUSY: _("The network was too busy"),
            Reason.LINE_BUSY: _("Busy"),
            Reason.NO_ANSWER: _("Not answered"),
            Reason.MACHINE: _("A machine answered"),
            Reason.PUT_DOWN: _("Put down within ten seconds"),
            Reason.UNSAID: _("The carrier does not say why"),
        }[self.reason]

    @property
    def next(self) -> str:
        """What happens next."""
        again = _("Not tried again by this campaign; the next one tries")
        rung = _("Rung as often as was planned; the next campaign tries")
        return {
            Reason.LINE_BUSY: rung,
            Reason.NO_ANSWER: rung,
            Reason.MACHINE: _("Nothing was left on it; the next campaign tries"),
            Reason.PUT_DOWN: _("Perhaps a bad moment; the next campaign tries"),
            Reason.NOT_TEXTABLE: _("A text may reach them") if self.is_call else _("A call may reach them"),
            Reason.STOPPED: _("Counted as STOP from now on"),
            Reason.CONTENT: _("Look at the wording before the next campaign"),
            Reason.MAYBE: _("It may have arrived, so it is not sent twice"),
            Reason.OURS: _("The operator has to look at it"),
        }.get(self.reason, again)


def failed_by_reason(failures: Iterable[tuple[int | None, int]], *, is_call: bool = False) -> list[Failed]:
    """Failures by carrier's code, gathered by what they mean; most frequent first."""
    found: dict[Reason, Failed] = {}
    for code, people in failures:
        reason = REASON_OF.get(code, Reason.UNSAID) if code is not None else Reason.UNSAID
        before = found.get(reason, Failed(reason, 0))
        is_theirs = code is not None and code not in OF_CALLS
        codes = [*before.codes, (code, people)] if code is not None and is_theirs else before.codes
        found[reason] = Failed(reason, before.people + people, codes, is_call)
    return sorted(found.values(), key=lambda failed: -failed.people)
