"""What budgets leave for what runs, shared out so that nothing that runs together passes one of them."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.sharing_out import Pool, Portion, last_second, shared_out

HORIZON = 100_000
NAMES = "abcd"


def by_the(seconds: int, step: int, first: int = 0) -> Callable[[int], int]:
    """So much at first, and so much more with each started stretch of so many seconds; nothing more for a step of 0."""
    return lambda after: first + -(-after // seconds) * step


COURSES = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(by_the, st.integers(1, 3600), st.integers(0, 300), st.integers(0, 2000)),
    min_size=1,
)
POOLS = st.lists(st.builds(Pool, st.integers(-500, 10_000), st.frozensets(st.sampled_from(NAMES))), max_size=4)


@given(POOLS, COURSES)
def test_all_that_runs_together_never_passes_a_budget_that_was_not_passed(
    pools: list[Pool], costs: dict[str, Callable[[int], int]]
) -> None:
    """
    Whatever second each ends at: the last one at which it has not come to more than its portion.
    """
    found = shared_out(pools, costs, HORIZON)

    def ends_with(name: str) -> int:
        most = found[name].most
        if most is None:
            return costs[name](HORIZON)
        return costs[name](last_second(lambda after: costs[name](after) > most, HORIZON))

    for pool in pools:
        under = [name for name in pool.covers if name in costs]
        if sum(costs[name](1) for name in under) > pool.left:
            assert all(found[name].passed for name in under)
        else:
            portions = [found[name].most for name in under]
            assert None not in portions
            assert sum(each for each in portions if each is not None) <= max(pool.left, 0) or not under
            assert all(found[name].passed or ends_with(name) <= (found[name].most or 0) for name in under)


@given(st.integers(0, 10_000), COURSES)
def test_each_goes_on_until_all_of_them_have_reached_the_budget_and_all_of_it_is_given_out(
    left: int, costs: dict[str, Callable[[int], int]]
) -> None:
    found = shared_out([Pool(left, frozenset(costs))], costs, HORIZON)

    if any(each.passed for each in found.values()):
        assert sum(cost(1) for cost in costs.values()) > left
        return
    seconds = next(iter(found.values())).seconds
    together = seconds if seconds is not None else HORIZON
    assert all((found[name].most or 0) >= cost(together) for name, cost in costs.items())
    assert sum(each.most or 0 for each in found.values()) == left
    assert seconds is None or sum(cost(seconds + 1) for cost in costs.values()) > left


def test_two_at_ten_and_thirty_cents_a_minute_under_eight_euros_end_together_after_twenty_minutes() -> None:
    costs = {"a": by_the(6, 1), "b": by_the(2, 1)}

    found = shared_out([Pool(800, frozenset("ab"))], costs, HORIZON)

    assert {name: (each.most, each.seconds) for name, each in found.items()} == {"a": (200, 1200), "b": (600, 1200)}


def test_of_two_budgets_the_one_with_less_counts_and_what_runs_under_none_is_not_limited() -> None:
    costs = dict.fromkeys("abc", by_the(6, 1))
    pools = [Pool(1000, frozenset("ab")), Pool(100, frozenset("a"))]

    assert shared_out(pools, costs, HORIZON) == {
        "a": Portion(100, 600),
        "b": Portion(500, 3000),
        "c": Portion(),
    }


def test_what_costs_nothing_goes_on_under_a_budget_that_is_used_up() -> None:
    assert shared_out([Pool(0, frozenset("a"))], {"a": by_the(60, 0)}, HORIZON) == {"a": Portion(0, None)}
