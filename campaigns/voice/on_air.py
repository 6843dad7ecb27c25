"""What can be heard and asked on the line right now, read only when a step of a call comes to it.

An episode that is taken off is begun and gone on with for one second more, by calls that are going on.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from campaigns.listening.keys import sealing_key
from campaigns.listening.polls import open_poll
from campaigns.listening.sealing import Kind
from campaigns.radio.clips import new_code
from campaigns.radio.on_the_phone import (
    ClipToPlay,
    EpisodeToPlay,
    clips_to_play,
    episode_to_play,
    newest_episode,
)
from campaigns.radio.questions import OpenQuestion, open_question
from campaigns.storage.vault import Vault

# Every caller hears the same few episodes, step after step.
BELIEVED_SECONDS = 1.0
MOST_BELIEVED = 200
_Found = dict[tuple[str, str, int], tuple[float, EpisodeToPlay | None]]
_FOUND: WeakKeyDictionary[Engine, _Found] = WeakKeyDictionary()


class OnAir(Protocol):
    """What a step of a call may look up; all that it knows of the world beside the menu, the call and its state."""

    def newest(self, show: str, language: str) -> EpisodeToPlay | None:
        """The show's newest episode; None when there is none in this language."""
        ...

    def episode(self, episode_id: int, language: str) -> EpisodeToPlay | None:
        """One episode; None when it is not on any more."""
        ...

    def clips(self, show: str, language: str) -> tuple[ClipToPlay, ...]:
        """The clips that may be played to callers."""
        ...

    def question(self, show: str) -> OpenQuestion | None:
        """The show's question that may be answered now."""
        ...

    def poll_keys(self, poll_id: int) -> tuple[str, ...]:
        """The keys that a poll takes now; none when it is not open."""
        ...

    def new_code(self) -> str:
        """Digits by which a clip that is being left can be taken back."""
        ...

    def feedback_can_be_sealed(self) -> bool:
        """Whether the moderators have a key that feedback by voice can be sealed to."""
        ...


@dataclass
class RadioOnAir:
    """The programme's own, through the session of one step."""

    session: Session
    vault: Vault
    now: datetime
    _newest: dict[tuple[str, str], EpisodeToPlay | None] = field(default_factory=dict)
    _questions: dict[str, OpenQuestion | None] = field(default_factory=dict)

    def newest(self, show: str, language: str) -> EpisodeToPlay | None:
        """The show's newest episode; looked up once in a step."""
        if (show, language) not in self._newest:
            self._newest[show, language] = self._believed(
                f"newest {show}",
                language,
                lambda: newest_episode(self.session, show, language, now=self.now),
            )
        return self._newest[show, language]

    def episode(self, episode_id: int, language: str) -> EpisodeToPlay | None:
        """One episode."""
        known = next((one for one in self._newest.values() if one and one.id == episode_id), None)
        if known is not None:
            return known
        return self._believed(
            str(episode_id),
            language,
            lambda: episode_to_play(self.session, episode_id, language, now=self.now),
        )

    def clips(self, show: str, language: str) -> tuple[ClipToPlay, ...]:
        """The clips that may be played to callers."""
        return clips_to_play(self.session, show, language)

    def question(self, show: str) -> OpenQuestion | None:
        """The show's question that may be answered now; looked up once in a step."""
        if show not in self._questions:
            self._questions[show] = open_question(self.session, show, now=self.now)
        return self._questions[show]

    def poll_keys(self, poll_id: int) -> tuple[str, ...]:
        """The keys that a poll takes now."""
        return open_poll(self.session, poll_id, now=self.now)

    def new_code(self) -> str:
        """Digits that no clip has now."""
        return new_code(self.session, self.vault)

    def feedback_can_be_sealed(self) -> bool:
        """Whether the moderators have a key that feedback by voice can be sealed to."""
        return sealing_key(self.session, self.now, Kind.VOICE) is not None

    def _believed(
        self, what: str, language: str, look: Callable[[], EpisodeToPlay | None]
    ) -> EpisodeToPlay | None:
        """What was found a second ago at most, at this minute of the shown clock; else what is found now."""
        kept = _FOUND.setdefault(self.session.get_bind().engine, {})
        name = (what, language, int(self.now.timestamp()) // 60)
        until, found = kept.get(name, (0.0, None))
        if time.monotonic() > until:
            if len(kept) >= MOST_BELIEVED:
                kept.clear()
            found = look()
            kept[name] = (time.monotonic() + BELIEVED_SECONDS, found)
        return found
