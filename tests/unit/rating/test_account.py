"""An account's month: best fare, caps over products, ceiling, coupons, rewards, credits."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.kernel.money import CurrencyMismatch, Money
from chalicelib.rating import Use, rate
from chalicelib.rating.account import AccountTerms, rate_account
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.best_fare import BestFare
from chalicelib.rating.ceiling import Ceiling
from chalicelib.rating.promotions import Coupon, Credit, Reward
from tests.unit.rating.made import MAY, due, minors, tariff, use

KM: dict[str, Any] = {"kind": "unit", "meter": "km", "unit_amount": "1"}
CHEAP = tariff({**KM, "unit_amount": "0.60"}, {"kind": "flat", "amount": "2"}, tariff_id="cheap", version=3)
OWN = tariff(KM, tariff_id="own")


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def rides(*km: str, product: str = "car", category: str = "wheels") -> list[Use]:
    return [
        use(OWN, f"{product}-{n}", MAY + timedelta(days=n), product=product, category=category, km=each)
        for n, each in enumerate(km)
    ]


def test_the_best_fare_lowers_a_month_to_the_cheapest_tariff_and_says_which_and_how_much() -> None:
    """
    10 and 20 km at 1.00 are 30.00; at 0.60 and 2.00 a ride they are 22.00.
    """
    terms = AccountTerms(alternatives={"car": (OWN, CHEAP)})

    rated = rate_account(rides("10", "20"), terms)

    assert rated.fares == (BestFare("car", "2021-05", "cheap", 3, eur("8.00")),)
    assert [(line.use_id, line.code, line.amount.minor) for line in rated.lines[2:]] == [
        ("car-0", "best_fare", -267),
        ("car-1", "best_fare", -533),
    ]
    assert rated.lines[2].facts["saved"] == "8.00"


def test_the_own_tariff_stays_where_it_is_the_cheapest() -> None:
    rated = rate_account(rides("1", "1"), AccountTerms(alternatives={"car": (OWN, CHEAP)}))

    assert (due(rated.lines), rated.fares) == (200, ())


def test_each_month_and_product_has_its_own_best_fare() -> None:
    june = [use(OWN, "june", MAY + timedelta(days=31), product="car", km="1")]
    terms = AccountTerms(alternatives={"car": (OWN, CHEAP), "van": (OWN, CHEAP)})

    rated = rate_account([*rides("10"), *june, *rides("20", product="van"), *rides("50", product="bus")], terms)

    assert [(fare.product, fare.month, fare.saved.minor) for fare in rated.fares] == [
        ("car", "2021-05", 200),
        ("van", "2021-05", 600),
    ]


def test_a_tariff_with_a_monthly_fee_is_no_alternative_for_who_has_no_agreement() -> None:
    plan = tariff({"kind": "recurring", "charge_class": "ordered", "amount": "9", "per": "month"}, tariff_id="plan")

    assert due(rate_account(rides("10"), AccountTerms(alternatives={"car": (plan,)})).lines) == 1000


def test_a_cap_over_a_category_counts_its_products_together() -> None:
    cap = AccountCap("wheels", "month", eur("12.00"), category="wheels")
    uses = [*rides("10"), *rides("10", product="bike"), *rides("10", product="drill", category="tools")]

    rated = rate_account(uses, AccountTerms(caps=(cap,)))

    assert due(rated.lines) == 1200 + 1000


def test_caps_over_a_product_and_over_everything_nest() -> None:
    caps = (AccountCap("car", "day", eur("8.00"), product="car"), AccountCap("all", "month", eur("15.00")))

    rated = rate_account([*rides("10", "10"), *rides("10", product="bike")], AccountTerms(caps=caps))

    assert due(rated.lines) == 1500
    assert {line.code for line in rated.lines} == {"per_unit", "cap_day", "cap_month"}


@pytest.mark.parametrize(
    ("paid_before", "upkeep", "minor"),
    [
        ("0.00", None, 3000),
        ("90.00", None, 1000),  # 10.00 are left under a purchase price of 100.00
        ("100.00", None, 0),
        ("130.00", None, 0),
        ("100.00", "2.50", 250),  # afterwards only the upkeep of the month
        ("90.00", "2.50", 1250),
    ],
)
def test_access_never_costs_more_than_the_purchase_price_and_then_only_the_upkeep(
    paid_before: str, upkeep: str | None, minor: int
) -> None:
    upkeep_money = None if upkeep is None else eur(upkeep)
    ceiling = Ceiling("drill", "car", eur("100.00"), eur(paid_before), upkeep_money)

    rated = rate_account(rides("10", "20"), AccountTerms(ceilings=(ceiling,)))

    assert due(rated.lines) == minor
    assert all(line.facts["may_keep"] == "yes" for line in rated.lines if line.code == "ceiling")


@pytest.mark.parametrize(
    ("coupon", "minor"),
    [
        (Coupon("c", "percent", Decimal("0.15")), 2550),
        (Coupon("c", "amount", Decimal("7.50")), 2250),
        (Coupon("c", "amount", Decimal(50)), 0),  # no more than is due
        (Coupon("c", "first", Decimal(1)), 2000),
        (Coupon("c", "percent", Decimal("0.5"), product="van"), 3000),
    ],
)
def test_a_coupon_is_one_line_of_its_own_that_the_operator_bears(coupon: Coupon, minor: int) -> None:
    rated = rate_account(rides("10", "20"), AccountTerms(coupons=(coupon,)))

    assert due(rated.lines) == minor
    assert [line.amount.minor for line in rated.lines if line.use_id] == [1000, 2000]
    assert all(line.facts["borne_by"] == "operator" for line in rated.lines if not line.use_id)


def test_coupons_each_take_from_what_the_one_before_left() -> None:
    coupons = (Coupon("half", "percent", Decimal("0.5")), Coupon("ten", "percent", Decimal("0.1")))

    assert minors(rate_account(rides("10", "20"), AccountTerms(coupons=coupons)).lines) == [1000, 2000, -1500, -150]


def test_the_price_is_the_same_whether_data_is_shared_or_not() -> None:
    reward = Reward("weather", "consent-7", eur("1.00"))

    rated = rate_account(rides("10"), AccountTerms(rewards=(reward,)))

    assert rated.lines[:-1] == rate(rides("10"))
    assert (rated.lines[-1].code, rated.lines[-1].amount.minor) == ("reward_for_data", -100)


def test_credit_beyond_what_is_due_is_left_over() -> None:
    terms = AccountTerms(credits=(Credit("old", "paid_ahead", eur("8.00")), Credit("new", "faulty", eur("5.00"))))

    rated = rate_account(rides("10"), terms)

    assert due(rated.lines) == 0
    assert rated.unspent == {"old": eur("0.00"), "new": eur("3.00")}


def test_who_used_nothing_keeps_the_credit() -> None:
    assert rate_account([], AccountTerms(credits=(Credit("old", "paid_ahead", eur("8.00")),))).unspent == {
        "old": eur("8.00")
    }


def test_what_was_billed_before_is_not_billed_again_also_where_the_account_has_no_terms() -> None:
    before, now = rides("10", "20")

    rated = rate_account([before, now], AccountTerms(earlier=frozenset({before.use_id}), month="2021-05"))

    assert [(line.use_id, line.amount) for line in rated.lines] == [(now.use_id, eur("20"))]
    assert (rated.fares, rated.unspent) == ((), {})


def test_currencies_never_mix() -> None:
    yen = tariff(KM, tariff_id="yen", currency="JPY")

    with pytest.raises(CurrencyMismatch):
        rate_account([*rides("1"), use(yen, "yen", km="1")], AccountTerms(caps=(AccountCap("a", "day", eur("1")),)))
    with pytest.raises(CurrencyMismatch):
        rate_account([*rides("1"), use(yen, "yen", km="1")], AccountTerms(month="2021-05"))
    with pytest.raises(CurrencyMismatch):
        rate_account(rides("1"), AccountTerms(alternatives={"car": (yen,)}))
    with pytest.raises(CurrencyMismatch):
        rate_account(rides("1"), AccountTerms(credits=(Credit("old", "paid_ahead", Money(1, "JPY")),)))


def test_an_account_without_further_terms_pays_what_its_uses_cost() -> None:
    assert rate_account(rides("10", "20")).lines == rate(rides("10", "20"))


def test_what_was_billed_before_fills_a_cap_that_it_shares_and_is_not_billed_again() -> None:
    cap = AccountCap("wheels", "month", eur("12.00"), category="wheels")
    first, second = rides("10", "10")

    rated = rate_account([first, second], AccountTerms(caps=(cap,), earlier=frozenset({first.use_id})))

    assert [(line.use_id, line.amount.minor) for line in rated.lines] == [("car-1", 1000), ("car-1", -800)]


def test_what_was_billed_before_has_no_part_in_best_fare_ceiling_and_promotions() -> None:
    """
    Under a ceiling of 100.00 with 95.00 paid before, 10.00 of it for the earlier ride, 5.00 are left for the new one.
    """
    earlier, new = rides("10", "20")
    terms = AccountTerms(
        alternatives={"car": (CHEAP,)},
        ceilings=(Ceiling("drill", "car", eur("100.00"), eur("95.00")),),
        credits=(Credit("old", "paid_ahead", eur("8.00")),),
        earlier=frozenset({earlier.use_id}),
    )

    rated = rate_account([earlier, new], terms)

    assert [line.code for line in rated.lines] == ["per_unit", "best_fare", "ceiling", "credit"]
    assert minors(rated.lines) == [2000, -600, -900, -500]
    assert rated.unspent == {"old": eur("3.00")}


def test_a_ride_over_the_edge_of_a_month_has_the_best_fare_of_the_month_that_bills_it() -> None:
    """
    It begins on 31 May and ends on 1 June, in Helsinki; June bills it.
    """
    over = use(OWN, "over", MAY + timedelta(days=28, hours=12, minutes=30), minutes=60, product="car", km="10")

    rated = rate_account([*rides("10"), over], AccountTerms(alternatives={"car": (CHEAP,)}))

    assert (over.charged_in, over.in_period("month")) == ("2021-06", "2021-05")
    assert [(fare.month, fare.saved.minor) for fare in rated.fares] == [("2021-05", 200), ("2021-06", 200)]


def test_promotions_take_no_more_than_is_left_after_what_is_given_back() -> None:
    """
    10 km by volume were 10.00; the second ride makes all 11 cost 5.50 and gives 4.50 back: half of 5.50 is 2.75.
    """
    tiers = [{"up_to": "10", "unit_amount": "1"}, {"unit_amount": "0.50"}]
    by_volume = tariff({"kind": "volume", "meter": "km", "period": "month", "tiers": tiers})
    days = [use(by_volume, f"day-{n}", MAY + timedelta(days=n), km=km) for n, km in enumerate(("10", "1"))]
    half, credit = Coupon("half", "percent", Decimal("0.5")), Credit("old", "paid_ahead", eur("99.00"))

    rated = rate_account(days, AccountTerms(coupons=(half,), credits=(credit,)))

    assert minors(rated.lines) == [1000, -450, -275, -275]
    assert rated.unspent == {"old": eur("96.25")}


def test_a_cap_over_several_partners_falls_on_each_in_proportion() -> None:
    """
    30.00 by car, then 10.00 by bike under 20.00: half of each goes off, whichever came last.
    """
    cap = AccountCap("wheels", "month", eur("20.00"), category="wheels")
    uses = [*rides("30"), use(OWN, "bike", MAY + timedelta(days=9), product="bike", category="wheels", km="10")]

    rated = rate_account(uses, AccountTerms(caps=(cap,)))

    assert [due(rated.lines, each.use_id) for each in uses] == [1500, 500]
    assert {line.facts["filled_before"] for line in rated.lines if line.code == "cap_month"} == {"0.00"}
