"""What a name leads to, whichever end one begins at: an account, and what of it is concerned."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from chalicelib.access.listing import is_summary
from chalicelib.billing.postings import PAYMENT
from chalicelib.billing.postings_of_money import DISPUTE, FEE, PAID_OUT
from chalicelib.billing.proving import heads_of
from chalicelib.edge.concerned import concerned
from chalicelib.edge.tracing_agreements import fees_in
from chalicelib.edge.tracing_beside import Hop
from chalicelib.edge.tracing_billed import Settled
from chalicelib.edge.tracing_partners import documents_behind, movement_of, sent_of, stated_hop, stated_of
from chalicelib.edge.tracing_wallet import Ahead, named, paid_by
from chalicelib.kernel.time import Month, format_instant
from chalicelib.metering.reference import read_reference
from chalicelib.rating.share_proof import KIND as SHARE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chalicelib.access.model import AccessSession, ChargeRecord
    from chalicelib.billing.credit_model import CreditNote
    from chalicelib.billing.model import Invoice
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.billing.partner_statement import PartnerStatement
    from chalicelib.billing.payout_model import Movement
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
_MOVED = re.compile(r"(stripe:)?(?P<movement>txn_.+)")
_BY_HAND = "re_"
_OF_PERIOD = re.compile(r":[0-9]{4}-(0[1-9]|1[0-2]):[0-9]{1,6}$")
"""What the use of a month adds to its subscription's name."""
_REPORT = "#"
"""Between a session's id and that of a report about it; between an account's and that of a subscription."""
_EVENT, _CHARGE = "evr_", "chg_"
_PAYMENTS, _DISPUTES = ("ch_", "py_"), ("dp_", "du_")


@dataclass(frozen=True, slots=True)
class Begun:
    """What a name leads to: an account, and its sessions, charges, invoices and months that are concerned.

    `fees` are the months of which what subscriptions cost is concerned too; `moved` is what a partner was sent of its
    own month, or had too much, and `exported` are months of which no more than the files are concerned. Of one
    `subscription` no other's fees are.
    """

    account_id: str
    sessions: Sequence[AccessSession]
    months: frozenset[Month]
    invoices: Sequence[Invoice]
    charges: Sequence[PartnerCharge] = ()
    event_id: str | None = None
    ahead: Ahead | None = None
    hops: Sequence[Hop] = field(default_factory=tuple)
    fees: frozenset[Month] = frozenset()
    moved: Sequence[Movement] = ()
    exported: frozenset[Month] = frozenset()
    subscription: str | None = None


def begin(name: str, wired: BackOffice) -> list[Begun]:
    """What was sent to a partner may be of several accounts."""
    movement = movement_of(name, wired)
    if movement is not None:
        behind = (_from_document(each, wired) for each in documents_behind(movement, wired))
        return [each for each in behind if each is not None] or [_from_movement(movement, wired)]
    begun = _from_name(name, wired)
    return [begun] if begun is not None else []


def _from_name(name: str, wired: BackOffice) -> Begun | None:
    if name.startswith(_EVENT):
        return _from_event(name, wired)
    if name.startswith(_PAYMENTS):
        invoice = wired.billed.paid_with(name)
        return _from_invoice(invoice, wired) if invoice is not None else None
    if name.startswith(_DISPUTES):
        dispute = wired.disputes.dispute(name)
        return _from_document(_SOURCE.sub("", dispute.paid), wired) if dispute is not None else None
    outside = wired.outsides.outside(name) if name.startswith(_BY_HAND) else None
    if outside is not None:
        return _from_document(_SOURCE.sub("", outside.paid), wired)
    charge = wired.charges.find(name) if name.startswith(_CHARGE) else None
    if charge is not None:
        return _from_charge(charge, wired)
    used = _from_use(name, wired)
    return used or _from_document(_SOURCE.sub("", name), wired) or _from_entries(_booked(name, wired), wired)


