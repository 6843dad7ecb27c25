"""Mending: any recording becomes a telephone copy that is as loud as all others (voice.md R16, RFC 7874 section 4)."""

from collections.abc import Iterator

from av import AudioFrame

from campaigns.audio.decoding import Source
from campaigns.audio.kept import Finding, Mended
from campaigns.audio.levels import Speech, louder, measure
from campaigns.audio.refusals import TooQuiet, TooShort
from campaigns.audio.sound import TELEPHONE_RATE, Sound, silence, sound_of, wav_of

SPEECH_DB = -22.0  # RFC 7874: -19 dBm0, root mean square 2,600
CEILING_DB = -3.0
LEAD_SECONDS, TAIL_SECONDS = 0.12, 0.35  # R16 allows at most 0.15, and 0.25 to 0.5
LONGEST_SECONDS = 20 * 60
QUIETEST_DB = -55.0  # below it, raising the voice raises the noise more
LEAST_SECONDS = 0.1  # a spoken digit may take no longer than 0.3

_BAND = (("highpass", "f=200"), ("lowpass", "f=3400"))
_CEILING_OF_THE_LIMITER_DB = CEILING_DB - 0.2
_NEAR_ENOUGH_DB = 0.3
_TRIES = 10
_MUCH_DB = 10.0
_BACKGROUND_DB = 12.0
_CLIPPED_SHARE = 0.0005
_HIGHEST, _LOWEST = 32_767, -32_768


def mend(data: bytes, *, most_seconds: float = LONGEST_SECONDS) -> Mended:
    """A telephone copy of any usual file: speech at -22 dBFS, no peak over -3, at most 150 ms before the first word
    and 250 to 500 ms after the last.

    Raises TooQuiet, TooShort and whatever `decoding.Source.frames` raises: each says in words what is wrong.
    """
    source = Source(data, most_seconds)
    clipping = _Clipping()
    sound = source.sound(TELEPHONE_RATE, *_BAND, watch=clipping.watch)
    before = measure(sound)
    levelled = level(trim(sound, before))
    findings = _findings(before, sound, clipping, source)
    return Mended(wav_of(levelled), levelled.milliseconds, round(measure(levelled).level_db, 1), findings)


def trim(sound: Sound, speech: Speech) -> Sound:
    """The speech with a breath before it and a little silence after it. Raises TooQuiet, TooShort."""
    if speech.level_db < QUIETEST_DB:
        raise TooQuiet
    if speech.ends - speech.begins < LEAST_SECONDS * sound.rate:
        raise TooShort
    lead, tail = round(LEAD_SECONDS * sound.rate), round(TAIL_SECONDS * sound.rate)
    kept = sound.part(speech.begins - lead, speech.ends + tail)
    missing = speech.ends + tail - len(sound.samples)
    return kept + silence(max(0, missing) / sound.rate, sound.rate)


def level(sound: Sound, target_db: float = SPEECH_DB) -> Sound:
    """The same with its speech at the target. A limiter takes from what it holds down, so it is measured again."""
    gain = target_db - measure(sound).level_db
    levelled = louder(sound, gain, ceiling_db=_CEILING_OF_THE_LIMITER_DB)
    for _ in range(_TRIES):
        lacking = target_db - measure(levelled).level_db
        if abs(lacking) <= _NEAR_ENOUGH_DB:
            break
        gain += lacking
        levelled = louder(sound, gain, ceiling_db=_CEILING_OF_THE_LIMITER_DB)
    return levelled


class _Clipping:
    """Counts samples at the very end of the scale, at the rate of the source: later filters would hide them."""

    def __init__(self) -> None:
        self._samples = self._at_the_end = 0

    def watch(self, frames: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
        for frame in frames:
            samples = sound_of((frame,), frame.sample_rate).samples
            self._samples += len(samples)
            self._at_the_end += samples.count(_HIGHEST) + samples.count(_LOWEST)
            yield frame

    @property
    def is_heard(self) -> bool:
        return self._at_the_end > _CLIPPED_SHARE * self._samples


def _findings(before: Speech, sound: Sound, clipping: _Clipping, source: Source) -> tuple[Finding, ...]:
    silent = len(sound.samples) - (before.ends - before.begins)
    found = {
        Finding.RAISED: before.level_db < SPEECH_DB - _MUCH_DB,
        Finding.LOWERED: before.level_db > SPEECH_DB + _MUCH_DB,
        Finding.CLIPPED: clipping.is_heard,
        Finding.BACKGROUND: before.level_db - before.floor_db < _BACKGROUND_DB,
        Finding.TRIMMED: silent > sound.rate,
        Finding.BROKEN: source.bad_packets > 0,
    }
    return tuple(finding for finding, is_so in found.items() if is_so)
