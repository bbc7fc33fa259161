"""Subscribing, changing and ending: each one transaction, and refused where it was not what was shown."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.kernel.errors import PaymentDue, Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.subscriptions import changing
from chalicelib.subscriptions.changing import ChangePlan, Why, subscription_of
from chalicelib.subscriptions.errors import (
    AlreadyHas,
    BadPause,
    NotShown,
    PassNotChanged,
    PassNotPaused,
    PlanMoved,
    PlanNotForAccount,
    PlanNotOnSale,
    SubscriptionChanged,
    SubscriptionEnded,
    TermsNotShown,
    TooManySeats,
    UnknownMember,
    UnknownPlan,
    UnknownSubscription,
)
from chalicelib.subscriptions.plan import PassTerms, Plan, PlanKind
from chalicelib.subscriptions.publishing import publish_plan, publish_terms
from chalicelib.subscriptions.subscribing import Subscribe, subscribe
from chalicelib.subscriptions.subscription import State, Subscription
from chalicelib.subscriptions.terms import Accepted
from tests.unit.subscriptions.lives import ACCEPTED, ACCOUNT, CUSTOMER, MONTHLY, ONCE, START, Operator, plan

DAY = timedelta(days=1)


@pytest.fixture
def operator() -> Operator:
    made = Operator()
    publish(made, plan(asleep_after_days=30, seats=2), MONTHLY)
    return made


def publish(operator: Operator, stated: Plan, fee: dict[str, Any] | None = None) -> Plan:
    return publish_plan(stated, fee, publishing=operator.publishing())


def confirm(subscription: Subscription, plan: Plan, *_others: object) -> str:
    return f"{plan.name_in(subscription.language)} {plan.version}"


def ask(operator: Operator, **given: object) -> Subscription:
    stated: dict[str, Any] = {"plan_id": "member", "plan_version": 1, "accepted": ACCEPTED, **given}
    command = Subscribe(ACCOUNT, CUSTOMER, **stated)
    return subscribe(command, keeping=operator.keeping(), confirm=confirm, random_bytes=operator.random_bytes)


def change(operator: Operator, stands: Subscription, **given: object) -> Subscription:
    wished: Any = given
    return changing.change_plan(stands, ChangePlan(**wished), CUSTOMER, keeping=operator.keeping(), confirm=confirm)


def test_subscribing_keeps_what_was_agreed_by_whom_when_and_its_confirmation(operator: Operator) -> None:
    made = ask(operator)

    assert subscription_of(ACCOUNT, made.subscription_id, keeping=operator.keeping()) == made
    assert (made.members, made.phase.seats, made.pause) == ((CUSTOMER,), 1, None)
    (kept,) = operator.lives.accepted
    assert (kept.by, kept.at, kept.accepted, kept.plan_version) == (CUSTOMER, START, ACCEPTED, 1)
    assert kept.confirmation == "Medlem 1"
    assert [code for code, _ in operator.lives.told] == ["subscribed"]
    assert len(operator.commit.sizes) == 2, "one for publishing, one for subscribing"
    with pytest.raises(UnknownSubscription):
        subscription_of("acc_2", made.subscription_id, keeping=operator.keeping())


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"plan_id": "other"}, UnknownPlan),
        ({"plan_version": 2}, PlanMoved),
        ({"accepted": Accepted("6", "da", ACCEPTED.digest)}, TermsNotShown),
        ({"accepted": Accepted("7", "sv", ACCEPTED.digest)}, TermsNotShown),
        ({"accepted": Accepted("7", "en", ACCEPTED.digest)}, TermsNotShown),
        ({"members": (CUSTOMER, "cus_2", "cus_3")}, TooManySeats),
        ({"members": (CUSTOMER, "cus_2"), "seats": 1}, TooManySeats),
        ({"members": ("cus_9",)}, UnknownMember),
        ({"members": (CUSTOMER, CUSTOMER)}, UnknownMember),
        ({"paused": True, "paused_until": START}, BadPause),
    ],
)
def test_what_was_not_shown_or_does_not_fit_is_refused_and_nothing_is_kept(
    operator: Operator, given: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        ask(operator, **given)

    assert (operator.lives.now, operator.lives.accepted, operator.lives.counts) == ({}, [], {})


def test_who_may_not_have_a_plan_is_told_why(operator: Operator) -> None:
    publish(operator, plan("club", for_kinds=frozenset({"firm"})))
    publish(operator, plan("later", on_sale_from=START + DAY))
    publish(operator, plan("over", on_sale_until=START + DAY))
    publish(operator, plan("young", requires=("student",)))
    for plan_id, refusal in (("club", PlanNotForAccount), ("later", PlanNotOnSale), ("young", NotShown)):
        with pytest.raises(refusal):
            ask(operator, plan_id=plan_id)
    operator.now += DAY
    with pytest.raises(PlanNotOnSale):
        ask(operator, plan_id="over")

    operator.people.account_kind = "firm"
    operator.people.shown[CUSTOMER, "student"] = START + 90 * DAY
    assert [ask(operator, plan_id=each).phase.plan_id for each in ("club", "later", "young")] == [
        "club",
        "later",
        "young",
    ]


def test_what_costs_something_needs_a_way_to_pay(operator: Operator) -> None:
    operator.people.can_pay = False
    publish(operator, plan("free", seats=4))
    with pytest.raises(PaymentDue):
        ask(operator)

    free = ask(operator, plan_id="free")

    with pytest.raises(PaymentDue):
        change(operator, free, plan_id="member", plan_version=1)
    assert change(operator, free, plan_id="free", plan_version=1, seats=2).phase.seats == 2


def test_what_is_published_meanwhile_is_not_subscribed_to(operator: Operator) -> None:
    """
    The new version comes between the check and the commit: the transaction's own condition refuses it.
    """
    keeping = operator.keeping()
    commit = keeping.commit

    def late(writes: Any, outcome: Any) -> Any:  # noqa: ANN401 -- a commit of anything
        publish(operator, plan(asleep_after_days=30, seats=3), MONTHLY)
        return commit(writes, outcome)

    command = Subscribe(ACCOUNT, CUSTOMER, "member", 1, ACCEPTED)
    with pytest.raises(PlanMoved):
        subscribe(command, keeping=replace(keeping, commit=late), confirm=confirm, random_bytes=operator.random_bytes)
    assert operator.lives.now == {}


def test_it_may_begin_paused_and_wakes_when_the_customer_says_so(operator: Operator) -> None:
    made = ask(operator, paused=True)
    assert made.stored_state(START) is State.PAUSED
    operator.now += DAY

    woken = changing.wake(made, keeping=operator.keeping())

    assert woken.stored_state(operator.now) is State.ACTIVE
    life = operator.lives.life(made.subscription_id)
    counted = life.stretches(life.phases[0], Month(2026, 3).interval("Europe/Copenhagen"))
    assert [each.start for each in counted] == [START + DAY]


def test_a_pass_begins_at_once_with_its_uses_and_an_end(operator: Operator) -> None:
    publish(operator, plan("ten", kind=PlanKind.PASS, lasts=PassTerms(days=30, uses=10)), ONCE)
    with pytest.raises(PassNotPaused):
        ask(operator, plan_id="ten", paused=True)

    made = ask(operator, plan_id="ten")

    assert (made.is_pass, made.uses_left, made.ends_at) == (True, 10, START + 30 * DAY)
    with pytest.raises(PassNotChanged):
        change(operator, made, plan_id="ten", plan_version=1)
    operator.now += 31 * DAY
    changing.turn(ACCOUNT, made.subscription_id, keeping=operator.keeping())
    changing.turn(ACCOUNT, made.subscription_id, keeping=operator.keeping())
    assert operator.lives.now[made.subscription_id].ended_at == START + 30 * DAY


def test_a_change_is_previewed_by_the_same_rules_and_made_with_a_confirmation_of_its_own(operator: Operator) -> None:
    made = ask(operator)
    publish(operator, plan("family", seats=4))
    first = START + 10 * DAY
    wished = ChangePlan("family", 1, first, seats=3)

    seen = changing.preview_change(made, wished, keeping=operator.keeping(), costs=operator.billing)
    assert (seen.after.since, seen.after.seats, seen.needs_terms) == (first, 3, False)
    assert seen.difference.more == Money(2000, "DKK")
    assert operator.lives.now[made.subscription_id] == made

    agreed = change(operator, made, plan_id="family", plan_version=1, at=first, seats=3)
    assert (agreed.phase.plan_id, agreed.phase.until) == ("member", first)
    assert agreed.phase_at(first).plan_id == "family"
    assert [each.confirmation for each in operator.lives.accepted] == ["Medlem 1", "Medlem 1"]
    assert [each.plan_id for each in operator.lives.accepted] == ["member", "family"]


def test_a_change_to_other_terms_needs_them_to_be_accepted(operator: Operator) -> None:
    made = ask(operator)
    newer = publish_terms("8", {"da": "Nye vilkår."}, publishing=operator.publishing())
    publish(operator, plan("family", terms_version="8"))
    with pytest.raises(TermsNotShown):
        change(operator, made, plan_id="family", plan_version=1)

    accepted = Accepted("8", "da", newer.digest("da"))
    agreed = change(operator, made, plan_id="family", plan_version=1, accepted=accepted)
    assert (agreed.terms_version, agreed.terms_digest) == ("8", accepted.digest)


def test_seats_may_be_changed_in_a_version_that_is_sold_no_more(operator: Operator) -> None:
    made = ask(operator)
    publish(operator, plan(asleep_after_days=30, seats=2, on_sale_until=START), MONTHLY)

    more = change(operator, made, plan_id="member", plan_version=1, seats=2)
    assert more.phase.seats == 2
    with pytest.raises(PlanNotOnSale):
        change(operator, more, plan_id="member", plan_version=2)


def test_who_joins_has_shown_what_the_plan_requires_and_the_one_to_come(operator: Operator) -> None:
    publish(operator, plan("young", requires=("student",), seats=3))
    operator.people.shown[CUSTOMER, "student"] = START + 90 * DAY
    made = change(operator, ask(operator, seats=2), plan_id="young", plan_version=1, at=START + DAY)
    with pytest.raises(NotShown):
        changing.add_member(made, "cus_2", keeping=operator.keeping())

    operator.people.shown["cus_2", "student"] = START + 90 * DAY
    joined = changing.add_member(made, "cus_2", keeping=operator.keeping())
    assert changing.add_member(joined, "cus_2", keeping=operator.keeping()) is joined
    assert changing.remove_member(joined, CUSTOMER, keeping=operator.keeping()).members == ("cus_2",)


def test_it_is_ended_by_one_call_and_once(operator: Operator) -> None:
    made = ask(operator)
    operator.now += DAY
    over = changing.end(made, Why.MOVED_AWAY, keeping=operator.keeping())
    assert (over.ended_at, over.why) == (operator.now, "moved_away")
    operator.now += DAY

    assert changing.end(over, None, keeping=operator.keeping()) is over
    assert [code for code, _ in operator.lives.told] == ["subscribed", "subscription_ended"]
    assert operator.lives.closed == [made.subscription_id], "settled and put into a file, once"
    with pytest.raises(SubscriptionEnded):
        changing.pause(over, None, None, keeping=operator.keeping())


def test_of_two_acts_at_once_one_is_refused(operator: Operator) -> None:
    made = ask(operator)
    changing.pause(made, None, None, keeping=operator.keeping())

    with pytest.raises(SubscriptionChanged):
        changing.end(made, None, keeping=operator.keeping())


def test_billing_is_told_from_when_on_something_begins_to_cost_by_an_act(operator: Operator) -> None:
    made = ask(operator, paused=True, paused_until=START + 40 * DAY)
    operator.now += DAY
    woken = changing.wake(made, keeping=operator.keeping())
    publish(operator, plan("family", seats=4))
    later = START + 100 * DAY
    wished = change(operator, woken, plan_id="family", plan_version=1, at=later)
    operator.now = later + DAY
    changing.turn(ACCOUNT, wished.subscription_id, keeping=operator.keeping())
    changing.end(operator.lives.now[wished.subscription_id], None, keeping=operator.keeping())

    begins = [list(act.begins_to_cost()) for act in operator.billing.acts]
    assert begins == [[START, START + 40 * DAY], [START + DAY], [later], [], []]
    assert not any(act.ends_a_pass for act in operator.billing.acts)


def test_billing_is_told_of_a_pass_that_is_ended_before_it_has_run_out(operator: Operator) -> None:
    publish(operator, plan("ten", kind=PlanKind.PASS, lasts=PassTerms(days=30, uses=10)), ONCE)
    early, whole = (ask(operator, plan_id="ten") for _ in range(2))
    operator.now += 29 * DAY
    changing.end(early, None, keeping=operator.keeping())
    operator.now += DAY
    changing.turn(ACCOUNT, whole.subscription_id, keeping=operator.keeping())

    assert [act.ends_a_pass for act in operator.billing.acts] == [False, False, True, False]


def test_what_runs_out_by_itself_is_neither_settled_at_once_nor_put_into_a_file(operator: Operator) -> None:
    """A bill for each day's pass would be one too many."""
    publish(operator, plan("day", kind=PlanKind.PASS, lasts=PassTerms(days=1)), ONCE)
    made, other = (ask(operator, plan_id="day") for _ in range(2))
    changing.end(other, None, keeping=operator.keeping())
    operator.now += 2 * DAY
    changing.turn(ACCOUNT, made.subscription_id, keeping=operator.keeping())

    assert operator.lives.closed == [other.subscription_id]
    assert [operator.lives.now[each.subscription_id].ran_out for each in (made, other)] == [True, False]


