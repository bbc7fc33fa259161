"""What is ordered beside use: charged by itself or with the use, and always within the worst case of the quote."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Refusal
from chalicelib.rating import InvalidTariff, Need, Tariff, Use, quote, rate
from chalicelib.rating.ordered import Orders
from chalicelib.rating.use_document import use_document, use_from_document
from tests.unit.rating.made import MAY, METERS, tariff

ORDERED = [
    {"name": "reserved", "unit": "min"},
    {"name": "cancellation", "unit": "each"},
    {"name": "change", "unit": "each"},
    {"name": "no_show", "unit": "each"},
]
UNLOCK: dict[str, Any] = {"id": "unlock", "kind": "flat", "amount": "1.00"}
TIME: dict[str, Any] = {"id": "time", "kind": "need", "per": "h", "in_use": "6.00", "kept": "1.20"}


def ordered(meter: str, amount: str, **more: str) -> dict[str, Any]:
    rule = {"id": meter, "kind": "unit", "charge_class": "ordered", "meter": meter, "unit_amount": amount}
    return {**rule, **more}


def made(*prices: dict[str, Any], **members: Any) -> Tariff:  # noqa: ANN401 -- members of a JSON document
    return tariff(UNLOCK, TIME, *prices, meters=[*METERS, *ORDERED], **members)


VANS = made(ordered("reserved", "0.05"), ordered("cancellation", "3"), ordered("change", "2"), ordered("no_show", "7"))


def order(tariff: Tariff, use_id: str = "order", **quantities: str) -> Use:
    amounts = {name: Decimal(amount) for name, amount in quantities.items()}
    return Use(use_id, tariff, MAY, MAY, open=False, quantities=amounts, kind="order")


def cost(*uses: Use) -> int:
    return sum(line.amount.minor for line in rate(uses))


def test_of_what_was_ordered_and_not_used_nothing_but_that_is_charged() -> None:
    lines = rate([order(VANS, cancellation="1", change="2")])
    assert [(line.price_id, line.charge_class, line.amount.minor) for line in lines] == [
        ("cancellation", "ordered", 300),
        ("change", "ordered", 400),
    ]


def test_what_is_reserved_is_charged_beside_use_though_time_is_charged_by_need() -> None:
    needs = (Need(MAY, MAY + timedelta(minutes=30), "in_use"),)
    ride = Use("ride", VANS, MAY, needs[0].end, open=False, quantities={"reserved": Decimal("12.5")}, needs=needs)
    assert {line.price_id: line.amount.minor for line in rate([ride])} == {"unlock": 100, "time": 300, "reserved": 63}


def test_no_minimum_regret_or_included_use_is_spent_on_what_was_ordered_alone() -> None:
    terms: dict[str, Any] = {
        "minimums": [{"id": "least", "period": "use", "amount": "20.00", "over": ["unlock", "time"]}],
        "allowances": [{"id": "free", "period": "month", "uses": 1, "over": ["cancellation"]}],
        "regret": {"seconds": 600, "times": 3},
    }
    assert cost(order(made(ordered("cancellation", "3"), **terms), cancellation="1")) == 300


def test_what_is_ordered_fills_the_caps_that_name_it() -> None:
    capped = made(
        ordered("no_show", "7"), caps=[{"id": "day", "period": "day", "amount": "10.00", "over": ["no_show"]}]
    )
    assert cost(order(capped, "one", no_show="1"), order(capped, "two", no_show="1")) == 1000


def test_a_quote_without_orders_counts_none_of_them_and_takes_none_as_a_need() -> None:
    plain = quote(made(), MAY, {})
    assert quote(VANS, MAY, {}).worst_case == plain.worst_case
    for name in ("reserved", "cancellation"):
        with pytest.raises(Refusal):
            quote(VANS, MAY, {name: Decimal(1)})


def test_a_quote_states_what_is_due_already_and_the_worst_that_can_be_ordered() -> None:
    due, beside = {"change": Decimal(1)}, {"reserved": Decimal(60)}
    quoted = quote(VANS, MAY, {"in_use": Decimal(3600)}, orders=Orders(due, beside))
    assert quoted.estimate.minor == 100 + 600 + 200
    assert quoted.worst_case.minor == quote(made(), MAY, {}).worst_case.minor + 200 + 300


def test_the_worst_case_is_not_coming_where_that_is_dearer_than_a_day_of_use() -> None:
    dear = made(ordered("no_show", "500"))
    quoted = quote(dear, MAY, {}, orders=Orders(instead=({}, {"no_show": Decimal(1)})))
    assert quoted.worst_case.minor == 50_000


cents = st.integers(0, 5_000).map(lambda minor: str(Decimal(minor) / 100))


@st.composite
def bookings(draw: st.DrawFn) -> tuple[Tariff, Use, Use]:
    """A tariff, with a cap or none; the use of a booking that was changed; and its late cancellation instead."""
    over = {"id": "day", "period": "day", "amount": draw(cents), "over": ["cancellation", "time"]}
    fees = (ordered("reserved", draw(cents)), ordered("cancellation", draw(cents)), ordered("change", draw(cents)))
    priced = made(*fees, caps=draw(st.sampled_from([[], [over]])))
    end = MAY + timedelta(seconds=draw(st.integers(0, 86_400)))
    due = {"change": Decimal(draw(st.integers(0, 3)))}
    quantities = {**due, "reserved": Decimal(draw(st.integers(0, 60)))}
    used = Use("u", priced, MAY, end, open=False, quantities=quantities, needs=(Need(MAY, end, "in_use"),))
    gone = {**due, "cancellation": Decimal(1)}
    return priced, used, Use("u", priced, MAY, MAY, open=False, quantities=gone, kind="order")


@given(bookings())
def test_whatever_becomes_of_a_booking_costs_no_more_than_its_worst_case(made: tuple[Tariff, Use, Use]) -> None:
    priced, used, alone = made
    due = {"change": alone.quantities["change"]}
    orders = Orders(due, {"reserved": Decimal(60)}, (alone.quantities,))
    worst = quote(priced, MAY, {}, orders=orders).worst_case.minor

    assert cost(used) <= worst
    assert cost(alone) <= worst


@pytest.mark.parametrize("name", [each["name"] for each in ORDERED[1:]])
def test_what_we_count_needs_no_bound_if_it_is_priced_as_ordered_and_else_it_does(name: str) -> None:
    assert made(ordered(name, "1")).ordered_meters == {name}
    with pytest.raises(InvalidTariff) as refused:
        made(ordered(name, "1", charge_class="use"))
    assert refused.value.facts["errors"] == [
        {"pointer": "/prices/2/charge_class", "reason": "ordered_is_needed_for_this_meter"}
    ]


def test_an_order_is_read_from_its_document_as_it_was_written() -> None:
    ordered_use = order(VANS, cancellation="1")
    assert use_from_document(use_document(ordered_use), {("made", 1): VANS}) == ordered_use
