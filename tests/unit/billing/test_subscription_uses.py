"""What subscriptions cost is part of the month's statement, bill, books and proof, and of no month that they sleep."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.agreement_costs import cost_of_phases, price_of, saved_by_rest
from chalicelib.billing.statement import statement
from chalicelib.billing.triggers import Ended
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval, Month
from chalicelib.ledger.accounts import receivable, revenue
from chalicelib.rating.proof import verify
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.subscription import Phase
from tests.unit.billing.books import ACCOUNT, APRIL, JUNE, LATER, MAY, ZONE, Books
from tests.unit.billing.subscribed import FEE, Agreed, at, books, bought_once, plan


def cost(kept: Books, month: Month, now: datetime = LATER) -> int:
    return statement(ACCOUNT, month, "EUR", used=kept.rides, now=now).total.minor


def test_a_months_fee_is_a_line_of_the_bill_and_a_revenue_of_the_operators_own() -> None:
    """
    From the 16th of April on: half of April's fee, and all of May's, beside a ride.
    """
    kept, agreed = books()
    agreed.subscribe((plan(), at(4, 16), None))
    (ride,) = kept.rides.ridden(MAY, 500)

    april, may = kept.settle(APRIL).invoice, kept.settle(MAY).invoice

    assert april is not None
    assert may is not None
    assert [(each.about, each.reference, each.amount.minor) for each in april.lines] == [
        ("subscription", "sub-1:2021-04:1", 1550)
    ]
    assert {(each.about, each.reference, each.amount.minor) for each in may.lines} == {
        ("session", ride, 500),
        ("subscription", "sub-1:2021-05:1", 3100),
    }
    assert kept.journal.sum_of(revenue("operator:plan+member")) == -4650
    assert kept.journal.sum_of(receivable(ACCOUNT)) == 5150
    assert [verify(each) for each in kept.billed.chain] == [[], []]
    assert kept.settle(MAY).invoice is None


def test_each_phase_costs_its_own_plan_and_pauses_cost_nothing() -> None:
    """
    31.00 up to the 11th of May, then 62.00; paused from the 6th on for five days, and for the last day.
    """
    kept, agreed = books()
    dear = plan("family", 3, {**FEE, "amount": "62"})
    paused = [(at(5, 6), at(5, 11)), (at(5, 31), None)]
    agreed.subscribe((plan(), at(4, 16), at(5, 11)), (dear, at(5, 11), None), paused=paused)

    stated = statement(ACCOUNT, MAY, "EUR", used=kept.rides, now=LATER)

    assert stated.by_product == {"operator:plan+member": 500, "operator:plan+family": 4000}
    assert cost(kept, JUNE) == 0


def test_what_goes_on_costs_what_it_has_come_to_and_is_billed_when_its_month_is_over() -> None:
    kept, agreed = books()
    agreed.subscribe((plan(), at(4, 1), None))
    noon = at(5, 16, 12)

    assert cost(kept, MAY, noon) == 1550
    assert statement(ACCOUNT, MAY, "EUR", used=kept.rides, now=noon).open_uses == {"sub-1:2021-05:1"}
    assert statement(ACCOUNT, MAY, "EUR", used=Ended(kept.rides), now=noon).total.minor == 0
    assert cost(kept, JUNE, noon) == 0


ASLEEP = plan(asleep_after_days=5)


def test_what_nobody_needs_is_not_invoiced_and_asks_nothing_of_the_next_month() -> None:
    kept, agreed = books()
    agreed.subscribe((ASLEEP, at(3, 1), None))
    agreed.need(at(5, 3), product="par-1:car")

    settled = kept.settle(MAY)

    assert settled.invoice is None
    assert kept.journal.entries == {}
    assert not agreed.uses.goes_on(ACCOUNT, JUNE, LATER)


def test_need_wakes_it_for_so_many_days_over_the_end_of_the_month_too() -> None:
    """
    Needed on the 3rd and 29th of May, asleep five days after: 3rd to 8th, 29th to the 3rd of June.
    """
    kept, agreed = books()
    agreed.subscribe((ASLEEP, at(3, 1), None))
    agreed.need(at(5, 3), at(5, 3, 20), at(5, 29))

    assert cost(kept, APRIL) == 0
    assert not agreed.uses.goes_on(ACCOUNT, MAY, at(5, 2))
    assert cost(kept, MAY) == 900
    assert agreed.uses.goes_on(ACCOUNT, JUNE, LATER)
    assert cost(kept, JUNE) == 310
    assert not agreed.uses.goes_on(ACCOUNT, Month(2021, 7), LATER)


def test_a_proof_names_each_day_of_need_once_however_much_a_day_had() -> None:
    kept, agreed = books()
    agreed.subscribe((ASLEEP, at(3, 1), None))
    agreed.need(*(at(5, 3, hour, minute) for hour in range(20) for minute in (0, 30)))

    (use,) = agreed.uses.uses(ACCOUNT, MAY, LATER)

    assert len(use.needs) == 1
    assert cost(kept, MAY) == 600


def test_only_of_plans_that_sleep_it_is_asked_what_was_needed() -> None:
    kept, agreed = books()
    agreed.subscribe((plan(), at(3, 1), None))
    cost(kept, MAY)

    assert agreed.asked == 0


@pytest.mark.parametrize(("until", "paused"), [(None, []), (at(6, 2), []), (None, [(at(6, 20), None)])])
def test_the_next_month_is_billed_if_a_fee_goes_on(
    until: datetime | None, paused: list[tuple[datetime, datetime | None]]
) -> None:
    _, agreed = books()
    agreed.subscribe((plan(), at(3, 1), until), paused=paused)

    assert agreed.uses.goes_on(ACCOUNT, JUNE, LATER)


@pytest.mark.parametrize(
    ("made", "paused", "costs"),
    [
        (plan(), [], True),
        (plan(), [(at(5, 9), at(6, 9))], True),  # it ends by itself
        (plan(), [(at(5, 9), None)], False),  # woken by who can pay alone
        (plan(), [(at(5, 11), None)], True),
        (ASLEEP, [], False),  # as is what is needed next
        (bought_once(days=30), [], False),
    ],
)
def test_a_fee_goes_on_from_the_instant_at_which_it_is_agreed_and_not_from_the_first_cent(
    made: Plan, paused: list[tuple[datetime, datetime | None]], *, costs: bool
) -> None:
    """So nobody takes the last payment method away in the minutes that cost nothing yet."""
    _, agreed = books()
    agreed.subscribe((made, at(5, 9), None), paused=paused)

    assert agreed.uses.will_cost(ACCOUNT, at(5, 10)) == costs


@pytest.mark.parametrize(
    ("made", "paused", "cents"),
    [
        (plan(), [], 1_600),
        (plan(), [(at(5, 20), at(5, 25))], 1_100),
        (plan(), [(at(5, 10), None)], 0),
        (ASLEEP, [], 0),  # it counts as it is needed
        (bought_once(days=30), [], 0),  # paid for already
    ],
)
def test_what_a_fee_still_comes_to_in_its_month_is_known(
    made: Plan, paused: list[tuple[datetime, datetime | None]], cents: int
) -> None:
    _, agreed = books()
    agreed.subscribe((made, at(5, 9), None), paused=paused)

    assert agreed.uses.to_come(ACCOUNT, at(5, 16), "EUR") == Money(cents, "EUR")


def test_what_is_needed_on_the_day_keeps_a_fee_going() -> None:
    _, agreed = books()
    agreed.subscribe((ASLEEP, at(3, 1), None))
    agreed.need(at(5, 8))
    assert [agreed.uses.will_cost(ACCOUNT, at(5, day)) for day in (9, 14)] == [True, False]


@pytest.mark.parametrize(
    ("until", "paused"), [(at(6, 1), []), (None, [(at(5, 20), None)]), (None, [(at(5, 20), at(7, 1))])]
)
def test_what_has_ended_or_is_paused_asks_nothing_of_the_next_month(
    until: datetime | None, paused: list[tuple[datetime, datetime | None]]
) -> None:
    """
    The act by which it is woken, or by which an instant for that was agreed, has that month billed.
    """
    _, agreed = books()
    agreed.subscribe((plan(), at(3, 1), until), paused=paused)

    assert not agreed.uses.goes_on(ACCOUNT, JUNE, LATER)


def test_a_plan_without_a_fee_and_a_pass_ask_for_no_further_month() -> None:
    _, agreed = books()
    agreed.subscribe((plan("free", fee=None), at(3, 1), None))
    agreed.subscribe((bought_once(days=90), at(5, 1), at(7, 30)))

    assert not agreed.uses.goes_on(ACCOUNT, JUNE, LATER)
    assert agreed.uses.uses(ACCOUNT, JUNE, LATER) == ()


@pytest.mark.parametrize(
    ("bought", "ended_at", "left", "back"),
    [
        (bought_once(days=20), at(6, 4), None, 500),  # five of its twenty days
        (bought_once(uses=10), at(6, 4), 3, 600),
        (bought_once(days=20, uses=10), at(6, 4), 3, 500),
        (bought_once(until=at(6, 9)), at(6, 9), None, 0),
    ],
)
def test_what_is_left_of_a_pass_comes_off_the_month_in_which_it_was_bought(
    bought: Plan, ended_at: datetime, left: int | None, back: int
) -> None:
    """
    Bought on the 20th of May for 20.00, billed with May, and ended in June.
    """
    kept, agreed = books()
    lived = agreed.subscribe((bought, at(5, 20), None), uses_left=bought.lasts and bought.lasts.uses)
    kept.settle(MAY, now=at(6, 2))
    kept.rides.adjusts[JUNE] = {MAY}
    agreed.kept[0] = replace(lived, subscription=replace(lived.subscription, ended_at=ended_at, uses_left=left))

    settled = kept.settle(JUNE)

    assert kept.invoiced() == 2000 - back
    assert sum(settled.settlement.adjusted.get("2021-05", {}).values()) == -back
    assert kept.credited() == back
    assert kept.journal.sum_of(revenue("operator:plan+ten")) == back - 2000
    assert all(verify(each) == [] for each in kept.billed.chain)


@given(st.lists(st.integers(0, 31 * 86_400), min_size=1, max_size=8, unique=True).map(sorted), st.integers(1, 10**5))
def test_however_often_the_plan_is_changed_for_one_of_the_same_price_the_month_costs_the_fee(
    seconds: list[int], cents: int
) -> None:
    kept, agreed = books()
    price = {**FEE, "amount": str(Money(cents, "EUR").amount)}
    cuts = [at(4, 1), *(at(5, 1) + timedelta(seconds=each) for each in seconds), None]
    phases = [(plan(f"plan-{number}", 1, price), since, until) for number, (since, until) in enumerate(pairwise(cuts))]
    agreed.subscribe(*phases)  # type: ignore[arg-type] -- the last alone has no end

    assert cost(kept, MAY) == cents


def test_a_plans_minimum_is_made_up_beside_its_fee() -> None:
    """
    A fee of 31.00 a month and at least 40.00, from the 16th of April on.
    """
    kept, agreed = books()
    least = {"id": "least", "period": "month", "amount": "40.00", "over": ["fee", "members_use"]}
    with_minimum = plan(fee={"currency": "EUR", "prices": [FEE], "minimums": [least]})
    agreed.subscribe((with_minimum, at(4, 16), None))

    assert (cost(kept, APRIL), cost(kept, MAY)) == (2000, 4000)
    (use,) = agreed.uses.uses(ACCOUNT, MAY, LATER)
    assert use.held is not None
    assert use.held.fares == ("par-1:bike~members",)


def lived_of(agreed: Agreed, *paused: tuple[datetime, datetime | None]) -> None:
    agreed.subscribe((plan(), at(4, 1), None), paused=paused)


def test_a_change_shows_what_the_rest_of_the_month_costs_either_way() -> None:
    _, agreed = books()
    lived_of(agreed, (at(5, 21), at(5, 26)))
    family = plan("family", 1, {**FEE, "amount": "62", "per_seat": True, "asleep_after_days": 3})
    agreed.plans["family", 1] = family
    within = Interval(at(5, 16), at(6, 1))
    (lived,) = agreed.lived(ACCOUNT, within)
    wished = Phase("family", 1, at(5, 16), None, seats=2)

    before, after = (
        cost_of_phases(lived, phases, within, plans=agreed, zone=ZONE, currency="EUR")
        for phases in (lived.phases, [wished])
    )

    assert (before.minor, after.minor) == (1100, 4400)


def test_a_price_is_that_of_a_month_or_of_the_pass() -> None:
    daily = plan("daily", 1, {**FEE, "amount": "0.50", "per": "day", "per_seat": True})

    assert price_of(plan(), 3, ZONE) == Money(3100, "EUR")
    assert price_of(daily, 3, ZONE) == Money(4500, "EUR")
    assert price_of(bought_once(days=3), 1, ZONE) == Money(2000, "EUR")
    assert price_of(plan("free", fee=None), 1, ZONE) is None


def test_what_rest_has_saved_is_told_by_subscription() -> None:
    _, agreed = books()
    agreed.subscribe((ASLEEP, at(3, 1), None), paused=[(at(5, 21), None)])
    agreed.need(at(5, 3))

    saved = saved_by_rest(agreed.uses.uses(ACCOUNT, MAY, LATER), "EUR")

    assert saved["sub-1"].asleep == Money(1400, "EUR")
    assert saved["sub-1"].paused == Money(1100, "EUR")
