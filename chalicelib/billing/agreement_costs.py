"""What subscriptions cost and save, for who decides about them: by the same rating as on the bill."""

from collections.abc import Iterable
from typing import NamedTuple

from chalicelib.billing.agreement_ports import Plans
from chalicelib.billing.agreement_uses import fee_of
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Interval
from chalicelib.rating import Need, Use, rate
from chalicelib.rating.amounts import NOTHING, rounded
from chalicelib.rating.held import Held, Stretch
from chalicelib.rating.once import OncePrice
from chalicelib.rating.recurring import RecurringFee
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.subscription import Lived, Phase

_DAYS = 30


class SavedByRest(NamedTuple):
    """What sleep and pauses took off a fee."""

    asleep: Money
    paused: Money


def price_of(plan: Plan, seats: int, zone: str) -> Money | None:
    """What a pass costs once, any other plan a month; None without a fee. A fee for each day counts thirty times."""
    fee = fee_of(plan, zone)
    if fee is None:
        return None
    amounts = [
        price.amount * (seats if price.per_seat else 1) * (_DAYS if getattr(price, "per", "") == "day" else 1)
        for price in fee.prices
        if isinstance(price, RecurringFee | OncePrice)
    ]
    return rounded(sum(amounts, NOTHING), fee.currency)


def cost_of_phases(
    lived: Lived, phases: Iterable[Phase], within: Interval, *, plans: Plans, zone: str, currency: str
) -> Money:
    """What the phases cost in the interval, awake all the time and not where it is paused."""
    uses = []
    for number, phase in enumerate(phases):
        plan = plans.plan(phase.plan_id, phase.plan_version)
        fee = fee_of(plan, zone) if plan is not None else None
        stretches = tuple(Stretch(each.start, each.end) for each in lived.stretches(phase, within))
        if fee is None or not stretches:
            continue
        start, end = stretches[0].start, stretches[-1].end
        held = Held(lived.subscription.subscription_id, stretches, phase.seats)
        awake = (Need(start, end, "in_use"),)
        uses.append(
            Use(str(number), fee, start, end, open=False, quantities={}, needs=awake, kind="agreement", held=held)
        )
    return total((line.amount for line in rate(uses)), currency)


def saved_by_rest(uses: Iterable[Use], currency: str) -> dict[str, SavedByRest]:
    """By subscription, what sleep and pauses saved of the uses: their lines say it."""
    sums: dict[str, list[Money]] = {}
    agreements = {use.use_id: use for use in uses if use.held is not None}
    for line in rate(list(agreements.values())):
        held = agreements[line.use_id].held
        if held is not None:
            saved = sums.setdefault(held.agreement, [Money.zero(currency), Money.zero(currency)])
            for place, fact in enumerate(("saved", "saved_paused")):
                saved[place] += Money.of(line.facts.get(fact, "0"), currency)
    return {name: SavedByRest(*each) for name, each in sums.items()}
