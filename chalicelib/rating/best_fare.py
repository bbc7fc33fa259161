"""The best fare: per product and month, what the cheapest tariff that the customer could have had would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.kernel.money import CurrencyMismatch, Money
from chalicelib.rating.fairness import Standing
from chalicelib.rating.model import Tariff, Use
from chalicelib.rating.rate import rate_on
from chalicelib.rating.running import Running


@dataclass(frozen=True, slots=True)
class BestFare:
    """Which tariff was the cheapest for the product's uses of the month, and what it saved."""

    product: str
    month: str
    tariff_id: str
    version: int
    saved: Money


def best_fares(
    standing: Standing, alternatives: Mapping[str, tuple[Tariff, ...]], month: str = ""
) -> tuple[BestFare, ...]:
    """Lower each product's month to its cheapest tariff, caps of that tariff included.

    `month` is the one that bills all the uses; without it each use belongs to the month of its own tariff's zone.
    """
    groups: dict[tuple[str, str], list[Use]] = {}
    for use in standing.chosen():
        if use.product in alternatives and use.kind != "order":
            groups.setdefault((use.product, month or use.charged_in), []).append(use)
    found = (_best(standing, key, uses, alternatives[key[0]]) for key, uses in groups.items())
    return tuple(fare for fare in found if fare is not None)


def _best(standing: Standing, key: tuple[str, str], uses: Sequence[Use], tariffs: Sequence[Tariff]) -> BestFare | None:
    product, month = key
    covered = [
        index
        for use in uses
        for index in standing.by_use.get(use.use_id, ())
        if standing.left.charges[index].charge_class != "owed"
    ]
    own = standing.left.due(covered)
    has_agreement = any(use.kind == "agreement" for use in uses)
    costs = [
        (_cost(uses, tariff, standing.currency), tariff)
        for tariff in tariffs
        if has_agreement or not tariff.agreement_prices
    ]
    if not costs:
        return None
    cost, tariff = min(costs, key=lambda each: each[0])
    if cost >= own:
        return None
    facts = _facts(tariff, month, Money(own, standing.currency), Money(cost, standing.currency))
    standing.lower(covered, own - cost, "best_fare", facts)
    return BestFare(product, month, tariff.tariff_id, tariff.version, Money(own - cost, standing.currency))


def _cost(uses: Sequence[Use], tariff: Tariff, currency: str) -> int:
    if tariff.currency != currency:
        raise CurrencyMismatch(one=currency, other=tariff.currency)
    lines = rate_on(Running(), [use.under(tariff) for use in uses])
    return sum([line.amount.minor for line in lines if line.charge_class != "owed"])


def _facts(tariff: Tariff, month: str, own: Money, best: Money) -> dict[str, str]:
    return {
        "tariff_id": tariff.tariff_id,
        "version": str(tariff.version),
        "month": month,
        "own": str(own.amount),
        "best": str(best.amount),
        "saved": str((own - best).amount),
    }
