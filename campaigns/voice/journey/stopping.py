"""Stopping all our calls by key 7, asked once more; and waiting while she is called away (key 5)."""

from campaigns.voice.call import StopByKey, Turn
from campaigns.voice.journey.moment import Leg, Moment, Next, Words
from campaigns.voice.journey.silence import ROUNDS
from campaigns.voice.menu import STOP_CALLS

MOST_PAUSES = 9
PAUSE_WAIT_SECONDS = 20  # nine times: she may be away for some three minutes


def ask_to_stop(m: Moment) -> Next | None:
    """Ask whether to stop everything; not a withheld number, which we could not stop calling."""
    if m.call.caller is None:
        return None
    m.set(stopping=m.state.stopping + 1)
    return m.ask(Words(m.say("stop_ask"))) if m.state.stopping <= ROUNDS else m.goodbye()


def stop_or_go_on(m: Moment, leg: Leg, key: str) -> Next:
    """7 once more stops everything at once and for good; any other key goes on where she was."""
    m.fresh()
    m.set(stopping=0)
    if key != STOP_CALLS:
        return leg.say_again(m)
    m.do(StopByKey(m.language))
    return Turn(m.say("stopped"))


def pause(m: Moment) -> Next:
    """Wait until any key is pressed, asking now and then; not for ever."""
    m.set(paused=m.state.paused + 1)
    if m.state.paused > MOST_PAUSES:
        return m.goodbye()
    return m.ask(Words(m.say("paused"), wait_seconds=PAUSE_WAIT_SECONDS))
