"""Passes: paid once, and paid back for what was not used of them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rating import Use, rate
from chalicelib.rating.held import Held, Stretch
from tests.unit.rating.made import MAY, due, minors, tariff

PASS: dict[str, Any] = {"kind": "once", "charge_class": "ordered", "amount": "20"}


def bought(seats: int = 1, price: dict[str, Any] = PASS, **quantities: int) -> Use:
    of = Held("sub", (Stretch(MAY, MAY),), seats)
    amounts = {name: Decimal(amount) for name, amount in quantities.items()}
    return Use("pass", tariff(price), MAY, MAY, False, amounts, kind="agreement", held=of)


def test_a_pass_is_paid_once_whatever_time_it_is_good_for() -> None:
    assert minors(rate([bought(bought_s=7 * 86_400)])) == [2000]
    assert minors(rate([bought(seats=4)])) == [2000]
    assert minors(rate([bought(seats=4, price={**PASS, "per_seat": True})])) == [8000]


@pytest.mark.parametrize(
    ("quantities", "back"),
    [
        ({"bought_s": 600_000, "unused_s": 150_000}, 500),
        ({"bought_uses": 10, "unused_uses": 3}, 600),
        ({"bought_uses": 10, "unused_uses": 3, "bought_s": 600_000, "unused_s": 150_000}, 500),
        ({"bought_uses": 10, "unused_uses": 0, "bought_s": 600_000, "unused_s": 150_000}, 0),
        ({"bought_uses": 10, "unused_uses": 10}, 2000),
    ],
)
def test_what_is_not_used_of_a_pass_that_ends_is_paid_back(quantities: dict[str, int], back: int) -> None:
    """
    Bounded by time and uses, it is the smaller part of both.
    """
    lines = rate([bought(**quantities)])

    assert due(lines) == 2000 - back
    assert [line.kind for line in lines] == ["charge", *(["reduction"] if back else [])]


@given(st.integers(1, 10**7), st.integers(1, 10**9), st.data())
def test_never_more_is_paid_back_than_was_paid_and_more_use_never_pays_more_back(
    cents: int, whole: int, data: st.DataObject
) -> None:
    left = data.draw(st.integers(0, whole))
    less = data.draw(st.integers(0, left))
    price = {**PASS, "amount": str(Decimal(cents) / 100)}

    paid, longer = (due(rate([bought(price=price, bought_s=whole, unused_s=each)])) for each in (left, less))

    assert 0 <= paid <= longer <= cents
