"""A tariff's minimums, regret, included uses and caps, read and written."""

from collections.abc import Collection
from typing import NamedTuple, cast

from chalicelib.rating.model import Tariff
from chalicelib.rating.reading import Fields
from chalicelib.rating.terms import MEMBERS_USE, PERIODS, Allowance, Cap, Minimum, Period, Regret


class Terms(NamedTuple):
    """What a tariff adds to its prices."""

    minimums: tuple[Minimum, ...]
    regret: Regret | None
    allowances: tuple[Allowance, ...]
    caps: tuple[Cap, ...]


def read(fields: Fields, prices: Collection[str]) -> Terms:
    """Read the terms; each names the prices, or minimums, that it is over."""
    minimums = tuple(_minimum(each, prices) for each in fields.items("minimums", default=()))
    prices = {*prices, *(minimum.id for minimum in minimums)}
    terms = Terms(
        minimums=minimums,
        regret=_regret(fields),
        allowances=tuple(_allowance(each, prices) for each in fields.items("allowances", default=())),
        caps=tuple(_cap(each, prices) for each in fields.items("caps", default=())),
    )
    fields.unique("minimums", (each.id for each in terms.minimums), "id")
    fields.unique("allowances", (each.id for each in terms.allowances), "id")
    fields.unique("caps", (each.id for each in terms.caps), "id")
    _check_nesting(fields, terms.caps)
    _check_minimums(fields, terms)
    return terms


def _check_minimums(fields: Fields, terms: Terms) -> None:
    """What makes up a minimum lies under the caps and the included uses of what it makes up.

    Otherwise a short use could cost more than a long one.
    """
    limits = [(f"caps/{index}", cap.over) for index, cap in enumerate(terms.caps)]
    limits += [(f"allowances/{index}", allowance.over) for index, allowance in enumerate(terms.allowances)]
    for where, over in limits:
        for minimum in terms.minimums:
            if set(over) & set(minimum.over) and minimum.id not in over:
                fields.faults.add(f"{fields.pointer}/{where}/over", f"lacks_the_minimum: {minimum.id}")


def _check_nesting(fields: Fields, caps: tuple[Cap, ...]) -> None:
    """Caps apply in their order: the day's before the month's, or the month would count too much.

    A longer one is over all prices of a shorter one or over none of them; otherwise the parts of a reduction, which
    are in proportion, could make more use cost less.
    """
    for index, cap in enumerate(caps):
        shorter = caps[:index]
        if any(PERIODS.index(other.period) > PERIODS.index(cap.period) for other in shorter):
            fields.faults.add(f"{fields.pointer}/caps/{index}/period", "longer_period_comes_before")
        if any(set(other.over) & set(cap.over) and not set(other.over) <= set(cap.over) for other in shorter):
            fields.faults.add(f"{fields.pointer}/caps/{index}/over", "not_nested")


def _minimum(fields: Fields, prices: Collection[str]) -> Minimum:
    period = _period(fields, ("use", "month"))
    known = {*prices, MEMBERS_USE} if period == "month" else prices
    minimum = Minimum(fields.identifier("id"), period, fields.money("amount"), _over(fields, known))
    if minimum.id in prices:
        fields.fault("id", "is_a_price")
    fields.no_others()
    return minimum


def _regret(fields: Fields) -> Regret | None:
    value = fields.take("regret", default=None)
    if value is None:
        return None
    inner = fields.inside(value, "regret")
    regret = Regret(inner.whole("seconds"), inner.whole("times"))
    inner.no_others()
    return regret


def _allowance(fields: Fields, prices: Collection[str]) -> Allowance:
    period = _period(fields, PERIODS[1:])
    allowance = Allowance(fields.identifier("id"), period, fields.whole("uses"), _over(fields, prices))
    fields.no_others()
    return allowance


def _cap(fields: Fields, prices: Collection[str]) -> Cap:
    cap = Cap(fields.identifier("id"), _period(fields, PERIODS), fields.money("amount"), _over(fields, prices))
    fields.no_others()
    return cap


def _period(fields: Fields, choices: tuple[Period, ...]) -> Period:
    return cast("Period", fields.one_of("period", choices))


def _over(fields: Fields, prices: Collection[str]) -> tuple[str, ...]:
    names = fields.names("over")
    for index, name in enumerate(names):
        if name not in prices:
            fields.faults.add(f"{fields.pointer}/over/{index}", "unknown_price")
    return names


def written(tariff: Tariff) -> dict[str, object]:
    """The terms as JSON-ready values; those that the tariff does not have are left out, but for its caps."""
    document: dict[str, object] = {"caps": [_limit(cap) for cap in tariff.caps]}
    if tariff.minimums:
        document["minimums"] = [_limit(minimum) for minimum in tariff.minimums]
    if tariff.allowances:
        document["allowances"] = [
            {"id": each.id, "period": each.period, "uses": each.uses, "over": list(each.over)}
            for each in tariff.allowances
        ]
    if tariff.regret is not None:
        document["regret"] = {"seconds": tariff.regret.seconds, "times": tariff.regret.times}
    return document


def _limit(rule: Cap | Minimum) -> dict[str, object]:
    return {"id": rule.id, "period": rule.period, "amount": str(rule.amount.amount), "over": list(rule.over)}
