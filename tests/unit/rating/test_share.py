"""A partner's share of a month: what the rules promise, tried on figures, and on statements made at random."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.money import Money
from chalicelib.rating.account import AccountTerms, rate_account
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.errors import InvalidShareRule
from chalicelib.rating.fault_credit import FaultCredit
from chalicelib.rating.figures import Figures, TaxRates, figures_of, together
from chalicelib.rating.promotions import Coupon
from chalicelib.rating.share import ShareRule, ShareTier, by_product, share, total_of
from tests.unit.rating.made import due, tariff, use
from tests.unit.rating.test_account_promises import accounts

BIKE, TOOL = "par-1:bike", "par-2:tool"


def rule(percent: str = "70", **members: object) -> ShareRule:
    return ShareRule("EUR", (ShareTier(Decimal(percent)),), **members)  # type: ignore[arg-type]


def earned(minor: int, *, tax: int = 0, faults_net: int = 0, sessions: int = 1, faults: int = 0) -> Figures:
    return Figures(minor + faults_net, 0, faults_net, faults_net, sessions, faults, {"0.25": tax} if tax else {})


def kinds(of: ShareRule, figures: Mapping[str, Figures]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in share(of, figures):
        sums[line.kind] = sums.get(line.kind, 0) + line.minor
    return sums


@pytest.mark.parametrize(
    ("by", "figures", "lines"),
    [
        (rule(), earned(1000), {"percent": 700}),
        (rule(), earned(1250, tax=250), {"percent": 700}),
        (rule("0", per_session=30), earned(1000, sessions=3), {"per_session": 90}),
        (rule(minimum=900), earned(1000), {"percent": 700, "minimum": 200}),
        (rule(minimum=600), earned(1000), {"percent": 700}),
        (rule(), earned(600, faults_net=400, faults=1), {"percent": 700, "fault_borne": -400}),
        (rule(faults_borne=Decimal(50)), earned(600, faults_net=400), {"percent": 700, "fault_borne": -200}),
        (rule(per_fault=25), earned(600, faults=2), {"percent": 420, "per_fault": -50}),
        (rule("33.3333"), earned(1), {}),
        (rule("50"), earned(1), {"percent": 1}),
        (rule(), Figures(), {}),
    ],
)
def test_a_share_is_what_its_rule_says(by: ShareRule, figures: Figures, lines: dict[str, int]) -> None:
    assert kinds(by, {BIKE: figures}) == lines


@pytest.mark.parametrize(
    ("revenue", "share_of_it"), [(0, 0), (999, 699), (1000, 700), (1001, 701), (3000, 2300), (4000, 3200)]
)
def test_tiers_give_each_stretch_of_the_months_revenue_its_own_percentage(revenue: int, share_of_it: int) -> None:
    tiers = (ShareTier(Decimal(70), 1000), ShareTier(Decimal(80), 3000), ShareTier(Decimal(90)))
    lines = share(ShareRule("EUR", tiers), {BIKE: earned(revenue)})

    assert total_of(lines) == share_of_it


@pytest.mark.parametrize(
    ("made", "pointer"),
    [
        ({"tiers": (ShareTier(Decimal(101)),)}, "/tiers/0/percent"),
        ({"tiers": (ShareTier(Decimal(-1)),)}, "/tiers/0/percent"),
        ({"tiers": (ShareTier(Decimal("NaN")),)}, "/tiers/0/percent"),
        ({"tiers": (ShareTier(Decimal("1.00001")),)}, "/tiers/0/percent"),
        ({"tiers": ()}, "/tiers"),
        ({"tiers": (ShareTier(Decimal(1), 5),)}, "/tiers"),
        ({"tiers": (ShareTier(Decimal(1)), ShareTier(Decimal(1)))}, "/tiers"),
        ({"tiers": (ShareTier(Decimal(1), 5), ShareTier(Decimal(1), 5), ShareTier(Decimal(1)))}, "/tiers"),
        ({"tiers": (ShareTier(Decimal(1), 0), ShareTier(Decimal(1)))}, "/tiers"),
        ({"minimum": -1}, "/minimum"),
        ({"per_session": -1}, "/per_session"),
        ({"per_fault": 10**13}, "/per_fault"),
        ({"faults_borne": Decimal(200)}, "/faults_borne"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_with_its_place(made: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidShareRule) as refused:
        ShareRule("EUR", **made)  # type: ignore[arg-type]

    assert refused.value.facts["pointer"] == pointer


percents = st.integers(0, 10_000).map(lambda each: Decimal(each) / 100)
bounds = st.lists(st.integers(1, 50_000), max_size=3, unique=True).map(sorted)
rules = st.builds(
    lambda ends, percent, per_session, minimum, borne, per_fault: ShareRule(
        "EUR",
        tuple(ShareTier(each, end) for each, end in zip(percent, [*ends, None], strict=False)),
        per_session,
        minimum,
        borne,
        per_fault,
    ),
    bounds,
    st.lists(percents, min_size=4, max_size=4),
    st.integers(0, 200),
    st.integers(0, 20_000),
    percents,
    st.integers(0, 500),
)
figures = st.builds(
    lambda net, tax, back, sessions, faults: Figures(
        net + tax + back, 0, back, back, sessions, faults, {"0.25": tax} if tax else {}
    ),
    st.integers(0, 100_000),
    st.integers(0, 20_000),
    st.integers(0, 9_000),
    st.integers(0, 9),
    st.integers(0, 3),
)
months = st.dictionaries(st.sampled_from([BIKE, TOOL, "par-1:van", "par-1:kayak"]), figures, max_size=4)


@given(rules, months)
def test_products_add_up_to_the_whole_which_is_rounded_once(by: ShareRule, month: dict[str, Figures]) -> None:
    """
    The whole goes by the month's revenue, as if all of it were one product.
    """
    whole = together({"all": each} for each in month.values())

    assert sum(by_product(share(by, month)).values()) == total_of(share(by, month)) == total_of(share(by, whole))


@given(rules, months)
def test_only_faults_take_a_share_below_its_minimum_and_below_nothing(by: ShareRule, month: dict[str, Figures]) -> None:
    lines = share(by, month)
    deducted = sum(line.minor for line in lines if line.kind in {"fault_borne", "per_fault"})

    assert total_of(lines) - deducted >= by.minimum >= 0
    assert deducted <= 0
    assert -deducted <= sum(each.fault_credits_net + each.faults * by.per_fault for each in month.values())
    assert all(line.minor >= 0 for line in lines if line.kind not in {"fault_borne", "per_fault"})


@given(rules, months, st.integers(0, 9_000))
def test_what_a_fault_gives_back_is_deducted_whole_where_the_rule_says_so(
    by: ShareRule, month: dict[str, Figures], back: int
) -> None:
    whole = replace(by, faults_borne=Decimal(100), per_fault=0)
    less = {**month, BIKE: month.get(BIKE, Figures()).plus(Figures(0, 0, back, back))}

    assert total_of(share(whole, less)) == total_of(share(whole, month)) - back


RATES = TaxRates({"made": Decimal("0.255")})


@settings(max_examples=60, deadline=None)
@given(accounts(), st.integers())
def test_neither_the_order_of_uses_nor_promotions_change_what_a_statement_gives(made: tuple, seed: int) -> None:  # type: ignore[type-arg]
    uses, terms = made
    lines = list(rate_account(uses, terms).lines)
    expected = figures_of(lines, uses, RATES)
    shuffled, again = list(uses), Random(seed)
    again.shuffle(shuffled)
    without = replace(terms, coupons=(), rewards=(), credits=())

    assert figures_of(rate_account(shuffled, terms).lines, shuffled, RATES) == expected
    assert figures_of(rate_account(uses, without).lines, uses, RATES) == expected
    own = [line for line in lines if line.use_id]
    for each in expected.values():
        assert each.gross == due(own)
        assert each.net + sum(each.taxes.values()) == each.gross


def test_a_cap_over_two_partners_falls_on_both_in_proportion_and_a_coupon_on_neither() -> None:
    """
    6.00 at one and 3.00 at the other, capped at 6.00: 4.00 and 2.00, of which each has its 70 %.
    """
    bike = tariff({"kind": "flat", "amount": "6.00"}, tariff_id=BIKE)
    tool = tariff({"kind": "flat", "amount": "3.00"}, tariff_id=TOOL)
    uses = [use(bike, "one", product=BIKE), use(tool, "two", product=TOOL)]
    cap = AccountCap("day", "day", Money(600, "EUR"))
    terms = AccountTerms(caps=(cap,), coupons=(Coupon("half", "percent", Decimal("0.5")),))
    rated = rate_account(uses, terms)

    found = figures_of(rated.lines, uses, TaxRates())
    assert due(rated.lines) == 300
    assert {product: (each.charged, each.reduced, each.gross) for product, each in found.items()} == {
        BIKE: (600, 200, 400),
        TOOL: (300, 100, 200),
    }
    assert by_product(share(rule(), found)) == {BIKE: 280, TOOL: 140}


def test_a_fault_credit_of_a_ride_is_found_in_its_figures_with_its_tax_apart() -> None:
    bike = tariff({"kind": "flat", "amount": "12.55"}, tariff_id=BIKE)
    broken = replace(use(bike, "one"), fault_credit=FaultCredit("charge", 100, ("bang",)))
    whole = use(bike, "two")
    lines = rate_account([broken, whole]).lines

    found = figures_of(lines, [broken, whole], TaxRates(others=Decimal("0.255")))[BIKE]
    assert (found.charged, found.fault_credits, found.gross, found.taxes) == (2510, 1255, 1255, {"0.255": 255})
    assert (found.fault_credits_net, found.net, found.sessions, found.faults) == (1000, 1000, 1, 1)
    assert total_of(share(rule("70"), {BIKE: found})) == 1400 - 1000


@given(st.lists(st.tuples(st.sampled_from(["0.255", "0.14", "0"]), st.integers(0, 3000)), min_size=1, max_size=8))
def test_tax_of_several_rates_splits_the_total_and_never_changes_it(rides: list[tuple[str, int]]) -> None:
    uses, rates = [], {}
    for number, (rate, minor) in enumerate(rides):
        product = f"par-1:{rate}"
        rates[product] = Decimal(rate)
        on = tariff({"kind": "flat", "amount": str(Decimal(minor) / 100)}, tariff_id=product)
        uses.append(use(on, f"use-{number}"))
    lines = rate_account(uses).lines
    found = figures_of(lines, uses, TaxRates(rates))

    assert sum(each.net + sum(each.taxes.values()) for each in found.values()) == due(lines)
    for rate in ("0.255", "0.14"):
        gross = sum(minor for its, minor in rides if its == rate)
        exact = Decimal(gross) * Decimal(rate) / (1 + Decimal(rate))
        assert abs(sum(each.taxes.get(rate, 0) for each in found.values()) - exact) <= Decimal("0.5")


def test_prices_without_tax_have_none_in_them_and_a_products_rate_goes_before_its_categorys() -> None:
    rates = TaxRates({BIKE: Decimal("0.1")}, {"bikes": Decimal("0.2")}, Decimal("0.3"))
    inclusive = tariff({"kind": "flat", "amount": "1"}, tariff_id=BIKE)
    other = tariff({"kind": "flat", "amount": "1"}, tariff_id=TOOL)
    without = tariff({"kind": "flat", "amount": "1"}, tariff_id=BIKE, tax_inclusive=False)

    assert rates.of(use(inclusive, category="bikes")) == Decimal("0.1")
    assert rates.of(use(other, category="bikes")) == Decimal("0.2")
    assert rates.of(use(other, category="tools")) == Decimal("0.3")
    assert rates.of(use(without, category="bikes")) == 0
