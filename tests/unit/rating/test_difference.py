"""What changed between two ratings, and tax."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.money import Money
from chalicelib.rating import rate
from chalicelib.rating.difference import difference
from chalicelib.rating.tax import tax_by_line, taxed
from tests.unit.rating.city_bike import NIGHT, ride
from tests.unit.rating.made import due, minors


def test_a_late_measurement_is_a_line_that_says_what_was_and_what_is() -> None:
    lines = difference(rate([ride(1700)]), rate([ride(3700)]))

    assert [(line.price_id, line.code, line.amount.minor, line.evidence) for line in lines] == [
        ("time", "changed", 200, ("ride-1-meter",))
    ]
    assert lines[0].facts == {
        "was": "0.00",
        "now": "2.00",
        "quantity_was": "0",
        "quantity_now": "2",
        "of": "started_packages",
    }


def test_a_correction_downwards_is_a_negative_line() -> None:
    assert minors(difference(rate([ride(3700)]), rate([ride(1700)]))) == [-200]


def test_a_use_that_comes_in_late_moves_the_cap_of_those_after_it() -> None:
    """
    6.50 and 6.50 fill the cap of 9.00; a ride of 4.50 that ended before both comes late: nothing more is due in all.
    """
    known = [ride(12000, "a", NIGHT), ride(12000, "b", NIGHT + timedelta(minutes=1))]
    late = ride(9000, "late", NIGHT - timedelta(hours=2))

    lines = difference(rate(known), rate([*known, late]))

    assert (due(lines, "late"), due(lines, "a"), due(lines, "b"), due(lines)) == (450, -200, -250, 0)


def test_ratings_that_agree_differ_by_nothing() -> None:
    assert difference(rate([ride(58499)]), rate([ride(58499)])) == ()


seconds = st.lists(st.integers(0, 90_000), max_size=6)


@given(seconds, seconds)
def test_the_difference_always_adds_up_to_the_change(before: list[int], after: list[int]) -> None:
    was, now = (
        rate([ride(length, f"ride-{n}", NIGHT - timedelta(hours=n)) for n, length in enumerate(lengths)])
        for lengths in (before, after)
    )

    assert due(difference(was, now)) == due(now) - due(was)


@pytest.mark.parametrize(
    ("minor", "rate_", "net"),
    [(1240, "0.24", 1000), (900, "0.24", 726), (1, "0.24", 1), (0, "0.24", 0), (-900, "0.24", -726), (100, "0", 100)],
)
def test_tax_splits_an_inclusive_total_and_never_changes_it(minor: int, rate_: str, net: int) -> None:
    split = taxed(Money(minor, "EUR"), Decimal(rate_), inclusive=True)

    assert (split.net.minor, split.gross.minor) == (net, minor)
    assert split.net + split.tax == split.gross


def test_tax_comes_on_top_of_an_exclusive_total() -> None:
    assert taxed(Money(999, "EUR"), Decimal("0.255"), inclusive=False).gross == Money(1254, "EUR")


@pytest.mark.parametrize("rate_", ["NaN", "-0.1", "0.1234567890123"])
def test_a_tax_rate_is_a_decimal_fraction(rate_: str) -> None:
    with pytest.raises(Invalid):
        taxed(Money(1, "EUR"), Decimal(rate_), inclusive=True)


@given(st.lists(st.integers(0, 90_000), min_size=1, max_size=6), st.sampled_from(["0.24", "0.255", "0.1", "0.25"]))
def test_the_tax_of_the_lines_adds_up_to_the_tax_of_the_total(lengths: list[int], rate_: str) -> None:
    lines = rate([ride(length, f"ride-{n}", NIGHT + timedelta(hours=n)) for n, length in enumerate(lengths)])
    split = taxed(Money(due(lines), "EUR"), Decimal(rate_), inclusive=True)

    assert sum(part.minor for part in tax_by_line(lines, split.tax)) == split.tax.minor
