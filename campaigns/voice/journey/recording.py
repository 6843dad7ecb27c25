"""Leaving a word: warned before the beep; sent, done again, deleted or heard again; kept by hanging up (R20, R30)."""

from dataclasses import replace

from campaigns.consent.events import wording_hash
from campaigns.radio.clips import MayBe, Speaker
from campaigns.voice.call import DropRecording, Echo, Heard, KeepRecording, Played, Turn
from campaigns.voice.journey.beginning import leave_quietly
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, Words
from campaigns.voice.journey.polling import question_sound
from campaigns.voice.menu import AGAIN, QUIETLY, Node
from campaigns.voice.state import CallState, Door, Phase, Spoken

MOST_SECONDS = {Door.CLIP: 60, Door.FEEDBACK: 120}  # R30; feedback is padded to at most two minutes
LEAST_SECONDS = 3  # of speech in which something can be heard (R20, R31)
MOST_TAKES = 3  # in a row without a word
SEND, DO_AGAIN, DELETE = "1", "2", "3"
WARNINGS = {Door.CLIP: "warning", Door.FEEDBACK: "feedback_warning"}


def open_question(m: Moment, node: Node, go: Go) -> Next:
    """Let her leave a question or a word for the show: a clip."""
    question = m.on_air.question(node.show) if node.show else None
    spoken = Spoken(Door.CLIP, node.show, question.id if question else None)
    return _begin(m, go, spoken, question_sound(m, node.show))


def open_feedback(m: Moment, node: Node, go: Go) -> Next:
    """Let her leave feedback that nobody can trace to her.

    Without a moderators' key there is nobody to seal it to: what she says would lie at the carrier in clear, and
    be deleted there unheard. So she is told that it is closed, and is led back.
    """
    if not m.on_air.feedback_can_be_sealed():
        return Go(m.above, lead=(*go.lead, *m.say("line_closed")))
    return _begin(m, go, Spoken(Door.FEEDBACK))


def recording_heard(m: Moment, heard: Heard) -> Next:
    """What follows a beep. Hung up: her word is kept, and there is nobody to say anything to."""
    recording, spoken = heard.recording, m.state.spoken
    if spoken is None:
        return m.goodbye()
    if recording is None or recording.seconds < LEAST_SECONDS:
        return _nothing_said(m, spoken, heard)
    m.set(
        phase=Phase.RECORDED,
        silent=0,
        spoken=replace(spoken, carrier_id=recording.carrier_id, seconds=recording.seconds),
    )
    if recording.hung_up:
        let_go(m)
        return Turn()
    if heard.key == QUIETLY:
        return leave_quietly(m)
    _keep(m)
    return m.ask(_recorded(m))


def let_go(m: Moment) -> None:
    """She is leaving: what she said and did not delete is kept, with what she has agreed to so far."""
    if m.state.spoken is not None and m.state.spoken.carrier_id is not None:
        _keep(m, is_final=True)
    m.set(spoken=None)


def kept_by_hanging_up(state: CallState, carrier_id: str, seconds: int) -> KeepRecording | None:
    """What is to be kept when only the carrier's word on a finished recording arrives, and she is gone.

    None when too little was said, or nothing was being recorded, or a producer was reading a prompt in, who hung up on
    purpose. `state` is that of the Take.
    """
    if state.spoken is None or state.spoken.door is Door.STUDIO or seconds < LEAST_SECONDS:
        return None
    spoken = replace(state.spoken, carrier_id=carrier_id, seconds=seconds)
    return _word_on(spoken, state.language or "", carrier_id, is_final=True)


def _begin(m: Moment, go: Go, spoken: Spoken, question: tuple[Played, ...] = ()) -> Next:
    if m.call.recordings_left is not None and m.call.recordings_left <= 0:
        return Go(m.above, lead=(*go.lead, *m.say("limit_reached")))
    m.set(spoken=spoken)
    about = (*go.first, *go.lead, *m.say(m.node.prompt), *question)
    return _take(m, *about, *m.say(WARNINGS[spoken.door]))


def _take(m: Moment, *first: Played) -> Turn:
    door = m.state.spoken.door if m.state.spoken else Door.CLIP
    return m.take((*first, *m.say("speak_now")), door, MOST_SECONDS[door])


def _nothing_said(m: Moment, spoken: Spoken, heard: Heard) -> Next:
    if heard.recording is not None:
        m.do(DropRecording(heard.recording.carrier_id))
        if heard.recording.hung_up:
            return Turn()
    if heard.key == QUIETLY:
        return leave_quietly(m)
    if spoken.takes >= MOST_TAKES:
        return m.goodbye(*m.say("too_short"))
    m.set(spoken=replace(spoken, takes=spoken.takes + 1))
    return _take(m, *m.say("too_short"))