def test_nobody_has_a_plan_twice_and_passes_as_many_as_they_like(operator: Operator) -> None:
    """Not by subscribing, joining or changing; another member may have it by a subscription of their own."""
    publish(operator, plan("family", seats=4))
    publish(operator, plan("ten", kind=PlanKind.PASS, lasts=PassTerms(uses=10)), ONCE)
    made, other = ask(operator), ask(operator, plan_id="family", members=("cus_2",), seats=3)
    with pytest.raises(AlreadyHas) as refused:
        ask(operator)
    assert refused.value.facts["subscription_id"] == made.subscription_id
    with pytest.raises(AlreadyHas):
        ask(operator, plan_id="family", members=(CUSTOMER, "cus_2"), seats=2)
    later = change(operator, made, plan_id="family", plan_version=1, at=START + DAY)
    with pytest.raises(AlreadyHas):
        changing.add_member(other, CUSTOMER, keeping=operator.keeping())
    changing.end(later, None, keeping=operator.keeping())

    anew = ask(operator)
    assert changing.add_member(other, CUSTOMER, keeping=operator.keeping()).members == ("cus_2", CUSTOMER)
    with pytest.raises(AlreadyHas):
        change(operator, anew, plan_id="family", plan_version=1)
    had = operator.lives.begun
    assert len({ask(operator, plan_id="ten").subscription_id for _ in range(2)}) == 2
    assert operator.lives.begun == had + 2, "a close asks those alone of whom anybody began to have one"
