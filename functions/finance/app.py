"""The finance door: what finance and operators call with staff access tokens."""

from collections.abc import Mapping
from typing import Any

from chalicelib.access.errors import UnknownSession
from chalicelib.billing.model import FareCaps, Parked
from chalicelib.billing.operating import release, set_fare_caps
from chalicelib.catalogue import categorising
from chalicelib.catalogue.category import Category
from chalicelib.catalogue.changes import Author, EntryKind
from chalicelib.edge import category_shapes, fare_caps, finance, simulation_shapes
from chalicelib.edge.announcement_desk import AnnouncementDesk
from chalicelib.edge.audit import record_read
from chalicelib.edge.audit_desk import AuditDesk
from chalicelib.edge.books_desk import BooksDesk
from chalicelib.edge.call import Call
from chalicelib.edge.callers import OPERATE, READ, Staff, staff
from chalicelib.edge.close_desk import CloseDesk
from chalicelib.edge.comparison_desk import ComparisonDesk
from chalicelib.edge.control_desk import ControlDesk
from chalicelib.edge.dispute_desk import DisputeDesk
from chalicelib.edge.door import Door
from chalicelib.edge.export_desk import ExportDesk
from chalicelib.edge.finance_case_desk import FinanceCaseDesk
from chalicelib.edge.finance_charge_desk import FinanceChargeDesk
from chalicelib.edge.finance_wallet_desk import FinanceWalletDesk
from chalicelib.edge.histories import ChangeShown, history
from chalicelib.edge.lazily import lazily
from chalicelib.edge.monitor_desk import MonitorDesk
from chalicelib.edge.outside_desk import OutsideDesk
from chalicelib.edge.paging import Page, PageQuery, narrowed, same
from chalicelib.edge.partner import KeyShown, show_key, show_new_key, show_new_key_again
from chalicelib.edge.plan_desk import PlanDesk
from chalicelib.edge.proofs import ProofShown, proof_of, proofs_of
from chalicelib.edge.reconciliation_desk import ReconciliationDesk
from chalicelib.edge.refund_desk import RefundDesk
from chalicelib.edge.routes import take
from chalicelib.edge.selling_desk import SellingDesk
from chalicelib.edge.share_desk import ShareDesk
from chalicelib.edge.term_desk import TermDesk
from chalicelib.edge.timeline_shapes import TimelineShown
from chalicelib.edge.trace_desk import TraceDesk
from chalicelib.edge.unbilled_desk import UnbilledDesk
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import Month
from chalicelib.ledger.service import PostedInMonth, posted_in_month
from chalicelib.partners.model import ApiKey
from chalicelib.partners.service import IssuedKey, create_partner, issue_key, revoke_key

simulations = lazily("chalicelib.edge.simulations")
timelines = lazily("chalicelib.edge.timelines")
wired = BackOffice()
app = Door("finance", wired=lambda: wired, authenticate=staff, audits=record_read)
take(app, FinanceCaseDesk(wired))
take(app, FinanceChargeDesk(wired))
take(app, BooksDesk(wired))
take(app, ShareDesk(wired))
take(app, ControlDesk(wired))
take(app, DisputeDesk(wired))
take(app, ComparisonDesk(wired))
take(app, CloseDesk(wired))
take(app, AuditDesk(wired))
take(app, ReconciliationDesk(wired))
take(app, UnbilledDesk(wired))
take(app, TraceDesk(wired))
take(app, RefundDesk(wired))
take(app, OutsideDesk(wired))
take(app, SellingDesk(wired))
take(app, TermDesk(wired))
take(app, MonitorDesk(wired))
take(app, FinanceWalletDesk(wired))
take(app, ExportDesk(wired))
take(app, PlanDesk(wired))
take(app, AnnouncementDesk(wired))


@app.post(
    "/v1/partners",
    takes=finance.PartnerBody,
    shows=finance.show_new_partner,
    saves=finance.show_new_partner_again,
    status=201,
    needs=OPERATE,
)
def add_partner(call: Call[Staff, finance.PartnerBody]) -> IssuedKey:
    """Create a partner with its first API key, whose text is shown this once."""
    return create_partner(
        call.body.name, partners=wired.partners, maker=wired.key_maker, now=call.now, commit=call.commit
    )


@app.post(
    "/v1/partners/{partner_id}/keys",
    takes=finance.KeyBody,
    shows=show_new_key,
    saves=show_new_key_again,
    status=201,
    needs=OPERATE,
)
def add_partner_key(call: Call[Staff, finance.KeyBody], partner_id: str) -> IssuedKey:
    """One more API key for a partner that lost its own."""
    return issue_key(
        partner_id,
        call.body.label,
        partners=wired.partners,
        maker=wired.key_maker,
        now=call.now,
        commit=call.commit,
    )


@app.get("/v1/partners/{partner_id}/keys", needs=OPERATE)
def partner_keys(_call: Call[Staff, None], partner_id: str) -> list[KeyShown]:
    """A partner's API keys, without their secrets."""
    return [show_key(each) for each in wired.partners.keys_of(partner_id)]


@app.delete("/v1/partners/{partner_id}/keys/{key_id}", shows=show_key, needs=OPERATE)
def drop_partner_key(call: Call[Staff, None], partner_id: str, key_id: str) -> ApiKey:
    """Revoke a partner's API key; it is refused from the next call on."""
    return revoke_key(partner_id, key_id, partners=wired.partners, now=call.now, commit=call.commit)


