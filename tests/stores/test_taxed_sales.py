"""What Stripe Tax has split, as DynamoDB keeps it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.billing.errors import TaxedSaleChanged
from chalicelib.billing.tax_model import TaxedSale, TaxLine
from chalicelib.billing.tax_store import TaxStore
from chalicelib.kernel.time import Month
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 1, 9, tzinfo=UTC)
MAY = Month(2021, 5)
LINES = (
    TaxLine("par-1:bike", MAY, "0.255:FI", 1000, 203),
    TaxLine("par-1:music", Month(2021, 4), "0:DE:reverse_charge", 500, 0),
)
SALE = TaxedSale("acc-1", MAY, 12, 1, "EUR", NOW, NOW, "taxcalc_1", LINES)
sales = TaxStore()


def test_a_sale_is_kept_with_its_records_and_what_was_taken_back_each_revision_once(commit: Transaction) -> None:
    commit([sales.saving(SALE)], None)
    with pytest.raises(TaxedSaleChanged):
        commit([sales.saving(SALE)], None)
    lines = tuple(replace(line, provider_line=f"li-{line.product}") for line in LINES)
    recorded = replace(SALE, lines=lines, transaction="tax_1", revision=2)
    back = recorded.giving_back("2021-06:1", NOW, {0: (333, 68)})
    commit([sales.saving(recorded)], None)
    commit([sales.saving(back)], None)
    for stale in (recorded, back):
        with pytest.raises(TaxedSaleChanged):
            commit([sales.saving(stale)], None)
    other = replace(SALE, version=3, number=2, refused="calculation_expired")
    commit([sales.saving(other)], None)

    assert sales.find("acc-1", SALE.name) == back
    assert list(sales.of_account("acc-1")) == [other, back]
    assert sales.find("acc-1", "2021-05:13:1") is None
    assert list(sales.of_account("acc-2")) == []
