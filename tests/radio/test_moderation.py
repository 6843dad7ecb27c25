"""Who hears a clip, when callers hear it, what two people must hear, and how it is taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from campaigns.audio.blobs import Blob, audio_of
from campaigns.radio.clips import (
    CODE_DIGITS,
    Clip,
    ClipState,
    MayBe,
    Mentions,
    NotAllowedToKeep,
    Reason,
    Screened,
    Span,
    Speaker,
    new_code,
    withdraw_by_code,
)
from campaigns.radio.cutting import as_edited
from campaigns.radio.moderation import (
    OPEN_STATES,
    ClipEdit,
    NotForTheseEars,
    NothingLeft,
    SpanOutside,
    Waiting,
    WrongClipState,
    clips_in,
    hear,
    may_hear,
    reject,
    reopen,
    set_aside_in,
    waiting_at,
    words_of,
)
from campaigns.radio.on_the_phone import ClipToPlay, clips_to_play
from campaigns.radio.rekey import rekey
from campaigns.radio.retention import forget_old_clips
from campaigns.radio.screening import screen
from campaigns.radio.shows import begin_season
from campaigns.staff.actor import Actor, NotPermitted
from campaigns.staff.second_person import ContentChanged, SamePerson
from gateway.work.clips import cut_clips, forget_clips
from tests.radio.conftest import EVERYTHING, SOUND, Studio

NAMED = ClipEdit(Speaker.WOMAN, mentions=Mentions.PERSON, transcript="salam Zarmina")
DAY = timedelta(days=1)


def heard_by_callers(studio: Studio, language: str = "ps") -> tuple[ClipToPlay, ...]:
    cut_clips(studio.house)
    with studio.database.reading() as session:
        return clips_to_play(session, "gudar", language)


def sound_for(studio: Studio, actor: Actor, rid: bytes) -> bytes:
    with studio.database.reading() as session:
        return hear(session, studio.keyring.vault(session), actor, rid)


def blobs_in(studio: Studio) -> int:
    with studio.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Blob)) or 0


def test_no_caller_hears_a_clip_before_it_is_approved(studio: Studio) -> None:
    rid = studio.left()
    assert heard_by_callers(studio) == ()
    assert blobs_in(studio) == 0  # nothing of it lies anywhere but in its sealed box

    studio.approve(rid)

    assert len(heard_by_callers(studio)) == 1
    assert heard_by_callers(studio, "ur") == ()


def test_no_caller_hears_a_clip_whose_maker_did_not_agree_to_that(studio: Studio) -> None:
    for consents in (MayBe.KEPT, MayBe.KEPT | MayBe.BROADCAST):
        studio.approve(studio.left(consents=consents))

    assert heard_by_callers(studio) == ()
    assert blobs_in(studio) == 0
    with pytest.raises(NotAllowedToKeep):
        studio.left(consents=MayBe.PLAYED | MayBe.BROADCAST)


def test_callers_hear_what_was_cut_and_beeped_and_not_what_was_left(studio: Studio) -> None:
    rid = studio.left()
    studio.edit(
        rid,
        ClipEdit(Speaker.WOMAN, cuts=[Span(1_000, 1_500)], beeps=[Span(0, 300)], on_air_name=" Torpekai "),
    )
    studio.approve(rid)

    (played,) = heard_by_callers(studio)

    assert (played.milliseconds, played.on_air_name) == (1_000, "Torpekai")
    with studio.database.reading() as session:
        assert audio_of(session, played.blob).data[44:5_000] not in SOUND
    assert sound_for(studio, studio.woman, rid) == SOUND


@pytest.mark.parametrize("speaker", list(Speaker))
def test_women_alone_hear_women_and_whoever_nobody_has_told_yet(studio: Studio, speaker: Speaker) -> None:
    rid = studio.left(speaker=speaker)
    for actor, hears in (
        (studio.woman, True),
        (studio.producer, speaker is Speaker.MAN),
        (studio.reader, False),
    ):
        assert may_hear(actor, studio.clip(rid)) == hears
        if hears:
            assert sound_for(studio, actor, rid) == SOUND
            continue
        with pytest.raises(NotPermitted):
            sound_for(studio, actor, rid)
        with pytest.raises(NotPermitted):
            studio.approve(rid, by=actor)
        with pytest.raises(NotPermitted):
            studio.edit(rid, ClipEdit(Speaker.MAN), by=actor)
    with studio.database.reading() as session:
        waiting = clips_in(session, studio.producer, studio.show_id, ClipState.PENDING)
        assert bool(waiting) == (speaker is Speaker.MAN)


def test_where_somebody_could_come_to_harm_two_people_listen(studio: Studio) -> None:
    for heard_already, mentions in enumerate(Mentions):
        rid = studio.left()
        studio.edit(rid, replace(NAMED, mentions=mentions))
        needs_two = mentions not in (Mentions.PLACE, Mentions.POLICE)

        assert studio.approve(rid) == (ClipState.SECOND_EARS if needs_two else ClipState.APPROVED)

        if needs_two:
            assert len(heard_by_callers(studio)) == heard_already
            with pytest.raises(SamePerson):
                studio.approve(rid)
            assert studio.approve(rid, by=studio.other_woman) == ClipState.APPROVED
        assert len(heard_by_callers(studio)) == heard_already + 1


def test_an_edit_after_the_first_yes_asks_for_two_again(studio: Studio) -> None:
    rid = studio.left()
    studio.edit(rid, NAMED)
    seen = studio.seen(rid)
    studio.approve(rid)

    studio.edit(rid, replace(NAMED, on_air_name="A mother"), by=studio.other_woman)

    with pytest.raises(ContentChanged):
        studio.approve(rid, seen=seen)
    assert studio.approve(rid, by=studio.other_woman) == ClipState.SECOND_EARS
    assert studio.approve(rid, by=studio.woman) == ClipState.APPROVED


def test_a_cut_that_was_made_for_something_else_is_not_played(studio: Studio) -> None:
    rid = studio.left()
    studio.approve(rid)
    assert len(heard_by_callers(studio)) == 1

    with studio.database.writing() as session:
        reopen(session, studio.woman, rid, now=studio.now)

    assert heard_by_callers(studio) == ()
    assert blobs_in(studio) == 0
    studio.edit(rid, replace(NAMED, mentions=Mentions(0), cuts=[Span(0, 400)]))
    studio.approve(rid)
    assert [clip.milliseconds for clip in heard_by_callers(studio)] == [1_100]


def test_before_a_decision_it_is_heard_as_it_was_edited_by_those_who_may(studio: Studio) -> None:
    rid = studio.left()
    studio.edit(rid, ClipEdit(Speaker.WOMAN, cuts=[Span(0, 500)], disguised=True))
    with studio.database.reading() as session:
        vault = studio.keyring.vault(session)
        preview = as_edited(session, vault, studio.other_woman, rid)
        with pytest.raises(NotForTheseEars):
            as_edited(session, vault, studio.producer, rid)
        assert waiting_at(session, studio.show_id) == Waiting(1, 1, "2026-W47")
    heard = preview.heard()
    assert heard.milliseconds < 1_500
    assert heard.data[44:4_000] not in SOUND


def test_what_a_machine_finds_blank_or_short_is_set_aside_until_a_moderator_cuts_it(studio: Studio) -> None:
    blank, short = (studio.left(screened=found) for found in (Screened.BLANK, Screened.SHORT))
    noisy = studio.left(screened=Screened.NOISE | Screened.CLIPPED)

    def desk() -> tuple[set[bytes], set[bytes], int]:
        with studio.database.reading() as session:
            waits = clips_in(session, studio.woman, studio.show_id, *OPEN_STATES)
            aside = set_aside_in(session, studio.woman, studio.show_id)
            assert set_aside_in(session, studio.producer, studio.show_id) == []
            there = waiting_at(session, studio.show_id).count
            return {clip.rid for clip in waits}, {clip.rid for clip in aside}, there

    assert desk() == ({noisy}, {blank, short}, 1)
    studio.edit(short, ClipEdit(Speaker.WOMAN, cuts=[Span(0, 400)]))
    assert desk() == ({noisy, short}, {blank}, 2)
    studio.approve(blank)
    assert desk() == ({noisy, short}, set(), 2)


def test_what_cannot_be_is_refused(studio: Studio) -> None:
    rid = studio.left()
    for outside in (Span(0, 1_501), Span(0, 1_500), Span(700, 700), Span(-5, 300)):
        with pytest.raises(SpanOutside):
            studio.edit(rid, ClipEdit(Speaker.WOMAN, cuts=[outside]))
    studio.approve(rid)
    with pytest.raises(WrongClipState):
        studio.edit(rid, NAMED)


@pytest.mark.parametrize("decided", [False, True])
def test_a_spoken_code_takes_everything_back(studio: Studio, decided: bool) -> None:
    with studio.database.reading() as session:
        code = new_code(session, studio.keyring.vault(session))
    assert len(code) == CODE_DIGITS
    other = studio.left(code="654321" if code != "654321" else "123456")
    rid = studio.left(code=code)
    studio.edit(rid, replace(NAMED, mentions=Mentions(0), theme="water", on_air_name="Torpekai"))
    if decided:
        studio.approve(rid)
        assert len(heard_by_callers(studio)) == 1

    in_urdu = code.translate({ord(str(digit)): chr(0x6F0 + digit) for digit in range(10)})
    with studio.database.writing() as session:
        taken = withdraw_by_code(session, studio.keyring.vault(session), f" {in_urdu} ", now=studio.now)

    assert (taken.clips, taken.packed) == (1, 0)
    assert heard_by_callers(studio) == ()
    assert blobs_in(studio) == 0
    with pytest.raises(NothingLeft):
        sound_for(studio, studio.woman, rid)
    with studio.database.reading() as session:
        left = session.get_one(Clip, rid)
        assert (left.state, left.box, left.transcript, left.blob) == (ClipState.WITHDRAWN, None, None, None)
        assert (left.theme, left.on_air_name, left.code_mark) == ("", "", None)
    assert sound_for(studio, studio.woman, other) == SOUND
    with studio.database.writing() as session:
        assert withdraw_by_code(session, studio.keyring.vault(session), code, now=studio.now).clips == 0


def test_a_rejected_clip_is_gone_after_seven_days_and_the_others_after_the_season(studio: Studio) -> None:
    rejected, pending, approved = studio.left(), studio.left(), studio.left()
    studio.approve(approved)
    cut_clips(studio.house)
    with studio.database.writing() as session:
        reject(session, studio.woman, rejected, Reason.INSULTS, now=studio.now)
        begin_season(
            session, studio.producer, studio.show_id, 1, (studio.now + 20 * DAY).date(), now=studio.now
        )

    def with_sound(days: int) -> list[bool]:
        with studio.database.writing() as session:
            forget_old_clips(session, now=studio.now + days * DAY)
        with studio.database.reading() as session:
            return [session.get_one(Clip, rid).box is not None for rid in (rejected, pending, approved)]

    assert with_sound(7) == [True, True, True]
    assert with_sound(8) == [False, True, True]
    assert with_sound(50) == [False, True, True]
    assert blobs_in(studio) == 1
    assert with_sound(51) == [False, False, False]
    assert heard_by_callers(studio) == ()
    assert blobs_in(studio) == 0
    with studio.database.writing() as session:
        forget_old_clips(session, now=studio.now + 750 * DAY)
        assert session.scalars(select(Clip)).all() == []


def test_a_worker_finds_nothing_to_forget_when_all_is_recent(studio: Studio) -> None:
    studio.left(at=studio.house.now())
    assert forget_clips(studio.house) == 0


def test_clips_move_to_the_keys_of_the_next_epoch(studio: Studio) -> None:
    rid = studio.left()
    studio.edit(rid, NAMED)
    ring = studio.keyring.add_epoch()
    with studio.database.writing() as session:
        assert rekey(session, ring.at(1), ring.at(2)) == 1

    with studio.database.reading() as session:
        clip = session.get_one(Clip, rid)
        assert clip.box is not None
        assert clip.transcript is not None
        assert {box[:2] for box in (clip.box, clip.transcript)} == {b"\x00\x02"}
        assert hear(session, ring.at(2), studio.woman, rid) == SOUND
        assert words_of(ring.at(2), clip) == NAMED.transcript


def test_nothing_of_a_clip_names_a_phone_or_a_time(studio: Studio) -> None:
    columns = {column.name for column in Clip.__table__.columns}
    assert not {name for name in columns if "contact" in name or "number" in name or name.endswith("_at")}
    assert studio.clip(studio.left(consents=EVERYTHING)).week == "2026-W47"


def test_silence_is_kept_and_said_to_be_blank() -> None:
    silent = screen(SOUND[:44] + bytes(len(SOUND) - 44))
    spoken = screen(SOUND)

    assert (silent.found.BLANK in silent.found, silent.found.SHORT in silent.found) == (True, True)
    assert spoken.found.BLANK not in spoken.found
    assert spoken.found.SHORT in spoken.found
