"""Products as the partner door reads and shows them."""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from chalicelib.catalogue.asking import Hold
from chalicelib.catalogue.booking_policy import BookingPolicy
from chalicelib.catalogue.details import Picture, ProductKind, ProductTax, ProductTerms, Seller, SuppliedAt
from chalicelib.catalogue.model import CeilingTerms, DataItem, Owning, Product
from chalicelib.catalogue.policy import CreditOf, FaultCredit, Offline, Unused, UsePolicy
from chalicelib.edge.call import pointing_at
from chalicelib.edge.imports import MOST_ROWS
from chalicelib.edge.paging import PageQuery
from chalicelib.edge.partner import Text
from chalicelib.edge.place_shapes import within_member
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain, quantity

_SECOND = timedelta(seconds=1)
Seconds = Annotated[int, msgspec.Meta(ge=0, le=366 * 86_400)]
Asked = Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=10)]
Signals = Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=20)]


class DataCardRow(msgspec.Struct, forbid_unknown_fields=True):
    """What the thing will report, why, and for how many days it is kept."""

    what: Text
    why: Text
    kept_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)]


class OwningBody(msgspec.Struct, forbid_unknown_fields=True):
    """What it costs to own the product, in the stage's currency: what access is compared with."""

    purchase_price: str
    life_days: int
    worth_after: str = "0"
    upkeep_per_year: str = "0"


class CeilingBody(msgspec.Struct, forbid_unknown_fields=True):
    """Access never costs an account more than the purchase price; afterwards nothing, or this upkeep a month."""

    upkeep_per_month: str | None = None


class SellerBody(msgspec.Struct, forbid_unknown_fields=True):
    """The seller of record, with its country (ISO 3166) and VAT number."""

    legal_name: Text
    country: Annotated[str, msgspec.Meta(max_length=2)]
    vat_number: Annotated[str, msgspec.Meta(max_length=20)] | None = None


class TaxBody(msgspec.Struct, forbid_unknown_fields=True):
    """What it is for tax where Stripe Tax decides it, if its kind and its seller do not say so.

    `code` is Stripe's tax code; `supplied` says whether it is taxed where its things are put at somebody's disposal
    (`country`, ISO 3166, and `postal_code`) or where its buyer is.
    """

    code: Annotated[str, msgspec.Meta(max_length=13, examples=["txcd_20030000"])] | None = None
    supplied: Literal["disposal", "buyer"] | None = None
    country: Annotated[str, msgspec.Meta(max_length=2)] | None = None
    postal_code: Annotated[str, msgspec.Meta(max_length=12)] = ""


class TermsBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a customer agrees to: a version, and by language an https address or the text itself."""

    version: Text
    texts: Annotated[dict[str, str], msgspec.Meta(min_length=1, max_length=20)]


class PictureBody(msgspec.Struct, forbid_unknown_fields=True):
    """Where a picture is (https), and what it shows, in words."""

    url: Annotated[str, msgspec.Meta(max_length=500)]
    alt: Text


class HoldBody(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is held while a thing is out: an amount in the stage's currency, or a share of the quote's worst case."""

    amount: str | None = None
    share: str | None = None


class FaultCreditBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a session has back that a fault ended: so many percent of its start fee, or of all that need is charged."""

    of: Literal["start_fee", "charge"]
    percent: Annotated[int, msgspec.Meta(ge=1, le=100)] = 100


class BookingPolicyBody(msgspec.Struct, forbid_unknown_fields=True):
    """How it is booked ahead, in seconds. Late cancellation and change, and not coming, cost what the tariff says."""

    buffer_s: Seconds = 0
    ahead_s: Seconds = 30 * 86_400
    longest_s: Seconds = 7 * 86_400
    free_cancellation_s: Seconds = 3_600
    no_show_s: Seconds = 1_800


class PolicyBody(msgspec.Struct, forbid_unknown_fields=True):
    """How use is shown: by which signals or meters, how long silence lasts, what is free; lengths in seconds.

    `requires` is what a customer has to have shown (identity, student, driving_licence:B, age:18, resident:FI),
    `consents` what they have to have agreed to (a purpose and its version, as in position:2021-05), `hold` what is
    held.
    """

    use_signals: Signals = []
    rest_signals: Signals = msgspec.field(default_factory=lambda: ["idle", "locked"])
    return_signals: Signals = []
    silence_s: Seconds | None = None
    grace_s: Seconds = 0
    unused: Literal["kept", "released"] = "kept"
    free_reservation_s: Seconds = 900
    offline: Literal["refuse", "allow"] = "refuse"
    position_kept_s: Seconds = 30 * 86_400
    streams: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    requires: Asked = []
    consents: Asked = []
    hold: HoldBody | None = None
    fault_credit: FaultCreditBody | None = None
    priced_reservation_s: Seconds = 3_600
    booking: BookingPolicyBody | None = None


class ProductBody(msgspec.Struct, forbid_unknown_fields=True):
    """A product. `zone` is the IANA time zone in which its days begin."""

    name: Text
    category: Text
    zone: Text
    data_card: Annotated[list[DataCardRow], msgspec.Meta(max_length=50)] = []
    owning: OwningBody | None = None
    ceiling: CeilingBody | None = None
    kind: Literal["physical", "service", "digital"] = "physical"
    seller: SellerBody | None = None
    terms: TermsBody | None = None
    pictures: Annotated[list[PictureBody], msgspec.Meta(max_length=10)] = []
    policy: PolicyBody = msgspec.field(default_factory=PolicyBody)
    tax: TaxBody | None = None


class ProductRow(ProductBody, kw_only=True):
    """A product in an import."""

    product_id: Text


class ProductsBody(msgspec.Struct, forbid_unknown_fields=True):
    """An import of products."""

    products: Annotated[list[ProductRow], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]


class ProductQuery(PageQuery):
    """How much of the list, and which products: those of a category."""

    category: Text | None = None


class ProductShown(msgspec.Struct):
    """A product, its newest tariff version (0: none yet), and that of each fare; which are had through a plan alone."""

    product_id: str
    name: str
    category: str
    zone: str
    tariff_version: int
    data_card: list[DataCardRow]
    fares: dict[str, int]
    members_fares: list[str]
    owning: OwningBody | None
    ceiling: CeilingBody | None
    kind: str
    seller: SellerBody | None
    terms: TermsBody | None
    pictures: list[PictureBody]
    policy: PolicyBody
    tax: TaxBody | None


def product_of(partner_id: str, product_id: str, body: ProductBody, currency: str) -> Product:
    """A product as the partner describes it; amounts are in the currency."""
    seller, terms = body.seller, body.terms
    return Product(
        partner_id=partner_id,
        product_id=product_id,
        name=body.name,
        category=body.category,
        zone=body.zone,
        data_card=tuple(DataItem(row.what, row.why, row.kept_days) for row in body.data_card),
        owning=_owning_of(body.owning, currency),
        ceiling=_ceiling_of(body.ceiling, currency),
        kind=ProductKind(body.kind),
        seller=Seller(seller.legal_name, seller.country, seller.vat_number) if seller else None,
        terms=ProductTerms(terms.version, terms.texts) if terms else None,
        pictures=tuple(_picture_of(number, each) for number, each in enumerate(body.pictures)),
        policy=_policy_of(body.policy, currency),
        tax=_tax_of(body.tax),
    )


def _tax_of(body: TaxBody | None) -> ProductTax | None:
    if body is None:
        return None
    return ProductTax(body.code, SuppliedAt(body.supplied) if body.supplied else None, body.country, body.postal_code)


def _owning_of(body: OwningBody | None, currency: str) -> Owning | None:
    if body is None:
        return None
    purchase = _money("owning", "purchase_price", body.purchase_price, currency)
    worth_after = _money("owning", "worth_after", body.worth_after, currency)
    upkeep = _money("owning", "upkeep_per_year", body.upkeep_per_year, currency)
    return Owning(purchase, worth_after, body.life_days, upkeep)


def _ceiling_of(body: CeilingBody | None, currency: str) -> CeilingTerms | None:
    if body is None:
        return None
    text = body.upkeep_per_month
    return CeilingTerms(None if text is None else _money("ceiling", "upkeep_per_month", text, currency))


def _money(member: str, field: str, text: str, currency: str) -> Money:
    with pointing_at(member, field):
        return Money.of(text, currency)


def _picture_of(number: int, body: PictureBody) -> Picture:
    with within_member("pictures", number):
        return Picture(body.url, body.alt)


def _policy_of(body: PolicyBody, currency: str) -> UsePolicy:
    credit = body.fault_credit
    return UsePolicy(
        use_signals=tuple(body.use_signals),
        rest_signals=tuple(body.rest_signals),
        return_signals=tuple(body.return_signals),
        silence=None if body.silence_s is None else body.silence_s * _SECOND,
        grace=body.grace_s * _SECOND,
        unused=Unused(body.unused),
        free_reservation=body.free_reservation_s * _SECOND,
        offline=Offline(body.offline),
        position_kept=body.position_kept_s * _SECOND,
        streams=body.streams,
        requires=tuple(body.requires),
        consents=tuple(body.consents),
        hold=_hold_of(body.hold, currency),
        fault_credit=FaultCredit(CreditOf(credit.of), credit.percent) if credit else None,
        priced_reservation=body.priced_reservation_s * _SECOND,
        booking=_booking_of(body.booking),
    )


def _booking_of(body: BookingPolicyBody | None) -> BookingPolicy | None:
    if body is None:
        return None
    return BookingPolicy(
        buffer=body.buffer_s * _SECOND,
        ahead=body.ahead_s * _SECOND,
        longest=body.longest_s * _SECOND,
        free_cancellation=body.free_cancellation_s * _SECOND,
        no_show=body.no_show_s * _SECOND,
    )


def _hold_of(body: HoldBody | None, currency: str) -> Hold | None:
    if body is None:
        return None
    with pointing_at("policy", "hold", "amount"):
        amount = None if body.amount is None else Money.of(body.amount, currency)
    with pointing_at("policy", "hold", "share"):
        return Hold(amount, None if body.share is None else quantity(body.share))


def show_product(product: Product) -> ProductShown:
    """A product."""
    seller, terms = product.seller, product.terms
    return ProductShown(
        product_id=product.product_id,
        name=product.name,
        category=product.category,
        zone=product.zone,
        tariff_version=product.tariff_version,
        fares=dict(product.fares),
        members_fares=list(product.members),
        owning=_show_owning(product.owning),
        ceiling=_show_ceiling(product.ceiling),
        data_card=[DataCardRow(item.what, item.why, item.kept_days) for item in product.data_card],
        kind=product.kind.value,
        seller=SellerBody(seller.legal_name, seller.country, seller.vat_number) if seller else None,
        terms=TermsBody(terms.version, dict(terms.texts)) if terms else None,
        pictures=[PictureBody(each.url, each.alt) for each in product.pictures],
        policy=_show_policy(product.policy),
        tax=_show_tax(product.tax),
    )


def _show_tax(tax: ProductTax | None) -> TaxBody | None:
    if tax is None:
        return None
    return TaxBody(tax.code, None if tax.supplied is None else tax.supplied.value, tax.country, tax.postal_code)


def _show_owning(owning: Owning | None) -> OwningBody | None:
    if owning is None:
        return None
    amounts = (str(each.amount) for each in (owning.worth_after, owning.upkeep_per_year))
    return OwningBody(str(owning.purchase.amount), owning.life_days, *amounts)


def _show_ceiling(ceiling: CeilingTerms | None) -> CeilingBody | None:
    if ceiling is None:
        return None
    return CeilingBody(None if ceiling.upkeep is None else str(ceiling.upkeep.amount))


def _show_policy(policy: UsePolicy) -> PolicyBody:
    credit = policy.fault_credit
    return PolicyBody(
        use_signals=list(policy.use_signals),
        rest_signals=list(policy.rest_signals),
        return_signals=list(policy.return_signals),
        silence_s=None if policy.silence is None else policy.silence // _SECOND,
        grace_s=policy.grace // _SECOND,
        unused=policy.unused.value,
        free_reservation_s=policy.free_reservation // _SECOND,
        offline=policy.offline.value,
        position_kept_s=policy.position_kept // _SECOND,
        streams=policy.streams,
        requires=list(policy.requires),
        consents=list(policy.consents),
        hold=_show_hold(policy.hold),
        fault_credit=FaultCreditBody(credit.of.value, credit.percent) if credit else None,
        priced_reservation_s=policy.priced_reservation // _SECOND,
        booking=_show_booking(policy.booking),
    )


def _show_booking(booking: BookingPolicy | None) -> BookingPolicyBody | None:
    if booking is None:
        return None
    return BookingPolicyBody(
        buffer_s=booking.buffer // _SECOND,
        ahead_s=booking.ahead // _SECOND,
        longest_s=booking.longest // _SECOND,
        free_cancellation_s=booking.free_cancellation // _SECOND,
        no_show_s=booking.no_show // _SECOND,
    )


def _show_hold(hold: Hold | None) -> HoldBody | None:
    if hold is None:
        return None
    amount = None if hold.amount is None else str(hold.amount.amount)
    return HoldBody(amount, None if hold.share is None else plain(hold.share))
