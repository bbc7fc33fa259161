"""The rows of what was billed: invoices, the tax on documents, and what corrects earlier months."""

from collections.abc import Iterator
from decimal import Decimal

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.dispute_model import UNDECIDED
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.parts import share_in, taxes_in
from chalicelib.finance.columns import Cells, columns_of
from chalicelib.finance.documents import Issued, issued_by, issued_to, sides_of, taxes_of
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.files import FileOf
from chalicelib.finance.ports import Lookups
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating.stated import class_of, kind_of, product_of

_INVOICES = columns_of("""
month        | text    |          | the month of use that is billed
account      | text    |          | the account that pays, by its pseudonym
invoice      | text    |          | the invoice's id: account, month, and number in that month
number       | integer |          | which of the month's invoices it is
document     | text    |          | its number as a document: without a gap in the seller's series
seller       | text    |          | who sells
country      | text    | ISO 3166 | the seller's country
issued_at    | instant |          | when it was issued
net          | money   | `currency` | the amount without tax
tax          | money   | `currency` | the tax in the amount
amount       | money   | `currency` | the total, tax included
currency     | text    | ISO 4217 | of the amounts
taxes        | ids     | `currency` | by rate, and country if that was decided: as in `0.255:FI=0.41`
state        | text    |          | `due`, `paid`, `credited` (credit notes took all of it), `written_off` or `disputed`
paid_at      | instant |          | when it was paid
lines        | integer |          | how many lines it has
wallet       | money   | `currency` | what the account's wallet paid of it when it was issued
credited     | money   | `currency` | what credit notes took off what it asks for
asks         | money   | `currency` | what was left to be collected: the amount without wallet and credit
disputed     | money   | `currency` | what banks have yet to decide about
provider_invoice | text |         | its id at Stripe, once it is paid
owed         | money   | `currency` | what of it is damage, loss and fines
ordered      | money   | `currency` | what of it was ordered beside use
purchase_order | text  |          | the buyer's, as it was then
cost_centre  | text    |          | the buyer's, as it was then
""")
_DOCUMENTS = columns_of("""
month        | text    |          | the month of use that is billed or credited
account      | text    |          | the account, by its pseudonym
document     | text    |          | the number: without a gap in the seller's series
kind         | text    |          | `invoice` or `credit_note`
id           | text    |          | the invoice's or credit note's id
issued_at    | instant |          | when it was issued
seller       | text    |          | who sells
seller_name  | text    |          | by which name
country      | text    | ISO 3166 | whose tax it is: as was decided for the sale, else the seller's country
vat_number   | text    |          | the seller's
buyer_country | text   | ISO 3166 | the buyer's country, where the buyer has said it
rate         | decimal | fraction | the tax rate: 0.255 is 25.5 %
net          | money   | `currency` | without the tax at that rate; below zero on a credit note
tax          | money   | `currency` | the tax at that rate; below zero on a credit note
gross        | money   | `currency` | both; all rows of a document add up to its total
currency     | text    | ISO 4217 | of the amounts
against      | text    |          | the invoice that a credit note gives something back of, if it is about one
reason       | text    |          | why a credit note was given beside the settlement
tax_reason   | text    |          | why there is no tax at the rate, where somebody said so
""")
_ADJUSTMENTS = columns_of("""
month        | text    |          | the month of the export, in which it is billed
account      | text    |          | the account that pays, by its pseudonym
original_month | text  |          | the closed month that is corrected
partner      | text    |          | whose product it is
product      | text    |          | the product
kind         | text    |          | of what was charged beside use, what it was; empty of use
amount       | money   | `currency` | what is billed more, or less, tax included
tax          | money   | `currency` | the tax in it
share        | money   | `currency` | the partner's share in it
currency     | text    | ISO 4217 | of the amounts
sessions     | ids     |          | sessions of that month and product whose correction it bills, with revisions
""")


def invoices_of(each: AccountMonth) -> Iterator[Cells]:
    """One row an invoice."""
    for invoice in each.invoices:
        seller, buyer = sides_of(each, invoice.paper)
        rows, currency = taxes_of(invoice), invoice.total.currency
        taxed = [row for row in rows if row.tax]
        tax = Money(sum(row.tax for row in rows), currency)
        credited = Money(each.credited.get(invoice.invoice_id, 0), currency)
        disputed = Money(_disputed(each, invoice), currency)
        yield (
            str(invoice.month),
            invoice.account_id,
            invoice.invoice_id,
            invoice.number,
            invoice.paper.number if invoice.paper else None,
            invoice.paper.seller_id if invoice.paper else None,
            seller.country if seller else None,
            invoice.issued_at,
            invoice.total - tax,
            tax,
            invoice.total,
            currency,
            [f"{row.booked}={Money(row.tax, currency).amount}" for row in taxed],
            _state(each, invoice, credited, disputed),
            invoice.paid_at,
            len(invoice.lines),
            invoice.paid_ahead,
            credited,
            invoice.collected - credited,
            disputed,
            invoice.provider_invoice if invoice.paid_at else None,
            *(_of_class(invoice, name) for name in ("owed", "ordered")),
            buyer.purchase_order if buyer else None,
            buyer.cost_centre if buyer else None,
        )


