"""The rows of a month's files. Accounts stand there under their pseudonyms; amounts are exact decimals."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.access.model import ChargeRecord, NeedState
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.postings import PAYMENT
from chalicelib.finance.facts import AccountMonth
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, format_instant
from chalicelib.ledger.accounts import STRIPE_CLEARING, class_of
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating.fault_credit import FAULT_CREDIT
from chalicelib.rating.stated import class_of as class_of_charge
from chalicelib.rating.stated import kind_of

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """A file to be: its rows, and the control totals once they were read."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]
    totals: Callable[[], Mapping[str, int]]


USAGE = (
    "month account session partner product asset tariff_version price kind charge_class code quantity unit unit_price"
    " amount currency started_at ended_at evidence charge"
)
SESSIONS = (
    "month account session partner product asset started_at ended_at in_use_s kept_s amount currency evidence_sha256"
    " charge_revision released_s faulty_s grace_s fault_credit charge_class charge"
)
INVOICES = "month account invoice number issued_at amount currency state paid_at lines provider_invoice owed ordered"
PAYMENTS = "month account payment received_amount currency posted_at"
JOURNAL = "month reference kind account posted_at ledger_account debit credit currency account_class source"


def tables_of(
    month: Month, as_of: datetime, accounts: Sequence[AccountMonth], entries: Iterable[JournalEntry]
) -> list[Table]:
    """All files of a month, as things stood at `as_of`."""
    posted = [entry for entry in entries if entry.posted_at <= as_of]
    return [
        _table("usage.csv", USAGE, "rated", (row for each in accounts for row in _usage(month, each))),
        _table("sessions.csv", SESSIONS, "charged", (row for each in accounts for row in _sessions(month, each))),
        _table("invoices.csv", INVOICES, "billed", (row for each in accounts for row in _invoices(each, as_of))),
        _table("payments.csv", PAYMENTS, "received", (row for entry in posted for row in _payments(entry))),
        _table("journal.csv", JOURNAL, "balance", (row for entry in posted for row in _journal(entry))),
    ]


def _table(name: str, columns: str, sum_of: str, rows: Iterator[tuple[Row, Money]]) -> Table:
    sums: Counter[str] = Counter()

    def counted() -> Iterator[Row]:
        for row, amount in rows:
            sums[f"{sum_of}_{amount.currency}"] += amount.minor
            yield row

    return Table(name, tuple(columns.split()), counted(), lambda: dict(sums))


def _instant(instant: datetime | None) -> str:
    return format_instant(instant) if instant else ""


def _usage(month: Month, each: AccountMonth) -> Iterator[tuple[Row, Money]]:
    for line in each.statement.lines:
        about = each.about(line.use_id)
        row = (
            month,
            *about[:6],
            line.price_id,
            line.kind,
            line.charge_class,
            line.code,
            plain(line.quantity),
            line.unit,
            "" if line.unit_price is None else plain(line.unit_price),
            line.amount.amount,
            line.amount.currency,
            _instant(about.started_at),
            _instant(about.ended_at),
            " ".join(line.evidence),
            about.charge_id,
        )
        yield row, line.amount


def _sessions(month: Month, each: AccountMonth) -> Iterator[tuple[Row, Money]]:
    credits_given: Counter[str] = Counter()
    for line in each.statement.lines:
        if line.code == FAULT_CREDIT:
            credits_given[line.use_id] -= line.amount.minor
    for use in each.statement.uses:
        amount = Money(each.statement.by_use[use.use_id], each.statement.currency)
        about, record = each.about(use.use_id), each.records.get(use.use_id)
        row = (
            month,
            *about[:5],
            _instant(about.started_at),
            _instant(about.ended_at),
            _seconds(record, NeedState.IN_USE),
            _seconds(record, NeedState.KEPT),
            amount.amount,
            amount.currency,
            record.need.digest if record else "",
            record.revision if record else 0,
            *(_seconds(record, state) for state in (NeedState.RELEASED, NeedState.FAULTY, NeedState.GRACE)),
            Money(credits_given.get(use.use_id, 0), amount.currency).amount,
            class_of_charge(kind_of(use.tariff.tariff_id)) if about.charge_id else "use",
            about.charge_id,
        )
        yield row, amount


def _seconds(record: ChargeRecord | None, state: NeedState) -> int:
    """What was charged beside use has none."""
    if record is None:
        return 0
    found = (each.interval.length.total_seconds() for each in record.need.intervals if each.state is state)
    return int(sum(found))


def _invoices(each: AccountMonth, as_of: datetime) -> Iterator[tuple[Row, Money]]:
    for invoice in each.invoices:
        if invoice.issued_at > as_of:
            continue
        paid_at = invoice.paid_at if invoice.paid_at and invoice.paid_at <= as_of else None
        row = (
            invoice.month,
            invoice.account_id,
            invoice.invoice_id,
            invoice.number,
            _instant(invoice.issued_at),
            invoice.total.amount,
            invoice.total.currency,
            "paid" if paid_at else "due",
            _instant(paid_at),
            len(invoice.lines),
            invoice.provider_invoice or "",
            *(_of_class(invoice, name).amount for name in ("owed", "ordered")),
        )
        yield row, invoice.total


def _of_class(invoice: Invoice, name: str) -> Money:
    """What of the invoice was charged beside use, in lines of their own or of a product's kind of charge."""
    found = (each.amount for each in invoice.lines if name in (each.about, _class_of_product(each)))
    return total(found, invoice.total.currency)


def _class_of_product(line: InvoiceLine) -> str:
    kind = kind_of(line.reference) if line.about == "product" else ""
    return class_of_charge(kind) if kind else ""


def _payments(entry: JournalEntry) -> Iterator[tuple[Row, Money]]:
    if entry.kind != PAYMENT:
        return
    for posting in entry.postings:
        if posting.ledger_account == STRIPE_CLEARING:
            amount = posting.amount
            where = (entry.period, entry.account_id, entry.reference)
            yield (*where, amount.amount, amount.currency, _instant(entry.posted_at)), amount


def _journal(entry: JournalEntry) -> Iterator[tuple[Row, Money]]:
    for posting in entry.postings:
        amount = posting.amount
        debit, credit = (amount.amount, "") if amount.minor > 0 else ("", -amount.amount)
        row = (
            entry.period,
            entry.reference,
            entry.kind,
            entry.account_id,
            _instant(entry.posted_at),
            posting.ledger_account,
            debit,
            credit,
            amount.currency,
            class_of(posting.ledger_account),
            posting.source,
        )
        yield row, amount
