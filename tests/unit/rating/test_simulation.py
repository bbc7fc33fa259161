"""Tariffs tried on usage, and advice on one's own."""

from collections.abc import Iterator
from datetime import timedelta

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval
from chalicelib.rating import rate
from chalicelib.rating.simulation import Past, Summary, meters_not_used, simulate
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


def test_a_simulation_says_which_meters_the_usage_knows_nothing_about() -> None:
    assert meters_not_used([use(OWN, km="1")], OWN) == ("kw", "paid", "use_seconds")
