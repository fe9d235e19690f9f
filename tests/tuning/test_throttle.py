"""What grows with a search takes a small share of its time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from convspec.tuning import throttle as throttle


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(throttle, "time", found)
    return found


@pytest.mark.parametrize(("took", "least"), [(0.001, 0.0), (0.1, 0.0), (0.001, 2.0), (1.0, 2.0)])
def test_work_takes_at_most_a_twentieth_of_the_time(clock: Clock, took: float, least: float) -> None:
    done: list[float] = []

    def work() -> None:
        done.append(clock.now)
        clock.now += took

    begun, paced = clock.now, throttle.Throttle(work, least)
    for _ in range(10_000):
        clock.now += 0.01
        paced.maybe()
    assert len(done) > 1
    assert len(done) * took <= (clock.now - begun) / throttle.SHARE + took
    assert min(later - earlier for earlier, later in pairwise(done)) >= least


def test_the_first_work_waits_only_where_a_pause_is_asked(clock: Clock) -> None:
    done: list[str] = []
    throttle.Throttle(lambda: done.append("at once")).maybe()
    waiting = throttle.Throttle(lambda: done.append("after a pause"), 2.0)
    waiting.maybe()
    assert done == ["at once"]
    waiting.now()
    assert done == ["at once", "after a pause"]
