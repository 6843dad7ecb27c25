"""From a turn of the conversation to the document that the carrier carries out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from campaigns.voice.call import Ask, Echo, Played, Take, Turn
from campaigns.voice.state import CallState, seal_state
from gateway.house import House
from gateway.webhooks import twiml
from gateway.webhooks.echo import EchoDoor
from gateway.webhooks.media import passing_address, sound_address

ANY_KEY = "1234567890*#"
MOST_ADDRESSES = 2_000  # of sounds, remembered by each process: the same few are said in every call
# Said by the carrier's own voice when nothing of ours can be reached. It tells nobody whose line this is.
PUT_OFF = twiml.ending((twiml.Said("We cannot go on just now. Please try again later. Goodbye."),))


@dataclass(frozen=True)
class CallAnswers:
    """Writes the answers of one carrier's calls."""

    house: House
    carrier_name: str
    _addresses: dict[tuple[bytes, bool], twiml.Played] = field(default_factory=dict, repr=False)

    def document(self, turn: Turn, call_id: str) -> str:
        """What is heard, and where the call goes on: the whole state stands, sealed, in the address of the next step.

        Raises DocumentTooLong, StateTooLong.
        """
        match turn.then:
            case None:
                return twiml.ending(self._heard(turn.first, None))
            case Ask(sounds=sounds, next=state, wait_seconds=wait_seconds):
                step = self._address("calls/step", self._token(state, call_id))
                first, inside = self._heard(turn.first, state), self._heard(sounds, state)
                return twiml.asking(first, inside, action=step, silent=step, wait_seconds=wait_seconds)
            case Take(next=state, most_seconds=most_seconds, silence_seconds=silence_seconds):
                token = self._token(state, call_id)
                step = self._address("calls/step", token)
                return twiml.recording(
                    self._heard(turn.first, state),
                    action=step,
                    status=self._address("recordings", token),
                    silent=step,
                    most_seconds=most_seconds,
                    silence_seconds=silence_seconds,
                    finish_on=ANY_KEY,
                )

    def _token(self, state: CallState, call_id: str) -> str:
        return seal_state(self.house.keyring, state, call_id)

    def _address(self, what: str, token: str) -> str:
        return f"{self.house.settings.public_url}/carrier/{self.carrier_name}/{what}/{token}"

    def _heard(self, sounds: Iterable[Played], state: CallState | None) -> list[twiml.Heard]:
        return [heard for sound in sounds if (heard := self._one(sound, state)) is not None]

    def _one(self, sound: Played, state: CallState | None) -> twiml.Heard | None:
        if isinstance(sound, Echo):
            spoken = state.spoken if state is not None else None
            if spoken is None or spoken.carrier_id is None:
                return None
            return twiml.Played(EchoDoor(self.house, self.carrier_name).address(spoken.carrier_id))
        if sound.blob is None:
            return twiml.Said(sound.text)
        name = sound.blob, sound.passing
        if name not in self._addresses:
            if len(self._addresses) >= MOST_ADDRESSES:
                self._addresses.clear()
            address = passing_address if sound.passing else sound_address
            self._addresses[name] = twiml.Played(address(self.house, sound.blob))
        return self._addresses[name]
