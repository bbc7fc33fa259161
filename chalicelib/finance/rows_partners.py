"""The rows of partners: what customers were billed at their products, and what of that is theirs."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from chalicelib.billing.parts import Parts, products_in, share_in, taxes_in
from chalicelib.billing.postings import TRUE_UP
from chalicelib.finance.columns import Cells, columns_of
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.files import FileOf
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import share_cost
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating.stated import kind_of, product_of

Pseudonym = Callable[[str, Month, str], str]
"""Under which name a partner sees an account in a month."""
_AMOUNTS = """
product      | text    |          | the product; empty of what goes by the partner's month as a whole
kind         | text    |          | of what was charged beside use, what it was; empty of use
original_month | text  |          | the month of use: an earlier one where that is corrected
gross        | money   | `currency` | what the customer was billed, tax included
tax          | money   | `currency` | the tax in it
net          | money   | `currency` | what was billed without tax
share        | money   | `currency` | the partner's share that was booked
currency     | text    | ISO 4217 | of the amounts
"""
_ALL = columns_of(
    """
month        | text    |          | the month of the export
partner      | text    |          | the partner
account      | text    |          | the account that pays, by its pseudonym; empty of the partner's month as a whole
"""
    + _AMOUNTS
)
_OWN = columns_of(
    """
month        | text    |          | the month of the export
customer     | text    |          | the customer, by a pseudonym for this partner and month alone
"""
    + _AMOUNTS
)
_SUMS = {"gross": "gross", "tax": "tax", "share": "share"}
_SHARE_COST = share_cost("x").partition(":")[0]


class PartnerRow(NamedTuple):
    """What an account's month, or the partner's month as a whole, has of a partner's product."""

    partner: str
    account: str
    key: str
    original: str
    gross: Money
    tax: Money
    share: Money

    def cells(self, whose: tuple[object, ...]) -> Cells:
        """As a row behind month and names."""
        product = product_of(self.key).partition(":")[2]
        amounts = self.gross, self.tax, self.gross - self.tax, self.share
        return (*whose, product, kind_of(self.key), self.original, *amounts, self.gross.currency)


def rows_of_account(each: AccountMonth) -> Iterator[PartnerRow]:
    """What the settlement took, by product and month of use."""
    if each.settlement is None:
        return
    settled = each.settlement
    yield from _rows(each, str(each.month), settled.charges, settled.parts)
    for original in sorted({*settled.adjusted, *settled.parts_adjusted}):
        yield from _rows(each, original, settled.adjusted.get(original, {}), settled.parts_adjusted.get(original, {}))


def _rows(each: AccountMonth, original: str, charges: Mapping[str, int], parts: Parts) -> Iterator[PartnerRow]:
    for key in sorted({*charges, *products_in(parts)}):
        sums = charges.get(key, 0), sum(taxes_in(parts, key).values()), share_in(parts, key)
        if any(sums):
            amounts = (Money(minor, each.currency) for minor in sums)
            yield PartnerRow(key.partition(":")[0], each.account_id, key, original, *amounts)


def rows_of_entry(entry: JournalEntry) -> Iterator[PartnerRow]:
    """What a statement of the partner's month booked beside its bills: tiers, minimum, the one rounding."""
    if entry.kind != TRUE_UP:
        return
    for posting in entry.postings:
        kind, _, key = posting.ledger_account.partition(":")
        if kind == _SHARE_COST:
            nothing = Money.zero(posting.amount.currency)
            yield PartnerRow(entry.account_id, "", key, str(entry.period), nothing, nothing, posting.amount)


def _all_of_account(each: AccountMonth) -> Iterator[Cells]:
    for row in rows_of_account(each):
        yield row.cells((each.month, row.partner, row.account))


def _all_of_entry(entry: JournalEntry) -> Iterator[Cells]:
    for row in rows_of_entry(entry):
        yield row.cells((entry.period, row.partner, row.account))


PARTNERS = FileOf(
    "partners.csv.gz",
    "One row an account, product and month of use that settlements took, and one a statement of a partner's month.",
    _ALL,
    _SUMS,
    _all_of_account,
    _all_of_entry,
)


def file_of_partner(partner: str) -> FileOf:
    """The file that one partner may have: its own rows alone, of customers by its own pseudonyms."""
    about = "The rows of one partner, under the names by which it sees customers in the month."
    return FileOf(f"partners/{partner}.csv.gz", about, _OWN, _SUMS)