def _recorded(m: Moment) -> Words:
    return Words(m.say("recorded"))


def _what_with_it(m: Moment, key: str) -> Next | None:
    spoken = m.state.spoken
    if spoken is None or spoken.carrier_id is None:
        return Go(m.above)
    if key == SEND:
        return _send(m, spoken)
    if key == AGAIN:
        return m.ask(_recorded(m), lead=(Echo(spoken.seconds * 1000),))
    if key not in (DO_AGAIN, DELETE):
        return None
    m.do(DropRecording(spoken.carrier_id))
    if key == DELETE:
        m.set(spoken=None)
        return Go(m.above, lead=m.say("deleted"))
    m.set(spoken=replace(spoken, carrier_id=None, seconds=0, takes=1))
    return _take(m)


def _send(m: Moment, spoken: Spoken) -> Next:
    """Feedback is sent, and who told a worry hears who helps; for a clip, three more questions (R24)."""
    if spoken.door is Door.FEEDBACK:
        let_go(m)
        return Go(m.above, lead=m.say("sent", "help_lines"))
    return _ask(m, Phase.MAY_WE_PLAY)


def _ask(m: Moment, phase: Phase) -> Turn:
    m.set(phase=phase)
    return m.ask(_consent_question(m))


def _consent_question(m: Moment) -> Words:
    return Words(first=m.say(m.state.phase.value))


def _may_we_play(m: Moment, key: str) -> Next | None:
    return _ask(m, Phase.MAY_WE_BROADCAST) if _agreed(m, key, MayBe.PLAYED) else None


def _may_we_broadcast(m: Moment, key: str) -> Next | None:
    return _ask(m, Phase.WOMAN_OR_MAN) if _agreed(m, key, MayBe.BROADCAST) else None


def _agreed(m: Moment, key: str, what: MayBe) -> bool:
    """Write down her yes (1) or no (2); False when it was neither."""
    spoken = m.state.spoken
    if spoken is None or key not in ("1", "2"):
        return False
    before = MayBe(spoken.consents) & ~what
    m.set(spoken=replace(spoken, consents=int(before | what if key == "1" else before)))
    _keep(m)
    return True


def _woman_or_man(m: Moment, key: str) -> Next | None:
    speakers = {"1": Speaker.WOMAN, "2": Speaker.MAN, "3": Speaker.UNKNOWN}
    if m.state.spoken is None or key not in speakers:
        return None
    m.set(spoken=replace(m.state.spoken, speaker=int(speakers[key])))
    code = m.on_air.new_code()
    _keep(m, code=code, is_final=True)
    m.set(spoken=None)
    digits = m.say("your_code", *(f"digit_{digit}" for digit in code))
    return Go(m.above, first=(*m.say("sent"), *digits, *digits))


def _keep(m: Moment, *, code: str | None = None, is_final: bool = False) -> None:
    spoken = m.state.spoken
    if spoken is None or spoken.carrier_id is None:
        return
    kept = _word_on(spoken, m.language, spoken.carrier_id, is_final=is_final)
    if spoken.door is Door.CLIP:
        body = m.wording("warning", Phase.MAY_WE_PLAY.value, Phase.MAY_WE_BROADCAST.value)
        kept = replace(kept, wording=wording_hash(m.language, body), code=code)
    m.do(kept)


def _word_on(spoken: Spoken, language: str, carrier_id: str, *, is_final: bool) -> KeepRecording:
    return KeepRecording(
        carrier_id,
        spoken.door,
        spoken.seconds,
        language,
        show=spoken.show,
        question=spoken.question,
        consents=MayBe(spoken.consents),
        speaker=Speaker(spoken.speaker),
        is_final=is_final,
    )


def _keep_and_end(m: Moment) -> Next:
    """Nobody answers any more: as if she had hung up."""
    let_go(m)
    return m.goodbye()


RECORDED_LEG = Leg(_recorded, _what_with_it, give_up=_keep_and_end)
MAY_WE_PLAY_LEG = Leg(_consent_question, _may_we_play, give_up=_keep_and_end)
MAY_WE_BROADCAST_LEG = Leg(_consent_question, _may_we_broadcast, give_up=_keep_and_end)
WOMAN_OR_MAN_LEG = Leg(_consent_question, _woman_or_man, give_up=_keep_and_end)
