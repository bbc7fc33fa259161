"""What billing relies on at Stripe Tax. It has to be active there, with a registration in Finland."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.billing.errors import TaxRefused
from chalicelib.billing.stripe_taxes import StripeTaxes
from chalicelib.billing.tax_model import AskedLine, AskedSale, SuppliedAt, TaxedSale, TaxLine, TaxPlace
from tests.conformance_stripe.side import MAY, Side


def asked(side: Side, account: str, *lines: AskedLine, vat_number: str | None = None, country: str = "FI") -> AskedSale:
    at = side.now - timedelta(hours=1)
    name = f"{account}:{MAY}:1"
    return AskedSale(name, "EUR", TaxPlace(country), SuppliedAt.DISPOSAL, at, at, lines, vat_number)


def test_an_amount_is_split_recorded_and_taken_back_to_the_cent(side: Side, account: str) -> None:
    taxes = StripeTaxes(side.calls)
    wanted = asked(side, account, AskedLine("par-1:bike", "txcd_20030000", 1000))
    found = taxes.calculate(wanted)
    (line,) = found.lines
    assert line.rate.endswith(":FI")
    assert 0 < line.tax.minor < 1000
    assert taxes.calculate(wanted).calculation == found.calculation

    sold = TaxLine("par-1:bike", MAY, line.rate, 1000, line.tax.minor)
    at = wanted.posted_at
    sale = TaxedSale(account, MAY, 1, 1, "EUR", at, at, found.calculation, (sold,))
    made = taxes.record(sale)
    assert (made.gross, made.tax) == (1000, line.tax.minor)
    assert taxes.record(sale).transaction == made.transaction
    recorded = replace(
        sale, transaction=made.transaction, lines=(replace(sold, provider_line=made.lines["par-1:bike"]),)
    )
    parts = {0: (333, line.tax.minor // 3)}
    back = taxes.take_back(recorded, recorded.giving_back("2021-06:1", at, parts).backs[0])
    assert (back.gross, back.tax) == (-333, -(line.tax.minor // 3))
    assert taxes.stands(back.transaction) == back


def test_a_firm_of_another_country_of_the_union_owes_the_tax_itself(side: Side, account: str) -> None:
    """
    Where the seller is registered in one country of the Union alone, its scheme there says so or `not_collecting`.
    """
    line = AskedLine("par-1:music", "txcd_10000000", 1000)
    (found,) = (
        StripeTaxes(side.calls).calculate(asked(side, account, line, vat_number="DE123456789", country="DE")).lines
    )

    assert found.tax.minor == 0
    assert found.rate.startswith("0:DE:")


def test_a_place_that_is_none_is_refused_for_good(side: Side, account: str) -> None:
    line = AskedLine("par-1:bike", "txcd_20030000", 1000)
    with pytest.raises(TaxRefused):
        StripeTaxes(side.calls).calculate(asked(side, account, line, country="XX9"))
