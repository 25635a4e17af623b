"""
The ballot box's key pair.

The public key seals each ballot as it arrives (HPKE, RFC 9180: P-256, HKDF-SHA-256, AES-256-GCM). The private key is never made: each of its
two halves is a random number of its own, a and b; the private key would be a + b (modulo the order of the curve), the public key is the sum of
their points. So each half can be made and shown apart, and either alone says nothing about the key (docs/decisions/0009). Where a round keeps
both on the server, they wait in the data folder, as its pages say; `key_halves` has the printed ones.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from survey_app.config import Config
from survey_app.errors import DamagedData
from survey_app.services.curve import ORDER, add_points

HOLDERS = ("office", "observer")
HALF_LENGTH = 32
_CURVE = ec.SECP256R1()
_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_half() -> int:
    """Return a new random half: a number from 1 to the order of the curve, that itself left out."""
    return 1 + secrets.randbelow(ORDER - 1)


def point_of(half: int) -> bytes:
    """Return the public point of a half, from which the half cannot be found."""
    return _public_bytes(ec.derive_private_key(half, _CURVE))


def joined(halves: Iterable[int]) -> ec.EllipticCurvePrivateKey:
    """
    Return the private key that halves make together.

    Raises
    ------
    ValueError
        If they cancel each other out.
    """
    return ec.derive_private_key(sum(halves) % ORDER, _CURVE)


def make_key_pair(config: Config, round_id: int) -> bytes:
    """Make a round's two halves, put them in the data folder, and return the public key (65 bytes, uncompressed point)."""
    points = []
    for holder in HOLDERS:
        half = new_half()
        points.append(point_of(half))
        _write_durably(half_path(config, round_id, holder), half.to_bytes(HALF_LENGTH, "big"))
    return add_points(*points)


def join_halves(config: Config, round_id: int, public_key: bytes) -> ec.EllipticCurvePrivateKey:
    """
    Return the private key from the two halves in the data folder.

    Raises
    ------
    DamagedData
        If a half is missing or the two do not make the round's key.
    """
    halves = []
    for holder in HOLDERS:
        path = half_path(config, round_id, holder)
        if not path.is_file():
            raise DamagedData(
                en=f"the {holder}'s half of the round's key is missing from the data folder ({path.name}); restore it from a backup",
                zh=f"数据目录中缺少本轮密钥的一半（{path.name}），请从备份恢复",
            )
        halves.append(path.read_bytes())
    if {len(half) for half in halves} == {HALF_LENGTH}:
        one, other = (int.from_bytes(half, "big") for half in halves)
        # Rounds opened by the first version split the key by exclusive or instead of by addition.
        for scalar in ((one + other) % ORDER, one ^ other):
            if 0 < scalar < ORDER and point_of(scalar) == public_key:
                return ec.derive_private_key(scalar, _CURVE)
    raise DamagedData(
        en="the two halves in the data folder do not make this round's key; restore both from a backup",
        zh="数据目录中的两半密钥不能合成本轮密钥，请从备份恢复",
    )


def destroy_halves(config: Config, round_id: int) -> None:
    """Overwrite and remove both halves; nothing happens where they are gone already, by another process perhaps."""
    for holder in HOLDERS:
        path = half_path(config, round_id, holder)
        try:
            _write_durably(path, bytes(HALF_LENGTH), flags=os.O_WRONLY)
        except FileNotFoundError:
            continue
        path.unlink(missing_ok=True)


def halves_exist(config: Config, round_id: int) -> bool:
    """Tell whether any half is still in the data folder."""
    return any(half_path(config, round_id, holder).exists() for holder in HOLDERS)


def half_path(config: Config, round_id: int, holder: str) -> Path:
    """Return where a holder's half waits in the data folder."""
    return config.secrets_folder / f"round-{round_id}-{holder}.half"


def seal(public_key: bytes, content: bytes, *, info: bytes) -> bytes:
    """Seal content with the round's public key; each sealing uses a new key of its own."""
    return _SUITE.encrypt(content, _point(public_key), info=info)


@lru_cache(maxsize=16)
def _point(public_key: bytes) -> ec.EllipticCurvePublicKey:
    """Return a round's public key, found to be on the curve once for its thousands of answers."""
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key)


def unseal(private_key: ec.EllipticCurvePrivateKey, sealed: bytes, *, info: bytes) -> bytes:
    """Open what `seal` sealed."""
    try:
        return _SUITE.decrypt(sealed, private_key, info=info)
    except (InvalidTag, ValueError) as error:
        raise DamagedData(
            en="a sealed ballot is damaged and cannot be opened; nothing was changed; restore the database from a backup",
            zh="有一张密封的答卷已损坏，无法打开；未作任何改动，请从备份恢复数据库",
        ) from error


def _public_bytes(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    return private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _write_durably(path: Path, content: bytes, *, flags: int = os.O_WRONLY | os.O_CREAT) -> None:
    # Written in place, not through a copy: overwriting must reach the old bytes.
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
