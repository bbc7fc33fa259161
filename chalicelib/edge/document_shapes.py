"""How sellers, buyers, documents and credit notes are read and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.kernel.money import Money

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.billing.credit_model import CreditNote, MoneyBack
    from chalicelib.billing.documents import Chosen, Document
    from chalicelib.billing.paper_model import Buyer, Seller

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Row = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Address = Annotated[list[Row], msgspec.Meta(min_length=1, max_length=6)]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", examples=["FI"])]
VatNumber = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}[0-9A-Z+*]{2,13}$", examples=["FI12345678"])]
Prefix = Annotated[str, msgspec.Meta(pattern="^[A-Z0-9][A-Z0-9/-]{0,11}$", examples=["A-"])]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
How = Literal["refund", "credit"]


class SellerBody(msgspec.Struct, forbid_unknown_fields=True):
    """A legal entity that sells. `default`: bills go out under it from now on. Each series has its own prefix."""

    name: Name
    address: Address
    country: Country
    invoice_prefix: Prefix
    credit_note_prefix: Prefix
    vat_number: VatNumber | None = None
    default: bool = False


class SellerShown(msgspec.Struct):
    """A seller of record, as it was stated last."""

    seller_id: str
    version: int
    name: str
    address: list[str]
    country: str
    vat_number: str | None
    invoice_prefix: str
    credit_note_prefix: str
    set_by: str
    set_at: str | None


class BillingDetailsBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who buys: as it is to stand on my bills from the next on."""

    name: Name
    address: Address
    country: Country
    vat_number: VatNumber | None = None
    purchase_order: Word | None = None
    cost_centre: Word | None = None


class BillingDetailsShown(msgspec.Struct):
    """Who buys, as it stands on my bills; empty until I have said it."""

    name: str
    address: list[str]
    country: str
    vat_number: str | None
    purchase_order: str | None
    cost_centre: str | None


class SellerOnDocument(msgspec.Struct):
    """Who sells, as it was when the document was issued."""

    name: str
    address: list[str]
    country: str
    vat_number: str | None


class TaxShown(msgspec.Struct):
    """What the document comes to at a rate; `rate` is a fraction, as in 0.255.

    `country` says whose tax it is, and `reason` why there is none (`reverse_charge`: the buyer owes it), where Stripe
    Tax decided it.
    """

    rate: str
    net: Amount
    tax: Amount
    gross: Amount
    country: str | None
    reason: str | None


class DocumentLine(msgspec.Struct):
    """What for, and how much."""

    about: str
    reference: str
    amount: Amount


class DocumentShown(msgspec.Struct):
    """A bill as the law wants it: an `invoice`, or a `credit_note`, whose amounts are what is credited.

    `asks` is what is to be paid of an invoice, or was, after what the wallet paid and what was credited; null of a
    credit note, as is `from_wallet`. `number` is null on invoices of before numbers were given.
    """

    kind: str
    document_id: str
    number: str | None
    month: str
    issued_at: str
    seller: SellerOnDocument | None
    buyer: BillingDetailsShown | None
    lines: list[DocumentLine]
    taxes: list[TaxShown]
    total: Amount
    asks: Amount | None
    from_wallet: Amount | None
    state: str | None
    reason: str | None
    link: str | None
    pdf: str | None


class MoneyBackBody(msgspec.Struct, forbid_unknown_fields=True):
    """How my money comes back: to where I paid it from (`refund`), or as credit that my next bills take (`credit`)."""

    back_as: How = msgspec.field(name="as")


class MoneyBackShown(msgspec.Struct):
    """How my money comes back, unless I say otherwise for a credit note."""

    back_as: str = msgspec.field(name="as")


