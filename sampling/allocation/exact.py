"""
Exact numbers from what people write, and roots and powers that are the same on every machine.

exact(value)        an int, text, Decimal, Fraction or float as a Fraction; a float is its shortest decimal
raised(x, q)        x to the power q: exact where q is whole or the root comes out even, else to 60 digits
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from numbers import Rational

Number = int | str | float | Decimal | Fraction
"""What is taken as a number."""

DIGITS = 60
GUARD = 10
HALF = Fraction(1, 2)
_MAX_POWER = 4000
_POWER = re.compile(r"[eE][+-]?0*([0-9]+)")
# sqrt, ln and exp of decimals are correctly rounded, unlike those of doubles, which differ between C libraries.
CONTEXT = Context(prec=DIGITS + GUARD, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999)


def exact(value: Number) -> Fraction:
    """
    A number as it was written.

    Parameters
    ----------
    value : int, str, float, Decimal or Fraction
        A float is taken as the shortest decimal that reads back to it: 0.1 is one tenth.

    Raises
    ------
    ValueError
        When it is no finite number, or one written with a power of ten beyond 4000.

    Examples
    --------
    >>> exact(0.1), exact("1/3"), exact("2.50")
    (Fraction(1, 10), Fraction(1, 3), Fraction(5, 2))
    """
    if isinstance(value, bool):
        raise ValueError(f"expected a number, got {value!r}")
    if _is_endless(value):
        raise ValueError(f"expected a number of a usable size, got {str(value)[:60]!r}")
    try:
        if not isinstance(value, (str, Decimal, Rational)):  # a float, of NumPy too
            return Fraction(str(value))
        return Fraction(value)
    except (TypeError, OverflowError, ZeroDivisionError, ValueError):
        raise ValueError(f"expected a finite number, got {value!r}") from None


def _is_endless(value: Number) -> bool:
    """Whether a number's power of ten is so large that its digits would fill the memory."""
    if isinstance(value, Decimal):
        return value.is_finite() and abs(value.adjusted()) > _MAX_POWER
    written = _POWER.search(value) if isinstance(value, str) else None
    return written is not None and (len(written[1]) > 6 or int(written[1]) > _MAX_POWER)


def raised(base: Fraction, power: Fraction) -> Fraction:
    """
    A number to a power.

    Parameters
    ----------
    base : Fraction
        At least 0; above 0 where the power is negative.
    power : Fraction

    Returns
    -------
    Fraction
        Exact where the power is whole, and for square roots that come out even; else correct to 60 digits.

    Examples
    --------
    >>> raised(Fraction(9, 4), Fraction(1, 2))
    Fraction(3, 2)
    >>> round(float(raised(Fraction(2), Fraction(1, 2))), 6)
    1.414214
    """
    if power.denominator == 1:
        return base**power.numerator
    if base in (0, 1):
        return base
    even = _even_root(base) if power.denominator == 2 else None
    return even**power.numerator if even is not None else Fraction(_decimal_power(base, power))


def square_root(value: Fraction) -> float:
    """
    The square root, rounded to the nearest double; exact rationals go in, so it is the same everywhere.

    Examples
    --------
    >>> square_root(Fraction(9, 4))
    1.5
    """
    return float(raised(value, HALF))


def _even_root(value: Fraction) -> Fraction | None:
    """The square root where it is rational."""
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    return Fraction(top, bottom) if top * top == value.numerator and bottom * bottom == value.denominator else None


def _decimal_power(base: Fraction, power: Fraction) -> Decimal:
    """By square root, or by logarithm; decimals' own power operator is not correctly rounded."""
    written = CONTEXT.divide(Decimal(base.numerator), Decimal(base.denominator))
    if power == HALF:
        return CONTEXT.sqrt(written)
    exponent = CONTEXT.divide(Decimal(power.numerator), Decimal(power.denominator))
    return CONTEXT.exp(CONTEXT.multiply(exponent, CONTEXT.ln(written)))
