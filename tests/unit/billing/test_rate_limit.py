"""All functions together keep under a rate of calls, with few writes; who is refused backs off, and takes less."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.rate_limit import Limiter, slot


@dataclass
class Shared:
    """A count and a clock; who waits lets time pass."""

    now: int = 1_000_000
    until: int = 0
    writes: int = 0
    lose: int = 0
    waited: list[int] = field(default_factory=list)

    def reserved_until(self) -> int:
        return self.until

    def reserve(self, before_ms: int, until_ms: int) -> bool:
        if self.lose:
            self.lose -= 1
            return False
        if before_ms != self.until:
            return False
        self.until, self.writes = until_ms, self.writes + 1
        return True

    def pause(self, ms: int) -> None:
        self.waited.append(ms)
        self.now += ms

    def limiter(self, per_second: int) -> Limiter:
        return Limiter(per_second, self, now_ms=lambda: self.now, pause=self.pause)


@given(st.integers(1, 100), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 300)), min_size=20, max_size=150))
def test_no_second_has_more_than_the_rate_and_a_chunk_whoever_calls_when(
    per_second: int, calls: list[tuple[int, int]]
) -> None:
    shared = Shared()
    limiters = [shared.limiter(per_second) for _ in range(4)]
    made: list[int] = []
    for who, later in calls:
        shared.now += later if later > 250 else 0
        assert limiters[who].wait()
        made.append(shared.now)

    held = 4 * max(1, per_second // 4)
    for begin in made:
        within = sum(1 for at in made if begin <= at < begin + 1000)
        assert within <= per_second + max(1, per_second // 4) + held


def test_a_busy_worker_writes_once_in_a_chunk_and_keeps_to_the_rate() -> None:
    shared = Shared()
    limiter, began = shared.limiter(20), shared.now
    seconds: Counter[int] = Counter()
    for _ in range(200):
        limiter.wait()
        seconds[(shared.now - began) // 1000] += 1

    assert shared.writes == 40
    assert max(seconds.values()) <= 25
    assert 9_000 <= shared.now - began <= 10_000


def test_what_was_idle_gives_nothing_away_afterwards() -> None:
    assert slot(0, 1_000_000, 5, 20) == (1_000_000, 1_000_250)
    assert slot(1_000_250, 1_000_000, 5, 20) == (1_000_250, 1_000_500)


@pytest.mark.parametrize("per_second", [1, 2, 3])
def test_a_rate_of_less_than_a_chunk_is_kept_too(per_second: int) -> None:
    shared = Shared()
    limiter, began = shared.limiter(per_second), shared.now
    for _ in range(10):
        limiter.wait()

    assert shared.now - began >= 9 * 1000 // per_second


def test_whoever_loses_a_race_for_the_count_tries_again_and_gives_up_when_it_never_wins() -> None:
    shared = Shared(lose=3)

    assert shared.limiter(20).wait()
    assert shared.writes == 1
    assert not Shared(lose=10**9).limiter(5).wait()


def test_whoever_would_wait_too_long_is_told_so_at_once() -> None:
    shared = Shared(until=1_000_000 + 15_001)

    assert not shared.limiter(20).wait()
    assert (shared.writes, shared.waited) == (0, [])


def test_a_refusal_makes_everybody_wait_and_halves_what_is_taken_at_once_until_it_goes_well_again() -> None:
    shared = Shared()
    first, other = shared.limiter(40), shared.limiter(40)
    first.wait()
    first.too_much()
    began = shared.now
    other.wait()
    assert shared.now - began >= 1000

    before = shared.writes
    for _ in range(5 + 6 + 7 + 8 + 9 + 10):
        first.wait()
    assert shared.writes - before == 6
