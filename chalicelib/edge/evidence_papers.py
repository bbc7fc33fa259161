"""The papers of a disputed payment, of an invoice or of a top-up: what was used, how it was rated, agreed and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.access.reading import receipt_of
from chalicelib.access.uses import tariff_for
from chalicelib.billing.credit_model import name_of
from chalicelib.billing.evidence_bundle import as_json
from chalicelib.billing.proving import heads_of
from chalicelib.billing.wallet_model import MoveKind
from chalicelib.billing.wallet_reading import lots_of, moves_of
from chalicelib.edge.amounts import show_amount, show_instant
from chalicelib.edge.concerned import concerned
from chalicelib.edge.papers import receipt_text
from chalicelib.edge.timelines import timeline
from chalicelib.edge.words import Words
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from chalicelib.access.model import AccessSession
    from chalicelib.billing.dispute_model import Dispute
    from chalicelib.billing.model import Invoice
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.billing.topping_model import TopUp
    from chalicelib.billing.wallet_model import Move
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.kernel.time import Month

MOST_SESSIONS = 200
"""Of an invoice for more, the papers of the first ones; its proof holds every line of all of them."""
_PAGE = 100
_LANGUAGE = "en"
"""Banks and Stripe read English."""
Papers = tuple[dict[str, bytes], set[str]]
"""By name, and what they are about."""


def papers_of(dispute: Dispute, wired: BackOffice, as_of: datetime) -> dict[str, bytes]:
    """All papers by name, as of an instant: asked for again, they are the same.

    Of a top-up they are what became of it in the wallet, and the papers of each invoice that it paid.
    """
    if dispute.top_up_id is not None:
        papers, about = _of_top_up(dispute, dispute.top_up_id, wired, as_of)
    else:
        found = _found(dispute.invoice_id, wired)
        papers, about = _of_invoice(found, wired, as_of) if found is not None else ({}, set())
    papers["terms.json"] = as_json(_terms(dispute.account_id, wired))
    told = list(_notices(dispute.account_id, {*about, dispute.dispute_id}, wired, as_of))
    return {**papers, "notices.json": as_json(told)}


def _found(invoice_id: str | None, wired: BackOffice) -> Invoice | None:
    if invoice_id is None:
        return None
    month, number = name_of(invoice_id)
    return wired.billed.invoice(invoice_id.rsplit(":", 2)[0], month, int(number))


def _of_top_up(dispute: Dispute, top_up_id: str, wired: BackOffice, as_of: datetime) -> Papers:
    """The wallet's entries of the lots that the payment filled; each invoice among them in a folder of its own."""
    top_up = wired.top_ups.top_up(dispute.account_id, top_up_id)
    if top_up is None:
        return {}, set()
    lots = lots_of(top_up.payment, wired.wallets.wallet(dispute.account_id))
    moves = [each for each in moves_of(dispute.account_id, lots, wired.wallets) if each.at <= as_of]
    papers = {"top-up.json": as_json(_top_up(top_up)), "wallet.json": as_json([_move(each, lots) for each in moves])}
    about = {top_up.top_up_id, *lots}
    used = {each.about: each for each in moves if each.kind is MoveKind.USED}
    for name in used:
        invoice = _found(name, wired)
        of_it, concerned = _of_invoice(invoice, wired, as_of) if invoice is not None else ({}, set[str]())
        papers |= {f"invoices/{name.replace(':', '-')}/{each}": paper for each, paper in of_it.items()}
        about |= concerned
    return papers, about


def _top_up(top_up: TopUp) -> dict[str, object]:
    return {
        "top_up": top_up.top_up_id,
        "amount": msgspec.to_builtins(show_amount(top_up.amount)),
        "asked_at": show_instant(top_up.asked_at),
        "gift": top_up.gift_id is not None,
        "stripe_payment": top_up.payment,
    }


def _move(move: Move, lots: Collection[str]) -> dict[str, object]:
    amount = Money(sum(minor for name, minor in move.changes.items() if name in lots), move.currency)
    told = {"at": show_instant(move.at), "kind": str(move.kind), "about": move.about}
    return {**told, "amount": msgspec.to_builtins(show_amount(amount))}


def _of_invoice(invoice: Invoice, wired: BackOffice, as_of: datetime) -> Papers:
    """An invoice's papers, and what they are about."""
    found = concerned(invoice, wired)
    sessions, charges = found.sessions[:MOST_SESSIONS], found.charges
    about = {invoice.invoice_id, *(each.session_id for each in sessions), *(each.charge_id for each in charges)}
    papers = {"invoice.json": as_json(_invoice(invoice)), "holds.json": as_json(_holds(invoice, wired))}
    papers |= dict(_proofs(invoice, found.months, wired, as_of))
    papers |= {f"charges/{each.charge_id}.json": as_json(_charge(each, as_of)) for each in charges}
    for session in sessions:
        where = f"sessions/{session.session_id}"
        shown = msgspec.to_builtins(timeline(session, wired, as_of))
        papers[f"{where}/timeline.json"] = as_json(shown)
        papers[f"{where}/receipt.txt"] = _receipt(session, wired).encode()
    return papers, about


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


def _charge(charge: PartnerCharge, as_of: datetime) -> dict[str, object]:
    """What was charged beside use, what shows it, and what was said about it by then; the files are kept apart."""
    known = [each for each in charge.history if each.at <= as_of]
    return {
        "charge": charge.charge_id,
        "kind": charge.kind,
        "session": charge.session_id,
        "happened_at": show_instant(charge.happened_at),
        "description": dict(charge.description),
        "stated": msgspec.to_builtins(show_amount(charge.stated)),
        "due": msgspec.to_builtins(show_amount(charge.amount)),
        "given_back": msgspec.to_builtins(show_amount(charge.countered(as_of))),
        "objection_until": show_instant(charge.objection_until) if charge.objection_until else None,
        "reason": charge.reason,
        "evidence": [
            {"sha256": each.sha256, "type": each.content_type, "bytes": each.size} for each in charge.evidence
        ],
        "history": [
            {"state": str(each.state), "at": show_instant(each.at), "by": each.by, "note": each.note} for each in known
        ],
    }


def _holds(invoice: Invoice, wired: BackOffice) -> list[dict[str, object]]:
    """What was kept on the card before the use, and what of it paid this."""
    return [
        {
            "session": each.session_id,
            "stripe_payment": each.intent,
            "held": msgspec.to_builtins(show_amount(each.amount)),
            "held_at": show_instant(each.held_at) if each.held_at else None,
            "captured": msgspec.to_builtins(show_amount(Money(each.captured, each.amount.currency))),
        }
        for each in wired.holds.of_invoice(invoice.account_id, invoice.invoice_id)
    ]


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


def _proofs(
    invoice: Invoice, months: Collection[Month], wired: BackOffice, as_of: datetime
) -> Iterator[tuple[str, bytes]]:
    """Every proof of the months by then, as `make verify` reads it."""
    for head in heads_of(invoice.account_id, wired.billed):
        if head.month in months and head.made_at <= as_of:
            yield f"proofs/{head.number:06d}.json", as_json(wired.billed.proof(head.account_id, head.number))


def _receipt(session: AccessSession, wired: BackOffice) -> str:
    zone = wired.settings.zone
    receipt = receipt_of(session, zone, catalogue=wired.catalogue, sessions=wired.sessions)
    product = wired.catalogue.product(session.partner_id, session.product_id)
    name = product.name if product else session.product_id
    tariff = tariff_for(receipt.record.session, catalogue=wired.catalogue)
    return receipt_text(receipt, tariff, zone, Words(_LANGUAGE), name)
