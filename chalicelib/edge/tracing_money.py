"""From an event to the row of an export, and back from anywhere in between: every hop by its id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chalicelib.billing.credit_postings import note_source, refund_source
from chalicelib.billing.postings import PAYMENT, invoice_source, proof_source
from chalicelib.billing.proving import heads_of
from chalicelib.edge.concerned import charges_of, sessions_of
from chalicelib.edge.tracing_agreements import agreement_hops, fares_of, fees_in
from chalicelib.edge.tracing_beside import Beside, Hop, beside, charge_hop, hold_hops, money_hops
from chalicelib.edge.tracing_partners import invoice_behind, transfer_hops
from chalicelib.edge.tracing_wallet import Ahead, named, of_invoices, paid_by
from chalicelib.kernel.errors import NotFound
from chalicelib.kernel.time import Month, format_instant
from chalicelib.metering.reference import read_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chalicelib.access.model import AccessSession, ChargeRecord
    from chalicelib.billing.credit_model import CreditNote
    from chalicelib.billing.model import Invoice
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.ledger.model import JournalEntry

MOST_SESSIONS = 100
"""Of what concerns more, the first ones are shown."""
_INVOICE = re.compile(r"(?P<account>.+):(?P<month>[0-9]{4}-(0[1-9]|1[0-2])):(?P<number>[0-9]{1,4})")
_PROOF = re.compile(r"proof:(?P<account>.+):(?P<number>[0-9]{1,6})(#/lines/(?P<line>[0-9]{1,6}))?")
_NOTE = re.compile(r"(?P<account>.+):(?P<month>[0-9]{4}-(0[1-9]|1[0-2])):(?P<name>[cg][0-9]{1,4})")
_REFUND = re.compile(r"(?P<account>.+):r(?P<number>[0-9]{1,6})")
_OF_SESSION = re.compile(r"(:[0-9]{4}-(0[1-9]|1[0-2]))?:[0-9]{1,3}$")
"""What a hold's or a charge record's name adds to its session's."""
_SOURCE = re.compile(r"^(invoice|credit-note|refund):")
_REPORT = "#"
"""Between a session's id and that of a report about it."""
_EVENT, _CHARGE = "evr_", "chg_"
_PAYMENTS, _DISPUTES = ("ch_", "py_"), ("dp_", "du_")


class UnknownTrace(NotFound):
    """Nothing of this name is known here: not an event, a session, a charge, a document, a payment or an entry."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a name leads to: an account, and its sessions, charges, invoices and months that are concerned.

    `fees` says that what subscriptions cost in these months is concerned too.
    """

    account_id: str
    sessions: Sequence[AccessSession]
    months: frozenset[Month]
    invoices: Sequence[Invoice]
    charges: Sequence[PartnerCharge] = ()
    event_id: str | None = None
    ahead: Ahead | None = None
    hops: Sequence[Hop] = field(default_factory=tuple)
    fees: bool = False


def trace(name: str, wired: BackOffice) -> list[Hop]:
    """All hops from evidence to export that belong to what is named, in this order, whichever end one begins at."""
    begun = _begin(name, wired)
    if begun is None:
        raise UnknownTrace(id=name[:200])
    ahead = begun.ahead or of_invoices(begun.account_id, begun.invoices, wired)
    names = {each.top_up_id for each in ahead.top_ups}
    concerned = (begun.account_id, begun.sessions, begun.months, begun.invoices)
    hops, found = [*begun.hops], beside(*concerned, top_ups=names, wired=wired)
    for session in begun.sessions[:MOST_SESSIONS]:
        hops += _session(session, begun, wired)
    hops += map(charge_hop, begun.charges[:MOST_SESSIONS])
    heads = [each for each in heads_of(begun.account_id, wired.billed) if each.month in begun.months]
    newest = {each.month: each for each in heads}.values()
    proofs = {each.number: wired.billed.proof(each.account_id, each.number) or {} for each in newest}
    fees = fees_in(proofs.values()) if begun.fees else {}
    hops += agreement_hops(begun.account_id, {*fees.values(), *fares_of(begun.sessions)}, wired)
    hops += hold_hops(found)
    hops += ahead.hops()
    hops += _proofs(begun, heads, proofs, fees)
    hops += _invoices(begun)
    hops += transfer_hops(begun.invoices, wired)
    hops += money_hops(found)
    hops += _entries(begun, found, ahead.sources, wired)
    hops += [hop for month in sorted(begun.months) for hop in _exports(month, wired)]
    return hops


