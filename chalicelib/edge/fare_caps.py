"""How caps over several products are read and shown."""

from typing import Annotated

import msgspec

from chalicelib.billing.model import FareCaps
from chalicelib.edge.call import pointing_at
from chalicelib.edge.tariff_prices import DecimalText, Identifier, Period
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

MOST_CAPS = 20


class FareCapBody(msgspec.Struct, forbid_unknown_fields=True):
    """No account pays more than `amount` a period for the use of a product, of a category, or of everything.

    `product` is a partner's id and the product's, with a colon between them.
    """

    id: Identifier
    period: Period
    amount: DecimalText
    product: str = ""
    category: str = ""


class FareCapsBody(msgspec.Struct, forbid_unknown_fields=True):
    """All caps that hold from the month on, instead of those before; those of shorter periods apply first."""

    caps: Annotated[list[FareCapBody], msgspec.Meta(max_length=MOST_CAPS)]


class FareCapsShown(msgspec.Struct):
    """The caps that hold in a month, and since when."""

    since: str | None
    caps: list[FareCapBody]


def fare_caps_of(month: Month, body: FareCapsBody, currency: str) -> FareCaps:
    """What is to hold from the month on; amounts are in the currency."""
    rows: list[dict[str, object]] = []
    for index, cap in enumerate(body.caps):
        with pointing_at("caps", str(index), "amount"):
            amount = Money.of(cap.amount, currency)
        limit = {"minor": amount.minor, "currency": currency}
        scope = {"product": cap.product, "category": cap.category}
        rows.append({"id": cap.id, "period": cap.period, "amount": limit, **scope})
    return FareCaps(month, tuple(rows))


def show_fare_caps(found: FareCaps | None) -> FareCapsShown:
    """The caps, amounts as text."""
    if found is None:
        return FareCapsShown(None, [])
    return FareCapsShown(str(found.since), [_shown(row) for row in found.caps])


def _shown(row: object) -> FareCapBody:
    cap = msgspec.convert(row, _Stored)
    amount = str(Money(cap.amount.minor, cap.amount.currency).amount)
    return FareCapBody(cap.id, cap.period, amount, cap.product, cap.category)


class _Minor(msgspec.Struct):
    minor: int
    currency: str


class _Stored(msgspec.Struct):
    id: Identifier
    period: Period
    amount: _Minor
    product: str
    category: str
