"""What the vault seals opens only where it lay, with keys that nobody else can read."""

import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.storage.vault import (
    EPOCH_KEYS,
    SINGLE_KEYS,
    BoxContext,
    BoxDamaged,
    KeyRing,
    KeysExposed,
    KeysMissing,
    Vault,
)

HERE = BoxContext("contact", "number", b"row one")
NUMBER = "+923990000123"
VAULT_OF_ONE_KEY = Vault(KeyRing(Path("nowhere"), {"box.1": bytes(range(32))}), 1)


@pytest.fixture
def vault(keyring: KeyRing) -> Vault:
    return keyring.at(1)


def test_what_is_sealed_opens_where_it_lies(vault: Vault) -> None:
    assert vault.unseal(vault.seal(b"plain", HERE), HERE) == b"plain"


def test_the_same_value_never_looks_the_same_twice(vault: Vault) -> None:
    assert vault.seal(b"plain", HERE) != vault.seal(b"plain", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        BoxContext("contact", "number", b"row two"),
        BoxContext("contact", "name", b"row one"),
        BoxContext("inbound", "number", b"row one"),
    ],
)
def test_a_box_moved_to_another_row_column_or_table_does_not_open(
    vault: Vault, elsewhere: BoxContext
) -> None:
    box = vault.seal(b"plain", HERE)

    with pytest.raises(BoxDamaged):
        vault.unseal(box, elsewhere)


@given(st.data())
def test_a_box_with_any_byte_changed_does_not_open(data: st.DataObject) -> None:
    box = VAULT_OF_ONE_KEY.seal(b"plain", HERE)
    place = data.draw(st.integers(0, len(box) - 1))
    change = data.draw(st.integers(1, 255))
    altered = box[:place] + bytes([box[place] ^ change]) + box[place + 1 :]

    with pytest.raises(BoxDamaged):
        VAULT_OF_ONE_KEY.unseal(altered, HERE)


@given(st.binary(max_size=40) | st.binary(max_size=40).map(lambda rest: b"\x00\x01" + rest))
@example(b"")
@example(b"\x00\x01")
@example(b"\x00\x01short")
def test_what_is_no_box_is_refused_by_name(junk: bytes) -> None:
    with pytest.raises(BoxDamaged):
        VAULT_OF_ONE_KEY.unseal(junk, HERE)


def test_a_box_of_the_epoch_before_still_opens(keyring: KeyRing) -> None:
    box = keyring.at(1).seal(b"plain", HERE)
    ring = keyring.add_epoch()

    assert ring.at(2).unseal(box, HERE) == b"plain"
    assert ring.newest_epoch == 2


def test_a_new_epoch_finds_by_other_marks_and_suppresses_by_marks_made_from_the_old(keyring: KeyRing) -> None:
    old, new = keyring.at(1), keyring.add_epoch().at(2)

    assert new.lookup(NUMBER) != old.lookup(NUMBER)
    assert new.mark(NUMBER) == new.next_mark(old.mark(NUMBER))


def test_lookup_mark_and_source_are_of_different_keys(vault: Vault) -> None:
    marks = {vault.lookup(NUMBER), vault.mark(NUMBER), vault.source("message", NUMBER)}

    assert len(marks) == 3


def test_keys_are_their_owner_s_alone_and_all_different(keyring: KeyRing) -> None:
    files = sorted(keyring.directory.iterdir())

    assert stat.S_IMODE(keyring.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert len({file.read_bytes() for file in files}) == len(EPOCH_KEYS) + len(SINGLE_KEYS)


def test_keys_are_never_made_over_others(keyring: KeyRing) -> None:
    with pytest.raises(FileExistsError):
        KeyRing.create(keyring.directory)


def test_a_key_that_others_may_read_is_refused(keyring: KeyRing) -> None:
    (keyring.directory / "chain.key").chmod(0o640)

    with pytest.raises(KeysExposed, match=r"chain\.key"):
        KeyRing.open(keyring.directory)


@pytest.mark.parametrize("lost", ["chain", "box.1"])
def test_a_lost_key_is_named(keyring: KeyRing, lost: str) -> None:
    (keyring.directory / f"{lost}.key").unlink()

    with pytest.raises(KeysMissing, match=lost.split(".")[0]):
        KeyRing.open(keyring.directory)


def test_two_files_with_the_same_key_are_refused(keyring: KeyRing) -> None:
    (keyring.directory / "chain.key").write_bytes((keyring.directory / "source.key").read_bytes())

    with pytest.raises(KeysMissing, match="same key"):
        KeyRing.open(keyring.directory)


def test_a_short_key_is_refused(keyring: KeyRing) -> None:
    (keyring.directory / "chain.key").write_bytes(b"short")

    with pytest.raises(KeysMissing, match="short"):
        KeyRing.open(keyring.directory)


def test_keys_of_an_epoch_that_is_not_here_are_asked_for(keyring: KeyRing) -> None:
    with pytest.raises(KeysMissing, match="epoch 2"):
        keyring.at(2)


def test_a_process_that_runs_already_finds_the_keys_of_a_new_epoch(keyring: KeyRing) -> None:
    keyring.add_epoch()

    assert keyring.at(2).epoch == 2


def test_a_process_that_runs_already_opens_what_a_rotation_sealed(keyring: KeyRing) -> None:
    box = keyring.add_epoch().at(2).seal(b"plain", HERE)

    assert keyring.at(1).unseal(box, HERE) == b"plain"


def test_an_epoch_left_half_written_is_completed(keyring: KeyRing) -> None:
    (keyring.directory / "suppression.2.key").write_bytes(bytes(range(32)))
    (keyring.directory / "suppression.2.key").chmod(0o600)

    ring = KeyRing.open(keyring.directory).add_epoch()

    assert ring.newest_epoch == 2
    assert ring.keys["suppression.2"] == bytes(range(32))


def test_keys_show_themselves_in_no_text(keyring: KeyRing, tmp_path: Path) -> None:
    shown = repr(keyring) + str(keyring.at(1))

    assert "keys={" not in shown
    assert keyring.keys["chain"].hex() not in shown
