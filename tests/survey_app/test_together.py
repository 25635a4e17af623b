"""Many callers, one act: what waits is done at the next turn, each gets an outcome of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from survey_app.together import Together, serve_together


class Acts:
    """An act that can be held up, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int | BaseException]:
        self.batches.append(list(items))
        self.begun.set()
        assert self.let_go.wait(30)
        if 13 in items:
            raise RuntimeError("the whole act failed")
        return [ValueError("this one alone") if item == 7 else item * 10 for item in items]


def held_up(together: Together[int, int], acts: Acts, pool: ThreadPoolExecutor, items: list[int]) -> list[Future[int]]:
    """Begin with the first item, let the others come while it is acted on, and go on."""
    first = pool.submit(together.act, items[0], acts)
    assert acts.begun.wait(30)
    others = []
    for count, item in enumerate(items[1:], start=1):
        others.append(pool.submit(together.act, item, acts))
        while len(together._waiting) < count:
            assert not others[-1].done()
    acts.let_go.set()
    return [first, *others]


def test_what_comes_while_one_acts_is_done_together_in_the_order_it_came() -> None:
    together, acts = Together[int, int](64), Acts()
    with ThreadPoolExecutor(8) as pool:
        outcomes = held_up(together, acts, pool, [1, 2, 3, 4, 5])
        assert [outcome.result(30) for outcome in outcomes] == [10, 20, 30, 40, 50]
    assert acts.batches == [[1], [2, 3, 4, 5]]


def test_no_batch_is_larger_than_the_most() -> None:
    together, acts = Together[int, int](2), Acts()
    with ThreadPoolExecutor(8) as pool:
        outcomes = held_up(together, acts, pool, [1, 2, 3, 4, 5, 6])
        assert [outcome.result(30) for outcome in outcomes] == [10, 20, 30, 40, 50, 60]
    assert acts.batches == [[1], [2, 3], [4, 5], [6]]


def test_an_error_of_one_is_raised_to_this_one_alone() -> None:
    together, acts = Together[int, int](64), Acts()
    with ThreadPoolExecutor(8) as pool:
        outcomes = held_up(together, acts, pool, [1, 6, 7, 8])
        with pytest.raises(ValueError, match="this one alone"):
            outcomes[2].result(30)
        assert [outcomes[place].result(30) for place in (0, 1, 3)] == [10, 60, 80]


def test_when_the_act_fails_all_of_its_batch_are_told_and_the_next_goes_on() -> None:
    together, acts = Together[int, int](2), Acts()
    with ThreadPoolExecutor(8) as pool:
        outcomes = held_up(together, acts, pool, [1, 13, 2, 3, 4])
        for place in (1, 2):
            with pytest.raises(RuntimeError, match="whole act"):
                outcomes[place].result(30)
        assert [outcomes[place].result(30) for place in (0, 3, 4)] == [10, 30, 40]
    assert together.act(5, acts) == 50


def test_guests_of_one_thread_are_acted_on_together_and_each_goes_on_with_its_own_outcome() -> None:
    asked, batches = Together[int, int](64), list[list[int]]()
    found: dict[int, int | str] = {}

    def act(items: Sequence[int]) -> list[int | BaseException]:
        batches.append(list(items))
        return [ValueError("this one alone") if item == 2 else item * 10 for item in items]

    def guest(item: int) -> Callable[[], None]:
        def run() -> None:
            try:
                found[item] = asked.act(item, act)
            except ValueError as error:
                found[item] = str(error)

        return run

    serve_together([guest(item) for item in (1, 2, 3)])
    assert batches == [[1, 2, 3]]
    assert found == {1: 10, 2: "this one alone", 3: 30}


def test_guests_may_wait_for_one_thing_after_another_and_some_for_nothing() -> None:
    first, second, told = Together[str, str](64), Together[str, str](64), list[str]()

    def note(name: str) -> Callable[[Sequence[str]], list[str | BaseException]]:
        def act(items: Sequence[str]) -> list[str | BaseException]:
            told.append(f"{name}: {' '.join(items)}")
            return [item.upper() for item in items]

        return act

    def one() -> None:
        second.act(first.act("a", note("first")), note("second"))

    def two() -> None:
        second.act("b", note("second"))

    def none() -> None:
        told.append("nothing")

    serve_together([one, none, two, one])
    assert told == ["nothing", "first: a a", "second: b A A"]


def test_more_guests_than_the_most_are_acted_on_in_several_batches_among_the_threads_that_wait() -> None:
    together, acts = Together[int, int](2), Acts()
    found: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(together.act, 1, acts)
        assert acts.begun.wait(30)
        guests = [lambda item=item: found.append(together.act(item, acts)) for item in (2, 3, 4, 5)]
        many = pool.submit(serve_together, guests)
        while len(together._waiting) < 4:
            assert not many.done()
        acts.let_go.set()
        many.result(30)
        assert first.result(30) == 10
    assert found == [20, 30, 40, 50]
    assert acts.batches == [[1], [2, 3], [4, 5]]


def test_acts_that_need_not_wait_for_each_other_do_not() -> None:
    together, held = Together[int, int](64, one_at_a_time=False), Acts()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(together.act, 1, held)
        assert held.begun.wait(30)
        assert together.act(2, lambda items: [item * 10 for item in items]) == 20
        assert not first.done()
        held.let_go.set()
        assert first.result(30) == 10


def test_an_act_that_does_not_speak_of_every_item_is_an_error_of_all() -> None:
    for together in (Together[int, int](64), Together[int, int](64, one_at_a_time=False)):
        with pytest.raises(ValueError, match="expected 1 outcomes, got 0"):
            together.act(1, lambda _items: [])
