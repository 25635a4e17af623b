"""The ballot box's key pair and its two halves."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from survey_app.errors import DamagedData
from survey_app.services import keys
from survey_app.shell import Shell


def test_the_two_halves_together_open_what_the_public_key_sealed(sqlite_shell: Shell) -> None:
    public_key = keys.make_key_pair(sqlite_shell.config, 1)
    sealed = keys.seal(public_key, b"answer", info=b"round")
    private_key = keys.join_halves(sqlite_shell.config, 1, public_key)
    assert keys.unseal(private_key, sealed, info=b"round") == b"answer"


def test_the_same_content_never_looks_the_same_when_sealed_twice(sqlite_shell: Shell) -> None:
    public_key = keys.make_key_pair(sqlite_shell.config, 1)
    one, other = (keys.seal(public_key, b"answer", info=b"round") for _ in range(2))
    assert one != other
    assert len(one) == len(other)


@pytest.mark.parametrize("holder", keys.HOLDERS)
def test_one_half_alone_is_not_the_private_key(sqlite_shell: Shell, holder: str) -> None:
    public_key = keys.make_key_pair(sqlite_shell.config, 1)
    half = keys.half_path(sqlite_shell.config, 1, holder).read_bytes()
    real = keys.join_halves(sqlite_shell.config, 1, public_key).private_numbers().private_value
    assert int.from_bytes(half, "big") != real
    keys.half_path(sqlite_shell.config, 1, holder).unlink()
    with pytest.raises(DamagedData, match="missing"):
        keys.join_halves(sqlite_shell.config, 1, public_key)


def test_halves_of_another_key_are_refused(sqlite_shell: Shell) -> None:
    keys.make_key_pair(sqlite_shell.config, 1)
    other = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(DamagedData, match="do not make"):
        keys.join_halves(sqlite_shell.config, 1, keys._public_bytes(other))


@pytest.mark.parametrize("content", [b"", b"\0" * 32, b"\xff" * 31])
def test_a_half_that_is_damaged_is_refused_in_words(sqlite_shell: Shell, content: bytes) -> None:
    public_key = keys.make_key_pair(sqlite_shell.config, 1)
    keys.half_path(sqlite_shell.config, 1, "office").write_bytes(content)
    with pytest.raises(DamagedData, match="do not make"):
        keys.join_halves(sqlite_shell.config, 1, public_key)


def test_a_ballot_changed_in_one_bit_or_of_another_round_does_not_open(sqlite_shell: Shell) -> None:
    public_key = keys.make_key_pair(sqlite_shell.config, 1)
    private_key = keys.join_halves(sqlite_shell.config, 1, public_key)
    sealed = bytearray(keys.seal(public_key, b"answer", info=b"round 1"))
    with pytest.raises(DamagedData, match="damaged"):
        keys.unseal(private_key, bytes(sealed), info=b"round 2")
    sealed[-1] ^= 1
    with pytest.raises(DamagedData, match="damaged"):
        keys.unseal(private_key, bytes(sealed), info=b"round 1")


def test_destroying_overwrites_and_removes_both_halves(sqlite_shell: Shell) -> None:
    keys.make_key_pair(sqlite_shell.config, 1)
    assert keys.halves_exist(sqlite_shell.config, 1)
    keys.destroy_halves(sqlite_shell.config, 1)
    keys.destroy_halves(sqlite_shell.config, 1)
    assert not keys.halves_exist(sqlite_shell.config, 1)
    assert not list(sqlite_shell.config.secrets_folder.glob("*.half"))