class CreditNoteShown(msgspec.Struct):
    """A credit note, and what has become of its money.

    `taken_off` says, by invoice, what it lowered; `refunded` what goes, or went, back to where it was paid from;
    `to_wallet` what is in the wallet; `left` what none of these has happened to; `as` how that is to come back.
    """

    credit_note_id: str
    number: str
    month: str
    issued_at: str
    total: Amount
    taken_off: dict[str, Amount]
    refunded: Amount
    to_wallet: Amount
    left: Amount
    back_as: str = msgspec.field(name="as")
    reason: str | None
    lines: list[DocumentLine]


def show_seller(seller: Seller) -> SellerShown:
    """A seller."""
    from chalicelib.billing.paper_model import Series  # noqa: PLC0415 -- few requests show one

    return SellerShown(
        seller_id=seller.seller_id,
        version=seller.version,
        name=seller.name,
        address=list(seller.address),
        country=seller.country,
        vat_number=seller.vat_number,
        invoice_prefix=seller.prefixes[Series.INVOICE],
        credit_note_prefix=seller.prefixes[Series.CREDIT_NOTE],
        set_by=seller.set_by,
        set_at=show_instant(seller.set_at) if seller.set_at else None,
    )


def show_buyer(buyer: Buyer) -> BillingDetailsShown:
    """Who buys."""
    return BillingDetailsShown(
        name=buyer.name,
        address=list(buyer.address),
        country=buyer.country,
        vat_number=buyer.vat_number,
        purchase_order=buyer.purchase_order,
        cost_centre=buyer.cost_centre,
    )


def show_document(found: Document) -> DocumentShown:
    """An invoice or a credit note with all that makes it a document."""
    of, currency = found.of, found.total.currency
    rows = [
        TaxShown(
            rate=row.rate,
            net=show_amount(Money(row.net, currency)),
            tax=show_amount(Money(row.tax, currency)),
            gross=show_amount(Money(row.gross, currency)),
            country=row.country,
            reason=row.reason,
        )
        for row in found.taxes
    ]
    seller = found.seller
    asks, ahead = getattr(of, "asks", None), getattr(of, "paid_ahead", None)
    return DocumentShown(
        kind="credit_note" if found.is_credit else "invoice",
        document_id=found.document_id,
        number=found.paper.number if found.paper else None,
        month=str(of.month),
        issued_at=show_instant(found.issued_at),
        seller=SellerOnDocument(seller.name, list(seller.address), seller.country, seller.vat_number)
        if seller
        else None,
        buyer=show_buyer(found.buyer) if found.buyer else None,
        lines=[DocumentLine(each.about, each.reference, show_amount(each.amount)) for each in found.lines],
        taxes=rows,
        total=show_amount(found.total),
        asks=show_amount(asks) if asks is not None else None,
        from_wallet=show_amount(ahead) if ahead is not None else None,
        state=str(getattr(of, "state", "")) or None,
        reason=getattr(of, "reason", "") or None,
        link=getattr(of, "link", None),
        pdf=getattr(of, "pdf", None),
    )


def show_money_back(found: MoneyBack) -> MoneyBackShown:
    """The standing choice."""
    return MoneyBackShown(str(found.choice))


def show_note(found: Chosen) -> CreditNoteShown:
    """A credit note."""
    note: CreditNote = found.note
    currency = note.total.currency
    return CreditNoteShown(
        credit_note_id=note.note_id,
        number=note.paper.number,
        month=str(note.month),
        issued_at=show_instant(note.issued_at),
        total=show_amount(note.total),
        taken_off={name: show_amount(Money(minor, currency)) for name, minor in note.lowered.items()},
        refunded=show_amount(Money(note.refunded, currency)),
        to_wallet=show_amount(Money(note.walleted + note.kept, currency)),
        left=show_amount(Money(note.left, currency)),
        back_as=str(found.choice),
        reason=note.reason or None,
        lines=[DocumentLine(each.about, each.reference, show_amount(each.amount)) for each in note.lines],
    )


def show_chosen(note: CreditNote) -> CreditNoteShown:
    """A credit note that has a choice of its own."""
    from chalicelib.billing.documents import chosen_for  # noqa: PLC0415 -- few requests show one

    return show_note(chosen_for(note))
