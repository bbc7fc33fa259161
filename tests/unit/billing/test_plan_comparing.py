"""What a plan costs, what a subscription has come to, and what the past would have come to under its next version."""

from dataclasses import dataclass, replace

import pytest

from chalicelib.billing.plan_comparing import PlanCosts
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval
from chalicelib.rating import Tariff
from tests.unit.billing.books import ACCOUNT, LATER, MAY, ZONE, Rides
from tests.unit.billing.subscribed import BIKE, FEE, Agreed, Both, at, bought_once, plan

WHOSE = (ACCOUNT, "sub-1")


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


@dataclass
class Account:
    both: Both
    agreed: Agreed
    costs: PlanCosts


@pytest.fixture
def account() -> Account:
    both = Both()
    return Account(both, both.agreed, PlanCosts(both.agreed.uses, ZONE, "EUR"))


def test_a_plans_price_is_that_of_a_whole_month_for_its_seats_and_a_passs_is_paid_once(account: Account) -> None:
    seats = plan("family", 1, {**FEE, "per_seat": True})
    daily = plan("daily", 1, {**FEE, "amount": "1", "per": "day"})

    assert account.costs.price(plan(), 3, at(5, 9)) == euros("31.00")
    assert account.costs.price(seats, 3, at(5, 9)) == euros("93.00")
    assert [account.costs.price(daily, 1, at(month, 9)) for month in (2, 5)] == [euros("28.00"), euros("31.00")]
    assert account.costs.price(bought_once(days=7), 1, at(5, 9)) == euros("20.00")
    assert account.costs.price(replace(plan(), fee=None), 1, at(5, 9)) is None
    asleep = replace(plan(), asleep_after_days=0)
    assert account.costs.price(asleep, 1, at(5, 9)) == euros("31.00"), "awake all the time"


def test_what_a_subscription_has_come_to_is_its_own_fee_over_all_its_months(account: Account) -> None:
    account.agreed.subscribe((plan(), at(4, 16), None))
    account.agreed.subscribe((plan("other"), at(4, 1), None))
    account.both.ridden(MAY, 500)

    assert account.costs.so_far(*WHOSE, at(4, 16), at(5, 11)) == euros("25.50"), "half of April, ten days of May"
    assert account.costs.so_far(*WHOSE, at(4, 16), at(4, 16)) == euros("0.00")


def test_what_was_annulled_has_come_to_nothing(account: Account) -> None:
    kept = account.agreed.subscribe((plan(), at(4, 16), None))
    account.agreed.kept[0] = replace(kept, subscription=replace(kept.subscription, annulled=True))
    assert account.costs.so_far(*WHOSE, at(4, 16), LATER) == euros("0.00")
    assert account.agreed.uses.uses(ACCOUNT, MAY, LATER) == ()


def test_the_past_is_compared_by_the_fee_and_by_the_fares_that_change(account: Account) -> None:
    """
    Ten days of May; a ride of 5.00 by its own tariff, which the next version has at its fare's, twice as dear.
    """
    before, after = plan(), plan("member", 2, {**FEE, "amount": "62"}, fares={BIKE: "dear"})
    account.agreed.subscribe((before, at(5, 1), None))
    (ride,) = account.both.ridden(MAY, 500)
    used = account.both.month(ACCOUNT, MAY, LATER)
    (own,) = [use for use in used.uses if use.use_id == ride]
    asked: list[tuple[str, str]] = []

    def tariff_of(product: str, fare: str) -> Tariff | None:
        asked.append((product, fare))
        return own.tariff if fare == "members" else None

    compared = account.costs.compared(
        WHOSE, (before, after), Interval(at(5, 1), at(5, 31, 23, 59)), used=Named(account.both), tariff_of=tariff_of
    )

    assert compared.after.minor - compared.before.minor == pytest.approx(3100, abs=5)
    assert compared.before.minor == pytest.approx(3100 + 500, abs=5)
    assert set(asked) == {(BIKE, "members"), (BIKE, "dear")}


@dataclass
class Named:
    """The account's rides, as those of the product that plans name."""

    both: Rides

    def month(self, *what: object) -> object:
        found = self.both.month(*what)  # type: ignore[arg-type]
        uses = [replace(use, product=BIKE) if use.kind == "session" else use for use in found.uses]
        return found._replace(uses=uses)

    def adjusted_months(self, *_what: object) -> list[object]:
        return []

    def correcting_later(self, *_what: object) -> list[object]:
        return []