def _from_document(name: str, wired: BackOffice) -> Begun | None:
    """A proof, an invoice, a credit note, a refund; a partner's month; a top-up, a gift, what went back of a wallet."""
    if found := _PROOF.fullmatch(name):
        begun = _from_proof(found["account"], int(found["number"]), wired)
        return _from_line(begun, name, wired) if begun is not None and found["line"] else begun
    if (stated := stated_of(name, wired)) is not None:
        return _from_stated(stated, wired)
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


def _from_event(reference: str, wired: BackOffice) -> Begun | None:
    source, event_id, subject, time = read_reference(reference)
    session = wired.sessions.find(subject)
    if session is None:
        return None
    begun = _from_session(session, wired)
    hop = Hop("event", reference, None, {"source": source, "event": event_id, "session": subject, "time": time})
    return replace(begun, event_id=event_id, hops=(hop,))


def _from_use(name: str, wired: BackOffice) -> Begun | None:
    """A session, its hold or its charge record; or, as an export has them, what it is charged by."""
    whose, _, written = name.partition(_REPORT)
    session = wired.sessions.find(_OF_SESSION.sub("", whose))
    if session is None:
        return _from_subscription(whose, written, wired) if written else None
    if not written:
        return _from_session(session, wired)
    return _from_report(session, whose, written, wired) or _from_file(session, written, wired)


def _from_report(session: AccessSession, whose: str, written: str, wired: BackOffice) -> Begun | None:
    """As its source calls it, or as exports write that: by now percent-encoded, before behind an apostrophe."""
    shown = {each for record in wired.sessions.charges_of(session) for each in heard_by(record)}
    event_id = next((each for each in (unquote(written), written, written.removeprefix("'")) if each in shown), None)
    if event_id is None:
        return None
    begun = _from_session(session, wired)
    if is_summary(event_id):
        return begun
    hop = Hop("event", f"{whose}{_REPORT}{written}", None, {"event": event_id, "session": whose})
    return replace(begun, event_id=event_id, hops=(hop,))


def _from_file(session: AccessSession, digest: str, wired: BackOffice) -> Begun | None:
    """A file that shows a charge beside the session's use."""
    for charge in wired.charges.of_account(session.account_id):
        if charge.session_id == session.session_id and digest in {each.sha256 for each in charge.evidence}:
            link = f"/finance/v1/charges/{charge.charge_id}/evidence/{digest}"
            facts = {"charge": charge.charge_id, "session": session.session_id}
            return replace(_from_charge(charge, wired), event_id=digest, hops=(Hop("file", digest, link, facts),))
    return None


def _from_subscription(account_id: str, name: str, wired: BackOffice) -> Begun | None:
    """An account's subscription, or what it costs in a month, with all that billed its fees."""
    subscription_id = _OF_PERIOD.sub("", name)
    if wired.lives.find(account_id, subscription_id) is None:
        return None
    newest = {each.month: each.number for each in heads_of(account_id, wired.billed)}
    proofs = ((month, wired.billed.proof(account_id, number) or {}) for month, number in newest.items())
    fees = {use: month for month, proof in proofs for use, held in fees_in([proof]).items() if held == subscription_id}
    fees = {use: month for use, month in fees.items() if name in (subscription_id, use)}
    if not fees and name != subscription_id:
        return None
    settled, months = Settled.of(account_id, wired), set(fees.values())
    corrected = {each for each in settled.settlements if months.intersection(settled.plans_corrected(each))}
    found = settled.where(fees, months, corrected)
    of_fees = frozenset(months)
    return Begun(account_id, (), found.months, found.invoices, fees=of_fees, subscription=subscription_id)


def _from_session(session: AccessSession, wired: BackOffice) -> Begun:
    zone = wired.settings.zone
    months = {Month.of(each.charged_at, zone) for each in wired.sessions.charges_of(session)}
    charges = [each for each in wired.charges.of_account(session.account_id) if each.session_id == session.session_id]
    return _used(session.account_id, (session,), months, charges, wired)


