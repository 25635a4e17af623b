"""
Addition of public points on the curve P-256, in plain integers.

Two holders each keep a random number, a and b; the box's private key is a + b, its public key the sum of their points. Only public points
are added here, so nothing about the time this takes is secret; everything with secret numbers is left to ``cryptography``.
"""

from __future__ import annotations

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
"""The field's prime (FIPS 186-5)."""
A = P - 3
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points there are; private keys are numbers from 1 to ORDER − 1."""
_LENGTH = 32


def add_points(left: bytes, right: bytes) -> bytes:
    """
    Return the sum of two points, each as 65 bytes (04, x, y).

    Raises
    ------
    ValueError
        If one is no point of the curve, or the sum is the point at infinity, which has no such form.
    """
    (x1, y1), (x2, y2) = _coordinates(left), _coordinates(right)
    if x1 != x2:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    elif y1 == y2:
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        raise ValueError("the two points are each other's negative")
    x3 = (slope * slope - x1 - x2) % P
    y3 = (slope * (x1 - x3) - y1) % P
    return b"\x04" + x3.to_bytes(_LENGTH, "big") + y3.to_bytes(_LENGTH, "big")


def _coordinates(point: bytes) -> tuple[int, int]:
    if len(point) != 1 + 2 * _LENGTH or point[0] != 4:
        raise ValueError("a point has 65 bytes, the first of them 04")
    x, y = int.from_bytes(point[1 : 1 + _LENGTH], "big"), int.from_bytes(point[1 + _LENGTH :], "big")
    if max(x, y) >= P or (y * y - x * x * x - A * x - B) % P:
        raise ValueError("this point is not on the curve")
    return x, y
