"""Collect an invoice, and take note of how that went."""

from dataclasses import replace
from datetime import datetime

from chalicelib.billing.by_invoice import facts_of, is_collected, on_terms, sent
from chalicelib.billing.credit_ports import Notes
from chalicelib.billing.crediting import Crediting, lowered, paying, tell_provider
from chalicelib.billing.errors import CollectionStopped, PayerGone
from chalicelib.billing.failing import NARROWS_AFTER, failed, following, unknown_payer
from chalicelib.billing.model import DIFFERS_THERE, Invoice, InvoiceState, Parked, ProviderInvoice
from chalicelib.billing.ports import Billed
from chalicelib.billing.taking_ports import Taking
from chalicelib.billing.writing_off import recovering
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.ports import Ledger

_OVER = (InvoiceState.PAID, InvoiceState.WRITTEN_OFF)
_OTHERWISE = ("paid", "void", "uncollectible")
"""What an invoice of ours is not at the provider unless it is paid in full, or somebody changed it there."""


def collect(
    account_id: str,
    month: Month,
    number: int,
    failures: int,
    *,
    billed: Billed,
    collector: Taking,
    credit: Crediting,
    now: datetime,
    commit: Commit,
) -> Invoice | None:
    """Draft, add lines, compare the totals, finalise, pay. Safe to repeat from any point: every step has its key.

    What credit the account has comes off first. `failures` is how often it had failed when this was asked for: what has
    failed since is tried again when that is asked for anew, not because a message came twice. Whether the payment
    worked is not believed here; the webhook has the invoice read again. `CollectionStopped` while that is so.
    """
    invoice, payer, held, stopped = billed.to_collect(account_id, month, number)
    if stopped:
        raise CollectionStopped
    if invoice is None or payer is None or invoice.state in _OVER or invoice.waits or invoice.failures != failures:
        return None
    if held is not None and held.released_at is None:
        return None
    if not is_collected(invoice, payer):
        return commit([billed.telling(invoice, "payment_method_missing", facts_of(invoice), now)], None)
    if invoice.state is InvoiceState.FAILED:
        again = replace(invoice, state=InvoiceState.DUE, attempts=invoice.attempts + 1)
        invoice = commit([billed.changing_invoice(again, invoice)], again)
    invoice = lowered(invoice, credit)
    if invoice.state is InvoiceState.PAID:
        return invoice
    is_new = invoice.provider_invoice is None
    try:
        if is_new:
            due = on_terms(invoice, payer, now)
            drafted = replace(due, provider_invoice=collector.draft(due, payer.provider_customer))
            invoice = commit([billed.changing_invoice(drafted, invoice)], drafted)
        method = payer.payment_method or ""
        return _bring_to_payment(
            invoice, method, is_new=is_new, billed=billed, collector=collector, credit=credit, now=now, commit=commit
        )
    except PayerGone:
        stands = unknown_payer(invoice)
        return _fail(invoice, stands, billed=billed, now=now, commit=commit, knows_payer=False)


def _bring_to_payment(
    invoice: Invoice,
    payment_method: str,
    *,
    is_new: bool,
    billed: Billed,
    collector: Taking,
    credit: Crediting,
    now: datetime,
    commit: Commit,
) -> Invoice:
    """What was drafted just now is not read: whoever does the same beside us says the same under the same keys.

    Keys are forgotten after a day: a draft that has its lines by then gets none, one that has a part of them is begun
    anew.
    """
    provider_invoice = invoice.provider_invoice or ""
    stands = None if is_new else collector.read(provider_invoice)
    if is_new or (stands is not None and stands.status == "draft"):
        begun = stands.total if stands is not None and stands.total.minor else None
        theirs = begun if begun == invoice.collected else collector.add_lines(provider_invoice, invoice)
        if theirs != invoice.collected and begun is not None:
            anew = replace(invoice, provider_invoice=None, attempts=invoice.attempts + 1)
            commit([billed.changing_invoice(anew, invoice), billed.collect_again(anew, now)], None)
            collector.discard(provider_invoice, invoice)
            return anew
        if theirs != invoice.collected:
            facts = {"ours": str(invoice.collected), "theirs": str(theirs)}
            parked = Parked(invoice.account_id, invoice.month, DIFFERS_THERE, facts, now)
            held = billed.parked(invoice.account_id, invoice.month)
            parked = parked if held is None else held.followed_by(parked)
            anew = replace(invoice, provider_invoice=None, attempts=invoice.attempts + 1)
            anew = commit([*billed.parking(parked), billed.changing_invoice(anew, invoice)], anew)
            collector.discard(provider_invoice, invoice)
            return anew
        collector.finalize(provider_invoice, invoice)
    tell_provider(invoice, credit)
    if invoice.asks.minor:
        collector.pay(provider_invoice, invoice, payment_method)
    if invoice.asks.minor and invoice.due_at is not None:
        return sent(invoice, collector.read(provider_invoice), billed=billed, now=now, commit=commit)
    return invoice


