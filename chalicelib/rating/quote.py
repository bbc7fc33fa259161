"""The price before the start: an estimate for the stated need, and the worst that a day can bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from chalicelib.kernel.money import Money, total
from chalicelib.rating.amounts import NOTHING
from chalicelib.rating.errors import InvalidUse
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import NEED_STATES, Need, Tariff, Use
from chalicelib.rating.ordered import ORDERED, Orders
from chalicelib.rating.rate import EXACT, rate_on, settling_order
from chalicelib.rating.reading import escaped
from chalicelib.rating.running import Running
from chalicelib.rating.worst import worst_lines

HOURS = 24
_LONGEST = 366 * 86_400
_HOUR = timedelta(hours=1)
_QUOTED = "quoted"
_NO_ORDERS = Orders()


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a use would cost: `lines` make up the estimate; `worst_case` holds for that many `hours` from the start."""

    estimate: Money
    worst_case: Money
    lines: tuple[RatedLine, ...]
    hours: int


def quote(
    tariff: Tariff,
    at: datetime,
    need: Mapping[str, Decimal],
    earlier: Sequence[Use] = (),
    start_by: datetime | None = None,
    *,
    orders: Orders = _NO_ORDERS,
    hours: int = HOURS,
) -> Quoted:
    """Rate the stated need as if it began at `at`, and the most that every meter can count in so many hours.

    `need` maps meters to quantities, and need states to seconds. The worst case holds for a start from `at` until
    `start_by`, and whatever of `orders` comes with the use or instead of it. Of what the customer used `earlier`, only
    ended uses count against the caps: one that is still open may end later than this one and leave the caps to it.
    """
    _check_known(tariff, need)
    running = Running()
    rate_on(running, sorted((use for use in earlier if not use.open), key=settling_order))
    lines = rate_on(running.copy(), [_stated(tariff, at, {**need, **orders.due}, hours)])
    starts = [at] if start_by is None else [at, start_by]
    with localcontext(EXACT):
        uses = [_most(tariff, (start, starts[-1]), need, orders, hours) for start in starts]
        worst = [worst_lines(use, running.copy()) for use in uses]
        # On which day a booking comes to nothing is not known, so no cap that was filled then is counted on.
        worst += [worst_lines(_ordered(tariff, at, each), Running()) for each in orders.instead]
    return Quoted(
        _sum(lines, tariff),
        max((_sum(each, tariff) for each in worst), key=lambda money: money.minor),
        lines,
        hours,
    )


def _check_known(tariff: Tariff, need: Mapping[str, Decimal]) -> None:
    """A misspelt meter would be an estimate of nothing, and no need goes on for longer than a year."""
    known = {*NEED_STATES, *(meter.name for meter in tariff.meters)} - tariff.ordered_meters
    for name, amount in need.items():
        if name not in known:
            raise InvalidUse(pointer=f"/need/{escaped(name)}", reason="unknown meter", meter=name[:40])
        if name in NEED_STATES and amount > _LONGEST:
            raise InvalidUse(pointer=f"/need/{name}", reason="longer than a year", state=name)


def _stated(tariff: Tariff, at: datetime, need: Mapping[str, Decimal], hours: int) -> Use:
    """The use that the customer states: its quantities, and its need states one after the other."""
    needs: list[Need] = []
    end = at
    for state in NEED_STATES:
        seconds = need.get(state, NOTHING)
        if seconds:
            length = timedelta(microseconds=int(seconds * 1_000_000))
            needs.append(Need(end, end + length, state))
            end += length
    quantities = {name: amount for name, amount in need.items() if name not in NEED_STATES}
    return Use(_QUOTED, tariff, at, max(end, at + hours * _HOUR), open=False, quantities=quantities, needs=tuple(needs))


def _most(
    tariff: Tariff, starts: tuple[datetime, datetime], need: Mapping[str, Decimal], orders: Orders, hours: int
) -> Use:
    """The use that counts the most on every meter and is in use all the time."""
    start, start_by = starts
    stated = sum((need.get(state, NOTHING) for state in NEED_STATES), NOTHING)
    length = max(start_by - start + hours * _HOUR, timedelta(microseconds=int(stated * 1_000_000)))
    quantities = {
        meter.name: max(meter.most_in(hours), need.get(meter.name, NOTHING))
        for meter in tariff.meters
        if meter.name not in tariff.ordered_meters and (meter.is_bounded or meter.name not in ORDERED)
    }
    quantities |= {**orders.due, **orders.beside}
    needs = (Need(start, start + length, "in_use"),)
    return Use(_QUOTED, tariff, start, start + length, open=True, quantities=quantities, needs=needs)


def _ordered(tariff: Tariff, at: datetime, quantities: Mapping[str, Decimal]) -> Use:
    """What is charged without any use."""
    return Use(_QUOTED, tariff, at, at, open=True, quantities=quantities, kind="order")


def _sum(lines: Sequence[RatedLine], tariff: Tariff) -> Money:
    return total((line.amount for line in lines), tariff.currency)
