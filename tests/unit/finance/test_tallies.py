"""Figures by account are the same in whatever order they come, and however few are held in memory."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.finance.monitor_model import RunningSpread, Sums, spread
from chalicelib.finance.sums_on_disk import SumsOnDisk, following
from chalicelib.finance.tallies import TalliesOnDisk

amounts = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["EUR", "SEK"]), st.sampled_from("xyz"), st.integers(-9, 9)),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(rows=amounts, held=st.integers(1, 9))
def test_what_is_added_up_is_the_same_in_any_order_and_read_in_order(
    rows: list[tuple[str, str, str, int]], held: int
) -> None:
    straight, shuffled = TalliesOnDisk(), TalliesOnDisk(most_held=held)
    mixed = list(rows)
    random.Random(held).shuffle(mixed)
    for tallies, given_rows in ((straight, rows), (shuffled, mixed)):
        for account, currency, figure, amount in given_rows:
            tallies.add((account, currency), figure, amount)

    found = list(shuffled.items())
    assert found == list(straight.items()) == sorted(found)
    assert sum(sum(figures.values()) for _, figures in found) == sum(amount for *_, amount in rows)


@given(rows=amounts, cut=st.integers(0, 60))
def test_sums_of_parts_put_together_are_those_of_the_whole(rows: list[tuple[str, str, str, int]], cut: int) -> None:
    whole, parts = Sums(), (Sums(), Sums())
    for number, (account, currency, figure, amount) in enumerate(rows):
        whole.add((account, currency), figure, amount)
        parts[number >= cut].add((account, currency), figure, amount)

    one, other = parts
    assert list(one.plus(other).items()) == list(other.plus(one).items()) == list(whole.items())


@settings(max_examples=60, deadline=None)
@given(rows=amounts, held=st.integers(1, 5))
def test_sums_on_disk_are_those_in_memory_in_the_same_order_also_while_more_comes(
    rows: list[tuple[str, str, str, int]], held: int
) -> None:
    plain, disk = Sums(), SumsOnDisk(held)
    for number, (one, other, figure, amount) in enumerate(rows):
        plain.add((one, other, "é" * number), figure, amount)
        disk.add((one, other, "é" * number), figure, amount)
        if number % 20 == 0:
            assert list(disk.items()) == list(plain.items())

    assert list(disk.items()) == list(plain.items())


@given(rows=amounts, asked=st.sets(st.tuples(st.sampled_from("abcd"), st.sampled_from(["EUR", "SEK"]))))
def test_keys_that_are_asked_for_in_order_have_what_was_added_or_nothing(
    rows: list[tuple[str, str, str, int]], asked: set[tuple[str, str]]
) -> None:
    disk, plain = SumsOnDisk(2), Sums()
    for account, currency, figure, amount in rows:
        disk.add((account, currency), figure, amount)
        plain.add((account, currency), figure, amount)
    of, known = following(disk), dict(plain.items())

    assert [of(key) for key in sorted(asked)] == [known.get(key) for key in sorted(asked)]


weights = st.lists(st.integers(0, 1_000), min_size=1, max_size=30)


@given(whole=st.integers(-10_000, 10_000), weights=weights)
def test_nothing_is_lost_where_a_cost_is_spread(whole: int, weights: list[int]) -> None:
    named = {f"product-{number:02d}": weight for number, weight in enumerate(weights)}
    parts = spread(whole, named)
    assert sum(parts.values()) == whole
    assert all(named.get(name, 0) > 0 for name in parts) or parts == {"": whole}

    running = RunningSpread(whole, sum(weights))
    one_by_one = [running.next(weight) for weight in weights]
    assert sum(one_by_one) == (whole if sum(weights) else 0)
    exact = [whole * weight / (sum(weights) or 1) for weight in weights]
    assert all(abs(part - share) <= 1 for part, share in zip(one_by_one, exact, strict=True))
