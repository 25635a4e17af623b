"""Results are worked out once each, and a slow one keeps nobody from another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from survey_app.kept import Kept

PATIENCE = 20.0


def test_a_slow_result_does_not_keep_others_waiting() -> None:
    kept, begun, free = Kept(), Event(), Event()

    def slow() -> str:
        begun.set()
        assert free.wait(PATIENCE)
        return "slow"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(kept.get, "one", slow)
        assert begun.wait(PATIENCE)
        assert pool.submit(kept.get, "two", lambda: "quick").result(PATIENCE) == "quick"
        assert not first.done()
        free.set()
        assert first.result(PATIENCE) == "slow"


def test_many_who_ask_for_the_same_at_once_get_one_result_made_once() -> None:
    kept, begun, free = Kept(), Event(), Event()
    made = []

    def make() -> object:
        begun.set()
        assert free.wait(PATIENCE)
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(kept.get, "key", make) for _ in range(8)]
        assert begun.wait(PATIENCE)
        free.set()
        found = {id(each.result(PATIENCE)) for each in asked}
    assert found == {id(made[0])}
    assert len(made) == 1


def test_one_that_fails_is_not_kept_and_the_next_tries_again() -> None:
    kept = Kept()
    with pytest.raises(ZeroDivisionError):
        kept.get("key", lambda: 1 // 0)
    assert kept.get("key", lambda: 7) == 7
    assert kept.get("key", lambda: 8) == 7


def test_a_result_may_ask_for_others_and_the_one_unused_longest_leaves() -> None:
    kept = Kept(most=2)
    assert kept.get("sum", lambda: kept.get("a", lambda: 1) + kept.get("b", lambda: 2)) == 3
    assert kept.get("sum", lambda: 0) == 3
    assert kept.get("b", lambda: 9) == 2
    assert kept.get("a", lambda: 5) == 5
