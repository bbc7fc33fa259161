"""What plans and terms look like at the doors."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from chalicelib.edge.amounts import Amount, show_instant
from chalicelib.edge.call import pointing_at
from chalicelib.edge.lazily import lazily
from chalicelib.kernel.money import decimals_of
from chalicelib.kernel.time import parse_instant

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.subscriptions import plan as plans
    from chalicelib.subscriptions.plan import PassTerms, Plan
    from chalicelib.subscriptions.terms import Terms
else:
    plans = lazily("chalicelib.subscriptions.plan")

MOST_TEXT = 256 * 1024
"""Bytes of a version of the terms, in all its languages."""
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Instant = Annotated[str, msgspec.Meta(max_length=40)]


class PassBody(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How long a pass is good: so many days of 24 hours, or up to an instant; and for how many uses."""

    days: int | None = None
    until: Instant | None = None
    uses: int | None = None


class PlanBody(msgspec.Struct, forbid_unknown_fields=True):
    """A plan as the operator states it.

    `fee` is a tariff without its id and version: recurring prices for a subscription, prices of kind `once` for a pass,
    all of class `ordered`. `fares` says which further tariff of a product (`par_1:bike`) its members have.
    """

    names: dict[str, str]
    terms_version: Text
    kind: Literal["subscription", "pass"] = "subscription"
    fee: dict[str, Any] | None = None
    fares: dict[str, str] = {}
    asleep_after_days: int | None = None
    seats: int | None = None
    lasts: PassBody | None = None
    requires: list[Text] = []
    for_kinds: list[Text] = []
    on_sale_from: Instant | None = None
    on_sale_until: Instant | None = None
    goods: Annotated[list[Text], msgspec.Meta(max_length=12)] = []


class PlanShown(msgspec.Struct):
    """A version of a plan, as it was published."""

    plan_id: str
    version: int
    kind: str
    names: dict[str, str]
    terms_version: str
    fee: dict[str, Any] | None
    fares: dict[str, str]
    asleep_after_days: int | None
    seats: int | None
    lasts: PassBody | None
    requires: list[str]
    for_kinds: list[str]
    on_sale_from: str | None
    on_sale_until: str | None
    published_at: str | None
    published_by: str
    goods: list[str]


class PlanTermsBody(msgspec.Struct, forbid_unknown_fields=True):
    """The texts of a version of the terms, by language."""

    texts: dict[str, str]


class PlanTermsPublished(msgspec.Struct):
    """A version of the terms: of each language the SHA-256 of its text's UTF-8 bytes."""

    version: str
    sha256: dict[str, str]
    published_at: str
    published_by: str


class PlanTermsShown(msgspec.Struct):
    """A version of the terms in one language. Who accepts it names version, language and `sha256`."""

    version: str
    language: str
    text: str
    sha256: str
    languages: list[str]
    published_at: str


class PriceShown(msgspec.Struct):
    """A price of a plan: per month or day while it is neither asleep nor paused, or once; for each seat or in all."""

    price: str
    amount: Amount
    per: str
    per_seat: bool


def plan_stated(plan_id: str, body: PlanBody) -> Plan:
    """The plan of a body, not checked yet."""
    lasts = body.lasts
    return plans.Plan(
        plan_id=plan_id,
        version=0,
        kind=plans.PlanKind(body.kind),
        names=body.names,
        terms_version=body.terms_version,
        fares=body.fares,
        asleep_after_days=body.asleep_after_days,
        seats=body.seats,
        lasts=None
        if lasts is None
        else plans.PassTerms(lasts.days, _instant(lasts.until, "lasts", "until"), lasts.uses),
        requires=tuple(body.requires),
        for_kinds=frozenset(body.for_kinds),
        on_sale_from=_instant(body.on_sale_from, "on_sale_from"),
        on_sale_until=_instant(body.on_sale_until, "on_sale_until"),
        goods=tuple(dict.fromkeys(body.goods)),
    )


def _instant(text: str | None, *steps: str) -> datetime | None:
    if text is None:
        return None
    with pointing_at(*steps):
        return parse_instant(text)


def show_plan(plan: Plan) -> PlanShown:
    """A version of a plan."""
    lasts = plan.lasts
    return PlanShown(
        plan_id=plan.plan_id,
        version=plan.version,
        kind=str(plan.kind),
        names=dict(plan.names),
        terms_version=plan.terms_version,
        fee=None if plan.fee is None else dict(plan.fee),
        fares=dict(plan.fares),
        asleep_after_days=plan.asleep_after_days,
        seats=plan.seats,
        lasts=show_lasts(lasts),
        requires=list(plan.requires),
        for_kinds=sorted(plan.for_kinds),
        on_sale_from=_shown(plan.on_sale_from),
        on_sale_until=_shown(plan.on_sale_until),
        published_at=_shown(plan.published_at),
        published_by=plan.published_by,
        goods=list(plan.goods),
    )


def show_lasts(lasts: PassTerms | None) -> PassBody | None:
    """How long a pass is good."""
    return None if lasts is None else PassBody(lasts.days, _shown(lasts.until), lasts.uses)


def _shown(instant: datetime | None) -> str | None:
    return None if instant is None else show_instant(instant)


def show_prices(plan: Plan) -> list[PriceShown]:
    """What a plan costs."""
    if plan.fee is None:
        return []
    currency = plan.fee["currency"]
    return [
        PriceShown(each["id"], _amount(each["amount"], currency), each.get("per", "once"), each.get("per_seat", False))
        for each in plan.fee["prices"]
    ]


def _amount(text: str, currency: str) -> Amount:
    """In the currency's decimals; a price that is finer as it stands."""
    amount, step = Decimal(text), Decimal(1).scaleb(-decimals_of(currency))
    whole = amount.quantize(step)
    return Amount(str(whole if whole == amount else amount), currency)


def show_published(terms: Terms) -> PlanTermsPublished:
    """A version of the terms for who publishes it."""
    digests = {language: terms.digest(language) for language in sorted(terms.texts)}
    return PlanTermsPublished(terms.version, digests, show_instant(terms.published_at), terms.published_by)


def show_terms(found: tuple[Terms, str]) -> PlanTermsShown:
    """A version of the terms for who is to accept it."""
    terms, language = found
    return PlanTermsShown(
        version=terms.version,
        language=language,
        text=terms.texts[language],
        sha256=terms.digest(language),
        languages=sorted(terms.texts),
        published_at=show_instant(terms.published_at),
    )
