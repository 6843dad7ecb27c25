"""What `./scripts/draft_prompts` runs: words to speech, speech to the telephone's level, that to small files."""

import io
import shutil
import subprocess
from collections.abc import Iterator

import av

from campaigns.audio.decoding import Source
from campaigns.audio.levels import measure
from campaigns.audio.mending import mend
from campaigns.audio.sound import TELEPHONE_RATE
from campaigns.voice.menu import prompts_of
from campaigns.voice.written import read_menu, read_texts
from gateway.commands.starter_line import STARTER, name_of_words
from gateway.commands.starter_radio import QUESTION, SHOWS

# How fast, in words a minute: slow enough to be understood, quick enough for the linter's seconds.
VOICES = {"en": ("-v", "en-gb", "-s", "160", "-p", "40"), "ur": ("-v", "ur", "-s", "165", "-p", "40")}
BITS_A_SECOND = 11_000
MOST_BYTES = 1_500_000  # a draft that nobody keeps should not weigh on everybody's clone


def main() -> None:
    """Speak everything that is written, in each language that has a voice."""
    shutil.rmtree(STARTER / "sounds", ignore_errors=True)
    spoken: dict[str, dict[str, dict[str, object]]] = {}
    total = 0
    for name, language, words in _lines_to_speak():
        encoded, level_db = _draft(words, language)
        file = STARTER / "sounds" / language / f"{name}.ogg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encoded)
        total += len(encoded)
        spoken.setdefault(name, {})[language] = {"spoken_by": "machine", "level_db": level_db}
    if total > MOST_BYTES:
        raise SystemExit(f"{total} bytes are more than {MOST_BYTES}: say less, or at a lower rate.")
    (STARTER / "sounds.yaml").write_text(_written(spoken), encoding="utf-8")
    print(f"{sum(map(len, spoken.values()))} drafts, {total} bytes")


def _lines_to_speak() -> Iterator[tuple[str, str, str]]:
    """The file's name, language and words of every draft: the menu's prompts, and what the starter's radio says."""
    needed = prompts_of(read_menu((STARTER / "menu.yaml").read_text(encoding="utf-8")))
    texts = read_texts((STARTER / "prompts.yaml").read_text(encoding="utf-8"))
    said_on_air = [QUESTION, *(piece.says for show in SHOWS for piece in show.pieces)]
    for language in VOICES:
        yield from ((name, language, texts[name, language]) for name in needed)
        yield from ((name_of_words(words[language]), language, words[language]) for words in said_on_air)


def _draft(words: str, language: str) -> tuple[bytes, float]:
    """Opus for narrow band, and the level of speech that comes out when it is decoded again."""
    command = ["espeak-ng", *VOICES[language], "--stdout", words]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    encoded = _opus(mend(said).telephone)
    decoded = Source(encoded, most_seconds=120).sound(TELEPHONE_RATE)
    return encoded, round(measure(decoded).level_db, 1)


def _opus(telephone: bytes) -> bytes:
    out = io.BytesIO()
    # Bit-exact: the same words give the same file.
    with (
        av.open(io.BytesIO(telephone)) as source,
        av.open(out, "w", "ogg", options={"fflags": "+bitexact"}) as file,
    ):
        track = file.add_stream("libopus", rate=TELEPHONE_RATE, layout="mono")
        track.bit_rate = BITS_A_SECOND
        track.codec_context.options = {"application": "voip", "frame_duration": "60"}
        for frame in source.decode(audio=0):
            file.mux(track.encode(frame))
        file.mux(track.encode(None))
    return out.getvalue()


def _written(spoken: dict[str, dict[str, dict[str, object]]]) -> str:
    head = "# Made by ./scripts/draft_prompts: who speaks in sounds/, and how loud (dBFS).\n"
    rows = (
        f"{name}: {{{', '.join(f'{language}: {_flow(facts)}' for language, facts in languages.items())}}}\n"
        for name, languages in spoken.items()
    )
    return head + "".join(rows)


def _flow(facts: dict[str, object]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in facts.items()) + "}"


main()
