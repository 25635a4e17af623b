"""
Random starts: the hash of a public sentence.

label(...)        the sentence
labels(...)       those of many lists
start(label, M)   a whole number from 0 to M − 1, anyone can redo it with ``sha256sum`` and long division
hashed(label)     all random numbers of one selection: the start, then those of ``label:1``, ``label:2`` …
numbers(start)    the same from what was given by hand: one start, a sequence of them, or a function
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from operator import index

PROTOCOL = "pingyi-draw/1"

Numbers = Callable[[int, int], int]
"""``numbers(k, m)``: the k-th random number of a selection (k = 0, 1 …), from 0 to m − 1."""

Start = int | Sequence[int] | Numbers
"""What every method takes as ``start``: one number, the numbers one after another, or a function."""


def label(seed: str, township_code: str, group: str, stage: str, cluster_code: str = "", take: str = "main") -> str:
    """
    The public sentence from which a start comes.

    Parameters
    ----------
    seed : str
        As checked by ``check_seed``.
    township_code, group : str
        The list that is drawn from.
    stage : str
        ``psu``, ``ssu`` or ``unit``.
    cluster_code : str
        Code of the cluster within which the stage selects, nested codes joined by ``/``; empty at the first stage.
    take : str
        ``main`` or ``reserve``.

    Examples
    --------
    >>> label("2026", "350722204000", "rural", "unit", "350722204201")
    'pingyi-draw/1|2026|350722204000|rural|unit|350722204201|main'
    """
    return "|".join((PROTOCOL, seed, township_code, group, stage, cluster_code, take))


def labels(seed: str, group: str, stage: str, take: str, lists: Iterable[tuple[str, str]]) -> Iterator[str]:
    """
    The labels of many lists of one group and stage.

    Parameters
    ----------
    lists : iterable of (township_code, cluster_code)

    Examples
    --------
    >>> list(labels("2026", "rural", "unit", "main", [("350722204000", "350722204201")]))
    ['pingyi-draw/1|2026|350722204000|rural|unit|350722204201|main']
    """
    # what is the same in all is put together once; no part of a label holds a control character
    head, middle, end = label(seed, "\0", group, stage, "\0", take).split("\0")
    return (f"{head}{township}{middle}{cluster}{end}" for township, cluster in lists)


def start(sentence: str, m: int) -> int:
    """
    The start that a label gives: floor(SHA-256(label) × M / 2^256).

    Parameters
    ----------
    sentence : str
        The label; hashed as UTF-8.
    m : int
        Number of possible starts, M ≥ 1, of any size.

    Returns
    -------
    int
        From 0 to M − 1. No start is likelier than another by more than M / 2^256.

    Examples
    --------
    >>> start("pingyi-draw/1|2026|350722204000|rural|unit||main", 1)
    0
    """
    if m < 1:
        raise ValueError(f"a start needs at least one possible value, got M = {m}")
    digest = hashlib.sha256(sentence.encode("utf-8")).digest()
    return int.from_bytes(digest, "big") * m >> 256


def hashed(sentence: str) -> Numbers:
    """
    The random numbers of one selection, each the hash of a sentence of its own.

    Parameters
    ----------
    sentence : str
        The label. Number 0 is its start; number k is the start of the label with ``:k`` behind it.

    Examples
    --------
    >>> draw = hashed("pingyi-draw/1|2026|350722204000|rural|unit||main")
    >>> draw(3, 1000) == start("pingyi-draw/1|2026|350722204000|rural|unit||main:3", 1000)
    True
    """
    return _Hashed(sentence)


def first_numbers(draws: Sequence[Numbers], bounds: Sequence[int]) -> list[int]:
    """
    Random number 0 of each of many selections, 0 where its bound is 0.

    Parameters
    ----------
    draws : sequence of Numbers
    bounds : sequence of int
        M ≥ 0 of each.

    Examples
    --------
    >>> first_numbers([hashed("a"), lambda k, m: m - 1, hashed("b")], [1, 8, 0])
    [0, 7, 0]
    """
    sha256, whole = hashlib.sha256, int.from_bytes
    return [
        (whole(sha256(draw.encode("utf-8")).digest(), "big") * m >> 256 if type(draw) is _Hashed else draw(0, m))
        if m
        else 0
        for draw, m in zip(draws, bounds, strict=True)
    ]


class _Hashed(str):
    """A label that gives its random numbers: a text and nothing more, since a country has millions of them."""

    __slots__ = ()

    def __call__(self, k: int, m: int) -> int:
        return start(self if k == 0 else f"{self}:{k}", m)


def numbers(given: Start) -> Numbers:
    """
    Random numbers as they were given, each checked against its bound.

    Parameters
    ----------
    given : int, sequence of int, or function
        One start; the numbers in the order in which the method asks for them; or ``numbers(k, m)``.

    Raises
    ------
    ValueError
        When what was given is no whole number (1.0, True and "1" are none), a number is asked for that was not given, or
        one is not from 0 to m − 1.

    Examples
    --------
    >>> numbers([4, 0])(1, 3)
    0
    """
    if callable(given):
        return given
    listed = [_whole(value) for value in given] if isinstance(given, Iterable) else [_whole(given)]

    def number(k: int, m: int) -> int:
        if k >= len(listed):
            raise ValueError(f"expected at least {k + 1} random numbers, got {len(listed)}")
        if not 0 <= listed[k] < m:
            raise ValueError(f"expected a random number from 0 to {m - 1}, got {listed[k]} as number {k}")
        return listed[k]

    return number


def _whole(value: object) -> int:
    """A whole number as an int; truth values, floats and texts are refused rather than read as one."""
    if not isinstance(value, bool):
        with suppress(TypeError):
            return index(value)  # type: ignore[arg-type]
    raise ValueError(f"expected a whole number as start, or several of them, got {value!r}; give it as an int")
