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
from gateway.webhooks.together import Together
from gateway.webhooks.volatile import volatile
from gateway.webhooks.votes import Votes

SECONDS_A_DAY = 30 * 60  # of listening, for one phone (voice.md R29)
LISTENED = "seconds listened"
# Of all phones together that show no number, as nobody can tell one of them from ten.
RECORDINGS_WITHHELD_AN_HOUR = 20
SECONDS_WITHHELD_AN_HOUR = 10 * SECONDS_A_DAY
_CONSENT = (JoinByKeys, StopByKey)
_AT_ONCE = (*_CONSENT, AskForCallBack)
_TOGETHER = (RememberLanguage, Called, Bookmark)
_COUNTED = (Use.CLIP, Use.FEEDBACK)
_USES = {Door.CLIP: Use.CLIP, Door.FEEDBACK: Use.FEEDBACK, Door.STUDIO: Use.STUDIO}


@dataclass(frozen=True)
class CallActs:
    """Does acts of calls on the lines of one carrier."""

    house: House
    carrier_name: str
    together: Together

    def done(self, acts: Sequence[Act], call: Call, heard: Heard, zone: str) -> None:
        """Do them; what the next step or call must find is committed when this returns."""
        self._at_once([act for act in acts if isinstance(act, _AT_ONCE)], call)
        if small := [act for act in acts if isinstance(act, _TOGETHER)]:
            self.together.now(lambda session, vault: do(session, vault, small, call))
        # In a transaction of their own, in which nothing stands that a phone could be told by.
        change = self._recordings(
            [act for act in acts if isinstance(act, KeepRecording | DropRecording)], call
        )
        if heard.recording is not None and any(_counts(act) for act in acts):
            change += 1
        if change:
            self._limits.add(call.caller, RECORDINGS, change, zone=zone, now=call.now)
        for act in acts:
            if isinstance(act, Vote) and call.caller is not None:
                Votes(self._redis).cast(call.caller, act.poll_id, str(act.option), zone=zone, now=call.now)

    def recordings_left(self, call: Call, zone: str) -> int | None:
        """How many recordings this phone may still leave today, or all that show no number in this hour; None when
        nobody knows."""
        most = RECORDINGS_WITHHELD_AN_HOUR if call.caller is None else RECORDINGS_A_DAY
        return self._limits.left(call.caller, RECORDINGS, most, zone=zone, now=call.now)

    def seconds_left(self, call: Call, acts: Sequence[Act], zone: str) -> int | None:
        """How long this phone may still listen today, or all that show no number in this hour, with what has just been
        heard counted; None when nobody knows."""
        most = SECONDS_WITHHELD_AN_HOUR if call.caller is None else SECONDS_A_DAY
        seconds = sum(act.seconds for act in acts if isinstance(act, MoreMinutes))
        heard = self._limits.add(call.caller, LISTENED, seconds, zone=zone, now=call.now)
        return None if heard is None else max(0, most - heard)

    def _at_once(self, acts: Sequence[Act], call: Call) -> None:
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

    def _keep_meanwhile(self, act: KeepRecording, call: Call) -> None:
        """What holds if she hangs up now; the carrier will tell us of the recording too."""
        wanted, name = wanted_of(act), self.carrier_name
        self.together.soon(
            lambda session, vault: want(session, vault, name, act.carrier_id, wanted, now=call.now)
        )

    def _recordings(self, acts: Sequence[Act], call: Call) -> int:
        """Write down what recordings are for; how many fewer the phone has left that were kept before."""
        if not acts:
            return 0
        fewer = 0
        with self.house.database.writing() as session:
            vault = self.house.vault(session)
            for act in acts:
                if isinstance(act, KeepRecording):
                    want(session, vault, self.carrier_name, act.carrier_id, wanted_of(act), now=call.now)
                elif isinstance(act, DropRecording):
                    before = want(
                        session, vault, self.carrier_name, act.carrier_id, ONLY_DELETE, now=call.now
                    )
                    fewer += before is not None and before.use in _COUNTED
        return -fewer

    @property
    def _redis(self) -> Redis:
        return volatile(self.house.settings.redis_address)

    @property
    def _limits(self) -> RedisDayLimits:
        return RedisDayLimits(self._redis)


def is_done_once(act: Act) -> bool:
    """Whether a repeated webhook of a step with this act gets the first answer again, and nothing is done anew: a code
    would be another one, a recording of the day given back twice, a STOP written twice."""
    if isinstance(act, KeepRecording):
        return act.code is not None
    return isinstance(act, JoinByKeys | StopByKey | DropRecording)


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
        final=act.is_final,
    )


def _is_last_word(act: Act) -> bool:
    return isinstance(act, DropRecording) or (isinstance(act, KeepRecording) and act.is_final)


def _counts(act: Act) -> bool:
    return isinstance(act, KeepRecording) and _USES[act.door] in _COUNTED


def _ask_for_call_back(session: Session, vault: Vault, act: AskForCallBack, call: Call) -> None:
    line = session.get_one(Line, call.line_id)
    source, language = call.source, act.language
    callbacks.ask(session, vault, line, call.caller, source=source, language=language, now=call.now)