def _begin(name: str, wired: BackOffice) -> _Begun | None:
    if name.startswith(_EVENT):
        return _from_event(name, wired)
    if name.startswith(_PAYMENTS):
        invoice = wired.billed.paid_with(name)
        return _from_invoice(invoice, wired) if invoice is not None else None
    if name.startswith(_DISPUTES):
        dispute = wired.disputes.dispute(name)
        return _from_document(_SOURCE.sub("", dispute.paid), wired) if dispute is not None else None
    charge = wired.charges.find(name) if name.startswith(_CHARGE) else None
    if charge is not None:
        return _from_charge(charge, wired)
    used = _from_use(name, wired)
    return used or _from_document(name, wired) or _from_entry(wired.ledger.find(name), wired)


def _from_document(name: str, wired: BackOffice) -> _Begun | None:
    """A proof, an invoice, a credit note or a refund; a top-up, a gift, or what went back of a wallet."""
    if found := _PROOF.fullmatch(name):
        begun = _from_proof(found["account"], int(found["number"]), wired)
        return _from_line(begun, name, wired) if begun is not None and found["line"] else begun
    if (invoice_id := invoice_behind(name, wired)) is not None:
        return _from_invoice_id(invoice_id, wired)
    if _INVOICE.fullmatch(name):
        return _from_invoice_id(name, wired)
    if found := _NOTE.fullmatch(name):
        note = wired.issuing.notes.note(found["account"], Month.parse(found["month"]), found["name"])
        return _from_note(note, wired) if note is not None else None
    if found := _REFUND.fullmatch(name):
        refund = wired.issuing.notes.refund(found["account"], int(found["number"]))
        return _from_invoice_id(refund.invoice_id, wired) if refund is not None else None
    ahead = named(name, wired)
    return _from_wallet(ahead, wired) if ahead is not None else None


def _from_event(reference: str, wired: BackOffice) -> _Begun | None:
    source, event_id, subject, time = read_reference(reference)
    session = wired.sessions.find(subject)
    if session is None:
        return None
    begun = _from_session(session, wired)
    hop = Hop("event", reference, None, {"source": source, "event": event_id, "session": subject, "time": time})
    return replace(begun, event_id=event_id, hops=(hop,))


def _from_use(name: str, wired: BackOffice) -> _Begun | None:
    """A session, its hold or its charge record; or one of the reports that it is charged by, as an export has them."""
    session_id, _, event_id = name.partition(_REPORT)
    session = wired.sessions.find(_OF_SESSION.sub("", session_id))
    if session is None or not event_id:
        return _from_session(session, wired) if session is not None else None
    if not any(event_id in _heard(each) for each in wired.sessions.charges_of(session)):
        return None
    hop = Hop("event", name, None, {"event": event_id, "session": session_id})
    return replace(_from_session(session, wired), event_id=event_id, hops=(hop,))


def _from_session(session: AccessSession, wired: BackOffice) -> _Begun:
    zone = wired.settings.zone
    months = {Month.of(each.charged_at, zone) for each in wired.sessions.charges_of(session)}
    charges = [each for each in wired.charges.of_account(session.account_id) if each.session_id == session.session_id]
    return _used(session.account_id, (session,), months, charges, wired)


def _from_charge(charge: PartnerCharge, wired: BackOffice) -> _Begun:
    session = wired.sessions.find(charge.session_id)
    return _used(charge.account_id, (session,) if session is not None else (), set(), (charge,), wired)


def _used(
    account_id: str,
    sessions: Sequence[AccessSession],
    months: set[Month],
    charges: Sequence[PartnerCharge],
    wired: BackOffice,
) -> _Begun:
    """With the invoices that name one of these, or, of a month in which none does, all."""
    names = {*(each.session_id for each in sessions), *(each.charge_id for each in charges)}
    every = months | {each.month for each in charges if each.month is not None}
    invoices: list[Invoice] = []
    for month in sorted(every):
        billed = wired.billed.invoices(account_id, month)
        invoices += [each for each in billed if any(line.reference in names for line in each.lines)] or billed
    return _Begun(account_id, sessions, frozenset(every), invoices, charges)


