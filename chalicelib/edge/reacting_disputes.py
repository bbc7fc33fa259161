"""What the workers do about disputes, debts that are given up, and the daily comparison. Each may run twice."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from chalicelib.billing.collecting import take_note
from chalicelib.billing.comparing import go_on
from chalicelib.billing.disputing import bring
from chalicelib.billing.errors import ComparisonChanged
from chalicelib.billing.writing_off import write_off
from chalicelib.edge.reacting_reconciliation import after_comparison
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.workers import invoice_named
from chalicelib.kernel.time import parse_instant

Facts = Mapping[str, str]


def dispute_changed(dispute_id: str, wired: BackOffice) -> None:
    """Bring our side of a dispute to what Stripe says by now."""
    bring(dispute_id, wired.disputing(wired.now(), wired.commit))


def write_evidence(facts: Facts, wired: BackOffice) -> None:
    """Put the evidence about a dispute together as of when it was asked for; a repeat writes the same bytes."""
    from chalicelib.billing.evidence_bundle import bundle  # noqa: PLC0415 -- rare, and it loads words
    from chalicelib.edge.evidence_papers import papers_of  # noqa: PLC0415 -- as above

    dispute, evidence = wired.disputes.dispute(facts["dispute_id"]), wired.disputes.evidence(facts["dispute_id"])
    if dispute is None or evidence is None or evidence.ready_at is not None:
        return
    content = bundle(dispute, evidence, papers_of(dispute, wired, evidence.asked_at))
    wired.files.write(evidence.key, content, "application/zip")
    digest = hashlib.sha256(content).hexdigest()
    ready = replace(evidence, ready_at=wired.now(), sha256=digest, size=len(content))
    wired.commit([wired.disputes.evidence_ready(ready)], None)


def give_up(facts: Facts, wired: BackOffice) -> None:
    """Book an invoice as given up, and have Stripe mark it as uncollectible; if it was paid, take note of that."""
    parts: dict[str, Any] = {"billed": wired.billed, "ledger": wired.ledger, "zone": wired.settings.zone}
    parts |= {"now": wired.now(), "commit": wired.commit}
    invoice = write_off(*invoice_named(facts), **parts)
    if invoice is None or invoice.provider_invoice is None:
        return
    wired.stripe_books.give_up(invoice.provider_invoice)
    stands = wired.stripe_books.invoice(invoice.provider_invoice)
    if stands is not None and stands.status == "paid":
        take_note(stands, notes=wired.issuing.notes, **parts)


def compare(facts: Facts, wired: BackOffice) -> None:
    """Go on with comparing our books with Stripe's, or begin to, where the timer says so."""
    asked_at = parse_instant(facts["asked_at"])
    with suppress(ComparisonChanged):
        compared = go_on(asked_at, facts["asked_by"], wired.comparing(asked_at, wired.now()))
        if compared.done_at is not None:
            after_comparison(asked_at, wired)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "billing.compare": compare,
    "billing.evidence": write_evidence,
    "billing.give_up": give_up,
}
