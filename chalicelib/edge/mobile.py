"""What the mobile door reads and shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.edge.amounts import Amount, Line, show_amount, show_instant, show_line
from chalicelib.edge.call import pointing_at
from chalicelib.edge.hold_shapes import HoldShown
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.kernel.languages import CODES
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import quantity
from chalicelib.kernel.time import parse_instant

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access.model import AccessSession
    from chalicelib.access.reading import SessionCost
    from chalicelib.billing.model import Invoice
    from chalicelib.dialogue.model import Notice
    from chalicelib.edge.words import Words
    from chalicelib.subscriptions.model import Agreement


Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
Language = Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$", description="a code of ISO 639-1, as in sv")]
DecimalText = Annotated[str, msgspec.Meta(description="decimal text, in quotes", examples=["2400"])]


class SignUpBody(msgspec.Struct, forbid_unknown_fields=True):
    """Become a customer. Receipts and notices are in `language` if we speak it, else in English: da, sv, nl, en."""

    terms_version: Text
    language: Language = "en"


class SignedUp(msgspec.Struct):
    """The agreement; the account is ready once `GET /v1/me` shows it, a moment later."""

    account_id: str
    plan: str
    terms_version: str
    agreed_at: str


class QuoteBody(msgspec.Struct, forbid_unknown_fields=True):
    """What does it cost? `need` is how much of each of the tariff's meters will be used, as decimal text."""

    code: Text
    need: dict[str, DecimalText] = {}


class AdviceQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How many months to look at, this one included."""

    months: Annotated[int, msgspec.Meta(ge=1, le=24)] = 12


class OffersQuery(msgspec.Struct, forbid_unknown_fields=True, rename={"need": "for"}):
    """Where (`near=60.17,24.94`), within how many metres, when, and what for.

    `for` is so many seconds of use (`for=3600`), or amounts of meters (`for=use_seconds=600,km=5`). `prefer` names
    products, categories or features that count for more: `prefer=cargo-bike,child_seat`.
    """

    near: Annotated[str, msgspec.Meta(max_length=60)]
    radius: Annotated[int, msgspec.Meta(ge=1, le=20_000)] = 1_000
    at: str | None = None
    need: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    category: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    prefer: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20


class StartBody(msgspec.Struct, forbid_unknown_fields=True):
    """Start: the code that was scanned, and the quote that was accepted; `confirm` where I wished to be asked."""

    code: Text
    quote: Token
    confirm: bool = False


class Session(msgspec.Struct):
    """A session of use. `known_as` is what the asset's partner and the thing itself know me by, in this session.

    `hold`, `terms_version` and `ends_at_cost` are as promised with its quote.
    `booking` is the booking that it was handed out for, or that came to nothing; `booked_from` is when somebody else
    has the asset booked.
    """

    session_id: str
    state: str
    product: str
    asset: str
    tariff_version: int
    started_at: str
    ended_at: str | None
    reserved_until: str | None
    stops_at: str | None
    known_as: str | None
    hold: Amount | None
    terms_version: str | None
    ends_at_cost: Amount | None
    booking: str | None = None
    booked_from: str | None = None


class HandOutBody(msgspec.Struct, forbid_unknown_fields=True):
    """The code that was scanned at the reserved asset."""

    code: Text


class StopBody(msgspec.Struct, forbid_unknown_fields=True):
    """When the session is to end by itself: at an instant, after so many seconds, or before it costs more than that."""

    at: str | None = None
    after_s: Annotated[int, msgspec.Meta(ge=1, le=31_622_400)] | None = None
    cost: str | None = None


class CostOfSession(msgspec.Struct):
    """A session and what it costs: so far, while it is open; as charged, once it has ended. `hold` is what is held."""

    session: Session
    amount: Amount
    lines: list[Line]
    hold: HoldShown | None = None


class InvoiceLineShown(msgspec.Struct):
    """A line of an invoice."""

    about: str
    reference: str
    amount: Amount


class InvoiceShown(msgspec.Struct):
    """An invoice. `from_wallet` is what the wallet paid of it when it was made.

    `link` is where it can be seen, paid and authenticated at Stripe, `pdf` its paper; both once a payment was tried. Of
    a failed one `reason` says why, and `next_try` when it is tried again by itself, if it is. `asks` is what is to be
    paid of it, or was: the total without what the wallet paid and credit notes took off it. `due_at` is until when I
    pay it there by myself, if I pay by invoice: then nothing is charged.
    """

    invoice_id: str
    month: str
    total: Amount
    from_wallet: Amount
    asks: Amount
    state: str
    issued_at: str
    paid_at: str | None
    reason: str | None
    next_try: str | None
    link: str | None
    pdf: str | None
    due_at: str | None
    lines: list[InvoiceLineShown]


class NoticeShown(msgspec.Struct):
    """Something to know."""

    code: str
    about: str
    facts: dict[str, str]
    told_at: str


def read_need(given: Mapping[str, str]) -> dict[str, Decimal]:
    """How much of each meter will be used; a refusal points at the meter."""
    need = {}
    for meter, amount in given.items():
        with pointing_at("need", meter):
            need[meter] = quantity(amount)
            if need[meter] < 0:
                raise BodyInvalid(reason="not negative")
    return need


def read_language(body: SignUpBody) -> str:
    """The customer's language: any that has a code, whether we speak it yet or not."""
    if body.language not in CODES:
        raise BodyInvalid(pointer="/language", reason="not a code of ISO 639-1")
    return body.language


