"""Give money back: what a credit note did not take off invoices goes to where it came from, each part once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.billing.credit_model import (
    BackAs,
    CreditNote,
    MoneyBack,
    ProviderPayment,
    ProviderRefund,
    Refund,
    RefundState,
    name_of,
    refundable,
)
from chalicelib.billing.credit_postings import refund_entry, refund_failed_entry
from chalicelib.billing.crediting import Crediting, lower_all, sharing
from chalicelib.billing.crediting_wallet import into_wallet
from chalicelib.billing.errors import RefundRefused, UnknownCreditNote, UnknownInvoice
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write


def give_back(account_id: str, by: Crediting) -> None:
    """Bring the account's open credit to where it belongs. Safe to repeat from any point.

    It lowers what is owed; then the wallet has what it paid; then what is planned is sent; then the rest is planned, as
    the account has chosen, against the payments of its newest invoices first. What no payment is left for stays credit.
    """
    lower_all(account_id, by)
    into_wallet(account_id, by)
    while True:
        planned = [each for each in by.notes.refunds(account_id) if each.state is RefundState.PLANNED]
        for refund in planned:
            _send(refund, by)
        if not _plan(account_id, by):
            return


def _plan(account_id: str, by: Crediting) -> bool:
    """Plan the next refund before the provider hears of it; whether there was one to plan."""
    money_back, refunds = by.notes.money_back(account_id), by.notes.refunds(account_id)
    wanting = [each for each in by.notes.notes(account_id) if each.is_open and _wants(each, money_back.choice)]
    paid = [each for each in by.billed.invoices(account_id) if each.state is InvoiceState.PAID]
    for note in sorted(wanting, key=lambda each: (each.against is None, each.issued_at)):
        found = _payment_for(note, paid, refunds, promised_of(wanting, money_back, but=note), by)
        if found is not None:
            invoice, payment, minor = found
            number = money_back.refunds + 1
            what = (note.note_id, invoice.invoice_id, payment.payment, Money(minor, note.total.currency), by.now)
            counted = replace(money_back, refunds=number, version=money_back.version + 1)
            writes = [
                by.notes.saving_money_back(counted),
                by.notes.changing_note(note.refunding(minor)),
                by.notes.saving_refund(Refund(account_id, number, *what), None),
            ]
            return by.commit(writes, outcome=True)
    return False


def _wants(note: CreditNote, standing: BackAs) -> bool:
    return (note.choice or standing) is BackAs.REFUND


def _payment_for(
    note: CreditNote, paid: Sequence[Invoice], refunds: Sequence[Refund], promised: Mapping[str, int], by: Crediting
) -> tuple[Invoice, ProviderPayment, int] | None:
    """The newest payment to the note's seller of which something is left, and how much of it the note takes.

    One that is disputed is left alone.
    """
    given, disputed = given_back(refunds), by.disputed(note.account_id)
    same = [each for each in paid if note.fits(each)]
    for invoice in sorted(same, key=lambda each: (each.paid_at or each.issued_at, each.invoice_id), reverse=True):
        most = min(note.left, refundable(invoice, given, promised))
        if invoice.provider_invoice is None or most <= 0 or note.against not in {None, invoice.invoice_id}:
            continue
        for payment in by.refunder.payments(invoice.provider_invoice):
            if payment.charge in disputed:
                continue
            minor = min(most, payment.paid - max(payment.refunded, _given_of(payment.payment, refunds)))
            if minor > 0:
                return invoice, payment, minor
    return None


def given_back(refunds: Sequence[Refund]) -> dict[str, int]:
    """By invoice id, what was given back or is on its way."""
    sums: dict[str, int] = {}
    for each in refunds:
        if each.state is not RefundState.FAILED:
            sums[each.invoice_id] = sums.get(each.invoice_id, 0) + each.amount.minor
    return sums


def promised_of(notes: Sequence[CreditNote], money_back: MoneyBack, but: CreditNote | None = None) -> Mapping[str, int]:
    """By invoice id, what goodwill is still to give back of it, written or not."""
    sums: dict[str, int] = {}
    for asked in money_back.asked:
        sums[asked.invoice_id] = sums.get(asked.invoice_id, 0) + asked.amount.minor
    for each in notes:
        if each.against is not None and (but is None or each.note_id != but.note_id):
            sums[each.against] = sums.get(each.against, 0) + each.left
    return sums


def _given_of(payment: str, refunds: Sequence[Refund]) -> int:
    return sum(
        each.amount.minor for each in refunds if each.payment == payment and each.state is not RefundState.FAILED
    )


def _send(refund: Refund, by: Crediting) -> None:
    """Tell the provider, then write down what became of it."""
    try:
        stands = by.refunder.refund(refund)
    except RefundRefused as refused:
        stands = ProviderRefund("", refund.account_id, refund.number, "failed", str(refused.facts.get("reason", "")))
    note_refund(stands, by)


def note_refund(stands: ProviderRefund, by: Crediting) -> Refund | None:
    """Bring our refund to what the provider's says, once each: sent, with its posting; or failed, and credit again."""
    refund = by.notes.refund(stands.account_id, stands.number)
    if refund is None or refund.state is RefundState.FAILED:
        return None
    if stands.failed:
        return _failed(refund, stands, by)
    return _sent(refund, stands, by) if refund.state is RefundState.PLANNED else None


