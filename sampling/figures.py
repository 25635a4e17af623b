"""
How numbers are written in every file of a draw.

figure(x)   the shortest decimal that reads back to the same double; whole numbers without a point
"""

from __future__ import annotations

from fractions import Fraction

import rfc8785

from sampling.selection.probabilities import Ratio


def figure(value: int | float | Fraction | Ratio) -> str:
    """
    A number as text, in the form RFC 8785 gives to numbers.

    Parameters
    ----------
    value : int, float, Fraction or Ratio
        Finite. A fraction or ratio is rounded once, to the nearest double.

    Examples
    --------
    >>> figure(Fraction(1, 3)), figure(2.0), figure(Fraction(50, 1))
    ('0.3333333333333333', '2', '50')
    """
    if isinstance(value, int):
        return str(int(value))
    return rfc8785.dumps(float(value)).decode("ascii")
