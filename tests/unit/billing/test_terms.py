"""What an account may have besides its own tariffs: fares at the month's end, ceilings, caps."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from chalicelib.billing.errors import MonthBegun
from chalicelib.billing.model import FareCaps, Settlement
from chalicelib.billing.operating import set_fare_caps
from chalicelib.billing.terms import caps_of, terms_of
from chalicelib.catalogue.model import CeilingTerms, Owning, Product
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.rating import Tariff
from chalicelib.rating.account import AccountTerms
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.ceiling import Ceiling
from chalicelib.rating.errors import InvalidTerms
from tests.unit.memory import Commits, InMemory, write
from tests.unit.rating.made import tariff

APRIL, MAY, JUNE = (Month(2021, number) for number in (4, 5, 6))
NOW = datetime(2021, 5, 20, tzinfo=UTC)
BIKE = Product("par-1", "bike", "Bike", "bikes", "Europe/Helsinki", fares={"often": 2})
PURCHASE = Money(10_000, "EUR")
OWNED = replace(
    BIKE,
    owning=Owning(PURCHASE, Money(0, "EUR"), 365, Money(0, "EUR")),
    ceiling=CeilingTerms(Money(25, "EUR")),
    fares={},
)


class Fares:
    """Satisfies what is needed of `catalogue.ports.Catalogue`: two versions of one fare."""

    versions: ClassVar = {
        1: tariff({"kind": "flat", "amount": "2"}, valid_from="2021-05-31T20:59:59Z"),
        2: tariff({"kind": "flat", "amount": "3"}, version=2, valid_from="2021-05-31T21:00:00Z"),
    }

    def tariff(self, _partner_id: str, _product_id: str, version: int, fare: str = "") -> Tariff | None:
        assert fare == "often"
        return self.versions.get(version)


def terms(month: Month, product: Product, *settled: Settlement, caps: tuple[AccountCap, ...] = ()) -> AccountTerms:
    return terms_of(
        month,
        "Europe/Helsinki",
        "EUR",
        products={product.tariff_id: product},
        caps=caps,
        earlier=frozenset({"before"}),
        settled=settled,
        catalogue=Fares(),  # type: ignore[arg-type]
    )


def test_the_fares_of_a_month_are_those_that_could_be_had_at_its_end() -> None:
    assert [terms(month, BIKE).alternatives for month in (APRIL, MAY, JUNE)] == [
        {},
        {"par-1:bike": (Fares.versions[1],)},
        {"par-1:bike": (Fares.versions[2],)},
    ]


def test_under_a_ceiling_counts_what_was_billed_for_the_product_in_earlier_months_and_corrected_since() -> None:
    """
    April took 30.00, of which June gave 1.00 back; May's own 50.00 and another product's 9.00 do not count in May.
    """
    settled = (
        Settlement("acc-1", APRIL, "EUR", charges={"par-1:bike": 3000, "par-1:car": 900}),
        Settlement("acc-1", MAY, "EUR", charges={"par-1:bike": 5000}),
        Settlement("acc-1", JUNE, "EUR", charges={"par-1:bike": 7}, adjusted={"2021-04": {"par-1:bike": -100}}),
    )

    (ceiling,) = terms(MAY, OWNED, *settled).ceilings
    assert ceiling == Ceiling("ceiling", "par-1:bike", PURCHASE, Money(2900, "EUR"), Money(25, "EUR"))
    assert terms(JUNE, OWNED, *settled).ceilings[0].paid_before == Money(7900, "EUR")
    assert terms(JUNE, BIKE, *settled).ceilings == ()


def test_what_earlier_months_bill_and_caps_over_products_are_handed_on() -> None:
    caps = (AccountCap("all", "month", PURCHASE),)

    assert (terms(MAY, OWNED, caps=caps).caps, terms(MAY, OWNED).earlier) == (caps, {"before"})


class Kept:
    """Satisfies what is needed of `billing.ports.Billed`."""

    stated: FareCaps | None = None

    def saving_fare_caps(self, caps: FareCaps) -> InMemory:
        return write(MonthBegun(), lambda: setattr(self, "stated", caps))


def row(name: str, period: str = "day") -> dict[str, object]:
    return {"id": name, "period": period, "amount": {"minor": 900, "currency": "EUR"}, "product": "", "category": "x"}


def test_caps_hold_from_a_month_to_come_on_the_shorter_periods_first() -> None:
    kept = Kept()
    caps = FareCaps(JUNE, (row("m", "month"), row("d"), row("w", "week")))
    set_fare_caps(caps, "UTC", billed=kept, now=NOW, commit=Commits())  # type: ignore[arg-type]

    assert [cap.id for cap in caps_of(kept.stated)] == ["d", "w", "m"]
    assert caps_of(kept.stated)[0] == AccountCap("d", "day", Money(900, "EUR"), category="x")
    assert caps_of(None) == ()


@pytest.mark.parametrize("month", [APRIL, MAY])
def test_a_month_that_has_begun_keeps_its_caps(month: Month) -> None:
    with pytest.raises(MonthBegun):
        set_fare_caps(FareCaps(month, ()), "UTC", billed=Kept(), now=NOW, commit=Commits())  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"period": "year"}, {"id": ""}, {"amount": {"minor": -1, "currency": "EUR"}}])
def test_caps_that_cannot_be_applied_are_refused_with_their_places(wrong: dict[str, object]) -> None:
    caps = FareCaps(JUNE, (row("ok"), {**row("bad"), **wrong}))
    with pytest.raises(InvalidTerms) as caught:
        set_fare_caps(caps, "UTC", billed=Kept(), now=NOW, commit=Commits())  # type: ignore[arg-type]

    assert str(caught.value.facts["errors"][0]["pointer"]).startswith(f"/caps/1/{next(iter(wrong))}")  # type: ignore[index]