def _sent(refund: Refund, stands: ProviderRefund, by: Crediting) -> Refund:
    sent = replace(refund, state=RefundState.SENT, provider_refund=stands.provider_refund, settled_at=by.now)
    note, invoice = _note_of(refund, by), _invoice_of(refund, by)
    then, shared = sharing(note, invoice, by)
    writes: list[Write] = [by.notes.saving_refund(sent, refund)]
    writes += by.ledger.posting(refund_entry(sent, Month.of(by.now, by.zone), by.now))
    if shared:
        writes += [by.notes.changing_note(replace(then, version=note.version + 1)), *shared]
    writes.append(by.notes.telling(note, "refunded", _facts(sent), by.now))
    return by.commit(writes, sent)


def _failed(refund: Refund, stands: ProviderRefund, by: Crediting) -> Refund:
    """The money is the account's credit; it is not tried again by itself, for it would fail again."""
    failed = replace(refund, state=RefundState.FAILED, settled_at=by.now, reason=stands.reason)
    failed = replace(failed, provider_refund=stands.provider_refund or refund.provider_refund)
    note = _note_of(refund, by).refunding(-refund.amount.minor)
    writes: list[Write] = [by.notes.saving_refund(failed, refund)]
    writes.append(by.notes.changing_note(replace(note, choice=BackAs.CREDIT, against=None)))
    if refund.state is RefundState.SENT:
        writes += by.ledger.posting(refund_failed_entry(failed, Month.of(by.now, by.zone), by.now))
    again = by.notes.give_back(refund.account_id, f"{refund.refund_id}:failed", by.now)
    return by.commit([*writes, by.notes.telling(note, "refund_failed", _facts(failed), by.now), again], failed)


def _facts(refund: Refund) -> dict[str, str]:
    facts = {"amount": str(refund.amount), "invoice": refund.invoice_id, "refund": refund.refund_id}
    return facts | ({"reason": refund.reason} if refund.reason else {})


def _note_of(refund: Refund, by: Crediting) -> CreditNote:
    found = by.notes.note(refund.account_id, *name_of(refund.note_id))
    if found is None:
        raise UnknownCreditNote(note_id=refund.note_id)
    return found


def _invoice_of(refund: Refund, by: Crediting) -> Invoice:
    month, number = name_of(refund.invoice_id)
    found = by.billed.invoice(refund.account_id, month, int(number))
    if found is None:
        raise UnknownInvoice(invoice_id=refund.invoice_id)
    return found
