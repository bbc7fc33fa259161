"""From an event to the row of an export, and back from anywhere in between: every hop by its id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.billing.postings import PAYMENT, invoice_source, proof_source
from chalicelib.kernel.errors import NotFound
from chalicelib.kernel.time import Month, format_instant
from chalicelib.metering.reference import read_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chalicelib.access.model import AccessSession
    from chalicelib.billing.model import Invoice
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.ledger.model import JournalEntry

MOST_SESSIONS = 100
"""Of what concerns more, the first ones are shown."""
_PAGE = 200
_INVOICE = re.compile(r"(?P<account>.+):(?P<month>[0-9]{4}-(0[1-9]|1[0-2])):(?P<number>[0-9]{1,4})")
_PROOF = re.compile(r"proof:(?P<account>.+):(?P<number>[0-9]{1,6})")
_EVENT = "evr_"
_PAYMENTS = ("ch_", "py_")


class UnknownTrace(NotFound):
    """Nothing of this name is known here: not an event, session, proof, invoice, payment or journal entry."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A station on the way: what it is, its id, where it can be read, and what tells it apart."""

    kind: str
    id: str
    link: str | None
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a name leads to: an account, and its sessions, invoices and months that are concerned."""

    account_id: str
    sessions: Sequence[AccessSession]
    months: frozenset[Month]
    invoices: Sequence[Invoice]
    event_id: str | None = None
    hops: Sequence[Hop] = field(default_factory=tuple)


def trace(name: str, wired: BackOffice) -> list[Hop]:
    """All hops from evidence to export that belong to what is named, in this order, whichever end one begins at."""
    begun = _begin(name, wired)
    if begun is None:
        raise UnknownTrace(id=name[:200])
    hops = [*begun.hops]
    for session in begun.sessions[:MOST_SESSIONS]:
        hops += _session(session, begun, wired)
    hops += _proofs(begun, wired)
    hops += _invoices(begun)
    hops += _entries(begun, wired)
    hops += [hop for month in sorted(begun.months) for hop in _exports(month, wired)]
    return hops


def _begin(name: str, wired: BackOffice) -> _Begun | None:
    if name.startswith(_EVENT):
        return _from_event(name, wired)
    if name.startswith(_PAYMENTS):
        invoice = wired.billed.paid_with(name)
        return _from_invoice(invoice, wired) if invoice is not None else None
    session = wired.sessions.find(name)
    if session is not None:
        return _from_session(session, wired)
    found = _PROOF.fullmatch(name)
    if found:
        return _from_proof(found["account"], int(found["number"]), wired)
    found = _INVOICE.fullmatch(name)
    invoice = (
        wired.billed.invoice(found["account"], Month.parse(found["month"]), int(found["number"])) if found else None
    )
    if invoice is not None:
        return _from_invoice(invoice, wired)
    entry = wired.ledger.find(name)
    return _from_entry(entry, wired) if entry is not None else None


def _from_event(reference: str, wired: BackOffice) -> _Begun | None:
    source, event_id, subject, time = read_reference(reference)
    session = wired.sessions.find(subject)
    if session is None:
        return None
    begun = _from_session(session, wired)
    hop = Hop("event", reference, None, {"source": source, "event": event_id, "session": subject, "time": time})
    return _Begun(begun.account_id, begun.sessions, begun.months, begun.invoices, event_id, (hop,))


def _from_session(session: AccessSession, wired: BackOffice) -> _Begun:
    zone = wired.settings.zone
    months = frozenset(Month.of(each.charged_at, zone) for each in wired.sessions.charges_of(session))
    billed = [each for month in sorted(months) for each in wired.billed.invoices(session.account_id, month)]
    named = [each for each in billed if any(line.reference == session.session_id for line in each.lines)]
    return _Begun(session.account_id, (session,), months, named or billed)


def _from_invoice(invoice: Invoice, wired: BackOffice) -> _Begun:
    charged = wired.sessions.charged(invoice.account_id, invoice.month.interval(wired.settings.zone))
    named = {line.reference for line in invoice.lines if line.about == "session"}
    sessions = [each.session for each in charged if not named or each.session.session_id in named]
    return _Begun(invoice.account_id, sessions, frozenset({invoice.month}), (invoice,))


def _from_proof(account_id: str, number: int, wired: BackOffice) -> _Begun | None:
    heads = wired.billed.proofs(account_id, limit=1, after=number - 1) if number else ()
    if not heads or heads[0].number != number:
        return None
    month, proof = heads[0].month, wired.billed.proof(account_id, number) or {}
    known = wired.sessions.many([str(each["use_id"]) for each in _rows(proof, "uses")][:MOST_SESSIONS])
    return _Begun(account_id, list(known.values()), frozenset({month}), wired.billed.invoices(account_id, month))


def _from_entry(entry: JournalEntry, wired: BackOffice) -> _Begun | None:
    """By what its postings were made of."""
    for source in sorted({each.source for each in entry.postings}):
        begun = _begin(source.removeprefix("invoice:"), wired) if source and source != entry.reference else None
        if begun is not None:
            return begun
    return _Begun(entry.account_id, (), frozenset({entry.period}), (), hops=(_entry(entry),))


def _session(session: AccessSession, begun: _Begun, wired: BackOffice) -> Iterator[Hop]:
    name = session.session_id
    yield Hop("session", name, f"/finance/v1/sessions/{name}/timeline", {"account": session.account_id})
    for record in wired.sessions.charges_of(session):
        heard = {each for interval in record.need.intervals for each in interval.evidence}
        heard |= {each for several in record.need.evidence.values() for each in several}
        facts = {"sealed_at": format_instant(record.sealed_at), "evidence_sha256": record.need.digest}
        if begun.event_id is not None:
            facts["event"] = "counted" if begun.event_id in heard else "shows nothing that is charged"
        month = Month.of(record.charged_at, wired.settings.zone)
        yield Hop("charge", f"{name}:{month}:{record.revision}", None, facts)


def _proofs(begun: _Begun, wired: BackOffice) -> Iterator[Hop]:
    """Each proof of the months, and in the newest of each the lines that are concerned."""
    sessions = {each.session_id for each in begun.sessions}
    heads = [each for each in _heads(begun.account_id, wired) if each.month in begun.months]
    newest = {each.month: each.number for each in heads}
    for head in heads:
        name, link = proof_source(head.account_id, head.number), f"/finance/v1/accounts/{head.account_id}/proofs"
        where = f"{link}/{head.number}"
        yield Hop("proof", name, where, {"month": str(head.month), "digest": head.digest, "previous": head.previous})
        if newest[head.month] != head.number:
            continue
        for place, line in enumerate(_rows(wired.billed.proof(head.account_id, head.number) or {}, "lines")):
            if line["use_id"] in sessions and (begun.event_id is None or begun.event_id in line["evidence"]):
                facts = {"session": str(line["use_id"]), "price": str(line["price_id"]), "code": str(line["code"])}
                yield Hop("line", f"{name}#/lines/{place}", where, {**facts, "minor": str(line["minor"])})


def _heads(account_id: str, wired: BackOffice) -> Iterator[Any]:
    after, more = 0, True
    while more:
        page = wired.billed.proofs(account_id, limit=_PAGE, after=after)
        yield from page
        after, more = (page[-1].number if page else after), len(page) == _PAGE


def _rows(proof: Mapping[str, object], name: str) -> list[dict[str, Any]]:
    rows = proof.get(name)
    return rows if isinstance(rows, list) else []


def _invoices(begun: _Begun) -> Iterator[Hop]:
    for each in begun.invoices:
        facts = {"state": str(each.state), "total": str(each.total), "stripe_invoice": each.provider_invoice or ""}
        yield Hop("invoice", each.invoice_id, each.link, facts)


def _entries(begun: _Begun, wired: BackOffice) -> Iterable[Hop]:
    """What was posted of these invoices and months: first the bills, then the payments, then the rest."""
    sources = {invoice_source(each.invoice_id) for each in begun.invoices}
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