def _from_charge(charge: PartnerCharge, wired: BackOffice) -> Begun:
    session = wired.sessions.find(charge.session_id)
    return _used(charge.account_id, (session,) if session is not None else (), set(), (charge,), wired)


def _used(
    account_id: str,
    sessions: Sequence[AccessSession],
    months: set[Month],
    charges: Sequence[PartnerCharge],
    wired: BackOffice,
) -> Begun:
    """With the invoices that billed these and their corrections, in whichever months."""
    uses = {*(each.session_id for each in sessions), *(each.charge_id for each in charges)}
    every = months | {each.month for each in charges if each.month is not None}
    settled = Settled.of(account_id, wired)
    corrected = settled.months_correcting(uses, every) | settled.months_countering(charges)
    found = settled.where(uses, every, corrected)
    return Begun(account_id, sessions, found.months, found.invoices, charges)


def _from_invoice_id(invoice_id: str, wired: BackOffice) -> Begun | None:
    account_id, month, number = invoice_id.rsplit(":", 2)
    invoice = wired.billed.invoice(account_id, Month.parse(month), int(number))
    return _from_invoice(invoice, wired) if invoice is not None else None


def _from_invoice(invoice: Invoice, wired: BackOffice) -> Begun:
    found = concerned(invoice, wired)
    return Begun(invoice.account_id, found.sessions, found.months, (invoice,), found.charges, fees=found.fees)


def _from_note(note: CreditNote, wired: BackOffice) -> Begun:
    """By the invoices that it lowered, goes against, or gave back a part of, and what it corrects."""
    refunds = [each for each in wired.issuing.notes.refunds(note.account_id) if each.note_id == note.note_id]
    names = {*note.lowered, *(each.invoice_id for each in refunds), *([note.against] if note.against else ())}
    begun = _from_invoices(note.account_id, sorted(names), wired)
    if note.of_goodwill:
        return replace(begun, months=begun.months | {note.month})
    found = concerned(note, wired)
    sessions, charges = _once([*begun.sessions, *found.sessions]), _once([*begun.charges, *found.charges])
    months, fees = begun.months | found.months, begun.fees | found.fees
    return replace(begun, sessions=sessions, charges=charges, months=months, fees=fees)


def _from_wallet(ahead: Ahead, wired: BackOffice) -> Begun:
    """By the invoices that it has paid."""
    return replace(_from_invoices(ahead.account_id, paid_by(ahead, wired), wired), ahead=ahead)


def _from_invoices(account_id: str, names: Iterable[str], wired: BackOffice) -> Begun:
    begun = [each for each in (_from_invoice_id(name, wired) for name in names) if each is not None]
    return Begun(
        account_id,
        _once(session for each in begun for session in each.sessions),
        frozenset(month for each in begun for month in each.months),
        _once(invoice for each in begun for invoice in each.invoices),
        _once(charge for each in begun for charge in each.charges),
        fees=frozenset(month for each in begun for month in each.fees),
    )


def _once(found: Iterable[Any]) -> list[Any]:
    seen: list[Any] = []
    for each in found:
        if each not in seen:
            seen.append(each)
    return seen


def _from_proof(account_id: str, number: int, wired: BackOffice) -> Begun | None:
    heads = wired.billed.proofs(account_id, limit=1, after=number - 1) if number else ()
    if not heads or heads[0].number != number:
        return None
    month, proof = heads[0].month, wired.billed.proof(account_id, number) or {}
    if proof.get("kind") == SHARE:
        stated = wired.share_rows.statement(account_id, month)
        return _from_stated(stated, wired) if stated is not None else None
    names = [str(each["use_id"]) for each in rows_in(proof, "uses")]
    known = wired.sessions.many([each for each in names if not each.startswith(_CHARGE)][:MOST_SESSIONS])
    charges = [each for each in wired.charges.of_account(account_id) if each.charge_id in names]
    begun = _used(account_id, list(known.values()), {month}, charges, wired)
    return replace(begun, fees=frozenset({month}))


