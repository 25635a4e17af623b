"""Points added by hand are those that the library derives from added numbers."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from survey_app.services.curve import ORDER, P, add_points
from survey_app.services.keys import joined, new_half, point_of


def opposite(point: bytes) -> bytes:
    return point[:33] + (P - int.from_bytes(point[33:], "big")).to_bytes(32, "big")


def test_the_sum_of_points_is_the_point_of_the_sum() -> None:
    for _ in range(60):
        one, other = new_half(), new_half()
        assert add_points(point_of(one), point_of(other)) == point_of((one + other) % ORDER)
        assert joined([one, other]).private_numbers().private_value == (one + other) % ORDER


@pytest.mark.parametrize(("one", "other"), [(1, 1), (1, 2), (2, 1), (ORDER - 1, ORDER - 1), (ORDER - 1, 2), (7, 7)])
def test_small_large_and_equal_numbers_add_up_too(one: int, other: int) -> None:
    assert add_points(point_of(one), point_of(other)) == point_of((one + other) % ORDER)


def test_the_sum_is_a_key_that_the_library_takes() -> None:
    point = add_points(point_of(new_half()), point_of(new_half()))
    assert ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point).public_numbers().x


def test_a_point_and_its_opposite_have_no_sum() -> None:
    point = point_of(new_half())
    with pytest.raises(ValueError, match="negative"):
        add_points(point, opposite(point))
    with pytest.raises(ValueError, match=r"."):
        joined([5, ORDER - 5])


@pytest.mark.parametrize("change", [lambda p: p[:-1], lambda p: b"\x02" + p[1:], lambda p: p[:-1] + bytes([p[-1] ^ 1])])
def test_what_is_no_point_of_the_curve_is_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(ValueError, match="point"):
        add_points(point_of(3), change(point_of(new_half())))


def test_coordinates_beyond_the_field_are_refused() -> None:
    with pytest.raises(ValueError, match="not on the curve"):
        add_points(b"\x04" + b"\xff" * 64, point_of(1))


def test_halves_are_spread_over_all_numbers_and_never_zero() -> None:
    halves = [new_half() for _ in range(400)]
    assert len(set(halves)) == 400
    assert all(0 < half < ORDER for half in halves)
    assert 150 < sum(half > ORDER // 2 for half in halves) < 250
