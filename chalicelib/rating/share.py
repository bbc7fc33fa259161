"""A partner's share of a month: rules as data, one pure function, each sum rounded once and split without a rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Literal

from chalicelib.kernel.money import shares
from chalicelib.kernel.quantity import plain
from chalicelib.rating.errors import InvalidShareRule
from chalicelib.rating.figures import ByProduct
from chalicelib.rating.rate import EXACT
from chalicelib.rating.stated import is_owed

ShareKind = Literal["percent", "per_session", "minimum", "fault_borne", "per_fault", "owed"]
MOST_TIERS = 10
_MOST_MINOR = 10**12
_MOST_DECIMALS = -4
ALL = Decimal(100)
"""Percent."""


@dataclass(frozen=True, slots=True)
class ShareTier:
    """So many percent of what the month's revenue has above the tier before and up to `up_to`; the last has no end."""

    percent: Decimal
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class ShareRule:
    """What a partner has of a month, in minor units where it is no percentage.

    Percent, by tiers of the month's revenue, of what customers were billed without tax, as if no fault had given
    anything back; so much per session that cost something; at least `minimum` a month. Then what faults gave back comes
    off, `faults_borne` percent of it, and `per_fault` for each.

    What is owed, as for damage, has no part in that: of it the partner has `owed` percent, without the tax in it.
    """

    currency: str
    tiers: tuple[ShareTier, ...] = (ShareTier(Decimal(0)),)
    per_session: int = 0
    minimum: int = 0
    faults_borne: Decimal = ALL
    per_fault: int = 0
    owed: Decimal = ALL

    def __post_init__(self) -> None:
        """Refuse what cannot be a rule, with its place."""
        for number, tier in enumerate(self.tiers):
            _check_percent(f"/tiers/{number}/percent", tier.percent)
        _check_percent("/faults_borne", self.faults_borne)
        _check_percent("/owed", self.owed)
        for name in ("per_session", "minimum", "per_fault"):
            if not 0 <= getattr(self, name) <= _MOST_MINOR:
                raise InvalidShareRule(pointer=f"/{name}", reason="an amount from zero on")
        _check_tiers(self.tiers)

    @property
    def by_account(self) -> "ShareRule":
        """What of it is known of each bill by itself: what goes by the whole month comes with the month's statement."""
        return replace(self, tiers=(replace(self.tiers[0], up_to=None),), minimum=0)


def _check_percent(pointer: str, percent: Decimal) -> None:
    exponent = percent.as_tuple().exponent
    if not (isinstance(exponent, int) and exponent >= _MOST_DECIMALS and 0 <= percent <= ALL):
        raise InvalidShareRule(pointer=pointer, reason="from 0 to 100, at most 4 decimals")


def _check_tiers(tiers: Sequence[ShareTier]) -> None:
    ends = [tier.up_to for tier in tiers]
    bounds = [end for end in ends[:-1] if end is not None]
    if not 0 < len(ends) <= MOST_TIERS or ends[-1] is not None or len(bounds) != len(ends) - 1:
        raise InvalidShareRule(pointer="/tiers", reason="1 to 10 tiers, each but the last with an end")
    if any(one >= other for one, other in zip([0, *bounds], [*bounds, _MOST_MINOR + 1], strict=True)):
        raise InvalidShareRule(pointer="/tiers", reason="tiers rise")


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A part of a share, in minor units: by which rule, of which product, and the facts it came from."""

    product: str
    kind: ShareKind
    minor: int
    facts: Mapping[str, str] = field(default_factory=dict)


def share(rule: ShareRule, figures: ByProduct) -> tuple[ShareLine, ...]:
    """The lines of a month's share; what a minimum adds belongs to no product.

    Without faults none is below zero as long as nothing was billed below zero.
    """
    with localcontext(EXACT):
        owed = {product: each for product, each in figures.items() if is_owed(product)}
        figures = {product: each for product, each in figures.items() if product not in owed}
        earned = [*_percent(rule, figures), *_per_session(rule, figures)]
        short = rule.minimum - sum(line.minor for line in earned)
        added = [ShareLine("", "minimum", short, {"minimum": str(rule.minimum)})] if short > 0 else []
        deducted = [*_fault_borne(rule, figures), *_per_fault(rule, figures)]
        return tuple(line for line in [*earned, *added, *deducted, *_owed(rule, owed)] if line.minor)


def total_of(lines: Sequence[ShareLine]) -> int:
    """What lines come to together."""
    return sum(line.minor for line in lines)


def by_product(lines: Sequence[ShareLine]) -> dict[str, int]:
    """What lines come to by product."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.product] = sums.get(line.product, 0) + line.minor
    return sums


def _percent(rule: ShareRule, figures: ByProduct) -> list[ShareLine]:
    bases = {product: each.net + each.fault_credits_net for product, each in sorted(figures.items())}
    revenue = sum(bases.values())
    exact, begin = Decimal(0), 0
    for tier in rule.tiers:
        end = revenue if tier.up_to is None or revenue < tier.up_to else tier.up_to
        exact += (end - begin) * tier.percent / ALL
        if end == revenue:
            break
        begin = end
    percents = " ".join(plain(tier.percent) for tier in rule.tiers)
    facts = {"revenue": str(revenue), "percent": percents}
    parts = _split(_half_up(exact), list(bases.values()))
    rows = zip(bases.items(), parts, strict=True)
    return [ShareLine(product, "percent", part, {**facts, "of": str(base)}) for (product, base), part in rows]


def _per_session(rule: ShareRule, figures: ByProduct) -> list[ShareLine]:
    return [
        ShareLine(product, "per_session", each.sessions * rule.per_session, {"sessions": str(each.sessions)})
        for product, each in sorted(figures.items())
    ]


def _fault_borne(rule: ShareRule, figures: ByProduct) -> list[ShareLine]:
    credits_given = {product: each.fault_credits_net for product, each in sorted(figures.items())}
    whole = _half_up(sum(credits_given.values()) * rule.faults_borne / ALL)
    rows = zip(credits_given.items(), _split(whole, list(credits_given.values())), strict=True)
    percent = plain(rule.faults_borne)
    return [
        ShareLine(product, "fault_borne", -part, {"given_back": str(minor), "percent": percent})
        for (product, minor), part in rows
    ]


def _per_fault(rule: ShareRule, figures: ByProduct) -> list[ShareLine]:
    return [
        ShareLine(product, "per_fault", -each.faults * rule.per_fault, {"faults": str(each.faults)})
        for product, each in sorted(figures.items())
    ]


def _owed(rule: ShareRule, figures: ByProduct) -> list[ShareLine]:
    percent = plain(rule.owed)
    return [
        ShareLine(product, "owed", _half_up(each.net * rule.owed / ALL), {"of": str(each.net), "percent": percent})
        for product, each in sorted(figures.items())
    ]


def _split(whole: int, amounts: Sequence[int]) -> list[int]:
    """In proportion to the amounts of the whole's own sign, by largest remainder."""
    weights = [max(0, each if whole > 0 else -each) for each in amounts]
    return shares(whole, weights) if any(weights) else [0] * len(amounts)


def _half_up(exact: Decimal) -> int:
    return int(exact.to_integral_value(ROUND_HALF_UP))