def _from_stated(stated: PartnerStatement, wired: BackOffice) -> Begun:
    """A partner's own month: its chain's proofs of it, and what it was sent of it beside shares of bills."""
    months, moved = frozenset({stated.month}), sent_of(stated, wired)
    exported = frozenset(_moved_in(each, wired) for each in moved)
    return Begun(stated.partner_id, (), months, (), hops=(stated_hop(stated),), moved=moved, exported=exported)


def _from_movement(movement: Movement, wired: BackOffice) -> Begun:
    """By itself, where no document is behind it."""
    exported = frozenset({_moved_in(movement, wired)})
    return Begun(movement.partner_id, (), frozenset(), (), moved=(movement,), exported=exported)


def _moved_in(movement: Movement, wired: BackOffice) -> Month:
    return Month.of(movement.done_at or movement.planned_at, wired.settings.zone)


def _from_line(begun: Begun, name: str, wired: BackOffice) -> Begun | None:
    """By what the line is of; what a subscription costs belongs to its month as a whole."""
    proof, _, place = name.partition("#/lines/")
    account_id, number = proof.removeprefix("proof:").rsplit(":", 1)
    lines = rows_in(wired.billed.proof(account_id, int(number)) or {}, "lines")
    if int(place) >= len(lines):
        return None
    use_id = str(lines[int(place)].get("use_id", ""))
    sessions = [each for each in begun.sessions if each.session_id == use_id]
    charges = [each for each in begun.charges if each.charge_id == use_id]
    month = {each.month for each in heads_of(account_id, wired.billed) if each.number == int(number)}
    return _used(account_id, sessions, month, charges, wired) if sessions or charges else begun


def _booked(name: str, wired: BackOffice) -> list[JournalEntry]:
    """An entry by its reference; those of a movement at Stripe; or those of an account whose postings name a source."""
    found = _MOVED.fullmatch(name)
    names = [f"{kind}:{found['movement']}" for kind in (DISPUTE, PAID_OUT, FEE)] if found is not None else [name]
    entries = [each for each in map(wired.ledger.find, names) if each is not None]
    account_id = name.partition(":")[2].partition(":")[0]
    if entries or found is not None or not account_id:
        return entries
    every = wired.ledger.of_account(account_id)
    return [each for each in every if any(posting.source == name for posting in each.postings)]


def _from_entries(entries: Sequence[JournalEntry], wired: BackOffice) -> Begun | None:
    """By what their postings were made of."""
    for source in sorted({posting.source for each in entries for posting in each.postings}):
        begun = _from_document(_SOURCE.sub("", source), wired)
        if begun is not None:
            return begun
    if not entries:
        return None
    hops, months = tuple(map(entry_hop, entries)), frozenset(each.period for each in entries)
    return Begun(entries[0].account_id, (), frozenset(), (), hops=hops, exported=months)


def heard_by(record: ChargeRecord) -> set[str]:
    """All that shows its need, and what its lines list of that."""
    shown = [*(each.evidence for each in record.need.intervals), *record.need.evidence.values()]
    lines = (cast("Sequence[str]", each.get("evidence", ())) for each in record.lines)
    return {each for several in (*shown, *lines) for each in several}


def rows_in(proof: Mapping[str, object], name: str) -> list[dict[str, Any]]:
    """Those of a proof under a name."""
    rows = proof.get(name)
    return rows if isinstance(rows, list) else []


def entry_hop(entry: JournalEntry) -> Hop:
    """What was posted."""
    kind = "payment" if entry.kind == PAYMENT else "journal"
    facts = {"kind": entry.kind, "period": str(entry.period), "posted_at": format_instant(entry.posted_at)}
    return Hop(kind, entry.reference, f"/finance/v1/journal/{entry.period}", facts)
