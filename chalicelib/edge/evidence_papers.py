"""The papers of a disputed payment: what was used, how it was rated, agreed and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.access.reading import receipt_of
from chalicelib.access.uses import tariff_for
from chalicelib.billing.evidence_bundle import as_json
from chalicelib.edge.amounts import show_amount, show_instant
from chalicelib.edge.papers import receipt_text
from chalicelib.edge.timelines import timeline
from chalicelib.edge.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.access.model import AccessSession
    from chalicelib.billing.dispute_model import Dispute
    from chalicelib.billing.model import Invoice
    from chalicelib.edge.wiring_finance import BackOffice

MOST_SESSIONS = 200
"""Of an invoice for more, the papers of the first ones; its proof holds every line of all of them."""
_PAGE = 100
_LANGUAGE = "en"
"""Banks and Stripe read English."""


def papers_of(dispute: Dispute, wired: BackOffice, as_of: datetime) -> dict[str, bytes]:
    """All papers by name, as of an instant: asked for again, they are the same."""
    invoice = wired.billed.invoice(dispute.account_id, dispute.month, dispute.number)
    if invoice is None:
        return {}
    sessions = _sessions(invoice, wired)
    about = {invoice.invoice_id, *(each.session_id for each in sessions)}
    papers = {
        "invoice.json": as_json(_invoice(invoice)),
        "terms.json": as_json(_terms(invoice.account_id, wired)),
        "notices.json": as_json(list(_notices(invoice.account_id, about, wired, as_of))),
    }
    papers |= dict(_proofs(invoice, wired, as_of))
    for session in sessions:
        where = f"sessions/{session.session_id}"
        shown = msgspec.to_builtins(timeline(session, wired, as_of))
        papers[f"{where}/timeline.json"] = as_json(shown)
        papers[f"{where}/receipt.txt"] = _receipt(session, wired).encode()
    return papers


def _sessions(invoice: Invoice, wired: BackOffice) -> list[AccessSession]:
    """Those that the invoice names, or, where it names products, those that were charged in its month."""
    charged = wired.sessions.charged(invoice.account_id, invoice.month.interval(wired.settings.zone))
    named = {line.reference for line in invoice.lines if line.about == "session"}
    found = [each.session for each in charged if not named or each.session.session_id in named]
    return found[:MOST_SESSIONS]


def _invoice(invoice: Invoice) -> dict[str, object]:
    return {
        "invoice": invoice.invoice_id,
        "stripe_invoice": invoice.provider_invoice,
        "issued_at": show_instant(invoice.issued_at),
        "paid_at": show_instant(invoice.paid_at) if invoice.paid_at else None,
        "total": msgspec.to_builtins(show_amount(invoice.total)),
        "asked": msgspec.to_builtins(show_amount(invoice.asks)),
        "lines": [
            {"about": line.about, "of": line.reference, "amount": msgspec.to_builtins(show_amount(line.amount))}
            for line in invoice.lines
        ],
        "link": invoice.link,
        "pdf": invoice.pdf,
    }


def _terms(account_id: str, wired: BackOffice) -> dict[str, object]:
    """What was accepted, and when."""
    agreed = wired.agreements.find(account_id)
    if agreed is None:
        return {}
    accepted = {"terms_version": agreed.terms_version, "accepted_at": show_instant(agreed.agreed_at)}
    return {"plan": agreed.plan, **accepted, "language": agreed.language}


def _notices(account_id: str, about: set[str], wired: BackOffice, as_of: datetime) -> Iterator[dict[str, object]]:
    """What the account was told of the invoice and of its sessions, the newest first."""
    after, more = None, True
    while more:
        rows = wired.notices.of_account(account_id, limit=_PAGE, after=after)
        for _, notice in rows:
            if notice.about in about and notice.told_at <= as_of:
                told = {"told_at": show_instant(notice.told_at), "code": notice.code, "about": notice.about}
                yield {**told, "facts": dict(notice.facts)}
        after, more = (rows[-1][0] if rows else None), len(rows) == _PAGE


def _proofs(invoice: Invoice, wired: BackOffice, as_of: datetime) -> Iterator[tuple[str, bytes]]:
    """Every proof of the month by then, as `make verify` reads it."""
    after, more = 0, True
    while more:
        heads = wired.billed.proofs(invoice.account_id, limit=_PAGE, after=after)
        for head in heads:
            if head.month == invoice.month and head.made_at <= as_of:
                yield f"proofs/{head.number:06d}.json", as_json(wired.billed.proof(head.account_id, head.number))
        after, more = (heads[-1].number if heads else after), len(heads) == _PAGE


def _receipt(session: AccessSession, wired: BackOffice) -> str:
    zone = wired.settings.zone
    receipt = receipt_of(session, zone, catalogue=wired.catalogue, sessions=wired.sessions)
    product = wired.catalogue.product(session.partner_id, session.product_id)
    name = product.name if product else session.product_id
    tariff = tariff_for(receipt.record.session, catalogue=wired.catalogue)
    return receipt_text(receipt, tariff, zone, Words(_LANGUAGE), name)