@app.get("/v1/sessions/{session_id}/timeline", needs=READ)
def session_timeline(call: Call[Staff, None], session_id: str) -> TimelineShown:
    """Everything that happened with a session, in order: acts, reports, need, charges, payments."""
    session = wired.sessions.find(session_id)
    if session is None:
        raise UnknownSession(session_id=session_id)
    return timelines.timeline(session, wired, call.now, whole=True)


@app.get("/v1/parked", query=finance.ParkedQuery, needs=OPERATE)
def parked_accounts(call: Call[Staff, None]) -> Page[finance.ParkedShown]:
    """Accounts whose month is not billed until somebody has looked at it, or those of a reason, a month, a state.

    A page may be short, or empty, and have more behind it: `next` says so.
    """
    query = call.query
    return narrowed(
        query,
        lambda limit, after: wired.billed.all_parked(limit=limit, after=after),
        finance.show_parked,
        lambda each: f"{each.account_id}#{each.month}",
        lambda each: same(query, reason=each.reason, month=str(each.month), released=each.released_at is not None),
    )


@app.post(
    "/v1/parked/{account_id}/{month}/release",
    takes=finance.ReleaseBody,
    shows=finance.show_parked,
    needs=OPERATE,
)
def release_account(call: Call[Staff, finance.ReleaseBody], account_id: str, month: str) -> Parked:
    """Bill an account's month after all; the decision is kept with who took it and why."""
    return release(
        account_id,
        Month.parse(month),
        by=call.caller.subject,
        note=call.body.note,
        billed=wired.billed,
        now=call.now,
        commit=call.commit,
    )


@app.put(
    "/v1/fare-caps/{month}",
    takes=fare_caps.FareCapsBody,
    shows=fare_caps.show_fare_caps,
    needs=OPERATE,
)
def put_fare_caps(call: Call[Staff, fare_caps.FareCapsBody], month: str) -> FareCaps:
    """Cap what an account pays for several products together, from a month to come on."""
    caps = fare_caps.fare_caps_of(Month.parse(month), call.body, wired.settings.currency)
    return set_fare_caps(caps, wired.settings.zone, billed=wired.billed, now=call.now, commit=call.commit)


@app.get("/v1/fare-caps/{month}", shows=fare_caps.show_fare_caps, needs=READ)
def fare_caps_of_month(_call: Call[Staff, None], month: str) -> FareCaps | None:
    """The caps over several products that hold in a month."""
    return wired.billed.fare_caps(Month.parse(month))


@app.put(
    "/v1/categories/{category_id}",
    takes=category_shapes.CategoryBody,
    shows=category_shapes.show_category,
    needs=OPERATE,
)
def put_category(call: Call[Staff, category_shapes.CategoryBody], category_id: str) -> Category:
    """Store or replace a category of the tree from which partners choose."""
    category = category_shapes.category_of(category_id, call.body)
    author = Author(call.caller.subject, call.now)
    return categorising.put_category(category, author=author, catalogue=wired.catalogue, commit=call.commit)


@app.get("/v1/categories", query=PageQuery, needs=OPERATE)
def categories(call: Call[Staff, None]) -> Page[category_shapes.CategoryShown]:
    """All categories in order of id."""
    return category_shapes.all_categories(call.query, catalogue=wired.catalogue)


@app.get("/v1/categories/{category_id}", shows=category_shapes.show_category, needs=OPERATE)
def category(_call: Call[Staff, None], category_id: str) -> Category:
    """One category."""
    return categorising.category_of(category_id, catalogue=wired.catalogue)


@app.get("/v1/categories/{category_id}/history", query=PageQuery, needs=OPERATE)
def category_history(call: Call[Staff, None], category_id: str) -> Page[ChangeShown]:
    """Who changed the category, when and what, the newest change first."""
    found = categorising.category_of(category_id, catalogue=wired.catalogue)
    return history(None, EntryKind.CATEGORY, found.category_id, call.query, catalogue=wired.catalogue)


@app.get("/v1/accounts/{account_id}/proofs", query=PageQuery, needs=READ)
def proofs(call: Call[Staff, None], account_id: str) -> Page[ProofShown]:
    """An account's chain of proofs, the first one first."""
    return proofs_of(account_id, call.query, billed=wired.billed)


@app.get("/v1/accounts/{account_id}/proofs/{number}", needs=READ)
def proof(_call: Call[Staff, None], account_id: str, number: str) -> Mapping[str, Any]:
    """A whole proof, which `make verify` recomputes."""
    return proof_of(account_id, number, billed=wired.billed)


@app.get("/v1/journal/{month}", query=finance.JournalQuery, shows=finance.show_journal, needs=READ)
def journal(call: Call[Staff, None], month: str) -> PostedInMonth:
    """A month's postings by ledger account, and whether they balance; of some thousand entries at a time."""
    limit, after = call.query.limit, call.query.after
    return posted_in_month(Month.parse(month), limit=limit, after=after, ledger=wired.ledger)


@app.post(
    "/v1/simulations",
    takes=simulation_shapes.AnySimulationBody,
    reads=simulation_shapes.read_simulation,
    shows=simulation_shapes.show_simulation,
    idempotent=False,
    needs=READ,
)
def simulate(call: Call[Staff, dict[str, object]]) -> "simulations.Tried":
    """Try a tariff on given usage or on a past month of any product. It writes nothing but who has read that month."""
    return simulations.Desk(None, wired, call.now).simulate(call.body)
