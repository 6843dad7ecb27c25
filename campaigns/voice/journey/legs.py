"""Every phase of a call and how it goes."""

from collections.abc import Mapping

from campaigns.voice.journey.beginning import NEUTRAL_LEG, OUR_CALL_LEG
from campaigns.voice.journey.joining import JOIN_ASK_LEG, JOIN_CONFIRM_LEG
from campaigns.voice.journey.language import LANGUAGE_LEG, PRACTICE_LEG
from campaigns.voice.journey.menus import MENU_LEG
from campaigns.voice.journey.moment import Leg
from campaigns.voice.journey.playing import ENDED_LEG, PLAYING_LEG, RESUME_LEG
from campaigns.voice.journey.polling import POLL_LEG
from campaigns.voice.journey.recording import (
    MAY_WE_BROADCAST_LEG,
    MAY_WE_PLAY_LEG,
    RECORDED_LEG,
    WOMAN_OR_MAN_LEG,
)
from campaigns.voice.state import Phase

# A recording that runs (SPEAK) is no question, and the studio has steps of its own.
LEGS: Mapping[Phase, Leg] = {
    Phase.LANGUAGE: LANGUAGE_LEG,
    Phase.PRACTICE: PRACTICE_LEG,
    Phase.NEUTRAL: NEUTRAL_LEG,
    Phase.OUR_CALL: OUR_CALL_LEG,
    Phase.MENU: MENU_LEG,
    Phase.RESUME: RESUME_LEG,
    Phase.PLAYING: PLAYING_LEG,
    Phase.ENDED: ENDED_LEG,
    Phase.POLL: POLL_LEG,
    Phase.JOIN_ASK: JOIN_ASK_LEG,
    Phase.JOIN_CONFIRM: JOIN_CONFIRM_LEG,
    Phase.RECORDED: RECORDED_LEG,
    Phase.MAY_WE_PLAY: MAY_WE_PLAY_LEG,
    Phase.MAY_WE_BROADCAST: MAY_WE_BROADCAST_LEG,
    Phase.WOMAN_OR_MAN: WOMAN_OR_MAN_LEG,
}