def show_agreement(agreement: Agreement) -> SignedUp:
    """After sign-up."""
    return SignedUp(agreement.account_id, agreement.plan, agreement.terms_version, show_instant(agreement.agreed_at))


def show_session(session: AccessSession) -> Session:
    """A session."""
    agreed = session.agreed
    return Session(
        session_id=session.session_id,
        state=str(session.state),
        product=session.product_id,
        asset=session.asset_id,
        tariff_version=session.tariff_version,
        started_at=show_instant(session.started_at),
        ended_at=show_instant(session.ended_at) if session.ended_at else None,
        reserved_until=show_instant(session.reserved_until) if session.reserved_until else None,
        stops_at=show_instant(session.stop.at) if session.stop and session.ended_at is None else None,
        known_as=session.entitled.name if session.entitled else None,
        hold=show_amount(agreed.hold) if agreed and agreed.hold else None,
        terms_version=agreed.terms if agreed else None,
        ends_at_cost=show_amount(agreed.bound) if agreed and agreed.bound else None,
        booking=session.booking_id,
        booked_from=show_instant(session.booked_from) if session.booked_from else None,
    )


def read_stop(body: StopBody, now: datetime, currency: str) -> datetime | Money:
    """The one wish that a body has."""
    match body:
        case StopBody(at=str(at), after_s=None, cost=None):
            with pointing_at("at"):
                return parse_instant(at)
        case StopBody(at=None, after_s=int(seconds), cost=None):
            return now + timedelta(seconds=seconds)
        case StopBody(at=None, after_s=None, cost=str(cost)):
            with pointing_at("cost"):
                most = Money.of(cost, currency)
                if most.minor < 0:
                    raise BodyInvalid(reason="not below zero")
                return most
    raise BodyInvalid(pointer="", reason="one of at, after_s and cost")


def show_cost(cost: SessionCost, words: Words | None) -> CostOfSession:
    """A session with its cost."""
    lines = [show_line(each, words) for each in cost.lines]
    return CostOfSession(show_session(cost.session), show_amount(cost.amount), lines)


def show_invoice(invoice: Invoice) -> InvoiceShown:
    """An invoice with its lines."""
    return InvoiceShown(
        invoice_id=invoice.invoice_id,
        month=str(invoice.month),
        total=show_amount(invoice.total),
        from_wallet=show_amount(invoice.paid_ahead),
        asks=show_amount(invoice.asks),
        state=str(invoice.state),
        issued_at=show_instant(invoice.issued_at),
        paid_at=show_instant(invoice.paid_at) if invoice.paid_at else None,
        reason=invoice.decline_code,
        next_try=show_instant(invoice.retry_at) if invoice.retry_at else None,
        link=invoice.link,
        pdf=invoice.pdf,
        due_at=show_instant(invoice.due_at) if invoice.due_at else None,
        lines=[InvoiceLineShown(each.about, each.reference, show_amount(each.amount)) for each in invoice.lines],
    )


def show_notice(found: tuple[str, Notice]) -> NoticeShown:
    """A notice."""
    _, notice = found
    return NoticeShown(notice.code, notice.about, dict(notice.facts), show_instant(notice.told_at))


def show_sessions(sessions: list[AccessSession]) -> list[Session]:
    """Open sessions."""
    return [show_session(each) for each in sessions]
