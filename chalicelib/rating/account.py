"""An account's period: its uses rated, then fairness, step after named step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import localcontext

from chalicelib.kernel.money import Money
from chalicelib.rating.account_caps import AccountCap, account_capped
from chalicelib.rating.best_fare import BestFare, best_fares
from chalicelib.rating.ceiling import Ceiling, under_ceilings
from chalicelib.rating.fairness import Standing
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Tariff, Use
from chalicelib.rating.promotions import Coupon, Credit, Reward, coupons_off, credits_off, rewards_off
from chalicelib.rating.rate import EXACT, STEPS, rate_on, settling_order
from chalicelib.rating.running import Running

ACCOUNT_STEPS = (*STEPS, "best_fare", "account_caps", "ceiling", "coupons", "rewards", "credits")
"""All steps in their order. Reductions are shared out over the charges; promotions are lines of their own."""


@dataclass(frozen=True, slots=True)
class AccountTerms:
    """What an account may have besides its tariffs. `alternatives` are, by product, the tariffs it could have had.

    `month` is the one that bills the uses, as in 2021-05. `earlier` names uses that were billed before: they are rated
    too, since they fill the same caps, but not returned.
    """

    alternatives: Mapping[str, tuple[Tariff, ...]] = field(default_factory=dict)
    caps: tuple[AccountCap, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    rewards: tuple[Reward, ...] = ()
    credits: tuple[Credit, ...] = ()
    earlier: frozenset[str] = frozenset()
    month: str = ""


@dataclass(frozen=True, slots=True)
class RatedAccount:
    """The lines, what the best fares saved, and what is left of rewards and credits, by id."""

    lines: tuple[RatedLine, ...]
    fares: tuple[BestFare, ...] = ()
    unspent: Mapping[str, Money] = field(default_factory=dict)


NO_TERMS = AccountTerms()


def rate_account(uses: Sequence[Use], terms: AccountTerms = NO_TERMS) -> RatedAccount:
    """Rate the uses of one account, in one currency, and apply the steps of `ACCOUNT_STEPS`."""
    ordered = sorted(uses, key=settling_order)
    lines = rate_on(Running(), ordered)
    if not lines or terms == NO_TERMS:
        return RatedAccount(lines, unspent=_untouched(terms))
    with localcontext(EXACT):
        standing = Standing.of(ordered, lines, terms.earlier)
        fares = best_fares(standing, terms.alternatives, terms.month)
        account_capped(standing, terms.caps)
        under_ceilings(standing, terms.ceilings)
        coupons_off(standing, terms.coupons)
        unspent = rewards_off(standing, terms.rewards) | credits_off(standing, terms.credits)
    own = tuple(line for line in (*lines, *standing.lines) if line.use_id not in terms.earlier)
    return RatedAccount(own, fares, unspent)


def _untouched(terms: AccountTerms) -> dict[str, Money]:
    rewards = {reward.id: reward.amount for reward in terms.rewards}
    return rewards | {credit.id: credit.amount for credit in terms.credits}
