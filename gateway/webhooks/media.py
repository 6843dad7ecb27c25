"""What carriers play: sounds under names that nobody can guess. A carrier signs no request for them.

A name is the content's hash with a keyed mark (`campaigns.audio.blobs.media_name`), so that the answer never changes
and everybody may keep it for ever. The page is open: who has a name was given it by us, and a name of somebody's own
making is turned away before the database or the disk is asked.

What listeners left may be taken back at any moment, and goes by an address of its own (`…/passing/`): the database is
asked each time, nothing of it lies on our disk, and who fetched it may not keep it.
"""

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from flask import Response, request, send_file

from campaigns.audio.blobs import NoSuchSound, audio_of, hash_in_name, is_kept, media_name
from campaigns.audio.kept import WAV
from gateway.house import House
from gateway.webhooks.sound_cache import SoundCache
from gateway.webhooks.training_words import training_words

__all__ = ["PASSING_RULE", "RULE", "SoundDoor", "passing_address", "sound_address"]

log = logging.getLogger("paigham.webhooks.media")

RULE, PASSING_RULE = "/audio/<name>.wav", "/audio/passing/<name>.wav"  # below the carriers' door
FOR_EVER, NOT_AT_ALL = "public, max-age=31536000, immutable", "no-store"
BELIEVED_SECONDS = 60.0  # so long a sound that was let go may still be handed out here
_FOLDER = "sounds"
_MOST_BELIEVED = 10_000
_NOT_FOUND = 404


def sound_address(house: House, hash: bytes) -> str:
    """Where a carrier fetches the sound of this hash."""
    return f"{house.settings.public_url}/carrier/audio/{media_name(house.keyring, hash)}.wav"


def passing_address(house: House, hash: bytes) -> str:
    """Where a carrier fetches a sound that may be taken back."""
    name = media_name(house.keyring, hash, passing=True)
    return f"{house.settings.public_url}/carrier/audio/passing/{name}.wav"


@dataclass(frozen=True)
class _Seen:
    """A sound is in the database; until when that is believed, and what a training programme tells of it."""

    until: float
    words: Mapping[str, str]


class SoundDoor:
    """The open page of sounds, in one process."""

    def __init__(self, house: House) -> None:
        """Take the house; nothing is opened yet."""
        self._house = house
        self._cache = SoundCache(house.settings.data_dir.resolve() / _FOLDER)
        self._believed: dict[bytes, _Seen] = {}

    def give(self, name: str) -> Response:
        """The sound, from disk when it lies there; 304 for who has it; an empty 404 for a name that is not ours."""
        try:
            hash = hash_in_name(self._house.keyring, name)
            seen = self._seen(hash)
            response = self._from_disk(hash) or self._from_database(hash)
        except NoSuchSound:
            return Response(status=_NOT_FOUND)
        response.headers["Cache-Control"] = FOR_EVER
        response.headers.update(seen.words)
        return response

    def give_passing(self, name: str) -> Response:
        """The sound as the database has it at this moment; an empty 404 when it was taken back, or is not ours."""
        try:
            hash = hash_in_name(self._house.keyring, name, passing=True)
            with self._house.database.reading() as session:
                audio = audio_of(session, hash)
        except NoSuchSound:
            response = Response(status=_NOT_FOUND)
        else:
            response = Response(audio.data, mimetype=audio.media_type)
        response.headers["Cache-Control"] = NOT_AT_ALL
        return response

    def _seen(self, hash: bytes) -> _Seen:
        """What the database, asked once a minute, says of the sound. Raises NoSuchSound."""
        now = time.monotonic()
        seen = self._believed.pop(hash, None)
        if seen is None or seen.until <= now:
            with self._house.database.reading() as session:
                if not is_kept(session, hash):
                    with suppress(OSError):
                        self._cache.forget(hash)
                    raise NoSuchSound
                seen = _Seen(now + BELIEVED_SECONDS, training_words(session, hash))
        if len(self._believed) >= _MOST_BELIEVED:
            self._believed.clear()
        self._believed[hash] = seen
        return seen

    def _from_disk(self, hash: bytes) -> Response | None:
        try:
            return send_file(self._cache.path_of(hash), mimetype=WAV, etag=hash.hex())
        except OSError:  # not there, or the disk is in trouble: the database has it
            return None

    def _from_database(self, hash: bytes) -> Response:
        with self._house.database.reading() as session:
            audio = audio_of(session, hash)
        try:
            self._cache.keep(hash, audio.data)
        except OSError as trouble:
            log.warning("sound.not_on_disk", extra={"fault": type(trouble).__name__})
        response = Response(audio.data, mimetype=audio.media_type)
        response.set_etag(hash.hex())
        response.make_conditional(request)
        return response