def _state(each: AccountMonth, invoice: Invoice, credited: Money, disputed: Money) -> str:
    if invoice.invoice_id in each.written_off:
        return "written_off"
    if disputed.minor:
        return "disputed"
    if invoice.paid_at is None:
        return "due"
    return "credited" if credited.minor and credited == invoice.collected else "paid"


def _disputed(each: AccountMonth, invoice: Invoice) -> int:
    found = (one for one in each.disputes if one.invoice_id == invoice.invoice_id and one.state in UNDECIDED)
    return sum(one.amount.minor for one in found)


def _of_class(invoice: Invoice, name: str) -> Money:
    """What of the invoice was charged beside use, in lines of their own or of a product's kind of charge."""
    found = (each.amount for each in invoice.lines if name in (each.about, _class_of_product(each)))
    return total(found, invoice.total.currency)


def _class_of_product(line: InvoiceLine) -> str:
    kind = kind_of(line.reference) if line.about == "product" else ""
    return class_of(kind) if kind else ""


def documents_of(each: AccountMonth) -> Iterator[Cells]:
    """One row a document and rate, of what settlements issued."""
    for issued in issued_to(each):
        yield from document_rows(issued)


def document_rows(issued: Issued) -> Iterator[Cells]:
    """One row a rate."""
    document, seller, buyer = issued
    note, paper, currency = document if isinstance(document, CreditNote) else None, document.paper, issued.currency
    for row in issued.taxes:
        yield (
            str(document.month),
            document.account_id,
            paper.number if paper else None,
            "credit_note" if note else "invoice",
            document.note_id if isinstance(document, CreditNote) else document.invoice_id,
            document.issued_at,
            paper.seller_id if paper else None,
            seller.name if seller else None,
            issued.country(row),
            seller.vat_number if seller else None,
            buyer.country if buyer else None,
            Decimal(row.rate),
            *(Money(issued.sign * minor, currency) for minor in (row.net, row.tax, row.gross)),
            currency,
            note.against if note else None,
            note.reason if note else None,
            row.reason,
        )


def adjustments_of(each: AccountMonth) -> Iterator[Cells]:
    """One row an earlier month and product."""
    if each.settlement is None:
        return
    for original, changes in sorted(each.settlement.adjusted.items()):
        parts = each.settlement.parts_adjusted.get(original, {})
        corrected = each.corrected.get(Month.parse(original), ())
        for key, minor in sorted(changes.items()):
            partner, _, product = product_of(key).partition(":")
            sums = minor, sum(taxes_in(parts, key).values()), share_in(parts, key)
            sessions = [
                f"{one.session.session_id}:{one.revision}"
                for one in corrected
                if (one.session.partner_id, one.session.product_id) == (partner, product)
            ]
            amounts = (Money(sum_, each.currency) for sum_ in sums)
            whose = each.month, each.account_id, original, partner, product, kind_of(key)
            yield (*whose, *amounts, each.currency, sorted(sessions))


def documents_file(lookups: Lookups) -> FileOf:
    """One row a document and rate: of goodwill, which no settlement gave, by its journal entry."""

    def of_entry(entry: JournalEntry) -> Iterator[Cells]:
        issued = issued_by(entry, lookups)
        if issued is not None:
            yield from document_rows(issued)

    about = "One row a document and tax rate: invoices, and credit notes below zero. It is what a VAT return adds up."
    sums = {"net": "net", "tax": "tax", "gross": "gross"}
    return FileOf("documents.csv.gz", about, _DOCUMENTS, sums, documents_of, of_entry)


INVOICES = FileOf(
    "invoices.csv.gz",
    "One row an invoice of the month, as it stood at the export's instant.",
    _INVOICES,
    {"billed": "amount", "tax": "tax", "wallet": "wallet", "credited": "credited"},
    invoices_of,
)
ADJUSTMENTS = FileOf(
    "adjustments.csv.gz",
    "What this month bills of closed ones: late usage and corrections, with the original month.",
    _ADJUSTMENTS,
    {"adjusted": "amount", "tax": "tax", "share": "share"},
    adjustments_of,
)
