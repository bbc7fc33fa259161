"""What a plan has to be before it is published: every fault is named with its JSON pointer."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.catalogue.chargeable import not_chargeable_by_plan
from chalicelib.kernel.languages import CODES
from chalicelib.kernel.requirement import is_requirement
from chalicelib.rating import InvalidTariff, Tariff, tariff_document, tariff_from_document
from chalicelib.subscriptions.errors import InvalidPlan
from chalicelib.subscriptions.law import Kind
from chalicelib.subscriptions.model import PAY_PER_USE
from chalicelib.subscriptions.plan import PassTerms, Plan, PlanKind

KINDS = ("person", "family", "firm")
"""The kinds of accounts."""
MOST_SEATS, MOST_REQUIRED, MOST_FARES = 200, 4, 50
_MOST_DAYS, _MOST_USES, _LONGEST_NAME = 3_660, 100_000, 100
_PLAN_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
Fares = Mapping[str, Collection[str]]
"""By product (`par_1:bike`), the names of its further tariffs; a product that there is not is not in it."""
Faults = Iterator[tuple[str, str]]


def checked(
    plan: Plan, *, fee: Mapping[str, object] | None, fares: Fares, terms: Collection[str], zone: str, currency: str
) -> Plan:
    """The plan with its fee's tariff as it is kept, or `InvalidPlan` with all that is wrong with it.

    `terms` are the languages of the version that it names. A fee says its prices, and may leave the zone out.
    """
    found = [*_named(plan), *_on_offer(plan, fares, terms), *_bounds(plan), *_pass(plan)]
    tariff = None
    if fee is not None:
        try:
            tariff = _tariff(plan, fee, zone)
        except InvalidTariff as refused:
            errors: Any = refused.facts["errors"]
            found += [(f"/fee{each['pointer']}", each["reason"]) for each in errors]
        else:
            found += _of_agreements(plan, tariff, currency)
    if found:
        raise InvalidPlan(errors=[{"pointer": pointer, "reason": reason} for pointer, reason in found])
    return replace(plan, fee=None if tariff is None else tariff_document(tariff))


def _tariff(plan: Plan, fee: Mapping[str, object], zone: str) -> Tariff:
    """Prices that do not say when they sleep do so when the plan does."""
    rules = {"zone": zone, "tax_inclusive": True, **fee}
    prices, days = fee.get("prices"), plan.asleep_after_days
    if isinstance(prices, list) and days is not None:
        asleep = {"asleep_after_days": days}
        rules["prices"] = [
            {**asleep, **each} if isinstance(each, Mapping) and each.get("kind") == "recurring" else each
            for each in prices
        ]
    return tariff_from_document({**rules, "tariff_id": plan.tariff_id, "version": plan.version})


def _named(plan: Plan) -> Faults:
    if not _PLAN_ID.fullmatch(plan.plan_id) or plan.plan_id == PAY_PER_USE:
        yield "", "a plan's id is 1 to 64 lower-case letters, digits and ._-"
    if not plan.names:
        yield "/names", "missing"
    for language, name in plan.names.items():
        if language not in CODES:
            yield f"/names/{_escaped(language)}", "not_a_language"
        elif not 1 <= len(name.strip()) <= _LONGEST_NAME:
            yield f"/names/{language}", "not_1_to_100_characters"


def _on_offer(plan: Plan, fares: Fares, terms: Collection[str]) -> Faults:
    if not terms:
        yield "/terms_version", "not_published"
    if len(plan.fares) > MOST_FARES:
        yield "/fares", f"at_most_{MOST_FARES}"
    for product, fare in plan.fares.items():
        if product not in fares:
            yield f"/fares/{_escaped(product)}", "unknown_product"
        elif fare not in fares[product]:
            yield f"/fares/{_escaped(product)}", "unknown_fare"
    if plan.on_sale_from and plan.on_sale_until and plan.on_sale_until <= plan.on_sale_from:
        yield "/on_sale_until", "not_after_its_start"


def _bounds(plan: Plan) -> Faults:
    if plan.seats is not None and not 1 <= plan.seats <= MOST_SEATS:
        yield "/seats", f"not_1_to_{MOST_SEATS}"
    if plan.asleep_after_days is not None and not 0 <= plan.asleep_after_days <= _MOST_DAYS:
        yield "/asleep_after_days", f"not_0_to_{_MOST_DAYS}"
    if len(plan.requires) > MOST_REQUIRED:
        yield "/requires", f"at_most_{MOST_REQUIRED}"
    for index, each in enumerate(plan.requires):
        if not is_requirement(each):
            yield f"/requires/{index}", "not_a_requirement"
        elif each.partition(":")[0] in (other.partition(":")[0] for other in plan.requires[:index]):
            yield f"/requires/{index}", "one_of_each_kind"
    if not plan.for_kinds <= {*KINDS}:
        yield "/for_kinds", f"not_one_of: {', '.join(KINDS)}"
    if not {*plan.goods} <= {*Kind}:
        yield "/goods", f"not_one_of: {', '.join(Kind)}"


def _pass(plan: Plan) -> Faults:
    if plan.kind is PlanKind.SUBSCRIPTION:
        if plan.lasts is not None:
            yield "/lasts", "a_subscription_goes_on_until_it_is_ended"
        return
    if plan.asleep_after_days is not None:
        yield "/asleep_after_days", "a_pass_does_not_sleep"
    lasts = plan.lasts or PassTerms()
    if lasts == PassTerms():
        yield "/lasts", "missing"
    if lasts.days is not None and lasts.until is not None:
        yield "/lasts/until", "days_or_until"
    if lasts.days is not None and not 1 <= lasts.days <= _MOST_DAYS:
        yield "/lasts/days", f"not_1_to_{_MOST_DAYS}"
    if lasts.uses is not None and not 1 <= lasts.uses <= _MOST_USES:
        yield "/lasts/uses", f"not_1_to_{_MOST_USES}"
    if lasts.until is not None and plan.published_at is not None and lasts.until <= plan.published_at:
        yield "/lasts/until", "over_already"


def _of_agreements(plan: Plan, tariff: Tariff, currency: str) -> Faults:
    if tariff.currency != currency:
        yield "/fee/currency", f"accounts settle in {currency}"
    for each in not_chargeable_by_plan(tariff, is_pass=plan.kind is PlanKind.PASS):
        yield f"/fee{each['pointer']}", each["reason"]
    for index, price in enumerate(tariff.prices):
        if getattr(price, "asleep_after_days", None) != plan.asleep_after_days:
            yield f"/fee/prices/{index}/asleep_after_days", "not_the_plans"
    for member in ("valid_from", "valid_until"):
        if getattr(tariff, member) is not None:
            yield f"/fee/{member}", "a_plan_is_on_sale_instead"


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