def take_note(
    stands: ProviderInvoice,
    *,
    zone: str,
    billed: Billed,
    ledger: Ledger,
    notes: Notes,
    now: datetime,
    commit: Commit,
) -> Invoice | None:
    """Bring our invoice to what the provider's says: paid, with its posting; or failed, with a notice. Once each.

    One that was paid before the provider had heard of a credit was paid by so much more: the credit is open again. Of
    what was drafted for it before, and is its draft no more, nothing counts but that it was paid after all, as long as
    there is no other.
    """
    invoice, payer, held, _ = billed.to_collect(stands.account_id, stands.month, stands.number)
    if invoice is None or invoice.state is InvoiceState.PAID or _is_another(stands, invoice):
        return None
    paid = replace(invoice, credited=min(invoice.credited, stands.credited), provider_invoice=stands.provider_invoice)
    if stands.status == "paid" and stands.paid == paid.asks:
        paid = replace(paid, state=InvoiceState.PAID, paid_at=stands.paid_at or now, decline_code=None, retry_at=None)
        paid = replace(paid, link=stands.link, pdf=stands.pdf, claimed=0)
        known = [billed.paid_by(paid, each) for each in stands.charges]
        recovered = recovering(invoice, billed=billed, ledger=ledger, zone=zone, now=now)
        again = [notes.give_back(paid.account_id, paid.invoice_id, now)] if paid.credited < invoice.credited else []
        payment = paying(invoice, paid, payer, billed=billed, ledger=ledger, zone=zone, now=now)
        return commit([*payment, *known, *recovered, *again], paid)
    given_up = invoice.state is InvoiceState.WRITTEN_OFF
    if stands.status == "open" and stands.attempted:
        if (
            given_up
            or stands.under_way
            or invoice.due_at is not None
            or (invoice.state, invoice.decline_code) == (InvoiceState.FAILED, stands.decline_code)
        ):
            return None
        return _fail(invoice, stands, billed=billed, now=now, commit=commit)
    if stands.status in _OTHERWISE and not (given_up and stands.status != "paid"):
        return _park(invoice, stands, held, billed=billed, now=now, commit=commit)
    return None


def _is_another(stands: ProviderInvoice, invoice: Invoice) -> bool:
    if invoice.provider_invoice is None:
        return stands.status != "paid"
    return invoice.provider_invoice != stands.provider_invoice


def _fail(
    invoice: Invoice,
    stands: ProviderInvoice,
    *,
    billed: Billed,
    now: datetime,
    commit: Commit,
    knows_payer: bool = True,
) -> Invoice:
    """Where the provider does not know the account any more, a new method is needed, and then a new draft."""
    after = failed(invoice, stands, now)
    changes = changing(invoice, after, billed, knows_payer=knows_payer)
    writes = [*changes, *following(after, stands, billed=billed, now=now)]
    if after.failures == 1:
        writes.append(billed.narrowing(after.account_id, now + NARROWS_AFTER, now))
    return commit(writes, after)


def _park(
    invoice: Invoice, stands: ProviderInvoice, held: Parked | None, *, billed: Billed, now: datetime, commit: Commit
) -> Invoice | None:
    """Somebody changed it there by hand: voided it, wrote it off, or took another sum. An operator looks at it."""
    facts = {"invoice": invoice.invoice_id, "ours": str(invoice.asks), "theirs": f"{stands.status} {stands.paid}"}
    parked = Parked(invoice.account_id, invoice.month, DIFFERS_THERE, facts, now)
    if held is not None and (held.released_at is None or held.knows(parked)):
        return None
    parked = parked if held is None else held.followed_by(parked)
    return commit(billed.parking(parked), invoice)


def changing(before: Invoice, after: Invoice, billed: Billed, *, knows_payer: bool = True) -> list[Write]:
    """The invoice, and its payer, who is in order with it or not."""
    payer = billed.payer(after.account_id)
    changes: list[Write] = [billed.changing_invoice(after, before)]
    if payer is None:
        return changes
    then = payer.after(after)
    then = then if knows_payer else replace(then, payment_method=None)
    if (then.failed, then.payment_method) != (payer.failed, payer.payment_method):
        changes.append(billed.saving_payer(then))
    return changes
