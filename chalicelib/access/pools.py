"""The hard budgets over what an account has running: its own, its products', and its members' own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.access.allowing import Allowing, counted_with, reserved_costs
from chalicelib.access.limits import Limits, LimitsNow, OwnNow, Spent
from chalicelib.access.model import AccessSession
from chalicelib.access.sharing import limit_of
from chalicelib.access.sharing_out import Pool
from chalicelib.access.uses import product_key
from chalicelib.access.wishes import NO_WISHES
from chalicelib.kernel.money import total


@dataclass(frozen=True, slots=True)
class Pools:
    """What each budget leaves for what runs, and the members' own limits that were looked at."""

    each: tuple[Pool, ...] = ()
    own: Mapping[str, OwnNow] = field(default_factory=dict)

    def beside(self, begun: Iterable[AccessSession]) -> list[Pool]:
        """What they leave beside what has begun under them, and is bounded already."""
        bounds = {each.session_id: limit_of(each) for each in begun}
        taken = {name: 0 if bound is None else bound.minor for name, bound in bounds.items()}
        return [
            Pool(each.left - sum(taken[name] for name in each.covers & taken.keys()), each.covers - taken.keys())
            for each in self.each
        ]


def pools_over(
    account_id: str, now: LimitsNow, views: Sequence[AccessSession], currency: str, *, allowing: Allowing
) -> Pools:
    """What has ended counts, and what reservations and bookings cost when nobody comes."""
    every = {each.session_id for each in views}
    found = _under(account_id, now.limits, every, currency, allowing=allowing)
    found += _of_products(account_id, now, views, currency, allowing=allowing)
    own: dict[str, OwnNow] = {}
    for member in sorted({each.customer_id for each in views}):
        limit = allowing.personal.own_limit(member, account_id)
        if limit is not None:
            own[member] = limit
            theirs = {each.session_id for each in views if each.customer_id == member}
            found += _under(account_id, limit.limits, theirs, currency, allowing=allowing, member=member)
    return Pools(tuple(found), own)


def _under(
    account_id: str,
    limits: Limits,
    covers: Collection[str],
    currency: str,
    *,
    allowing: Allowing,
    member: str | None = None,
) -> list[Pool]:
    if not any(budget.hard for _, budget in limits.budgets()):
        return []
    reserved = total(reserved_costs(account_id, allowing=allowing, member=member), currency)
    spent, held = counted_with(reserved, account_id, allowing.now, allowing=allowing, member=member)
    return _left(limits, spent, held, covers)


def _of_products(
    account_id: str, now: LimitsNow, views: Sequence[AccessSession], currency: str, *, allowing: Allowing
) -> list[Pool]:
    wishes = allowing.wishes.find(account_id) if now.wished and allowing.wishes is not None else NO_WISHES
    found: list[Pool] = []
    for product in sorted(wishes.budgets.keys() & {product_key(each) for each in views}):
        if allowing.spent_on is None:
            continue
        own, covers = wishes.budgets[product], {each.session_id for each in views if product_key(each) == product}
        spent = allowing.spent_on.spent_on(account_id, product, allowing.now)
        held = total(reserved_costs(account_id, allowing=allowing, product=product), currency)
        found += _left(Limits(None, own.day, own.month), spent, Spent(held, held), covers)
    return found


def _left(limits: Limits, spent: Spent, held: Spent, covers: Collection[str]) -> list[Pool]:
    hard = [(period, budget) for period, budget in limits.budgets() if budget.hard]
    return [
        Pool(budget.amount.minor - spent.over(period).minor - held.over(period).minor, frozenset(covers))
        for period, budget in hard
    ]
