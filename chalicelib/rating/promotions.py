"""Coupons, rewards for shared data and credits: lines of their own, borne by the operator, never a lower price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import minor_units
from chalicelib.rating.fairness import Standing, promotion_line
from chalicelib.rating.model import Use


@dataclass(frozen=True, slots=True)
class Coupon:
    """`percent`: a fraction of what is left; `amount`: so much in major units; `first`: so many uses for nothing."""

    id: str
    kind: Literal["percent", "amount", "first"]
    value: Decimal
    product: str = ""


@dataclass(frozen=True, slots=True)
class Reward:
    """What is given for a named use of data that the customer agreed to; `consent` is the id of the agreement."""

    id: str
    consent: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that the account has with us; `reason` is a stable word, as in `faulty` or `paid_ahead`."""

    id: str
    reason: str
    amount: Money


def coupons_off(standing: Standing, coupons: Sequence[Coupon]) -> None:
    """Take the coupons off one after the other, each from what the one before left."""
    for coupon in coupons:
        places = [index for use in _uses_of(standing, coupon) for index in standing.charged_for(use)]
        places = [index for index in places if standing.left.minor[index] > 0]
        due = standing.payable(places)
        by = min(due, _worth(standing, coupon, due))
        facts = {"coupon": coupon.kind, "value": plain(coupon.value), "borne_by": "operator"}
        standing.promote(places, by, promotion_line(coupon.id, standing.currency, f"coupon_{coupon.kind}", facts))


def _uses_of(standing: Standing, coupon: Coupon) -> list[Use]:
    """The uses that the coupon is good for; one for the first few counts only those that cost something."""
    uses = list(standing.chosen(coupon.product))
    if coupon.kind != "first":
        return uses
    costly = [use for use in uses if standing.left.due(standing.charged_for(use)) > 0]
    return costly[: int(coupon.value)]


def _worth(standing: Standing, coupon: Coupon, due: int) -> int:
    if coupon.kind == "percent":
        return minor_units(Money(due, standing.currency).amount * coupon.value, standing.currency)
    return due if coupon.kind == "first" else minor_units(coupon.value, standing.currency)


def rewards_off(standing: Standing, rewards: Sequence[Reward]) -> dict[str, Money]:
    """Take the rewards off what is left; what is not spent is given back by id."""
    return {
        reward.id: _spend(standing, reward.id, reward.amount, "reward_for_data", {"consent": reward.consent})
        for reward in rewards
    }


def credits_off(standing: Standing, credits_given: Sequence[Credit]) -> dict[str, Money]:
    """Take the credits off what is left; what is not spent is given back by id."""
    return {
        credit.id: _spend(standing, credit.id, credit.amount, "credit", {"reason": credit.reason})
        for credit in credits_given
    }


def _spend(standing: Standing, rule_id: str, amount: Money, code: str, facts: Mapping[str, str]) -> Money:
    standing.same_currency(amount)
    places = standing.positive
    by = min(amount.minor, standing.payable(places))
    line = promotion_line(rule_id, standing.currency, code, {**facts, "borne_by": "operator"})
    standing.promote(places, by, line)
    return Money(amount.minor - by, amount.currency)
