"""Withdrawing in two steps: what it comes to, what it does, and what is kept of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval
from chalicelib.rating.once import BOUGHT_S, BOUGHT_USES, UNUSED_S, UNUSED_USES, unused_part
from chalicelib.subscriptions.errors import UnknownSubscription
from chalicelib.subscriptions.law_errors import NothingStated, NotWithdrawn, NoWithdrawal
from chalicelib.subscriptions.living import ended, paused
from chalicelib.subscriptions.plan import PassTerms, PlanKind
from chalicelib.subscriptions.subscription import Pause, State
from chalicelib.subscriptions.withdrawal import WhyNot
from chalicelib.subscriptions.withdrawing import Looked, Statement, confirm, look, receipt, state
from tests.unit.subscriptions.laws import Law, found
from tests.unit.subscriptions.lives import ACCOUNT, CUSTOMER, START

SAID = Statement(CUSTOMER, "da", "Olga Hansen", "olga@example.org")


@pytest.fixture
def law() -> Law:
    made = Law()
    made.publish(1, 9_900)
    made.subscribe()
    return made


def kroner(amount: str) -> Money:
    return Money.of(amount, "DKK")


def seen(law: Law) -> Looked:
    return look(ACCOUNT, "sub_1", parts=law.withdrawing())


def withdraw(law: Law) -> Looked:
    state(ACCOUNT, "sub_1", SAID, parts=law.withdrawing())
    return confirm(ACCOUNT, "sub_1", parts=law.withdrawing())


def test_it_is_shown_until_when_one_may_and_what_it_would_cost_before_anything_is_said(law: Law) -> None:
    law.after(days=10)

    now = seen(law)

    assert now.right.why_not is None
    assert now.owed.charged == kroner("31.98"), "of 99.00, ten days of a month that clocks make an hour shorter"
    assert (now.owed.owed, now.owed.back) == (kroner("31.97"), kroner("0.01")), "of 31.978"
    assert (now.law.country, law.operator.commit.sizes) == ("DK", [])


def test_both_steps_end_it_once_and_leave_a_receipt_that_stays_as_it_was(law: Law) -> None:
    law.after(days=10)
    stated = state(ACCOUNT, "sub_1", SAID, parts=law.withdrawing())
    assert found(law).ended_at is None, "a statement alone ends nothing"
    law.after(days=10, minutes=3)

    first = confirm(ACCOUNT, "sub_1", parts=law.withdrawing())
    law.after(days=99)
    again = confirm(ACCOUNT, "sub_1", parts=law.withdrawing())

    assert stated.withdrawal is not None
    assert found(law).stored_state(law.operator.now) is State.ENDED
    assert found(law).ended_at == START + timedelta(days=10, minutes=3)
    assert law.operator.commit.sizes == [1, 5], "one transaction each, and none for the repetition"
    assert (again.right.why_not, again.withdrawal) == (WhyNot.WITHDRAWN, first.withdrawal)
    text = receipt(ACCOUNT, "sub_1", withdrawals=law).receipt
    assert text.splitlines()[0] == "Kvittering for din fortrydelse"
    for said in ("Olga Hansen", "sub_1", "2026-03-11 10:03:00 Europe/Copenhagen", "31.98 DKK", "forbrugeraftaleloven"):
        assert said in text
    assert law.operator.lives.told[-1][0] == "withdrawn"


def test_who_did_not_ask_that_it_begin_owes_nothing_and_none_of_it_counts(law: Law) -> None:
    law.operator.lives.accepted.clear()
    law.subscribe(begin_at_once=False)
    law.after(days=10)

    done = withdraw(law)

    assert (done.owed.owed, done.owed.back) == (kroner("0"), kroner("31.98"))
    life = law.operator.lives.life("sub_1")
    assert life.stretches(life.phases[0], Interval(START, law.operator.now)) == ()
    assert law.operator.billing.acts[-1].after.annulled, "billing looks again at the months that it has billed"
    assert law.operator.lives.closed == ["sub_1"], "settled at once, and put into a file"


@given(st.integers(1, 16 * 86_400), st.integers(1, 100_000), st.sampled_from([START, START + timedelta(days=23)]))
@settings(max_examples=60)
def test_what_rating_charges_for_the_time_that_counts_is_what_was_said_to_be_owed(
    seconds: int, price: int, begins: datetime
) -> None:
    law = Law()
    law.operator.now = begins
    plan = law.publish(1, price)
    law.subscribe()
    law.operator.now = begins + timedelta(seconds=seconds)
    if seen(law).right.why_not is not None:
        return

    done = withdraw(law)

    life = law.operator.lives.life("sub_1")
    counts = life.stretches(life.phases[0], Interval(begins, law.operator.now))
    assert sum(law.fees.of_stretch(plan, 1, each).minor for each in counts) == done.owed.owed.minor
    assert done.owed.owed.minor <= law.fees.of_stretch(plan, 1, Interval(begins, law.operator.now)).minor


def test_what_was_paused_is_not_owed(law: Law) -> None:
    act = paused(found(law), Pause(START + timedelta(days=2)), START)
    law.operator.lives.now["sub_1"] = act.after
    law.after(days=12)

    assert seen(law).owed.owed == kroner("6.39"), "two days, of 6.396"


@pytest.mark.parametrize(("days", "used", "owed"), [(5, 0, "75.00"), (5, 6, "90.00"), (0, 0, "0.00")])
def test_a_pass_is_owed_for_by_its_time_or_its_uses(law: Law, days: int, used: int, owed: str) -> None:
    ten = law.publish(1, 15_000, "ten", kind=PlanKind.PASS, lasts=PassTerms(days=10, uses=10))
    made = law.subscribe("sub_1", ten)
    law.operator.lives.accepted.pop(0)
    law.operator.lives.now["sub_1"] = replace(made, uses_left=10 - used)
    law.after(days=days)

    assert seen(law).owed.owed == kroner(owed)


@given(st.integers(1, 100_000), st.integers(0, 10 * 86_400), st.integers(0, 10))
@settings(max_examples=60)
def test_what_is_owed_of_a_pass_is_what_its_bill_leaves_of_it(price: int, seconds: int, used: int) -> None:
    law = Law()
    made = law.subscribe("sub_1", law.publish(1, price, "ten", kind=PlanKind.PASS, lasts=PassTerms(days=10, uses=10)))
    law.operator.lives.now["sub_1"] = replace(made, uses_left=10 - used)
    law.after(seconds=seconds)
    bill = {BOUGHT_S: 864_000, UNUSED_S: 864_000 - seconds, BOUGHT_USES: 10, UNUSED_USES: 10 - used}

    unused = unused_part({name: Decimal(many) for name, many in bill.items()})

    assert unused is not None
    assert seen(law).owed.owed.minor == price - unused.of(price)


def test_a_statement_made_in_time_may_be_confirmed_in_the_first_hours_after_it(law: Law) -> None:
    law.after(days=15, hours=13)  # eleven in the evening of Monday: the fourteenth day was a Sunday
    state(ACCOUNT, "sub_1", SAID, parts=law.withdrawing())
    law.after(days=15, hours=15)
    assert confirm(ACCOUNT, "sub_1", parts=law.withdrawing()).right.why_not is WhyNot.WITHDRAWN


def test_no_withdrawal_is_refused_without_its_reason(law: Law) -> None:
    with pytest.raises(NothingStated):
        confirm(ACCOUNT, "sub_1", parts=law.withdrawing())
    with pytest.raises(NotWithdrawn):
        receipt(ACCOUNT, "sub_1", withdrawals=law)
    with pytest.raises(UnknownSubscription):
        look("acc_2", "sub_1", parts=law.withdrawing())
    law.operator.people.account_kind = "firm"
    with pytest.raises(NoWithdrawal) as refused:
        state(ACCOUNT, "sub_1", SAID, parts=law.withdrawing())
    assert refused.value.facts["why_not"] == "not_a_consumer"
    law.operator.people.account_kind = "person"
    law.after(days=20)
    with pytest.raises(NoWithdrawal) as refused:
        state(ACCOUNT, "sub_1", SAID, parts=law.withdrawing())
    assert refused.value.facts["why_not"] == "period_over"


def test_what_has_ended_is_not_withdrawn_from_and_content_that_was_begun_is_not_either(law: Law) -> None:
    act = ended(found(law), "", START + timedelta(days=1))
    assert act is not None
    law.operator.lives.now["sub_1"] = act.after
    law.after(days=2)
    assert seen(law).right.why_not is WhyNot.ENDED

    films = law.publish(1, 9_900, "films", goods=("digital_content",))
    law.subscribe("sub_1", films)
    assert seen(law).right.why_not is None
    law.needed_at = law.operator.now
    assert seen(law).right.why_not is WhyNot.EXEMPT
    assert [each.paragraph for each in seen(law).right.exemptions] == ["§ 18, stk. 2, nr. 13"]
