"""Books of several sellers."""

from datetime import UTC, datetime
from decimal import Decimal

from chalicelib.billing.paper_model import OPERATORS, Seller, Series
from chalicelib.billing.selling import NamedSeller
from chalicelib.kernel.time import Month
from chalicelib.rating.figures import TaxRates
from tests.unit.billing.books import APRIL, Books
from tests.unit.billing.test_settling_shares import seventy

MARCH = datetime(2021, 3, 9, tzinfo=UTC)
SOLD_BY = {"bike": OPERATORS, "tool": "dk", "boat": "se"}


def entity(seller_id: str) -> Seller:
    prefixes = {Series.INVOICE: f"{seller_id.upper()}-", Series.CREDIT_NOTE: f"{seller_id.upper()}C-"}
    return Seller(seller_id, f"{seller_id} ApS", ("Gade 1",), "DK", None, prefixes)


def named(scope: str, seller_id: str, since: Month = APRIL, *, at: datetime = MARCH) -> NamedSeller:
    return NamedSeller(scope, since, seller_id, "tove", at)


def of_several(books: Books | None = None) -> Books:
    """Bikes are the operator's, tools a Danish firm's, boats a Swedish one's; tax and shares are split."""
    books = books or Books()
    books.numbers.known = {each: entity(each) for each in ("dk", "se")}
    books.sells.said = [named("par-1:tool", "dk"), named("par-1:boat", "se")]
    books.shares.rates = TaxRates({"par-1:tool": Decimal("0.14")}, others=Decimal("0.25"))
    books.shares.rules["par-1"] = seventy()
    return books
