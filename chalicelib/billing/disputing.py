"""Bring our side of a dispute to what the provider says: postings once each, the wallet, access, a notice."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.credit_model import name_of
from chalicelib.billing.dispute_model import Dispute, DisputeState, Evidence, ProviderDispute
from chalicelib.billing.dispute_ports import Disputes, DisputesAtProvider
from chalicelib.billing.disputing_wallet import off_wallet, take_gift_home
from chalicelib.billing.errors import NotLost, UnknownDispute
from chalicelib.billing.failing import NARROWS_AFTER
from chalicelib.billing.loss_model import decided
from chalicelib.billing.model import Invoice
from chalicelib.billing.ports import Billed
from chalicelib.billing.postings import invoice_source
from chalicelib.billing.postings_of_money import loss_entry, taken_entry
from chalicelib.billing.topping_up import Bringing
from chalicelib.billing.wallet_ports import Wallets
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Commit, Write

_NOTICES = {
    DisputeState.NEEDS_RESPONSE: "payment_disputed",
    DisputeState.UNDER_REVIEW: "payment_disputed",
    DisputeState.WON: "dispute_won",
    DisputeState.LOST: "dispute_lost",
    DisputeState.MADE_GOOD: "dispute_made_good",
}
"""What the account is told when a dispute comes into a state; an inquiry is between its bank and us."""


@dataclass(frozen=True, slots=True)
class Disputing:
    """What disputes go by: how top-ups are brought home says what is known of wallets, and when and how to write."""

    disputes: Disputes
    provider: DisputesAtProvider
    bringing: Bringing

    @property
    def billed(self) -> Billed:
        """Invoices and payers."""
        return self.bringing.purse.billed


def bring(dispute_id: str, by: Disputing) -> Dispute | None:
    """Read the dispute again, and post and tell what is new. Safe to repeat, at any time and in any order.

    None where nothing is new, or where it is about a payment of none of our invoices or top-ups. Partners keep their
    shares: the service was given, and what a bank decides is the operator's risk.
    """
    stands = by.provider.dispute(dispute_id)
    if stands is None:
        return None
    before = by.disputes.dispute(dispute_id)
    known = before if before is not None else _new(stands, by)
    if known is None:
        return None
    after = known.as_it_stands(stands)
    take_gift_home(after, by.bringing)
    after, off = off_wallet(after, by.bringing)
    if before is not None and after == before:
        return None
    after = replace(after, version=known.version + 1)
    posted = _posted(after, before, known.posted, stands, by)
    followed = _following(after, before, by.billed, by.bringing.purse.wallets, by.bringing.now)
    return by.bringing.commit([*by.disputes.saving(after, before), *posted, *off, *followed], after)


def _posted(
    after: Dispute, before: Dispute | None, known: tuple[str, ...], stands: ProviderDispute, by: Disputing
) -> list[Write]:
    """What is new of its movements, and what a decision changes."""
    purse, now = by.bringing.purse, by.bringing.now
    entries = [taken_entry(after, each, purse.zone, now) for each in stands.movements if each.movement_id not in known]
    writes = [write for entry in entries for write in purse.ledger.posting(entry)]
    loss = decided(before, after, now)
    if loss is not None:
        entry = loss_entry(loss, _invoice(after, by.billed), purse.zone)
        writes += [by.billed.losing(loss, purse.zone), *purse.ledger.posting(entry)]
    return writes


def _new(stands: ProviderDispute, by: Disputing) -> Dispute | None:
    found = _paid(stands, by)
    if found is None:
        return None
    account_id, paid = found
    return Dispute(
        dispute_id=stands.dispute_id,
        account_id=account_id,
        paid=paid,
        reason=stands.reason,
        amount=stands.amount,
        opened_at=stands.opened_at,
        due_by=stands.due_by,
        state=DisputeState.INQUIRY,
        charge=stands.charge,
    )


def _paid(stands: ProviderDispute, by: Disputing) -> tuple[str, str] | None:
    """Whose payment it is about, and what that paid."""
    invoice = by.billed.paid_with(stands.charge)
    if invoice is None and stands.payment is not None:
        top_up = by.bringing.top_ups.of_payment(stands.payment)
        if top_up is not None:
            return top_up.account_id, top_up.source
        theirs = by.provider.invoice_paid_by(stands.payment)
        invoice = by.billed.invoice(theirs.account_id, theirs.month, theirs.number) if theirs is not None else None
    return (invoice.account_id, invoice_source(invoice.invoice_id)) if invoice is not None else None


def _invoice(dispute: Dispute, billed: Billed) -> Invoice | None:
    if dispute.invoice_id is None:
        return None
    month, number = name_of(dispute.invoice_id)
    return billed.invoice(dispute.account_id, month, int(number))


def _following(after: Dispute, before: Dispute | None, billed: Billed, wallets: Wallets, now: datetime) -> list[Write]:
    """Who may start what, what runs ends gently some days later, and a notice."""
    writes: list[Write] = []
    payer = billed.payer(after.account_id)
    if payer is not None and (after.bar in payer.failed) != after.bars:
        failed = payer.failed ^ {after.bar}
        writes.append(billed.saving_payer(replace(payer, failed=failed, version=payer.version + 1)))
        if after.bars:
            writes.append(billed.narrowing(after.account_id, now + NARROWS_AFTER, now))
    code = _NOTICES.get(after.state)
    told = _NOTICES.get(before.state) if before is not None else None
    if code is None or code == told:
        return writes
    return [*writes, *_telling(after, code, billed, wallets, now)]


def _telling(dispute: Dispute, code: str, billed: Billed, wallets: Wallets, now: datetime) -> list[Write]:
    facts = {"amount": str(dispute.amount), "reason": dispute.reason, "dispute": dispute.dispute_id}
    invoice = _invoice(dispute, billed)
    if invoice is not None:
        return [billed.telling(invoice, code, {**facts, "month": str(invoice.month)}, now)]
    left = Money(dispute.from_wallet, dispute.amount.currency)
    facts |= {"top_up": dispute.top_up_id or "", "from_wallet": str(left)}
    return [wallets.telling(dispute.account_id, dispute.dispute_id, code, facts, now)]


def make_good(
    dispute_id: str,
    *,
    who: str,
    note: str,
    disputes: Disputes,
    billed: Billed,
    wallets: Wallets,
    now: datetime,
    commit: Commit,
) -> Dispute:
    """Let an account start again that lost us a dispute: it has paid otherwise, or is let off.

    The decision is kept with who took it. Nothing is posted: money that did not come through the provider is not in
    this ledger, and what was lost stays a bad debt in it.
    """
    before = disputes.dispute(dispute_id)
    if before is None:
        raise UnknownDispute(dispute_id=dispute_id[:80])
    if before.state is DisputeState.MADE_GOOD:
        return before
    if before.state is not DisputeState.LOST:
        raise NotLost(state=str(before.state))
    after = before.made_good(who, note, now)
    return commit([*disputes.saving(after, before), *_following(after, before, billed, wallets, now)], after)


def ask_evidence(dispute_id: str, who: str, *, disputes: Disputes, now: datetime, commit: Commit) -> Evidence:
    """Have the evidence put together as things stand now. One that is asked for and not written yet is waited for."""
    if disputes.dispute(dispute_id) is None:
        raise UnknownDispute(dispute_id=dispute_id[:80])
    last = disputes.evidence(dispute_id)
    if last is not None and last.ready_at is None:
        return commit(disputes.asking(last, now)[1:], last)
    asked = Evidence(dispute_id, last.number + 1 if last is not None else 1, now, who)
    return commit(disputes.asking(asked, now), asked)


def place_of(dispute: Dispute) -> str:
    """Where a dispute stands in lists."""
    return f"{format_instant(dispute.opened_at)}#{dispute.dispute_id}"
