"""The moderators' keys: halves, months, and the end of a month."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from campaigns.listening.keys import (
    KeyInUse,
    KeyKnown,
    KeyMalformed,
    key_id_of,
    list_keys,
    make_key_file,
    newest_key,
    register_key,
    retire,
    sealing_key,
)
from campaigns.listening.letters import (
    MOST_AT_ONCE,
    Board,
    Letter,
    boards,
    has_more,
    last_opening,
    letters_of_key,
    record_opening,
)
from campaigns.listening.responses import ResponseIncomplete, add_response, list_responses
from campaigns.listening.sealing import FeedbackVoice, Kind
from campaigns.listening.shelving import shelve
from campaigns.listening.staging import accept
from campaigns.staff.actor import NotPermitted
from tests.listening.conftest import OpenShelf

TEN = tuple(f"item {n}" for n in range(10))
MakeShelf = Callable[..., OpenShelf]


def test_a_key_file_holds_both_halves_and_says_what_it_is() -> None:
    public, content = make_key_file("Novémber")
    read = json.loads(content)
    private = X25519PrivateKey.from_private_bytes(b64decode(read["private"]))
    assert private.public_key().public_bytes_raw() == b64decode(read["public"]) == public
    assert (read["kind"], read["label"]) == ("paigham moderator key", "Novémber")


def test_a_new_key_seals_from_the_next_gathering_on(open_shelf: MakeShelf) -> None:
    """Else the few items of a running gathering that lie under it would stand out on the shelf."""
    shelf = open_shelf()
    public, _ = make_key_file("December")
    shelf.hear(*TEN[:7])
    with shelf.database.writing() as session:
        register_key(session, shelf.people.moderator, public, "December", shelf.now + timedelta(minutes=1))
    shelf.hear(*TEN[7:], at=shelf.now + timedelta(hours=1))

    shelve(shelf.database, shelf.runtime, now=shelf.now + timedelta(days=1))

    assert sorted(shelf.read()) == sorted(TEN)  # all of them under the first key
    with shelf.database.reading() as session:
        sealing, newest = sealing_key(session, shelf.now + timedelta(days=1)), newest_key(session)
    assert sealing == newest
    assert newest is not None
    assert newest.key_id == key_id_of(public)


def test_a_retired_key_takes_its_letters_with_it(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    moderator = shelf.people.moderator
    with shelf.database.reading() as session:
        first = list_keys(session)[0].key_id
    shelf.hear(*TEN)
    with shelf.database.writing() as session:
        with pytest.raises(KeyInUse):
            retire(session, moderator, first, now=shelf.now)
        later = shelf.now + timedelta(minutes=1)
        register_key(session, moderator, make_key_file("December")[0], "December", later)
    for kind in Kind:
        shelve(shelf.database, shelf.runtime, now=shelf.now + timedelta(days=1), kind=kind)

    with shelf.database.writing() as session:
        assert retire(session, moderator, first, now=shelf.now + timedelta(days=40)) == 10
        assert retire(session, moderator, first, now=shelf.now + timedelta(days=40)) == 0

    assert shelf.labels() == []


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33), bytes(32), (1).to_bytes(32, "little")])
def test_what_is_no_usable_key_is_refused(open_shelf: MakeShelf, public: bytes) -> None:
    shelf = open_shelf()
    with shelf.database.writing() as session, pytest.raises(KeyMalformed):
        register_key(session, shelf.people.moderator, public, "x", shelf.now)


def test_the_same_key_is_not_registered_twice(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    public, _ = make_key_file("December")
    with shelf.database.writing() as session:
        register_key(session, shelf.people.moderator, public, "December", shelf.now)
        with pytest.raises(KeyKnown):
            register_key(session, shelf.people.moderator, public, "again", shelf.now)


def test_only_a_moderator_touches_keys_letters_and_responses(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    outsider = shelf.people.operator
    with shelf.database.writing() as session:
        for act in (
            lambda: register_key(session, outsider, make_key_file("x")[0], "x", shelf.now),
            lambda: retire(session, outsider, bytes(8), now=shelf.now),
            lambda: letters_of_key(session, outsider, bytes(8)),
            lambda: record_opening(session, outsider, now=shelf.now),
            lambda: add_response(session, outsider, "a", "b", now=shelf.now),
        ):
            with pytest.raises(NotPermitted):
                act()


def test_letters_are_taken_in_pieces_in_the_order_of_their_ids(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    many = MOST_AT_ONCE + 30
    shelf.hear(*(str(n) for n in range(many)))
    shelve(shelf.database, shelf.runtime, now=shelf.now)
    with shelf.database.writing() as session:
        key_id = list_keys(session)[0].key_id
        first = letters_of_key(session, shelf.people.moderator, key_id)
        rest = letters_of_key(session, shelf.people.moderator, key_id, after=first[-1].rid)
        record_opening(session, shelf.people.moderator, now=shelf.now)
        opening = last_opening(session)
        assert boards(session) == [Board("2026-W47", many, ("November",))]
    rids = [letter.rid for letter in first + rest]
    assert rids == sorted(set(rids))
    assert len(rids) == many
    assert opening is not None
    assert opening.staff == shelf.people.moderator.staff


def test_voices_are_taken_in_pieces_that_a_slow_line_can_carry(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    for n in range(20):
        accept(shelf.database, FeedbackVoice(bytes([n]) * 250_000, "ps"), now=shelf.now)
    shelve(shelf.database, shelf.runtime, now=shelf.now, kind=Kind.VOICE)
    pieces: list[list[Letter]] = []
    with shelf.database.reading() as session:
        key_id, goes_on, after = list_keys(session)[0].key_id, True, b""
        while goes_on:
            pieces.append(letters_of_key(session, shelf.people.moderator, key_id, after=after))
            after = pieces[-1][-1].rid
            goes_on = has_more(session, key_id, after)
    assert [len(piece) for piece in pieces] == [15, 5]
    assert {letter.kind for piece in pieces for letter in piece} == {"voice"}


def test_a_response_is_published_with_its_month(open_shelf: MakeShelf) -> None:
    shelf = open_shelf()
    with shelf.database.writing() as session:
        add_response(session, shelf.people.moderator, " the way costs too much ", "a van goes", now=shelf.now)
        with pytest.raises(ResponseIncomplete):
            add_response(session, shelf.people.moderator, "  ", "b", now=shelf.now)
        with pytest.raises(ResponseIncomplete):
            add_response(session, shelf.people.moderator, "a" * 301, "b", now=shelf.now)
        [response] = list_responses(session)
    assert (response.said, response.did, response.month) == (
        "the way costs too much",
        "a van goes",
        "2026-11",
    )