def _from_invoice_id(invoice_id: str, wired: BackOffice) -> _Begun | None:
    account_id, month, number = invoice_id.rsplit(":", 2)
    invoice = wired.billed.invoice(account_id, Month.parse(month), int(number))
    return _from_invoice(invoice, wired) if invoice is not None else None


def _from_invoice(invoice: Invoice, wired: BackOffice) -> _Begun:
    sessions, charges = sessions_of(invoice, wired), charges_of(invoice, wired)
    return _Begun(invoice.account_id, sessions, frozenset({invoice.month}), (invoice,), charges, fees=True)


def _from_note(note: CreditNote, wired: BackOffice) -> _Begun:
    """By the invoices that it lowered, goes against, or gave back a part of; else by what it corrects."""
    refunds = [each for each in wired.issuing.notes.refunds(note.account_id) if each.note_id == note.note_id]
    names = {*note.lowered, *(each.invoice_id for each in refunds), *([note.against] if note.against else ())}
    corrected = {Month.parse(line.reference) for line in note.lines if line.about == "adjustment"}
    return _from_invoices(note.account_id, sorted(names), {note.month, *corrected}, wired)


def _from_wallet(ahead: Ahead, wired: BackOffice) -> _Begun:
    """By the invoices that it has paid."""
    return replace(_from_invoices(ahead.account_id, paid_by(ahead, wired), set(), wired), ahead=ahead)


def _from_invoices(account_id: str, names: Iterable[str], months: set[Month], wired: BackOffice) -> _Begun:
    begun = [each for each in (_from_invoice_id(name, wired) for name in names) if each is not None]
    return _Begun(
        account_id,
        _once(session for each in begun for session in each.sessions),
        frozenset({*months, *(month for each in begun for month in each.months)}),
        _once(invoice for each in begun for invoice in each.invoices),
        _once(charge for each in begun for charge in each.charges),
        fees=True,
    )


def _once(found: Iterable[Any]) -> list[Any]:
    seen: list[Any] = []
    for each in found:
        if each not in seen:
            seen.append(each)
    return seen


def _from_proof(account_id: str, number: int, wired: BackOffice) -> _Begun | None:
    heads = wired.billed.proofs(account_id, limit=1, after=number - 1) if number else ()
    if not heads or heads[0].number != number:
        return None
    month, proof = heads[0].month, wired.billed.proof(account_id, number) or {}
    names = [str(each["use_id"]) for each in _rows(proof, "uses")]
    known = wired.sessions.many([each for each in names if not each.startswith(_CHARGE)][:MOST_SESSIONS])
    charges = [each for each in wired.charges.of_account(account_id) if each.charge_id in names]
    invoices = wired.billed.invoices(account_id, month)
    return _Begun(account_id, list(known.values()), frozenset({month}), invoices, charges, fees=True)


def _from_line(begun: _Begun, name: str, wired: BackOffice) -> _Begun | None:
    """By what the line is of; what a subscription costs belongs to its month as a whole."""
    proof, _, place = name.partition("#/lines/")
    account_id, number = proof.removeprefix("proof:").rsplit(":", 1)
    lines = _rows(wired.billed.proof(account_id, int(number)) or {}, "lines")
    if int(place) >= len(lines):
        return None
    use_id = str(lines[int(place)]["use_id"])
    sessions = [each for each in begun.sessions if each.session_id == use_id]
    charges = [each for each in begun.charges if each.charge_id == use_id]
    return _used(account_id, sessions, set(begun.months), charges, wired) if sessions or charges else begun


def _from_entry(entry: JournalEntry | None, wired: BackOffice) -> _Begun | None:
    """By what its postings were made of."""
    if entry is None:
        return None
    for source in sorted({each.source for each in entry.postings}):
        begun = _from_document(_SOURCE.sub("", source), wired)
        if begun is not None:
            return begun
    return _Begun(entry.account_id, (), frozenset({entry.period}), (), hops=(_entry(entry),))


