"""What a meter says depends on the set of its events alone; each kind counts as its name says."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Refusal
from chalicelib.metering.errors import BadMeter, Implausible
from chalicelib.metering.fold import fold
from chalicelib.metering.head import Head
from chalicelib.metering.meters import STEPS, Kind, Meter, measured, quantity_of
from chalicelib.metering.model import Event
from tests.unit.metering.rides import MAY, START, event

END = START + timedelta(minutes=60)


def meter(kind: Kind, **other: object) -> Meter:
    timed = {"per": "h"} if kind in {Kind.TIME_WEIGHTED, Kind.INTERVAL} else {}
    unique = {"unique_by": "port"} if kind is Kind.UNIQUE else {}
    described = {"described": () if "billable" in other else ("port",)}
    return Meter("power", kind, "kw", **{**described, **timed, **unique, **other}).check()  # type: ignore[arg-type]


def readings(*values: tuple[int, str], **other: str) -> list[Event]:
    """Minute and value."""
    return [event(number, minute, value, "power", **other) for number, (minute, value) in enumerate(values)]


def said(of: Meter, events: list[Event]) -> Decimal | None:
    return quantity_of(of, events, END)


@pytest.mark.parametrize(
    ("kind", "expected"), [(Kind.SUM, "9.5"), (Kind.COUNT, "4"), (Kind.MAX, "5"), (Kind.MIN, "0.5"), (Kind.LATEST, "1")]
)
def test_simple_kinds(kind: Kind, expected: str) -> None:
    assert said(meter(kind), readings((5, "3"), (20, "5"), (10, "0.5"), (30, "1"))) == Decimal(expected)


def test_a_unique_count_tells_apart_the_values_of_its_dimension() -> None:
    found = [event(number, number, 1, "power", d_port=port) for number, port in enumerate("abacab")]

    assert said(meter(Kind.UNIQUE), found) == 3


def test_a_time_weighted_sum_holds_each_value_until_the_next_one() -> None:
    """
    11 kW for half an hour, 22 kW for a quarter, nothing for ten minutes, 6 kW for the last five.
    """
    found = readings((0, "11"), (30, "22"), (45, "0"), (55, "6"))

    assert said(meter(Kind.TIME_WEIGHTED), found) == Decimal("11.5")
    assert said(meter(Kind.TIME_WEIGHTED, per="min"), found) == Decimal(690)


def test_a_register_counts_what_was_added_to_it() -> None:
    found = readings((0, "1000.5"), (20, "1003"), (10, "1001"), (30, "1003"))

    assert said(meter(Kind.REGISTER), found) == Decimal("2.5")


def test_a_register_that_rolls_over_goes_on() -> None:
    found = readings((0, "99990"), (10, "99999.5"), (20, "4.5"))

    assert said(meter(Kind.REGISTER, rolls_over_at=Decimal(100_000)), found) == Decimal("14.5")


@pytest.mark.parametrize("rolls_over_at", [None, Decimal(100_000)])
def test_a_register_that_was_reset_begins_at_zero(rolls_over_at: Decimal | None) -> None:
    """
    From 500 to 3 is no way of rolling over at 100,000: the device was exchanged.
    """
    found = readings((0, "490"), (10, "500"), (20, "3"), (30, "7"))

    assert said(meter(Kind.REGISTER, rolls_over_at=rolls_over_at), found) == 17


def test_registers_of_two_things_do_not_mix() -> None:
    one, other = readings((0, "10"), (20, "15")), readings((5, "9000"), (25, "9001"), source="other")

    assert said(meter(Kind.REGISTER), [*one, *other]) == 6


def test_intervals_are_the_time_between_start_and_stop() -> None:
    """
    On from 0 to 15 (started twice), off (stopped twice), and on from 45 to the end.
    """
    found = readings((0, "1"), (10, "1"), (15, "0"), (20, "0"), (45, "1"))

    assert said(meter(Kind.INTERVAL), found) == Decimal("0.5")
    assert said(meter(Kind.INTERVAL, per="s"), found) == 1800


def test_nothing_reported_is_none() -> None:
    assert said(meter(Kind.REGISTER), [event(1)]) is None


@st.composite
def reports(draw: st.DrawFn) -> list[Event]:
    rows = draw(
        st.lists(st.tuples(st.integers(0, 59), st.integers(0, 1), st.sampled_from("ab")), min_size=1, max_size=9)
    )
    return [
        event(number, minute, value, "power", source=f"box-{port}", d_port=port)
        for number, (minute, value, port) in enumerate(rows)
    ]


@given(reports(), st.sampled_from(list(Kind)), st.randoms(use_true_random=False), st.data())
def test_any_order_any_portions_and_repeats_say_the_same(
    found: list[Event], kind: Kind, shuffling: object, data: st.DataObject
) -> None:
    of = meter(kind, billable=("port",))
    other = found + data.draw(st.lists(st.sampled_from(found), max_size=4))
    shuffling.shuffle(other)  # type: ignore[attr-defined]
    head = Head("ride-1", MAY, meters={"power": of})
    for first in range(0, len(other), 2):
        head, _ = fold(head, other[first : first + 2])
    kept = head.tail.events("ride-1")

    assert measured(of, kept, END) == measured(of, found, END)
    assert quantity_of(of, kept, END) == quantity_of(of, found, END)
    if kind in STEPS:
        assert {series: total.value for series, total in head.totals.items()} == measured(of, found, END)
    else:
        assert head.totals == {}


def test_totals_are_kept_apart_by_billable_dimensions_only() -> None:
    of = Meter("power", Kind.SUM, "kwh", billable=("tier",))
    head = Head("ride-1", MAY, meters={"power": of})
    given_ = [
        event(1, value=1, name="power", d_tier="day", d_port="a"),
        event(2, value=2, name="power", d_tier="day", d_port="b"),
        event(3, value=4, name="power", d_tier="night", d_port="a"),
    ]
    head, _ = fold(head, given_)

    assert {dict(series[1])["tier"]: total.value for series, total in head.totals.items()} == {"day": 3, "night": 4}
    assert head.total("power") == 7


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (meter(Kind.MAX, least=Decimal(1)), "0.5"),
        (meter(Kind.SUM, most=Decimal(22)), "22.1"),
        (meter(Kind.INTERVAL), "2"),
        (meter(Kind.REGISTER, rolls_over_at=Decimal(100)), "100"),
        (meter(Kind.UNIQUE), "1"),
        (meter(Kind.SUM, described=(), billable=("tier",)), "5"),
    ],
)
def test_what_a_meter_cannot_have_measured_is_refused(of: Meter, value: str) -> None:
    with pytest.raises(Implausible):
        of.check_value(event(1, value=value, name="power", **({"d_port": "a"} if of.billable else {})))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "Power"}, "/name"),
        ({"unit": ""}, "/unit"),
        ({"least": Decimal(2), "most": Decimal(1)}, "/most"),
        ({"kind": Kind.UNIQUE}, "/unique_by"),
        ({"billable": ("Tier",)}, "/dimensions"),
        ({"described": tuple("abcdefghi")}, "/dimensions"),
        ({"unique_by": "port", "described": ("port",)}, "/unique_by"),
        ({"kind": Kind.INTERVAL}, "/per"),
        ({"kind": Kind.TIME_WEIGHTED, "per": "d"}, "/per"),
        ({"per": "h"}, "/per"),
        ({"rolls_over_at": Decimal(5)}, "/rolls_over_at"),
        ({"kind": Kind.REGISTER, "rolls_over_at": Decimal(0)}, "/rolls_over_at"),
    ],
)
def test_a_definition_that_means_nothing_is_refused_with_the_field_at_fault(
    change: dict[str, object], pointer: str
) -> None:
    with pytest.raises(BadMeter) as refused:
        Meter(**{"name": "power", "unit": "kw", **change}).check()  # type: ignore[arg-type]

    assert isinstance(refused.value, Refusal)
    assert refused.value.facts["pointer"] == pointer
