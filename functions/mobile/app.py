"""The mobile door: what a customer's app calls, with the customer's own access token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalice.app import CORSConfig

from chalicelib.customers.model import Customer, Right
from chalicelib.edge import mobile, quote_shapes
from chalicelib.edge.account_desk import AccountDesk
from chalicelib.edge.acting_for import acting as acting_in
from chalicelib.edge.acting_for import in_session, signed_in
from chalicelib.edge.booking_desk import BookingDesk
from chalicelib.edge.call import Call
from chalicelib.edge.callers import customer as by_access_token
from chalicelib.edge.charge_desk import ChargeDesk
from chalicelib.edge.document_desk import DocumentDesk
from chalicelib.edge.door import Door
from chalicelib.edge.hold_shapes import show_hold
from chalicelib.edge.languages import WordsQuery, words_of, words_wished
from chalicelib.edge.lazily import lazily
from chalicelib.edge.me_desk import MeDesk
from chalicelib.edge.month_desk import MonthDesk
from chalicelib.edge.moving_desk import MovingDesk
from chalicelib.edge.oidc import Claims
from chalicelib.edge.own_data_desk import OwnDataDesk
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.payment_desk import PaymentDesk
from chalicelib.edge.receipts import ReceiptShown, show_receipt
from chalicelib.edge.routes import NOT_YET, NOTHING, PAYS, take
from chalicelib.edge.scan_desk import ScanDesk
from chalicelib.edge.sharing_desk import SharingDesk
from chalicelib.edge.sign_in_desk import SignInDesk
from chalicelib.edge.subscription_desk import SubscriptionDesk
from chalicelib.edge.timeline_shapes import TimelineShown
from chalicelib.edge.waiting_desk import WaitingDesk
from chalicelib.edge.wallet_desk import WalletDesk
from chalicelib.edge.wiring import Wiring
from chalicelib.edge.wishes_desk import WishesDesk
from chalicelib.edge.withdrawal_desk import WithdrawalDesk

if TYPE_CHECKING:
    from chalicelib.access import acting, model, quoting, reading, reserving, starting, uses
    from chalicelib.billing import advising
    from chalicelib.edge import advice, offers, own_use, pages, papers, proofs, timelines
    from chalicelib.edge.words import Words
    from chalicelib.rating import Tariff
else:
    acting = lazily("chalicelib.access.acting")
    quoting = lazily("chalicelib.access.quoting")
    reading = lazily("chalicelib.access.reading")
    reserving = lazily("chalicelib.access.reserving")
    starting = lazily("chalicelib.access.starting")
    uses = lazily("chalicelib.access.uses")
    advising = lazily("chalicelib.billing.advising")
    advice = lazily("chalicelib.edge.advice")
    offers = lazily("chalicelib.edge.offers")
    own_use = lazily("chalicelib.edge.own_use")
    pages = lazily("chalicelib.edge.pages")
    papers = lazily("chalicelib.edge.papers")
    proofs = lazily("chalicelib.edge.proofs")
    timelines = lazily("chalicelib.edge.timelines")

_TEXT, _PAGE = "text/plain; charset=utf-8", "text/html; charset=utf-8"
wired = Wiring()
app = Door(
    "mobile",
    wired=lambda: wired,
    authenticate=by_access_token,
    cors=CORSConfig(
        allow_origin="*",
        allow_headers=["Authorization", "Adgang-Account", "Idempotency-Key", "X-Correlation-Id"],
        expose_headers=["Idempotency-Replayed", "X-Correlation-Id"],
        max_age=600,
    ),
)


take(app, SharingDesk(wired))
take(app, MovingDesk(wired))
take(app, BookingDesk(wired))
take(app, WaitingDesk(wired))
take(app, ChargeDesk(wired))
take(app, WalletDesk(wired))


def _customer(call: Call[Claims, Any]) -> Customer:
    return acting_in(call, wired)


take(app, SignInDesk(wired))


@app.get("/v1/me", needs=Right.BELONG)
def me(call: Call[Claims, None]) -> mobile.Me:
    """Who I am here, in which account and as what, and whether I can start."""
    customer = _customer(call)
    own = customer.member_of is None
    account = None if own else wired.customers.account(customer.account_id)
    return mobile.show_me(customer, wired.billed.payer(customer.account_id), account)


take(app, PaymentDesk(wired))


@app.get("/v1/offers", query=mobile.OffersQuery, anyone=True)
def offers_near(call: Call[Claims, None]) -> offers.OffersShown:
    """What is free where I am and when, the best fit first, and why. Nobody has to be a customer to look."""
    return offers.offers(call.query, wired, call.now)


@app.post("/v1/quotes", needs=Right.USE, takes=mobile.QuoteBody, query=WordsQuery, idempotent=False)
def ask_quote(call: Call[Claims, mobile.QuoteBody]) -> quote_shapes.Quote:
    """The price before the start. Promises, and changes nothing, so it takes no Idempotency-Key."""
    need, customer = mobile.read_need(call.body.need), _customer(call)
    asked = quoting.AskQuote(customer.account_id, customer.customer_id, call.body.code, need, customer.member_of)
    given = quoting.give_quote(asked, allowing=wired.allowing(call.now), random_bytes=wired.random_bytes)
    token = quoting.seal_quote(given.promise, sealer=wired.sealer)
    return quote_shapes.show_quote(given, token, words_wished(call, customer.language), customer.language)


def _command(call: Call[Claims, mobile.StartBody]) -> starting.StartSession:
    promise = quoting.read_quote(call.body.quote, sealer=wired.sealer)
    accepted = starting.accepted(
        promise,
        call.body.code,
        signed_in(call, wired),
        catalogue=wired.catalogue,
        fetch=wired.fetch,
    )
    return replace(accepted, confirmed=call.body.confirm)


def _asked(call: Call[Claims, Any], session_id: str) -> acting.Asked:
    customer = in_session(call, session_id, wired)
    return acting.Asked(session_id, customer.account_id, customer.customer_id)


def _session(call: Call[Claims, Any], session_id: str) -> model.AccessSession:
    customer = in_session(call, session_id, wired)
    return reading.session_of(session_id, customer.account_id, sessions=wired.sessions)


@app.post(
    "/v1/access-sessions", needs=Right.USE, takes=mobile.StartBody, shows=mobile.show_session, status=201, refuses=PAYS
)
def start_session(call: Call[Claims, mobile.StartBody]) -> model.AccessSession:
    """Scan and go: start at the quoted price."""
    return starting.start_session(_command(call), starting=wired.starting(call.now, call.commit))


@app.post(
    "/v1/reservations", needs=Right.USE, takes=mobile.StartBody, shows=mobile.show_session, status=201, refuses=PAYS
)
def reserve(call: Call[Claims, mobile.StartBody]) -> model.AccessSession:
    """Have an asset held for me at the quoted price, free of charge for a while, and not for long."""
    return reserving.reserve(_command(call), starting=wired.starting(call.now, call.commit))


@app.get("/v1/reservations", needs=Right.SEE, shows=mobile.show_sessions)
def my_reservations(call: Call[Claims, None]) -> list[model.AccessSession]:
    """What is held for me."""
    customer = _customer(call)
    return [each for each in wired.sessions.reserved_of(customer.account_id) if customer.sees(each.customer_id)]


@app.post(
    "/v1/reservations/{session_id}/start",
    needs=Right.USE,
    takes=mobile.HandOutBody,
    shows=mobile.show_session,
    refuses=PAYS,
)
def start_reserved(call: Call[Claims, mobile.HandOutBody], session_id: str) -> model.AccessSession:
    """Start what is reserved, by the code of the asset at hand."""
    parts = wired.starting(call.now, call.commit)
    return reserving.hand_out(_session(call, session_id), call.body.code, starting=parts)


@app.post("/v1/reservations/{session_id}/cancel", needs=Right.FINISH, shows=mobile.show_session)
def cancel_reservation(call: Call[Claims, None], session_id: str) -> model.AccessSession:
    """Give a reservation up."""
    return reserving.give_up(_session(call, session_id), ending=wired.ending(call.now, call.commit))


@app.get("/v1/access-sessions", needs=Right.SEE, shows=mobile.show_sessions)
def open_sessions(call: Call[Claims, None]) -> list[model.AccessSession]:
    """My open sessions. Ended ones are on the statements."""
    customer = _customer(call)
    return [each for each in wired.sessions.open_of(customer.account_id) if customer.sees(each.customer_id)]


@app.get("/v1/sessions/{session_id}/timeline", needs=Right.SEE)
def session_timeline(call: Call[Claims, None], session_id: str) -> TimelineShown:
    """Everything that happened with a session that I take part in: acts, reports, need, charges, payments."""
    customer = in_session(call, session_id, wired)
    session = reading.seen_of(session_id, customer.account_id, sessions=wired.sessions)
    return timelines.timeline(session, wired, call.now)


@app.post("/v1/access-sessions/{session_id}/pause", needs=Right.USE, shows=mobile.show_session)
def pause_session(call: Call[Claims, None], session_id: str) -> model.AccessSession:
    """Not in use until it is resumed; it stays with me."""
    parts = wired.ending(call.now, call.commit)
    return acting.pause(_asked(call, session_id), acting=parts, random_bytes=wired.random_bytes)


@app.post("/v1/access-sessions/{session_id}/resume", needs=Right.USE, shows=mobile.show_session, refuses=PAYS)
def resume_session(call: Call[Claims, None], session_id: str) -> model.AccessSession:
    """In use again."""
    parts = wired.ending(call.now, call.commit)
    whose = _asked(call, session_id)
    return acting.resume(whose, acting=parts, standing=wired.standing, random_bytes=wired.random_bytes)


@app.put("/v1/access-sessions/{session_id}/stop", needs=Right.FINISH, takes=mobile.StopBody, shows=mobile.show_session)
def stop_session(call: Call[Claims, mobile.StopBody], session_id: str) -> model.AccessSession:
    """Have the session end by itself: at an instant, after a time, or before it costs more."""
    wish = mobile.read_stop(call.body, call.now, wired.settings.currency)
    return acting.stop(_asked(call, session_id), wish, acting=wired.ending(call.now, call.commit))


@app.delete("/v1/access-sessions/{session_id}/stop", needs=Right.USE, shows=mobile.show_session)
def do_not_stop(call: Call[Claims, None], session_id: str) -> model.AccessSession:
    """Let the session go on until I end it."""
    return acting.stop(_asked(call, session_id), None, acting=wired.ending(call.now, call.commit))


@app.get("/v1/access-sessions/{session_id}", needs=Right.SEE, query=WordsQuery)
def session_cost(call: Call[Claims, None], session_id: str) -> mobile.CostOfSession:
    """A session and what it costs so far."""
    customer = in_session(call, session_id, wired)
    parts = wired.ending(call.now, call.commit)
    cost = acting.running_cost(session_id, customer.account_id, acting=parts)
    shown = mobile.show_cost(cost, words_wished(call, customer.language))
    if cost.session.agreed is not None and cost.session.agreed.hold is not None:
        shown.hold = show_hold(wired.holds.of_session(customer.account_id, session_id))
    return shown


@app.post("/v1/access-sessions/{session_id}/end", needs=Right.FINISH, shows=show_receipt)
def end_session(call: Call[Claims, None], session_id: str) -> reading.Receipt:
    """Give back, and get the receipt: codes and facts alone, for the answer is kept. Reading it gives the words."""
    customer = in_session(call, session_id, wired)
    return acting.end_session(session_id, customer.account_id, ending=wired.ending(call.now, call.commit))


def _receipt(customer: Customer, session_id: str) -> reading.Receipt:
    session = reading.seen_of(session_id, customer.account_id, sessions=wired.sessions)
    return reading.receipt_of(session, wired.settings.zone, catalogue=wired.catalogue, sessions=wired.sessions)


def _paper(customer: Customer, session_id: str, words: Words) -> tuple[reading.Receipt, Tariff, str, Words, str]:
    """A receipt with what its papers say beside it."""
    found = _receipt(customer, session_id)
    session = found.record.session
    tariff = uses.tariff_for(session, catalogue=wired.catalogue)
    product = wired.catalogue.product(session.partner_id, session.product_id)
    return found, tariff, wired.settings.zone, words, product.name if product else session.product_id


@app.get("/v1/access-sessions/{session_id}/receipt", needs=Right.SEE, query=WordsQuery, refuses=NOT_YET)
def receipt(call: Call[Claims, None], session_id: str) -> ReceiptShown:
    """The receipt of an ended session."""
    customer = in_session(call, session_id, wired)
    shown = show_receipt(_receipt(customer, session_id), words_wished(call, customer.language))
    shown.hold = show_hold(wired.holds.of_session(customer.account_id, session_id))
    return shown


@app.get("/v1/access-sessions/{session_id}/receipt.txt", needs=Right.SEE, answers=_TEXT, refuses=NOT_YET)
def receipt_as_text(call: Call[Claims, None], session_id: str) -> str:
    """The same receipt for reading and printing, in the reader's language."""
    customer = in_session(call, session_id, wired)
    words = words_of(call, customer.language)
    return papers.receipt_text(*_paper(customer, session_id, words))


