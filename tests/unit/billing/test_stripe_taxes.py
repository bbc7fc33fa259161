"""Stripe Tax through the real SDK and the double: what it is asked and told, once each, whatever breaks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from chalicelib.billing.errors import CollectorUnavailable, TaxRefused
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_taxes import StripeTaxes
from chalicelib.billing.tax_model import AskedLine, AskedSale, SuppliedAt, TaxedSale, TaxLine, TaxPlace
from chalicelib.billing.tax_recording import DIFFERS, Recording, record
from chalicelib.kernel.time import Month
from infra.local.stripe_double.faults import How
from infra.local.stripe_double.trying import SECRET_KEY, START, Trial, trial
from tests.unit.billing.taxes import Office, SalesInMemory
from tests.unit.memory import Commits

MAY = Month(2021, 5)
SERVICES, BOOKS = "txcd_20030000", "txcd_35010000"
TROUBLES: tuple[How, ...] = ("500", "429", "reset", "timeout_after_applying")


@pytest.fixture(scope="module")
def stripe() -> Iterator[Trial]:
    with trial() as running:
        yield running


@dataclass
class Desk:
    """An account of its own, so that keys and references are."""

    stripe: Trial
    account: str

    def __post_init__(self) -> None:
        self.taxes = StripeTaxes(StripeCalls(SECRET_KEY, self.stripe.address))
        self.sales, self.commit = SalesInMemory(), Commits()
        self.by = Recording(self.sales, self.taxes, self.stripe.clock.at, self.commit)
        self.before = self.reported()

    def reported(self) -> int:
        return sum(self.stripe.double.tax_reported("EUR").values())

    def asked(self, *lines: AskedLine, country: str = "FI", vat_number: str | None = None) -> AskedSale:
        at = self.stripe.clock.at
        place = TaxPlace(country, "00100" if country == "US" else "")
        name = f"{self.account}:2021-05:1"
        return AskedSale(name, "EUR", place, SuppliedAt.DISPOSAL, at, at, lines, vat_number)

    def sold(self, gross: int = 1000) -> TaxedSale:
        """Calculated, and kept as a settlement does."""
        asked = self.asked(AskedLine("par-1:bike", SERVICES, gross))
        found = self.taxes.calculate(asked)
        lines = tuple(TaxLine(each.product, MAY, each.rate, gross, each.tax.minor) for each in found.lines)
        at = self.stripe.clock.at
        sale = TaxedSale(self.account, MAY, 1, 1, "EUR", at, at, found.calculation, lines)
        return self.commit([self.sales.saving(sale)], sale)

    def record(self) -> TaxedSale:
        sale = record(self.account, "2021-05:1:1", self.by)
        assert sale is not None
        return sale

    def record_until_done(self) -> TaxedSale:
        for _ in range(4):
            try:
                return self.record()
            except CollectorUnavailable:
                continue
        return self.record()


@pytest.fixture
def desk(stripe: Trial, request: pytest.FixtureRequest) -> Desk:
    return Desk(stripe, f"acc_{abs(hash(request.node.name)) % 10**9}")


def test_a_sale_is_split_by_product_with_the_rate_the_country_and_why_there_is_none(desk: Desk) -> None:
    found = desk.taxes.calculate(
        desk.asked(AskedLine("par-1:bike", SERVICES, 1000), AskedLine("par-1:book", BOOKS, 1000))
    )
    assert [(each.rate, each.tax.minor) for each in found.lines] == [("0.255:FI", 203), ("0.135:FI", 119)]

    line = AskedLine("par-1:music", SERVICES, 1000)
    firm = desk.taxes.calculate(desk.asked(line, country="DE", vat_number="DE123456789"))
    assert [each.rate for each in firm.lines] == ["0:DE:reverse_charge"]
    away = desk.taxes.calculate(desk.asked(line, country="US"))
    assert [each.rate for each in away.lines] == ["0:US:not_collecting"]


def said(amount_tax: int, *rows: tuple[str, str | None, str]) -> SimpleNamespace:
    """A calculation of one line, split so: country, percentage, reason."""
    split = [
        SimpleNamespace(
            jurisdiction=SimpleNamespace(country=country),
            tax_rate_details=SimpleNamespace(percentage_decimal=percent) if percent else None,
            taxability_reason=reason,
        )
        for country, percent, reason in rows
    ]
    line = SimpleNamespace(reference="par-1:bike", amount_tax=amount_tax, tax_breakdown=split)
    return SimpleNamespace(id="taxcalc_1", line_items=SimpleNamespace(has_more=False, data=[line]))


@pytest.mark.parametrize(
    ("answer", "rate"),
    [
        (said(8, ("US", "6.25", "standard_rated"), ("US", "1.5", "standard_rated")), "0.0775:US"),
        (said(6, ("US", "6.25", "standard_rated"), ("US", None, "not_subject_to_tax")), "0.0625:US"),
        (said(0, ("FI", "25.5", "standard_rated")), "0.255:FI"),
        (said(0, ("DE", "19.0", "reverse_charge")), "0:DE:reverse_charge"),
    ],
)
def test_several_taxes_in_a_line_are_one_rate_and_a_tax_that_is_rounded_to_nothing_has_one(
    desk: Desk, answer: SimpleNamespace, rate: str
) -> None:
    taxes = StripeTaxes(lambda *_ids, **_parameters: answer)  # type: ignore[arg-type]
    (line,) = taxes.calculate(desk.asked(AskedLine("par-1:bike", SERVICES, 100))).lines

    assert line.rate == rate


@pytest.mark.parametrize(
    "answer",
    [
        said(5),
        said(5, ("FI", None, "standard_rated")),
        said(5, ("FI", "10", "standard_rated"), ("SE", "10", "standard_rated")),
    ],
)
def test_a_tax_of_no_rate_or_of_two_countries_is_not_taken_over(desk: Desk, answer: SimpleNamespace) -> None:
    taxes = StripeTaxes(lambda *_ids, **_parameters: answer)  # type: ignore[arg-type]
    with pytest.raises(TaxRefused):
        taxes.calculate(desk.asked(AskedLine("par-1:bike", SERVICES, 100)))


def test_the_same_is_asked_once_and_anything_else_anew_and_of_many_lines_all_are_read(desk: Desk) -> None:
    lines = tuple(AskedLine(f"par-1:p{number}", SERVICES, 100) for number in range(30))
    found = desk.taxes.calculate(desk.asked(*lines))

    assert [each.product for each in found.lines] == [each.product for each in lines]
    assert desk.taxes.calculate(desk.asked(*lines)).calculation == found.calculation
    assert desk.taxes.calculate(desk.asked(*lines[1:])).calculation != found.calculation


def test_nothing_of_a_customer_is_told_but_a_country_and_a_firms_number(desk: Desk) -> None:
    found = desk.taxes.calculate(desk.asked(AskedLine("par-1:bike", SERVICES, 100), vat_number="FI12345678"))
    told = desk.stripe.client.v1.tax.calculations.retrieve(found.calculation)

    address = told.customer_details.address
    assert told.customer is None
    assert address is not None
    assert {value for value in address.to_dict().values() if value} == {"FI"}
    assert [each.value for each in told.customer_details.tax_ids] == ["FI12345678"]


def test_a_place_that_stripe_does_not_know_is_refused_with_its_code(desk: Desk) -> None:
    with pytest.raises(TaxRefused) as refusal:
        desk.taxes.calculate(desk.asked(AskedLine("par-1:bike", SERVICES, 100), country="XXX"))
    assert refusal.value.facts["code"] == "customer_tax_location_invalid"


@pytest.mark.parametrize("how", TROUBLES)
@pytest.mark.parametrize("call", ["calculations.create", "transactions.create_from_calculation"])
def test_what_breaks_is_asked_and_recorded_once_in_the_end(desk: Desk, call: str, how: How) -> None:
    desk.stripe.double.fail_next(f"tax.{call}", how)
    for _ in range(3):
        try:
            desk.sold()
        except CollectorUnavailable:
            continue
        break

    assert desk.record_until_done().is_recorded
    assert desk.record().is_recorded
    assert desk.reported() - desk.before == 203


@pytest.mark.parametrize("how", TROUBLES)
def test_what_is_taken_back_is_told_once_with_our_amounts(desk: Desk, how: How) -> None:
    sale = desk.sold()
    desk.commit([desk.sales.saving(sale.giving_back("2021-05:2", START, {0: (333, 68)}))], None)
    desk.stripe.double.fail_next("tax.transactions.create_reversal", how)
    assert desk.record_until_done().is_recorded
    assert desk.reported() - desk.before == 135

    rest = desk.sales.kept[sale.sale_id].giving_back("2021-05:3", START, {0: (667, 135)})
    desk.commit([desk.sales.saving(rest)], None)
    assert desk.record().is_recorded
    assert desk.reported() == desk.before
    (first, _) = desk.record().backs
    assert first.transaction is not None
    assert desk.taxes.stands(first.transaction).tax == -68


def test_what_stripe_applied_and_then_broke_over_is_not_recorded_twice_and_is_told(desk: Desk) -> None:
    """
    Stripe lists no such records: whether a saved 500 had done it shows only as its reference being taken.
    """
    desk.sold()
    desk.stripe.double.fail_next("tax.transactions.create_from_calculation", "500_after_applying")
    sale = desk.record_until_done()

    assert (sale.transaction, sale.refused) == (None, "unique_reference_violation")
    assert desk.reported() - desk.before == 203
    assert desk.record() == sale


def test_a_calculation_that_has_expired_is_told_and_not_asked_for_again(desk: Desk) -> None:
    sale = desk.sold()
    desk.stripe.clock.at += timedelta(days=91)
    try:
        assert desk.record().refused is not None
        made = len(desk.stripe.double.calls)
        desk.record()
        assert len(desk.stripe.double.calls) == made
    finally:
        desk.stripe.clock.at = START
    assert desk.sales.kept[sale.sale_id].transaction is None


def test_a_record_that_comes_to_another_sum_is_kept_and_told(desk: Desk) -> None:
    sale = desk.sold()
    other = replace(sale, lines=(replace(sale.lines[0], tax=200),), revision=2)
    desk.commit([desk.sales.saving(other)], None)
    found = desk.record()

    assert (found.transaction is not None, found.refused) == (True, DIFFERS)


def test_who_lost_the_answer_or_was_away_goes_on_from_where_it_is() -> None:
    office, sales, commit = Office(), SalesInMemory(), Commits()
    line = TaxLine("par-1:bike", MAY, "0.255:FI", 1000, 203)
    sale = TaxedSale("acc-1", MAY, 1, 1, "EUR", START, START, "calc-1", (line,))
    commit([sales.saving(sale)], None)
    commit([sales.saving(sale.giving_back("n", START, {0: (500, 102)}))], None)
    by = Recording(sales, office, START, commit)
    for trouble in ("away", "answer lost"):
        office.trouble = trouble
        with pytest.raises(CollectorUnavailable):
            record("acc-1", sale.name, by)
    office.trouble = ""
    found = record("acc-1", sale.name, by)

    assert found is not None
    assert (found.is_recorded, office.tax) == (True, 101)
    assert record("acc-1", "2021-05:9:1", by) is None
