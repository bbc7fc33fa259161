"""What sessions can be charged by so far. A rule that no bill would follow must not be promised to anybody.

An account's sessions are rated together with all that shares their days, weeks and months. What only an agreement's
month brings belongs to the fee of a plan; the peak of what a meter shows is read and rated, but not yet published. By
volume over a period a later use makes earlier ones cheaper: what of these other rules had taken off already could be
given back once more.
"""

from collections.abc import Iterator

from chalicelib.kernel.time import SECONDS_IN
from chalicelib.rating import Tariff
from chalicelib.rating.ordered import ORDERED, RESERVED, is_order, meter_of
from chalicelib.rating.terms import Period

_NOT_YET = frozenset({"capacity", "recurring", "once"})
_REASON = "cannot_be_charged_yet"
_OF_ORDERS = ("unit", "package")
_WITHIN: dict[Period, frozenset[Period]] = {
    "day": frozenset({"day", "week", "month", "ever"}),
    "week": frozenset({"week", "ever"}),
    "month": frozenset({"month", "ever"}),
    "ever": frozenset({"ever"}),
}
"""The periods of caps that hold a whole period of a volume."""
_BEYOND_A_MONTH = frozenset({"week", "ever"})


def not_chargeable(tariff: Tariff, *, is_fare: bool = False, has_fares: bool = False) -> list[dict[str, str]]:
    """The rules that the tariff cannot have yet, each with its JSON pointer.

    A fare is worked out month by month, so none of its rules may go on beyond one.
    """
    pointers = [*_by_agreements(tariff), *_by_volume(tariff, beside_fares=is_fare or has_fares)]
    pointers += _by_orders(tariff)
    pointers += _beyond_a_month(tariff) if is_fare else ()
    return [{"pointer": pointer, "reason": _REASON} for pointer in dict.fromkeys(pointers)]


def not_chargeable_by_plan(tariff: Tariff, *, is_pass: bool = False) -> list[dict[str, str]]:
    """The rules that the fee of a plan cannot have, each with its JSON pointer.

    It charges agreements alone: a pass once, any other plan by the month or day; always as ordered, so that no cap,
    fare or ceiling of what is used counts it. Beside its prices it has a minimum of a month, and that by a fee of the
    month, whose time it goes by.
    """
    kind = "once" if is_pass else "recurring"
    found = [
        (f"/prices/{index}/kind", f"not_one_of: {kind}")
        for index, price in enumerate(tariff.prices)
        if price.kind != kind
    ]
    found += [
        (f"/prices/{index}/charge_class", "not_one_of: ordered")
        for index, price in enumerate(tariff.prices)
        if price.charge_class != "ordered"
    ]
    by_month = any(getattr(price, "per", "") == "month" for price in tariff.prices)
    minimums = [each for each in tariff.minimums if not by_month or each.period != "month"]
    terms = (
        ("caps", tariff.caps),
        ("allowances", tariff.allowances),
        ("regret", tariff.regret),
        ("minimums", minimums),
    )
    found += [(f"/{name}", _REASON) for name, term in terms if term]
    return [{"pointer": pointer, "reason": reason} for pointer, reason in found]


def _by_agreements(tariff: Tariff) -> Iterator[str]:
    yield from (f"/prices/{index}/kind" for index, price in enumerate(tariff.prices) if price.kind in _NOT_YET)
    yield from (f"/minimums/{index}/period" for index, each in enumerate(tariff.minimums) if each.period != "use")


def _by_volume(tariff: Tariff, *, beside_fares: bool) -> Iterator[str]:
    for index, price in enumerate(tariff.prices):
        period: Period = getattr(price, "period", "use")
        if price.kind != "volume" or period == "use":
            continue
        lowered = any(price.id in each.over for each in tariff.allowances) or tariff.regret is not None
        short = any(price.id in cap.over and cap.period not in _WITHIN[period] for cap in tariff.caps)
        if lowered or short or beside_fares:
            yield f"/prices/{index}/period"


def _by_orders(tariff: Tariff) -> Iterator[str]:
    """What is ordered is counted by us: once each, or in time, and always priced as ordered, by the unit or package."""
    for index, price in enumerate(tariff.prices):
        meter = meter_of(price)
        if meter is None or meter.name not in ORDERED:
            continue
        if not is_order(price):
            yield f"/prices/{index}/charge_class"
        if price.kind not in _OF_ORDERS:
            yield f"/prices/{index}/kind"
        if (meter.unit in SECONDS_IN) != (meter.name == RESERVED):
            yield f"/prices/{index}/meter"


def _beyond_a_month(tariff: Tariff) -> Iterator[str]:
    for index, price in enumerate(tariff.prices):
        members = ("period", "once_per")
        yield from (f"/prices/{index}/{name}" for name in members if getattr(price, name, "use") in _BEYOND_A_MONTH)
    yield from (f"/caps/{index}/period" for index, cap in enumerate(tariff.caps) if cap.period in _BEYOND_A_MONTH)
    allowances = enumerate(tariff.allowances)
    yield from (f"/allowances/{index}/period" for index, each in allowances if each.period in _BEYOND_A_MONTH)
