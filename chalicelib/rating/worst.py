"""The most that a use can cost, whatever else the customer does meanwhile.

Each price is taken at its own worst, then come the minimums and the caps. Included uses and regret are not counted on:
another use may spend them first. Neither are caps that open uses may leave to this one.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias, cast

from chalicelib.kernel.money import Money
from chalicelib.rating.amounts import NOTHING
from chalicelib.rating.caps import capped
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.minimum import true_ups
from chalicelib.rating.model import Price, Tariff, Use
from chalicelib.rating.running import Running

if TYPE_CHECKING:  # loaded only for tariffs that have them
    from chalicelib.rating.graduated import GraduatedPrice
    from chalicelib.rating.volume import VolumePrice

Tiered: TypeAlias = "GraduatedPrice | VolumePrice"
_JUST_MORE = Decimal("1e-12")


def worst_lines(use: Use, running: Running) -> list[RatedLine]:
    """The dearest lines of a use that counts the most on every meter, after what `running` has counted."""
    lines: list[RatedLine] = []
    for price in use.tariff.prices_of(use.kind):
        lines += _worst_of(price, use, running)
    lines += true_ups(use, lines, running) if use.kind == "session" else ()
    return lines + capped(use.under(_surely_capped(use.tariff)), lines, None, running)


def _surely_capped(tariff: Tariff) -> Tariff:
    """With the caps that others can only fill.

    By volume over a period another use may get back what a cap of its day had taken off already: that leaves room.
    """
    by_volume = {
        price.id for price in tariff.prices if price.kind == "volume" and getattr(price, "period", "") != "use"
    }
    if by_volume.isdisjoint(price for cap in tariff.caps for price in cap.over):
        return tariff
    return replace(tariff, caps=tuple(cap for cap in tariff.caps if by_volume.isdisjoint(cap.over)))


def _worst_of(price: Price, use: Use, running: Running) -> list[RatedLine]:
    if price.kind not in {"graduated", "volume"}:
        return list(price.charges(use, running))
    price = cast("Tiered", price)
    if price.period == "use":
        return max((_trial(price, use, running, NOTHING, most) for most in _peaks(price, use)), key=_sum)
    counted = running.total(price.key(use))
    trials = (_trial(price, use, running, *span) for span in set(_spans(price, counted, use.of(price.meter))))
    # What others count decides where this use begins within its cent: a line may be one minor unit more.
    return [line._replace(amount=Money(line.amount.minor + 1, line.amount.currency)) for line in max(trials, key=_sum)]


def _trial(price: Tiered, use: Use, running: Running, before: Decimal, used: Decimal) -> list[RatedLine]:
    """The price's lines if others count `before` first and this use counts `used`."""
    trial = running.copy()
    if before:
        trial.count(price.key(use), before)
    return price.charges(replace(use, quantities={price.meter.name: used}), trial)


def _peaks(price: Tiered, use: Use) -> list[Decimal]:
    """Where the price may be highest: by volume a unit more than a tier's end may cost less."""
    most = use.of(price.meter)
    ends = (tier.up_to for tier in price.tiers) if price.kind == "volume" else ()
    return [end for end in ends if end is not None and NOTHING < end < most] + [most]


def _spans(price: Tiered, counted: Decimal, most: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """What others may count first, and then this use: at the ends of the tiers, where alone a sum can be largest."""
    ends = [tier.up_to for tier in price.tiers if tier.up_to is not None and tier.up_to > counted]
    marks = [*ends, *(end + _JUST_MORE for end in ends)]
    for start in [counted, *marks]:
        yield start - counted, most
        for mark in marks:
            if start < mark < start + most:
                yield start - counted, mark - start
    for mark in marks:
        if mark - most > counted:
            yield mark - most - counted, most


def _sum(lines: list[RatedLine]) -> int:
    return sum(line.amount.minor for line in lines)
