"""The rules by which the journal is held against what was billed and paid: what documents say, as entries say it.

What a document has to be in the journal is made with the functions that post it, from what is kept of it now; so both
sides are lines of the same names, each of one document and one account of the ledger.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from chalicelib.billing.credit_model import name_of
from chalicelib.billing.credit_postings import GOODWILL
from chalicelib.billing.dispute_model import Dispute
from chalicelib.billing.loss_model import BAD_DEBT, LOSS, RECOVERY, decided
from chalicelib.billing.model import Invoice, InvoiceState, Settlement
from chalicelib.billing.postings import PAYMENT, SETTLEMENT, TRUE_UP, settlement_entry
from chalicelib.billing.postings_of_money import DISPUTE, bad_debt_entry, loss_entry
from chalicelib.billing.wallet_postings import WALLET
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciling_money import COLLECTED, SENT, SUMS, Line, invoice_of_payment
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import DISPUTED, GIFTS, PROMOTIONS, STRIPE_CLEARING
from chalicelib.ledger.model import JournalEntry, Posting

BY_ACCOUNT = frozenset({WALLET, GOODWILL})
"""Kinds of entries of which the documents are an account's, and no month's."""
_BY_MONTH = frozenset({SETTLEMENT, TRUE_UP})
"""Of these the month has a document in versions, whose entries are one."""
_LOSSES = frozenset({BAD_DEBT, RECOVERY, LOSS})
_LOST = frozenset({"bad-debt", "bad-debt-tax"})
_TOLD_BY = {
    SETTLEMENT: frozenset({"revenue", "tax", "share-cost", "payable-pending"}),
    GOODWILL: frozenset({PROMOTIONS, "tax"}),
    WALLET: frozenset({"wallet", PROMOTIONS}),
    BAD_DEBT: _LOST,
    RECOVERY: _LOST,
    LOSS: _LOST,
    TRUE_UP: frozenset({"share-cost", "payable"}),
    **dict.fromkeys(SENT, frozenset({"payable", STRIPE_CLEARING})),
}
"""By kind of entry, the accounts of the ledger that are looked at; what stands against them follows from these."""
Sums = dict[tuple[str, str], int]


def documented(each: AccountMonth, zone: str, as_of: datetime) -> Iterator[JournalEntry]:
    """What an account's month has to be in the journal: its settlement, and what of its invoices is lost.

    A settlement that was made after `as_of` is posted then.
    """
    if each.settlement is not None:
        stood = each.settlement.stood
        before = Settlement(each.account_id, each.month, each.settlement.currency)
        at = max(as_of, stood.at) if stood is not None else as_of
        entry = settlement_entry(before, each.settlement, None, {}, at)
        yield from (entry,) if entry is not None else ()
    invoices = {invoice.invoice_id: invoice for invoice in each.invoices}
    for invoice in invoices.values():
        if invoice.state is InvoiceState.WRITTEN_OFF and invoice.rest.minor:
            yield bad_debt_entry(invoice, zone, as_of)
    for dispute in each.disputes:
        yield from _lost(dispute, invoices.get(dispute.invoice_id or ""), zone, as_of)


def _lost(dispute: Dispute, invoice: Invoice | None, zone: str, as_of: datetime) -> Iterator[JournalEntry]:
    loss = decided(None, dispute, as_of)
    if loss is not None and invoice is not None:
        yield loss_entry(loss, invoice, zone)


def lines_of_documents(entries: Iterable[JournalEntry], month: Month, as_of: datetime) -> Iterator[Line]:
    """What they have to be in the journal. What was made after `as_of` is not posted by then."""
    for entry in entries:
        for (name, currency), minor in booked_by(entry, month).items():
            yield Line(name, currency, minor, here=True, inside=True, newer=entry.posted_at > as_of)


def lines_of_sums(unbalanced: Mapping[str, int]) -> Iterator[Line]:
    """What the ledger's sums by account are off: entries balance, so sums that do not are not theirs."""
    return (Line(f"{SUMS}:{each}", each, minor, here=False, inside=True) for each, minor in unbalanced.items())


def lines_of_losses(losses: Iterable[JournalEntry], month: Month, as_of: datetime) -> Iterator[Line]:
    """What else has to be in the journal: what of the month's own invoices is lost follows from these as they stand."""
    return lines_of_documents((each for each in losses if not _is_own(each, month)), month, as_of)


def lines_of_entry(entry: JournalEntry, month: Month, as_of: datetime) -> Iterator[Line]:
    """What the journal says of the month's documents and payments.

    What was posted after `as_of` is none of it, and is known by that: its line has no amount.
    """
    newer = entry.posted_at > as_of
    for read in (booked_by, collected_by):
        for (name, currency), minor in read(entry, month).items():
            yield Line(name, currency, 0 if newer else minor, here=False, inside=True, newer=newer)


def booked_by(entry: JournalEntry, month: Month) -> Mapping[tuple[str, str], int]:
    """By name and currency, what an entry says was billed, or less; nothing where its document is of another month."""
    accounts, sums = _TOLD_BY.get(entry.kind), Sums()
    name = _booked_as(entry, month) if accounts is not None else None
    if accounts is None or name is None:
        return sums
    for posting in entry.postings:
        if posting.ledger_account.partition(":")[0] in accounts and posting.ledger_account != GIFTS:
            _add(sums, f"{name}:{posting.ledger_account}", posting, -1)
    return sums


def _booked_as(entry: JournalEntry, month: Month) -> str | None:
    """The document that an entry is about, if the month has it, or has it booked. All of one document are one."""
    if entry.kind in _BY_MONTH:
        return entry.reference.rpartition(":")[0] if entry.period == month else None
    if entry.kind in _LOSSES and _is_own(entry, month):
        name = entry.reference.partition(":")[2]
        return f"{LOSS}:{name.rpartition(':')[0]}" if entry.kind == LOSS else f"{BAD_DEBT}:{name}"
    of_month = entry.period == month if entry.kind in SENT else entry.period >= month
    return entry.reference if of_month else None


def _is_own(loss: JournalEntry, month: Month) -> bool:
    """Whether an invoice of the month is not paid after all: all that is lost of it by one thing is one."""
    if loss.kind == LOSS:
        return _invoice_paid(loss, month) is not None
    return name_of(loss.reference.partition(":")[2])[0] == month


def collected_by(entry: JournalEntry, month: Month) -> Mapping[tuple[str, str], int]:
    """By name and currency, what an entry says was paid of an invoice of the month, or taken back by a bank."""
    if entry.kind == PAYMENT:
        invoice, account, sign = invoice_of_payment(entry), STRIPE_CLEARING, 1
    elif entry.kind == DISPUTE:
        invoice, account, sign = _invoice_paid(entry, month) or "", DISPUTED, -1
    else:
        return {}
    sums: Sums = {}
    for posting in entry.postings if invoice and name_of(invoice)[0] == month else ():
        if posting.ledger_account == account:
            _add(sums, f"{COLLECTED}:{invoice}", posting, sign)
    return sums


def _invoice_paid(entry: JournalEntry, month: Month) -> str | None:
    """The invoice of which a payment is disputed, if it is one of the month."""
    kind, _, invoice = entry.postings[0].source.partition(":")
    return invoice if kind == "invoice" and name_of(invoice)[0] == month else None


def _add(sums: Sums, name: str, posting: Posting, sign: int) -> None:
    key = name, posting.amount.currency
    sums[key] = sums.get(key, 0) + sign * posting.amount.minor
