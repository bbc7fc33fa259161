"""Tariffs tried on usage, and advice on one's own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.money import CurrencyMismatch, Money
from chalicelib.kernel.time import Interval
from chalicelib.rating import RatedLine, Running, Tariff, Use, rate
from chalicelib.rating.lines import ChargeClass
from chalicelib.rating.model import UseKind
from chalicelib.rating.simulation import Heard, Past, Summary, hearing, meters_not_used, simulate
from tests.unit.rating.made import MAY, tariff, use

OWN = tariff({"kind": "unit", "meter": "km", "unit_amount": "1"})
DRAFT = tariff({"kind": "unit", "meter": "km", "unit_amount": "0.50"}, {"kind": "flat", "amount": "3"}, version=2)
YEAR = Interval(MAY, MAY + timedelta(days=365))


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def past(*kms: str) -> Iterator[Past]:
    for number, km in enumerate(kms):
        yield Past(f"customer-{number}", [use(OWN, km=km, product="car")])


def test_a_draft_tells_who_gains_and_who_loses_and_how_much() -> None:
    """
    At 0.50 and 3.00 a ride, 6 km cost the same, shorter rides more, longer ones less.
    """
    summary = Summary("EUR", top=1)
    for each in simulate(past("2", "4", "6", "10", "20"), DRAFT):
        summary.add(each)

    assert (summary.customers, summary.winners, summary.losers) == (5, 2, 2)
    assert (summary.billed, summary.would_be) == (eur(4200), eur(3600))
    assert summary.largest_gains == [("customer-4", eur(700))]
    assert summary.largest_losses == [("customer-0", eur(200))]


def test_what_was_billed_is_taken_as_it_was_billed() -> None:
    (simulated,) = simulate([Past("one", [use(OWN, km="10")], eur(750))], DRAFT)

    assert (simulated.billed, simulated.would_be, simulated.difference) == (eur(750), eur(800), eur(50))
    assert [line.code for line in simulated.lines] == ["per_unit", "flat_fee"]


def test_a_tariff_simulated_on_itself_changes_nothing() -> None:
    for each in simulate(past("2", "4"), OWN):
        assert each.difference == eur(0)
        assert each.lines == rate([use(OWN, km=each.lines[0].facts["used"])])


def test_customers_are_taken_one_after_the_other() -> None:
    taken: list[str] = []

    def source() -> Iterator[Past]:
        for each in past("1", "2", "3"):
            taken.append(each.customer)
            yield each

    next(simulate(source(), DRAFT))

    assert taken == ["customer-0"]


@dataclass(frozen=True)
class Counted:
    """Satisfies `Price`: counts how often it is asked."""

    asked: list[str]
    kind: ClassVar[str] = "counted"
    applies_to: ClassVar[UseKind] = "session"
    id: str = "counted"
    charge_class: ChargeClass = "use"

    def charges(self, use: Use, _: Running) -> list[RatedLine]:
        self.asked.append(use.use_id)
        return []

    def document(self) -> dict[str, object]:
        return {}


@pytest.mark.parametrize("billed", [None, eur(100)])
@given(counts=st.lists(st.integers(0, 5), max_size=20))
def test_each_use_is_rated_once_by_each_tariff(billed: Money | None, counts: list[int]) -> None:
    """
    By the tried one, and where no bill is stated by its own: the time is linear in the uses, however they are spread.
    """
    own, tried = (replace(DRAFT, prices=(Counted([]),)) for _ in range(2))
    customers = [
        Past(str(number), [use(own, f"{number}-{each}") for each in range(count)], billed)
        for number, count in enumerate(counts)
    ]

    for _ in simulate(customers, tried):
        pass

    every = [use.use_id for past in customers for use in past.uses]
    assert sorted(asked(tried)) == sorted(every)
    assert sorted(asked(own)) == (sorted(every) if billed is None else [])


def asked(tariff: Tariff) -> list[str]:
    (price,) = tariff.prices
    assert isinstance(price, Counted)
    return price.asked


def test_of_many_customers_only_one_or_two_are_in_memory() -> None:
    made: list[ref[Use]] = []
    most = 0

    def source() -> Iterator[Past]:
        for number in range(300):
            one = use(OWN, f"use-{number}", km=str(number % 12), product="car")
            made.append(ref(one))
            yield Past(f"customer-{number}", [one])

    summary, heard = Summary("EUR", top=5), Heard(DRAFT)
    for simulated in simulate(hearing(source(), heard), DRAFT):
        summary.add(simulated)
        most = max(most, sum(each() is not None for each in made))

    assert (summary.customers, most <= 2) == (300, True)
    assert (len(summary.largest_gains), len(summary.largest_losses)) == (5, 5)
    assert (len(summary._gains), len(summary._losses), len(heard.meters)) == (5, 5, 1)


@given(st.lists(st.integers(0, 40), max_size=30))
def test_a_summary_adds_up(kms: list[int]) -> None:
    found = list(simulate(past(*map(str, kms)), DRAFT))
    summary = Summary("EUR", top=1000)
    for each in found:
        summary.add(each)

    changes = [each.difference.minor for each in found if each.difference is not None]
    assert summary.would_be.minor - summary.billed.minor == sum(changes)
    assert summary.winners + summary.losers + summary.unchanged == summary.customers == len(kms)
    gained = sum(amount.minor for _, amount in summary.largest_gains)
    lost = sum(amount.minor for _, amount in summary.largest_losses)
    assert lost - gained == sum(changes)


def test_uses_that_only_share_caps_do_not_count() -> None:
    """
    Two rides of a day under a cap of 5.00: the first, of another month, has filled 4.00 of it.
    """
    capped = tariff(
        {"kind": "unit", "meter": "km", "unit_amount": "1"},
        caps=[{"id": "day", "period": "day", "amount": "5.00", "over": ["price"]}],
    )
    uses = [use(capped, "before", km="4"), use(capped, "own", MAY + timedelta(hours=2), km="4")]

    (found,) = simulate([Past("one", uses, eur(100), own=frozenset({"own"}))], capped)

    assert (found.would_be, found.uses, {line.use_id for line in found.lines}) == (eur(100), 1, {"own"})


def test_nothing_is_compared_where_nothing_is_asked() -> None:
    (found,) = simulate([Past("one", [use(OWN, km="4")])], DRAFT, compare=False)
    summary = Summary("EUR")
    summary.add(found)

    assert (found.billed, found.difference, found.would_be) == (None, None, eur(500))
    assert (summary.customers, summary.compared, summary.unchanged) == (1, 0, 0)


def test_money_of_two_currencies_never_mixes() -> None:
    krone = tariff({"kind": "flat", "amount": "1"}, currency="SEK", meters=[])

    with pytest.raises(CurrencyMismatch):
        list(simulate([Past("one", [use(OWN, km="4")])], krone))
    (bill,) = simulate([Past("one", [use(OWN, km="4")], eur(100))], krone)
    with pytest.raises(CurrencyMismatch):
        Summary("SEK").add(bill)
    with pytest.raises(CurrencyMismatch):
        Summary("EUR").add(bill)


def test_a_simulation_says_which_prices_had_nothing_to_be_applied_to() -> None:
    draft = tariff(
        {"kind": "unit", "meter": "km", "unit_amount": "1"},
        {"kind": "need", "per": "h", "in_use": "1"},
        {"kind": "recurring", "amount": "5", "per": "month"},
        {"kind": "unit", "meter": "kw", "unit_amount": "1"},
    )
    heard = Heard(draft)
    heard.hear([use(OWN, km="1")])
    assert heard.prices_not_tried == ("p1", "p2", "p3")

    heard.hear([use(OWN, needs=[(10, "in_use")], kw="0")])

    assert heard.prices_not_tried == ("p2",)


def test_a_simulation_says_which_meters_the_usage_knows_nothing_about() -> None:
    assert meters_not_used([use(OWN, km="1")], OWN) == ("kw", "paid", "use_seconds")
