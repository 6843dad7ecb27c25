"""What leaves for the studio: only what was approved and may be broadcast, as loud as radio, inert in a sheet."""

import csv
import io
import wave
import zipfile
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns.audio.broadcasting import loudness_of
from campaigns.audio.decoding import decode
from campaigns.radio.clips import ClipState, MayBe, Mentions, Reason, Speaker, withdraw_by_code
from campaigns.radio.cue_sheet import HEAD, inert
from campaigns.radio.episodes import create_episode
from campaigns.radio.moderation import ClipEdit, reject, reopen
from campaigns.radio.pack import BRIEF, SHEET, ClipsChanged, NothingToPack, Pack, build_pack
from campaigns.radio.questions import ask_question
from campaigns.staff.actor import NotPermitted
from campaigns.staff.audit import Audit, trail
from gateway.work.clips import cut_clips
from tests.radio.conftest import Studio

CONSENTS = [
    MayBe.KEPT | played | broadcast
    for played, broadcast in product((MayBe(0), MayBe.PLAYED), (MayBe(0), MayBe.BROADCAST))
]


def pack_of(studio: Studio, episode: int | None = None) -> Pack:
    return build_pack(
        studio.database, studio.keyring, studio.producer, studio.show_id, episode_id=episode, now=studio.now
    )


def opened(pack: Pack) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(pack.data))


def sheet_of(pack: Pack) -> list[dict[str, str]]:
    written = opened(pack).read(SHEET).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(written)))


def test_of_all_clips_only_those_approved_and_allowed_on_air_are_in_the_pack(studio: Studio) -> None:
    """Every combination of consents, voice and state, and whether callers hear it already."""
    expected: set[bytes] = set()
    for consents, speaker, state in product(CONSENTS, Speaker, ClipState):
        code = f"{len(expected)}"
        rid = studio.left(
            consents=consents, speaker=speaker, code=code if state is ClipState.WITHDRAWN else "x"
        )
        if state is ClipState.SECOND_EARS:
            studio.edit(rid, ClipEdit(speaker, mentions=Mentions.ARMED_GROUP))
        if state in (ClipState.SECOND_EARS, ClipState.APPROVED):
            studio.approve(rid)
        with studio.database.writing() as session:
            if state is ClipState.REJECTED:
                reject(session, studio.woman, rid, Reason.INCITES, now=studio.now)
            if state is ClipState.WITHDRAWN:
                withdraw_by_code(session, studio.keyring.vault(session), code, now=studio.now)
        assert studio.clip(rid).state == state
        if state is ClipState.APPROVED and MayBe.BROADCAST in consents:
            expected.add(rid)

    pack = pack_of(studio)

    assert set(pack.clips) == expected
    labels = {rid.hex()[:8] for rid in expected}
    assert {row["clip"] for row in sheet_of(pack)} == labels
    sounds = [name for name in opened(pack).namelist() if name.endswith(".wav")]
    assert {name.split("-")[1] for name in sounds} == labels
    assert len(sounds) == len(expected) == 6
    assert {row["broadcast"] for row in sheet_of(pack)} == {"yes"}
    assert pack.file_name == "gudar-2026-11-18.zip"


def test_the_studio_gets_broadcast_sound_a_cue_sheet_and_the_brief(studio: Studio) -> None:
    rid = studio.left()
    words = "=cmd() one two three four five six"
    edit = ClipEdit(
        Speaker.WOMAN, mentions=Mentions.PLACE, theme="@water", on_air_name="+Torpekai", transcript=words
    )
    studio.edit(rid, edit)
    studio.approve(rid)
    cut_clips(studio.house)

    pack = pack_of(studio)

    (row,) = sheet_of(pack)
    assert tuple(row) == HEAD
    assert (row["theme"], row["on-air name"]) == ("'@water", "'+Torpekai")
    assert (row["first words"], row["last words"]) == (
        "'=cmd() one two three four",
        "two three four five six",
    )
    assert (row["no"], row["seconds"], row["mentions"], row["voice"]) == (
        "01",
        "1.5",
        "a village or place",
        "woman",
    )
    sound = opened(pack).read(row["file"])
    with wave.open(io.BytesIO(sound)) as wav:
        assert (wav.getframerate(), wav.getsampwidth(), wav.getnchannels()) == (48_000, 2, 1)
    assert abs(loudness_of(decode(sound, rate=48_000, most_seconds=5)) + 23) <= 1
    brief = opened(pack).read(BRIEF).decode()
    assert f"01  {rid.hex()[:8]}: a village or place" in brief


def test_the_trail_says_who_took_which_clip_and_only_a_producer_may(studio: Studio) -> None:
    rid = studio.left()
    studio.approve(rid)
    with pytest.raises(NotPermitted):
        build_pack(studio.database, studio.keyring, studio.woman, studio.show_id, now=studio.now)
    pack_of(studio)

    with studio.database.reading() as session:
        (packed, approved) = trail(session, f"clip:{rid.hex()[:8]}")
        assert (packed.act, packed.staff, approved.act) == (
            "clip packed",
            studio.producer.staff,
            "clip approved",
        )
        acts = session.scalars(select(Audit.act).where(Audit.about == f"show:{studio.show_id}")).all()
    assert "clip pack of 1" in acts


def test_what_was_taken_back_after_a_pack_is_named_in_the_next(studio: Studio) -> None:
    taken, reopened, stays = studio.left(code="111111"), studio.left(), studio.left()
    for rid in (taken, reopened, stays):
        studio.approve(rid)
    pack_of(studio)
    with studio.database.writing() as session:
        withdrawn = withdraw_by_code(session, studio.keyring.vault(session), "111111", now=studio.now)
        reopen(session, studio.woman, reopened, now=studio.now)
    assert (withdrawn.clips, withdrawn.packed) == (1, 1)

    pack = pack_of(studio)

    assert pack.clips == (stays,)
    brief = opened(pack).read(BRIEF).decode()
    assert taken.hex()[:8] in brief
    assert reopened.hex()[:8] in brief


def test_a_clip_withdrawn_while_the_pack_is_made_does_not_leave(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.approve(studio.left(code="111111"))
    made = zipfile.ZipFile.close

    def close(self: zipfile.ZipFile) -> None:
        """The last moment before the pack is whole."""
        made(self)
        with studio.database.writing() as session:
            withdraw_by_code(session, studio.keyring.vault(session), "111111", now=studio.now)

    monkeypatch.setattr(zipfile.ZipFile, "close", close)
    with pytest.raises(ClipsChanged):
        pack_of(studio)


def test_a_pack_for_an_episode_has_the_answers_to_its_question(studio: Studio) -> None:
    with studio.database.writing() as session:
        episode = create_episode(
            session, studio.producer, studio.show_id, "Two sisters-in-law", now=studio.now
        )
        question = ask_question(
            session,
            studio.producer,
            studio.show_id,
            {"ps": "؟", "ur": "؟"},
            opens_at=studio.now,
            closes_at=studio.now + timedelta(days=7),
            episode_id=episode.id,
            now=studio.now,
        )
    answer, other = studio.left(question=question.id), studio.left()
    for rid in (answer, other):
        studio.approve(rid)

    assert pack_of(studio, episode.id).clips == (answer,)
    assert set(pack_of(studio).clips) == {answer, other}


def test_an_empty_pack_is_not_made(studio: Studio) -> None:
    studio.left()
    with pytest.raises(NothingToPack):
        pack_of(studio)


@given(st.text())
def test_no_cell_is_a_formula_to_a_spreadsheet(cell: str) -> None:
    shown = inert(cell)
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert shown in (cell, "'" + cell)