@app.get("/v1/access-sessions/{session_id}/receipt.html", needs=Right.SEE, answers=_PAGE, refuses=NOT_YET)
def receipt_as_page(call: Call[Claims, None], session_id: str) -> str:
    """The same receipt as a page that a browser prints and a screen reader reads."""
    customer = in_session(call, session_id, wired)
    words = words_of(call, customer.language)
    return pages.receipt_page(*_paper(customer, session_id, words))


@app.get("/v1/invoices", needs=Right.READ, query=PageQuery, refuses=NOTHING)
def invoices(call: Call[Claims, None]) -> Page[mobile.InvoiceShown]:
    """My invoices, oldest first."""
    account_id = _customer(call).account_id
    rows = wired.billed.invoices(account_id, limit=call.query.limit, after=call.query.after)
    return paged(rows, call.query, mobile.show_invoice, lambda invoice: invoice.invoice_id)


@app.get("/v1/notices", needs=Right.SEE, query=PageQuery)
def notices(call: Call[Claims, None]) -> Page[mobile.NoticeShown]:
    """What I should know, newest first."""
    customer = _customer(call)
    rows = wired.notices.of_account(customer.account_id, limit=call.query.limit, after=call.query.after)
    seen = own_use.own_ids(customer, [notice.about for _, notice in rows], wired.sessions)
    return paged(rows, call.query, mobile.show_notice, lambda row: row[0], lambda row: row[1].about in seen)


