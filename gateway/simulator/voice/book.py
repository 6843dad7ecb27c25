"""The book of numbers: who takes up each telephone, and how."""

from gateway.simulator.phones import Phones
from gateway.simulator.voice.desk import Desk
from gateway.simulator.voice.endings import CallEnding, ending_of
from gateway.simulator.voice.people import Hand, Person, Scripted
from gateway.simulator.voice.script import Pickup, Script, read_script
from gateway.simulator.voice.sound import Speech

HAND_PACE = 1.0


class Book:
    """`scripts` are set for numbers that are called, `voices` for scripted people of a number who record."""

    def __init__(self, desk: Desk, phones: Phones) -> None:
        self._desk, self._phones = desk, phones
        self.scripts: dict[str, Script] = {}
        self.voices: dict[str, Speech] = {}

    def clear(self) -> None:
        self.scripts.clear()
        self.voices.clear()

    def caller(self, number: str, script: Script | None) -> Person:
        """Who calls; without a script it is a hand."""
        if script is None:
            return Hand()
        return Scripted(script, self._desk.chance, self.voices.get(number))

    def callee(self, number: str) -> tuple[Person, Pickup | None]:
        """Who is called, and what her telephone does by itself; None leaves it to a hand.

        The number's last digits come first, then the script that was set for it, then the hand of a handset that a
        page shows, then what all other numbers do, befallen by the faults.
        """
        config = self._desk.config()
        ending = self.ending(number).pickup
        if ending is not None:
            return self.caller(number, read_script(ending.how)), ending
        script = self.scripts.get(number)
        if script is None:
            is_shown = self._phones.is_watched(number) or not config.unwatched_answer
            if self._phones.get(number) is not None and is_shown:
                return Hand(), None
            script = self._by_chance() or read_script(config.callee)
        return self.caller(number, script), script.pickup or Pickup()

    def ending(self, number: str) -> CallEnding:
        """What the last digits of the number choose."""
        return ending_of(number if self._desk.config().endings else "")

    def pace(self, person: Person, asked: float | None) -> float:
        """A hand lives in the shown time, whatever the pace of scripts is."""
        if isinstance(person, Hand):
            return HAND_PACE
        return self._desk.config().pace if asked is None else asked

    def _by_chance(self) -> Script | None:
        how = self._desk.chance.named(self._desk.faults.pickups)
        return None if how is None else read_script(how)
