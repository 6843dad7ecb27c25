"""Sealing: few sizes, no sender, and nobody but the right key opens a box."""

import ast
import inspect
import json
from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.listening import keys, letters, responses, run_keys, runs, sealing, shelving, staging
from campaigns.listening.keys import key_id_of, make_key_file
from campaigns.listening.sealing import (
    BLOCK_BYTES,
    MOST_BLOCKS,
    MOST_CHARACTERS,
    OUTER_BYTES,
    SEAL_BYTES,
    VOICE_BYTES,
    BoxUnreadable,
    FeedbackText,
    FeedbackVoice,
    Kind,
    ModeratorKey,
    VoiceTooLong,
    clean,
    open_inner,
    open_outer,
    pad,
    padded_text,
    seal_inner,
    seal_outer,
    unpad,
)

FROM_SEALING_ON = (sealing, staging, shelving, runs, run_keys, keys, letters, responses)


def a_key() -> tuple[ModeratorKey, bytes]:
    public, content = make_key_file("for a test")
    return ModeratorKey(key_id_of(public), public), b64decode(json.loads(content)["private"])


@settings(max_examples=60, deadline=None)
@given(body=st.text(max_size=MOST_CHARACTERS + 50))
def test_whatever_was_written_comes_back_clean_and_whole_blocks_long(body: str) -> None:
    key, private = a_key()
    run = X25519PrivateKey.generate()

    inner = seal_inner(FeedbackText(body, "ps"), key)
    outer = seal_outer(inner, run.public_key().public_bytes_raw())

    assert (len(inner.box) - SEAL_BYTES) % BLOCK_BYTES == 0
    assert len(inner.box) - SEAL_BYTES <= MOST_BLOCKS * BLOCK_BYTES
    assert len(outer) == OUTER_BYTES[Kind.TEXT]
    assert open_outer(outer, run).box == inner.box
    assert open_inner(inner.box, private) == FeedbackText(clean(body), "ps")


def test_a_word_and_three_parts_of_urdu_have_the_same_size() -> None:
    long_text = "پ" * 201
    assert (
        len(padded_text(FeedbackText("ہاں", "ur"))) == len(padded_text(FeedbackText(long_text, "ur"))) == 512
    )


def test_the_longest_text_of_the_widest_letters_fits() -> None:
    widest = FeedbackText("𞤀" * MOST_CHARACTERS, "ff-adlm-ng-x")
    quoted = FeedbackText('"\\\n' * MOST_CHARACTERS, "en")
    assert len(padded_text(widest)) <= MOST_BLOCKS * BLOCK_BYTES
    assert len(padded_text(quoted)) <= MOST_BLOCKS * BLOCK_BYTES


@pytest.mark.parametrize(("seconds", "size"), [(1, 0), (30, 0), (60, 1), (120, 2)])
def test_a_voice_lies_in_one_of_three_sizes_and_waits_in_one(seconds: int, size: int) -> None:
    key, private = a_key()
    run = X25519PrivateKey.generate()
    said = FeedbackVoice(bytes([0x80, 0]) * 1_000 * seconds, "ps")

    inner = seal_inner(said, key)
    outer = seal_outer(inner, run.public_key().public_bytes_raw())

    assert len(inner.box) - SEAL_BYTES == VOICE_BYTES[size]
    assert len(outer) == OUTER_BYTES[Kind.VOICE]
    assert open_outer(outer, run) == inner
    assert open_inner(inner.box, private) == said


def test_more_than_two_minutes_are_refused() -> None:
    with pytest.raises(VoiceTooLong):
        seal_inner(FeedbackVoice(bytes(VOICE_BYTES[-1]), "ps"), a_key()[0])


def test_control_characters_go_and_joiners_stay() -> None:
    assert clean("a\x00b\x1b[1mc\r\nd") == "ab[1mc\nd"
    assert clean("می‌خواهم") == "می‌خواهم"
    assert clean("e\u0301") == "é"


@given(plain=st.binary(max_size=1200))
def test_padding_comes_off_as_it_went_on(plain: bytes) -> None:
    assert unpad(pad(plain, BLOCK_BYTES)) == plain


def test_zeros_without_a_mark_are_no_padding() -> None:
    with pytest.raises(BoxUnreadable):
        unpad(bytes(512))


def test_another_key_or_one_changed_bit_opens_nothing() -> None:
    key, private = a_key()
    _, stranger = a_key()
    box = seal_inner(FeedbackText("salam", "en"), key).box
    changed = box[:-1] + bytes([box[-1] ^ 1])

    with pytest.raises(BoxUnreadable):
        open_inner(box, stranger)
    with pytest.raises(BoxUnreadable):
        open_inner(changed, private)


def test_an_outer_box_of_another_run_does_not_open() -> None:
    key, _ = a_key()
    outer = seal_outer(
        seal_inner(FeedbackText("salam", "en"), key),
        X25519PrivateKey.generate().public_key().public_bytes_raw(),
    )
    with pytest.raises(BoxUnreadable):
        open_outer(outer, X25519PrivateKey.generate())


def test_words_and_boxes_do_not_show_themselves() -> None:
    key, _ = a_key()
    feedback = FeedbackText("canary in the mine", "en")
    voice = FeedbackVoice(b"canary", "en")
    assert "canary" not in repr(feedback) + str(feedback) + repr(seal_inner(feedback, key)) + repr(voice)


def test_from_sealing_on_nothing_takes_a_number_or_a_sender() -> None:
    """The type-level separation: there is no parameter and no field that could carry who wrote."""
    forbidden = {"number", "sender", "phone", "contact", "msisdn", "e164", "from_", "lookup", "mark", "sid"}
    assert list(FeedbackText.__dataclass_fields__) == ["body", "language"]
    assert list(FeedbackVoice.__dataclass_fields__) == ["audio", "language"]
    for module in FROM_SEALING_ON:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__:
                continue
            for parameter in inspect.signature(function).parameters.values():
                assert parameter.name not in forbidden, f"{name}({parameter.name})"
                assert "Number" not in str(parameter.annotation), f"{name}({parameter})"


def test_from_sealing_on_nothing_imports_people_consent_or_a_logger() -> None:
    for module in FROM_SEALING_ON:
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not name.startswith(("campaigns.people", "campaigns.consent", "logging")), module
