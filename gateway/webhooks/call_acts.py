"""Doing what a step of a call decided: in the database, at the polls, in the residue, and against the day's limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis
from sqlalchemy.orm import Session

from campaigns.listening.limits import RECORDINGS, RECORDINGS_A_DAY
from campaigns.listening.residue import ONLY_DELETE, Use, Wanted, want
from campaigns.programme.lines import Line
from campaigns.storage.engine import gate_exclusive
from campaigns.storage.vault import Vault
from campaigns.voice import callbacks
from campaigns.voice.call import (
    Act,
    AskForCallBack,
    Bookmark,
    Call,
    Called,
    Door,
    DropRecording,
    Heard,
    JoinByKeys,
    KeepRecording,
    MoreMinutes,
    RememberLanguage,
    StopByKey,
    Vote,
)
from campaigns.voice.steps import do
from gateway.house import House
from gateway.webhooks.limits import RedisDayLimits
from gateway.webhooks.volatile import volatile
from gateway.webhooks.votes import Votes

SECONDS_A_DAY = 30 * 60  # of listening, for one phone (voice.md R29)
LISTENED = "seconds listened"
# A repeated webhook of a step with one of these gets the first answer again: anew it might not be the same.
ONCE = (JoinByKeys, StopByKey, KeepRecording, DropRecording, Vote)
_CONSENT = (JoinByKeys, StopByKey)
_OF_THE_CALLER = (*_CONSENT, RememberLanguage, Called, Bookmark, AskForCallBack)
_COUNTED = (Use.CLIP, Use.FEEDBACK)
_USES = {Door.CLIP: Use.CLIP, Door.FEEDBACK: Use.FEEDBACK, Door.STUDIO: Use.STUDIO}


@dataclass(frozen=True)
class CallActs:
    """Does acts of calls on the lines of one carrier."""

    house: House
    carrier_name: str

    def done(self, acts: Sequence[Act], call: Call, heard: Heard, zone: str) -> None:
        """Do them; what the database keeps is committed when this returns, the rest is best effort."""
        self._of_the_caller([act for act in acts if isinstance(act, _OF_THE_CALLER)], call)
        # In a transaction of their own, in which nothing stands that a phone could be told by.
        change = self._recordings(
            [act for act in acts if isinstance(act, KeepRecording | DropRecording)], call
        )
        if call.caller is None:
            return
        if heard.recording is not None and any(_counts(act) for act in acts):
            change += 1
        if change:
            self._limits.add(call.caller, RECORDINGS, change, zone=zone, now=call.now)
        for act in acts:
            if isinstance(act, MoreMinutes):
                self._limits.add(call.caller, LISTENED, act.seconds, zone=zone, now=call.now)
            elif isinstance(act, Vote):
                Votes(self._redis).cast(call.caller, act.poll_id, str(act.option), zone=zone, now=call.now)

    def recordings_left(self, call: Call, zone: str) -> int | None:
        """How many recordings this phone may still leave today; None when nobody knows."""
        if call.caller is None:
            return None
        return self._limits.left(call.caller, RECORDINGS, RECORDINGS_A_DAY, zone=zone, now=call.now)

    def seconds_left(self, call: Call, zone: str) -> int | None:
        """How long this phone may still listen today; None when nobody knows."""
        if call.caller is None:
            return None
        return self._limits.left(call.caller, LISTENED, SECONDS_A_DAY, zone=zone, now=call.now, of_all=False)

    def _of_the_caller(self, acts: Sequence[Act], call: Call) -> None:
        if not acts:
            return
        with self.house.database.writing() as session:
            if any(isinstance(act, _CONSENT) for act in acts):
                gate_exclusive(session)  # before the vault: a rotation of keys holds it until its commit
            vault = self.house.vault(session)
            do(session, vault, acts, call)
            for act in acts:
                if isinstance(act, AskForCallBack):
                    _ask_for_call_back(session, vault, act, call)

    def _recordings(self, acts: Sequence[KeepRecording | DropRecording], call: Call) -> int:
        """Write down what recordings are for; how many fewer the phone has left that were kept before."""
        if not acts:
            return 0
        fewer = 0
        with self.house.database.writing() as session:
            vault = self.house.vault(session)
            for act in acts:
                wanted = wanted_of(act) if isinstance(act, KeepRecording) else ONLY_DELETE
                before = want(session, vault, self.carrier_name, act.carrier_id, wanted, now=call.now)
                was_kept = before is not None and before.use in _COUNTED
                fewer += was_kept and isinstance(act, DropRecording)
        return -fewer

    @property
    def _redis(self) -> Redis:
        return volatile(self.house.settings.redis_address)

    @property
    def _limits(self) -> RedisDayLimits:
        return RedisDayLimits(self._redis)


def wanted_of(act: KeepRecording) -> Wanted:
    """What a recording is for, in the words of the residue's box."""
    return Wanted(
        use=_USES[act.door],
        language=act.language,
        seconds=act.seconds,
        show=act.show,
        question=act.question,
        consents=int(act.consents),
        speaker=int(act.speaker),
        wording=act.wording,
        code=act.code,
        note=act.note,
    )


def _counts(act: Act) -> bool:
    return isinstance(act, KeepRecording) and _USES[act.door] in _COUNTED


def _ask_for_call_back(session: Session, vault: Vault, act: AskForCallBack, call: Call) -> None:
    line = session.get_one(Line, call.line_id)
    source, language = call.source, act.language
    callbacks.ask(session, vault, line, call.caller, source=source, language=language, now=call.now)
