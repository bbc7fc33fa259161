"""From an event to the row of an export, and back from anywhere in between: every hop by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.billing.credit_postings import note_source, refund_source
from chalicelib.billing.postings import invoice_source, proof_source
from chalicelib.billing.proving import heads_of
from chalicelib.edge.tracing_agreements import agreement_hops, fares_of, fees_in
from chalicelib.edge.tracing_begun import MOST_SESSIONS, Begun, begin, entry_hop, heard_by, rows_in
from chalicelib.edge.tracing_beside import Beside, Hop, beside, charge_hop, hold_hops, money_hops
from chalicelib.edge.tracing_partners import movement_hop, movement_source, transfer_hops
from chalicelib.edge.tracing_wallet import of_invoices
from chalicelib.kernel.errors import NotFound
from chalicelib.kernel.time import Month, format_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chalicelib.access.model import AccessSession
    from chalicelib.edge.wiring_finance import BackOffice


_TAKEN = (
    "the reference of an event; ids of sessions, holds, charges, proofs, invoices, credit notes, refunds, payments,"
    " top-ups, gifts and partners' months as our files have them; journal entries and their sources; of Stripe's names"
    " ch_, py_, dp_, du_, txn_, pi_ of a top-up, and re_ of what was given back by hand. A document is asked for by its"
    " id, not by its number; what Stripe calls in_, tr_, re_ or pi_ by what stands beside it in the same row"
)
"""Which ids a trace begins at: said where it knows none of a name."""


class UnknownTrace(NotFound):
    """Nothing of this name is known here: not an event, a session, a charge, a document, a payment or an entry."""


def trace(name: str, wired: BackOffice) -> list[Hop]:
    """All hops from evidence to export that belong to what is named, in this order, whichever end one begins at."""
    found = {(hop.kind, hop.id): hop for begun in begin(name, wired) for hop in _hops(begun, wired)}
    if not found:
        raise UnknownTrace(id=name[:200], taken=_TAKEN)
    return list(found.values())


def _hops(begun: Begun, wired: BackOffice) -> list[Hop]:
    """All that belong to one account."""
    ahead = begun.ahead or of_invoices(begun.account_id, begun.invoices, wired)
    names = {each.top_up_id for each in ahead.top_ups}
    whose = (begun.account_id, begun.sessions, begun.months, begun.invoices)
    hops, found = [*begun.hops], beside(*whose, top_ups=names, wired=wired)
    for session in begun.sessions[:MOST_SESSIONS]:
        hops += _session(session, begun, wired)
    hops += map(charge_hop, begun.charges[:MOST_SESSIONS])
    heads = [each for each in heads_of(begun.account_id, wired.billed) if each.month in begun.months]
    newest = {each.month: each for each in heads}.values()
    proofs = {each.number: wired.billed.proof(each.account_id, each.number) or {} for each in newest}
    fees = fees_in(proofs[each.number] for each in newest if each.month in begun.fees)
    if begun.subscription is not None:
        fees = {use: each for use, each in fees.items() if each == begun.subscription}
    agreed = {*fees.values(), *fares_of(begun.sessions), *filter(None, (begun.subscription,))}
    hops += agreement_hops(begun.account_id, agreed, wired)
    hops += hold_hops(found)
    hops += ahead.hops()
    hops += _proofs(begun, heads, proofs, fees)
    hops += _invoices(begun)
    hops += transfer_hops(begun.invoices, wired)
    hops += map(movement_hop, begun.moved)
    hops += money_hops(found)
    sources = {proof_source(each.account_id, each.number) for each in heads} | ahead.sources
    hops += _entries(begun, found, sources, wired)
    hops += [hop for month in sorted(begun.months | begun.exported) for hop in _exports(month, wired)]
    return hops


def _session(session: AccessSession, begun: Begun, wired: BackOffice) -> Iterator[Hop]:
    name = session.session_id
    yield Hop("session", name, f"/finance/v1/sessions/{name}/timeline", {"account": session.account_id})
    for record in wired.sessions.charges_of(session):
        facts = {"sealed_at": format_instant(record.sealed_at), "evidence_sha256": record.need.digest}
        if begun.event_id is not None:
            facts["event"] = "counted" if begun.event_id in heard_by(record) else "shows nothing that is charged"
        month = Month.of(record.charged_at, wired.settings.zone)
        yield Hop("charge", f"{name}:{month}:{record.revision}", None, facts)


def _proofs(
    begun: Begun, heads: Iterable[Any], newest: Mapping[int, Mapping[str, object]], fees: Mapping[str, str]
) -> Iterator[Hop]:
    """Each proof of the months, and in the newest of each the lines that are concerned."""
    uses = {*(each.session_id for each in begun.sessions), *(each.charge_id for each in begun.charges), *fees}
    for head in heads:
        name, link = proof_source(head.account_id, head.number), f"/finance/v1/accounts/{head.account_id}/proofs"
        where = f"{link}/{head.number}"
        yield Hop("proof", name, where, {"month": str(head.month), "digest": head.digest, "previous": head.previous})
        for place, line in enumerate(rows_in(newest.get(head.number, {}), "lines")):
            facts = _line(line, uses, fees, begun.event_id)
            if facts is not None:
                yield Hop("line", f"{name}#/lines/{place}", where, {**facts, "minor": str(line["minor"])})


def _line(
    line: Mapping[str, Any], uses: set[str], fees: Mapping[str, str], event_id: str | None
) -> dict[str, str] | None:
    """What a line is of, if that is concerned. Of a partner's month there are no uses: all of its lines are."""
    if "use_id" not in line:
        return {"product": str(line["product"]), "code": str(line["kind"])}
    use_id = str(line["use_id"])
    if use_id not in uses or (event_id is not None and event_id not in line["evidence"]):
        return None
    whose = {"subscription": fees[use_id]} if use_id in fees else {"session": use_id}
    return {**whose, "price": str(line["price_id"]), "code": str(line["code"])}


def _invoices(begun: Begun) -> Iterator[Hop]:
    for each in begun.invoices:
        facts = {"state": str(each.state), "total": str(each.total), "stripe_invoice": each.provider_invoice or ""}
        yield Hop("invoice", each.invoice_id, each.link, facts)


def _entries(begun: Begun, found_beside: Beside, sources: set[str], wired: BackOffice) -> Iterable[Hop]:
    """What was posted of these and of invoices, credit notes, refunds and what partners were sent, in order of time."""
    sources = sources | {invoice_source(each.invoice_id) for each in begun.invoices}
    sources |= set(map(movement_source, begun.moved))
    sources |= {note_source(each.note_id) for each in found_beside.notes}
    sources |= {refund_source(each.refund_id) for each in found_beside.refunds}
    found = [
        each
        for each in wired.ledger.of_account(begun.account_id)
        if any(posting.source in sources for posting in each.postings)
    ]
    shown = {each.id for each in begun.hops}
    return [entry_hop(each) for each in sorted(found, key=lambda each: each.posted_at) if each.reference not in shown]


def _exports(month: Month, wired: BackOffice) -> Iterator[Hop]:
    """The files of the newest export of the month that is written."""
    ready = [each for each in wired.closes.exports(month) if each.ready_at is not None]
    for export in ready[-1:]:
        for file in export.files:
            name = f"{month}/{export.version}/{file.name}"
            yield Hop("export", name, f"/finance/v1/exports/{name}", {"sha256": file.sha256, "rows": str(file.rows)})