def _session(session: AccessSession, begun: _Begun, wired: BackOffice) -> Iterator[Hop]:
    name = session.session_id
    yield Hop("session", name, f"/finance/v1/sessions/{name}/timeline", {"account": session.account_id})
    for record in wired.sessions.charges_of(session):
        facts = {"sealed_at": format_instant(record.sealed_at), "evidence_sha256": record.need.digest}
        if begun.event_id is not None:
            facts["event"] = "counted" if begun.event_id in _heard(record) else "shows nothing that is charged"
        month = Month.of(record.charged_at, wired.settings.zone)
        yield Hop("charge", f"{name}:{month}:{record.revision}", None, facts)


def _heard(record: ChargeRecord) -> set[str]:
    """All that shows its need."""
    shown = [*(each.evidence for each in record.need.intervals), *record.need.evidence.values()]
    return {each for several in shown for each in several}


def _proofs(
    begun: _Begun, heads: Iterable[Any], newest: Mapping[int, Mapping[str, object]], fees: Mapping[str, str]
) -> Iterator[Hop]:
    """Each proof of the months, and in the newest of each the lines that are concerned."""
    uses = {*(each.session_id for each in begun.sessions), *(each.charge_id for each in begun.charges), *fees}
    for head in heads:
        name, link = proof_source(head.account_id, head.number), f"/finance/v1/accounts/{head.account_id}/proofs"
        where = f"{link}/{head.number}"
        yield Hop("proof", name, where, {"month": str(head.month), "digest": head.digest, "previous": head.previous})
        for place, line in enumerate(_rows(newest.get(head.number, {}), "lines")):
            name_of_use = str(line["use_id"])
            if name_of_use in uses and (begun.event_id is None or begun.event_id in line["evidence"]):
                whose = {"subscription": fees[name_of_use]} if name_of_use in fees else {"session": name_of_use}
                facts = {**whose, "price": str(line["price_id"]), "code": str(line["code"])}
                yield Hop("line", f"{name}#/lines/{place}", where, {**facts, "minor": str(line["minor"])})


def _rows(proof: Mapping[str, object], name: str) -> list[dict[str, Any]]:
    rows = proof.get(name)
    return rows if isinstance(rows, list) else []


def _invoices(begun: _Begun) -> Iterator[Hop]:
    for each in begun.invoices:
        facts = {"state": str(each.state), "total": str(each.total), "stripe_invoice": each.provider_invoice or ""}
        yield Hop("invoice", each.invoice_id, each.link, facts)


def _entries(begun: _Begun, found_beside: Beside, ahead: frozenset[str], wired: BackOffice) -> Iterable[Hop]:
    """What was posted of these invoices, credit notes, refunds and top-ups, in order of time."""
    sources = set(ahead) | {invoice_source(each.invoice_id) for each in begun.invoices}
    sources |= {note_source(each.note_id) for each in found_beside.notes}
    sources |= {refund_source(each.refund_id) for each in found_beside.refunds}
    found = [
        each
        for each in wired.ledger.of_account(begun.account_id)
        if any(posting.source in sources for posting in each.postings)
    ]
    shown = {each.id for each in begun.hops}
    return [_entry(each) for each in sorted(found, key=lambda each: each.posted_at) if each.reference not in shown]


def _entry(entry: JournalEntry) -> Hop:
    kind = "payment" if entry.kind == PAYMENT else "journal"
    facts = {"kind": entry.kind, "period": str(entry.period), "posted_at": format_instant(entry.posted_at)}
    return Hop(kind, entry.reference, f"/finance/v1/journal/{entry.period}", facts)


def _exports(month: Month, wired: BackOffice) -> Iterator[Hop]:
    """The files of the newest export of the month that is written."""
    ready = [each for each in wired.closes.exports(month) if each.ready_at is not None]
    for export in ready[-1:]:
        for file in export.files:
            name = f"{month}/{export.version}/{file.name}"
            yield Hop("export", name, f"/finance/v1/exports/{name}", {"sha256": file.sha256, "rows": str(file.rows)})
