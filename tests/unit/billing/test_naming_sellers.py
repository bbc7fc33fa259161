"""Finance names who sells what from a month to come on; what is in months that have begun keeps its seller."""

from datetime import UTC, datetime

import pytest

from chalicelib.billing import differences
from chalicelib.billing.errors import MonthBegun, UnknownSeller
from chalicelib.billing.model import Settlement
from chalicelib.billing.paper_model import OPERATORS
from chalicelib.billing.selling import Part, Selling, name_seller
from chalicelib.kernel.time import Month
from tests.unit.billing.books import ACCOUNT, APRIL, JUNE, MAY, ZONE
from tests.unit.billing.sellers import MARCH, named, of_several


def test_a_products_seller_comes_before_its_partners_and_the_last_word_that_holds_counts() -> None:
    later = datetime(2021, 4, 2, tzinfo=UTC)
    said = Selling(
        (
            named("par-1", "dk", MAY),
            named("par-1:boat", "se", JUNE),
            named("par-1", "no", MAY, at=later),
            named("par-1:tool", OPERATORS, JUNE),
        )
    )

    def sellers(month: Month) -> list[str]:
        return [said.of(f"par-1:{each}", month) for each in ("bike", "boat", "tool", "boat~night", "boat/damage")]

    assert sellers(APRIL) == [OPERATORS] * 5
    assert sellers(MAY) == ["no"] * 5
    assert sellers(JUNE) == ["no", "se", OPERATORS, "se", "se"]
    assert said.of("par-10:boat", JUNE) == OPERATORS


def test_a_seller_is_named_from_a_month_to_come_on_and_has_to_be_known() -> None:
    books = of_several()
    how = {"sells": books.sells, "numbers": books.numbers, "commit": books.commit}
    with pytest.raises(MonthBegun):
        name_seller(named("par-1", "dk", Month.of(MARCH, ZONE)), ZONE, **how)
    with pytest.raises(UnknownSeller):
        name_seller(named("par-1", "nobody"), ZONE, **how)
    assert name_seller(named("par-1", "dk"), ZONE, **how).seller_id == "dk"


def test_under_whom_bills_go_out_anyhow_is_no_other_seller() -> None:
    books = of_several()
    books.numbers.default = books.numbers.known["dk"]
    how = {"sells": books.sells, "numbers": books.numbers, "commit": books.commit}
    assert name_seller(named("par-1", "dk"), ZONE, **how).seller_id == OPERATORS


def test_a_settlement_of_before_there_were_sellers_is_the_operators() -> None:
    whole = Settlement(ACCOUNT, MAY, "EUR", 1, {"par-1:bike": 900, "par-1:tool": 100}, invoiced=1000, invoices=1)
    part = Part(OPERATORS, Selling((named("par-1:boat", "se"),))).of(whole)
    assert (part.left, part.invoices, differences.charges(part).own) == (0, 1, whole.charges)
