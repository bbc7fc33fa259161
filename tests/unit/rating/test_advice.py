"""Advice: what access cost against owning, and a cheaper tariff, on one's own usage."""

from datetime import timedelta

import pytest

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval
from chalicelib.rating.advice import Owned, Ownership, advise
from tests.unit.rating.made import MAY, tariff, use

OWN = tariff({"kind": "unit", "meter": "km", "unit_amount": "1"})
DRAFT = tariff({"kind": "unit", "meter": "km", "unit_amount": "0.50"}, {"kind": "flat", "amount": "3"}, version=2)
YEAR = Interval(MAY, MAY + timedelta(days=365))


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_advice_compares_access_with_owning_and_names_the_break_even() -> None:
    """
    A drill loses 160.00 in 8 years and costs 5.00 a year: 25.00 a year. Four uses cost 16.00, so seven cost more.
    """
    drill = Ownership(eur(20_000), eur(4_000), 8 * 365, eur(500))
    uses = [use(OWN, f"use-{n}", MAY + timedelta(days=n), km="4") for n in range(4)]

    advice = advise(uses, YEAR, eur(1600), drill, [OWN, DRAFT])

    assert (advice.uses, advice.access, advice.owned) == (4, eur(1600), Owned(eur(2000), eur(500)))
    assert (advice.break_even_uses, advice.cheaper, advice.saves) == (7, None, eur(0))


def test_advice_names_a_cheaper_tariff() -> None:
    advice = advise([use(OWN, km="100")], YEAR, eur(10_000), None, [OWN, DRAFT])

    assert (advice.cheaper, advice.saves) == (DRAFT, eur(4700))


def test_a_tariff_is_cheaper_only_than_what_was_really_paid() -> None:
    """
    Caps and best fare had lowered 100.00 to 40.00 already; the other tariff would have cost 53.00.
    """
    assert advise([use(OWN, km="100")], YEAR, eur(4_000), None, [OWN, DRAFT]).cheaper is None


def test_who_used_nothing_has_no_break_even() -> None:
    advice = advise([], YEAR, eur(0), Ownership(eur(100), eur(0), 365, eur(0)))

    assert (advice.owned, advice.break_even_uses) == (Owned(eur(100), eur(0)), None)


def test_owning_for_half_a_year_costs_half_of_it_rounded_half_up() -> None:
    half = Interval(MAY, MAY + timedelta(days=182, hours=12))

    assert Ownership(eur(1001), eur(0), 365, eur(33)).over(half) == Owned(eur(501), eur(17))


def test_a_thing_that_gains_value_is_no_ownership() -> None:
    with pytest.raises(Invalid):
        Ownership(eur(100), eur(200), 365, eur(0)).over(YEAR)
