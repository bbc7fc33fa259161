"""A session's timeline, as its customer, its partner and finance see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.access.timeline import Entry, Kind
from chalicelib.access.tracing import traced
from chalicelib.edge.amounts import show_amount, show_instant
from chalicelib.edge.timeline_shapes import EntryShown, TimelineShown
from chalicelib.kernel.time import Month

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from datetime import datetime

    from chalicelib.access.model import AccessSession
    from chalicelib.billing.model import Invoice
    from chalicelib.edge.wiring import Wiring


def timeline(
    session: AccessSession, wired: Wiring, now: datetime, *, with_payments: bool = True, whole: bool = False
) -> TimelineShown:
    """All of it; a partner is not shown who paid how. The `whole` of a shared session is every account's part."""

    def payments(of: AccessSession) -> list[Entry]:
        if not with_payments or of.charged_at is None:
            return []
        invoices = wired.billed.invoices(of.account_id, Month.of(of.charged_at, wired.settings.zone))
        return [entry for invoice in invoices for entry in _payments(of.session_id, invoice)]

    parts, positions = wired.ending(now, wired.commit), wired.positions.of_session(session.session_id, now)
    entries = traced(session, parts=parts, payments=payments, whole=whole, positions=positions)
    return TimelineShown(session.session_id, str(session.state), show_entries(entries))


def _payments(session_id: str, invoice: Invoice) -> list[Entry]:
    """When the session was invoiced, by itself or with others, and what became of the invoice."""
    facts = {"invoice": invoice.invoice_id}
    line = next((each for each in invoice.lines if each.reference == session_id), None)
    found = [Entry(invoice.issued_at, Kind.PAYMENT, "invoiced", "billing", facts, line.amount if line else None)]
    if invoice.paid_at is not None:
        found.append(Entry(invoice.paid_at, Kind.PAYMENT, "paid", "stripe", facts, invoice.asks))
    return found


def show_entries(entries: Sequence[Entry]) -> list[EntryShown]:
    """Entries in their order."""
    return [
        EntryShown(
            at=show_instant(each.at),
            kind=str(each.kind),
            what=each.what,
            by=each.by,
            facts=each.facts,
            amount=show_amount(each.amount) if each.amount is not None else None,
        )
        for each in entries
    ]
