"""Bring our side of a dispute to what the provider says: postings once each, access, a notice."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.dispute_model import Dispute, DisputeState, Evidence, ProviderDispute
from chalicelib.billing.dispute_ports import Disputes, DisputesAtProvider
from chalicelib.billing.errors import NotLost, UnknownDispute
from chalicelib.billing.failing import NARROWS_AFTER
from chalicelib.billing.ports import Billed
from chalicelib.billing.postings_of_money import loss_entry, taken_entry
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.ports import Ledger

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
    """What disputes go by."""

    disputes: Disputes
    provider: DisputesAtProvider
    billed: Billed
    ledger: Ledger
    zone: str
    now: datetime
    commit: Commit


def bring(dispute_id: str, by: Disputing) -> Dispute | None:
    """Read the dispute again, and post and tell what is new. Safe to repeat, at any time and in any order.

    None where nothing is new, or where it is about a payment of none of our invoices. Partners keep their shares: the
    service was given, and what a bank decides is the operator's risk.
    """
    stands = by.provider.dispute(dispute_id)
    if stands is None:
        return None
    before = by.disputes.dispute(dispute_id)
    known = before if before is not None else _new(stands, by)
    if known is None:
        return None
    after = known.as_it_stands(stands)
    if before is not None and after == before:
        return None
    after = replace(after, version=known.version + 1)
    fresh = [each for each in stands.movements if each.movement_id not in known.posted]
    entries = [taken_entry(after, each, by.zone, by.now) for each in fresh]
    invoice = by.billed.invoice(after.account_id, after.month, after.number)
    loss = loss_entry(before, after, invoice, by.zone, by.now)
    posted = [write for entry in (*entries, *([loss] if loss else [])) for write in by.ledger.posting(entry)]
    return by.commit(
        [*by.disputes.saving(after, before), *posted, *_following(after, before, by.billed, by.now)], after
    )


def _new(stands: ProviderDispute, by: Disputing) -> Dispute | None:
    invoice = by.billed.paid_with(stands.charge)
    if invoice is None and stands.payment is not None:
        theirs = by.provider.invoice_paid_by(stands.payment)
        invoice = by.billed.invoice(theirs.account_id, theirs.month, theirs.number) if theirs is not None else None
    if invoice is None:
        return None
    return Dispute(
        dispute_id=stands.dispute_id,
        account_id=invoice.account_id,
        month=invoice.month,
        number=invoice.number,
        reason=stands.reason,
        amount=stands.amount,
        opened_at=stands.opened_at,
        due_by=stands.due_by,
        state=DisputeState.INQUIRY,
        charge=stands.charge,
    )


def _following(after: Dispute, before: Dispute | None, billed: Billed, now: datetime) -> list[Write]:
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
    invoice = billed.invoice(after.account_id, after.month, after.number)
    if code is not None and code != told and invoice is not None:
        writes.append(billed.telling(invoice, code, _facts(after), now))
    return writes


def _facts(dispute: Dispute) -> dict[str, str]:
    facts = {"amount": str(dispute.amount), "month": str(dispute.month), "reason": dispute.reason}
    return {**facts, "dispute": dispute.dispute_id}


def make_good(
    dispute_id: str, *, who: str, note: str, disputes: Disputes, billed: Billed, now: datetime, commit: Commit
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
    return commit([*disputes.saving(after, before), *_following(after, before, billed, now)], after)


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
