"""What stands beside sessions and invoices in a trace: charges beside use, holds, credit notes, refunds, disputes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from chalicelib.access.model import AccessSession
    from chalicelib.billing.credit_model import CreditNote, Refund
    from chalicelib.billing.dispute_model import Dispute
    from chalicelib.billing.hold_model import Hold
    from chalicelib.billing.model import Invoice
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.kernel.time import Month


@dataclass(frozen=True, slots=True)
class Hop:
    """A station on the way: what it is, its id, where it can be read, and what tells it apart."""

    kind: str
    id: str
    link: str | None
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Beside:
    """What of an account's money belongs to some of its sessions, months and invoices."""

    holds: Sequence[Hold]
    notes: Sequence[CreditNote]
    refunds: Sequence[Refund]
    disputes: Sequence[Dispute]


def beside(
    account_id: str,
    sessions: Iterable[AccessSession],
    months: Iterable[Month],
    invoices: Iterable[Invoice],
    *,
    top_ups: Collection[str],
    wired: BackOffice,
) -> Beside:
    """Holds of the sessions, or that pay the invoices; what credits these or corrects the months; disputes of them.

    Of the top-ups, by id, disputes too.
    """
    named, paid = {each.session_id for each in sessions}, {each.invoice_id for each in invoices}
    refunds = wired.issuing.notes.refunds(account_id)
    returned = {each.note_id for each in refunds if each.invoice_id in paid}
    notes = [
        each
        for each in wired.issuing.notes.notes(account_id)
        if each.note_id in returned or each.against in paid or paid & set(each.lowered) or _corrects(each, set(months))
    ]
    known = {each.note_id for each in notes}
    return Beside(
        [each for each in wired.holds.of_account(account_id) if each.session_id in named or each.invoice_id in paid],
        notes,
        [each for each in refunds if each.note_id in known],
        [
            each
            for each in wired.disputes.of_account(account_id)
            if each.invoice_id in paid or each.top_up_id in top_ups
        ],
    )


def _corrects(note: CreditNote, months: set[Month]) -> bool:
    """Whether it is of one of the months, or has a line for one; goodwill corrects nothing."""
    of = {line.reference for line in note.lines if line.about == "adjustment"}
    return not note.of_goodwill and (note.month in months or bool(of & {str(each) for each in months}))


def charge_hop(charge: PartnerCharge) -> Hop:
    """A charge beside use; those of an account are listed for finance, not read one by one."""
    facts = {"kind": charge.kind, "state": str(charge.state), "amount": str(charge.amount)}
    facts |= {"session": charge.session_id, "countered": str(charge.countered(None))}
    return Hop("beside_use", charge.charge_id, None, facts)


def hold_hops(found: Beside) -> Iterator[Hop]:
    """What was held, and what of it was taken for which invoice."""
    for each in found.holds:
        captured = Money(each.captured, each.amount.currency)
        facts = {"state": str(each.state), "amount": str(each.amount), "captured": str(captured)}
        facts |= {"invoice": each.invoice_id or "", "stripe_payment": each.intent or ""}
        yield Hop("hold", each.name, None, facts)


def money_hops(found: Beside) -> Iterator[Hop]:
    """Credit notes, refunds, then disputes."""
    for note in found.notes:
        left = Money(note.left, note.total.currency)
        facts = {"number": note.paper.number, "total": str(note.total), "left": str(left)}
        facts |= {"against": note.against or "", "lowered": " ".join(sorted(note.lowered))}
        link = f"/finance/v1/accounts/{note.account_id}/credit-notes"
        yield Hop("credit_note", note.note_id, link, facts)
    for refund in found.refunds:
        facts = {"state": str(refund.state), "amount": str(refund.amount), "credit_note": refund.note_id}
        facts |= {"invoice": refund.invoice_id, "stripe_payment": refund.payment}
        yield Hop("refund", refund.refund_id, None, {**facts, "stripe_refund": refund.provider_refund or ""})
    for dispute in found.disputes:
        facts = {"state": str(dispute.state), "amount": str(dispute.amount), "paid": dispute.paid}
        link = f"/finance/v1/disputes/{dispute.dispute_id}"
        yield Hop("dispute", dispute.dispute_id, link, {**facts, "charge": dispute.charge})
