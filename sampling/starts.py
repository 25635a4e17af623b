"""
Random starts: the hash of a public sentence.

label(...)        the sentence
start(label, M)   a whole number from 0 to M − 1, anyone can redo it with ``sha256sum`` and long division
"""

from __future__ import annotations

import hashlib

PROTOCOL = "pingyi-draw/1"


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