@app.get("/v1/advice", needs=Right.READ, query=mobile.AdviceQuery)
def my_advice(call: Call[Claims, None]) -> advice.AdviceShown:
    """What each product cost me, against owning it and against its other tariffs."""
    found = advising.advise_account(
        _customer(call).account_id,
        call.query.months,
        wired.settings.zone,
        wired.settings.currency,
        used=wired.used,
        catalogue=wired.catalogue,
        now=call.now,
    )
    return advice.show_advice(found)


@app.get("/v1/proofs", needs=Right.READ, query=PageQuery)
def my_proofs(call: Call[Claims, None]) -> Page[proofs.ProofShown]:
    """The proofs of my bills: a chain, in which each names the one before."""
    return proofs.proofs_of(_customer(call).account_id, call.query, billed=wired.billed)


@app.get("/v1/proofs/{number}", needs=Right.READ)
def my_proof(call: Call[Claims, None], number: str) -> Mapping[str, Any]:
    """A whole proof, from which anybody can compute the bill again."""
    return proofs.proof_of(_customer(call).account_id, number, billed=wired.billed)


take(app, AccountDesk(wired))
take(app, DocumentDesk(wired))
take(app, MeDesk(wired))
take(app, MonthDesk(wired))
take(app, OwnDataDesk(wired))
take(app, WishesDesk(wired))
take(app, ScanDesk(wired))
take(app, SubscriptionDesk(wired))
take(app, WithdrawalDesk(wired))
