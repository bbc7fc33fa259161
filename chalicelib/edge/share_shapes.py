"""How tax rates and the rules of partners' shares are read and shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.billing.share_model import StatedRates
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import json_pointer, pointing_at
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.share import MOST_TIERS, ShareRule, ShareTier
from chalicelib.rating.stated import ChargeKind

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.kernel.time import Month
    from chalicelib.partners.share_terms import ShareTerms

MOST_RATES = 200
Percent = Annotated[str, msgspec.Meta(pattern=r"^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)$", examples=["70"])]
MoneyText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?$", examples=["0.30"])]
Scope = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class TierBody(msgspec.Struct, forbid_unknown_fields=True):
    """So many percent of the month's revenue above the tier before and up to `up_to`; the last tier has none."""

    percent: Percent
    up_to: MoneyText | None = None


class ShareBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a partner has of a month: percent of what customers were billed without tax, or of tiers of that.

    `per_session` comes on top for each session that cost something; the month is `minimum` at least. Of what faults
    gave back, `faults_borne` percent come off again, and `per_fault` for each. Of what is owed for damage, loss and
    fines it has `owed` percent instead.
    """

    percent: Percent | None = None
    tiers: Annotated[list[TierBody], msgspec.Meta(max_length=MOST_TIERS)] | None = None
    per_session: MoneyText = "0"
    minimum: MoneyText = "0"
    faults_borne: Percent = "100"
    per_fault: MoneyText = "0"
    owed: Percent = "100"


class ShareShown(msgspec.Struct):
    """A rule of a share, from a month on; of rules for the same month the last one counts."""

    since: str
    tiers: list[TierBody]
    per_session: str
    minimum: str
    faults_borne: str
    per_fault: str
    owed: str
    currency: str
    set_by: str
    set_at: str


class RateBody(msgspec.Struct, forbid_unknown_fields=True):
    """The tax in the prices of a product (`<partner>:<product>`), of a category, or, naming neither, of all else.

    Or of what is charged beside use, by its kind, whatever the product; a kind without a rate has its product's.
    """

    percent: Percent
    product: Scope | None = None
    category: Scope | None = None
    kind: ChargeKind | None = None


class TaxRatesBody(msgspec.Struct, forbid_unknown_fields=True):
    """All rates that hold from the month on, instead of those before."""

    rates: Annotated[list[RateBody], msgspec.Meta(max_length=MOST_RATES)]


class TaxRatesShown(msgspec.Struct):
    """The rates that hold in a month, since when, and who said so."""

    since: str | None
    rates: list[RateBody]
    set_by: str | None
    set_at: str | None


def rule_of(body: ShareBody, currency: str) -> ShareRule:
    """The rule of a body; amounts are in the currency. What cannot be one is refused with its place."""
    if (body.percent is None) == (body.tiers is None):
        raise BodyInvalid(pointer="/percent", reason="either percent or tiers")
    if body.percent is not None:
        tiers: tuple[ShareTier, ...] = (ShareTier(Decimal(body.percent)),)
    else:
        tiers = tuple(_tier(number, each, currency) for number, each in enumerate(body.tiers or ()))
    return ShareRule(
        currency,
        tiers,
        _minor(body.per_session, currency, "per_session"),
        _minor(body.minimum, currency, "minimum"),
        Decimal(body.faults_borne),
        _minor(body.per_fault, currency, "per_fault"),
        Decimal(body.owed),
    )


def _tier(number: int, body: TierBody, currency: str) -> ShareTier:
    end = None if body.up_to is None else _minor(body.up_to, currency, "tiers", str(number), "up_to")
    return ShareTier(Decimal(body.percent), end)


def _minor(text: str, currency: str, *where: str) -> int:
    with pointing_at(*where):
        return Money.of(text, currency).minor


def show_share(terms: ShareTerms) -> ShareShown:
    """A rule."""
    rule = terms.rule

    def text(minor: int) -> str:
        return str(Money(minor, rule.currency).amount)

    return ShareShown(
        since=str(terms.since),
        tiers=[TierBody(plain(tier.percent), None if tier.up_to is None else text(tier.up_to)) for tier in rule.tiers],
        per_session=text(rule.per_session),
        minimum=text(rule.minimum),
        faults_borne=plain(rule.faults_borne),
        per_fault=text(rule.per_fault),
        owed=plain(rule.owed),
        currency=rule.currency,
        set_by=terms.set_by,
        set_at=show_instant(terms.set_at),
    )


def show_shares(found: list[ShareTerms]) -> list[ShareShown]:
    """All rules of a partner."""
    return [show_share(each) for each in found]


def rates_of(month: Month, body: TaxRatesBody, by: str, now: datetime) -> StatedRates:
    """What is to hold from the month on; no scope may have two rates."""
    scopes: dict[str, dict[str, Decimal]] = {"product": {}, "category": {}, "kind": {}, "": {}}
    for number, each in enumerate(body.rates):
        named = [(scope, name) for scope in scopes if scope and (name := getattr(each, scope)) is not None]
        if len(named) > 1:
            raise BodyInvalid(pointer=json_pointer("rates", str(number)), reason="a product, a category or a kind")
        scope, name = named[0] if named else ("", "")
        if name in scopes[scope]:
            raise BodyInvalid(pointer=json_pointer("rates", str(number)), reason="said twice")
        scopes[scope][name] = Decimal(each.percent)
    others = scopes[""].get("", Decimal(0))
    return StatedRates(month, scopes["product"], scopes["category"], others, by, now, scopes["kind"])


def show_rates(found: StatedRates | None) -> TaxRatesShown:
    """The rates by scope, that of all else last."""
    if found is None:
        return TaxRatesShown(None, [], None, None)
    scopes = {"product": found.by_product, "category": found.by_category, "kind": found.by_kind}
    rows = [row for scope, rates in scopes.items() for row in _rows(rates, scope)]
    rows.append(RateBody(plain(found.others)))
    return TaxRatesShown(str(found.since), rows, found.set_by, show_instant(found.set_at))


def _rows(rates: Mapping[str, Decimal], scope: str) -> list[RateBody]:
    return [
        msgspec.convert({"percent": plain(percent), scope: name}, RateBody) for name, percent in sorted(rates.items())
    ]
