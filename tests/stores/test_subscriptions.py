"""Plans, terms and subscriptions as DynamoDB keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.kernel.time import Interval, Month
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Transaction
from chalicelib.subscriptions import living
from chalicelib.subscriptions.errors import PlanMoved, SubscriptionChanged, TermsPublished
from chalicelib.subscriptions.life_items import LifeRecord, PartRecord
from chalicelib.subscriptions.life_store import LifeStore
from chalicelib.subscriptions.living import Act
from chalicelib.subscriptions.moves import Moved, counts_of
from chalicelib.subscriptions.plan import PassTerms, Plan, PlanKind
from chalicelib.subscriptions.plan_store import PlanStore
from chalicelib.subscriptions.subscription import Has, Pause, Phase, Subscription
from chalicelib.subscriptions.terms import Acceptance, Accepted, Terms

pytestmark = pytest.mark.stores
ZONE = "Europe/Copenhagen"
START = datetime(2016, 1, 10, 9, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
PLAN = Plan(
    plan_id="family",
    version=1,
    kind=PlanKind.PASS,
    names={"da": "Familie"},
    terms_version="7",
    fee={"currency": "DKK", "prices": []},
    fares={"par_1:bike": "members"},
    seats=4,
    lasts=PassTerms(until=START + 9 * DAY, uses=3),
    requires=("age:18",),
    for_kinds=frozenset({"family", "firm"}),
    on_sale_from=START,
    published_at=START,
    published_by="olga",
)
TERMS = Terms("7", {"da": "Vilkår.", "en": "Terms."}, START, "olga")
MADE = Subscription(
    "sub_1", "acc_1", "cus_1", "7", "da", START, Phase("family", 1, START), members=("cus_1",), terms_digest="x"
)
plans, lives = PlanStore(), LifeStore()


def do(commit: Transaction, act: Act | None) -> Subscription:
    assert act is not None
    return commit(lives.acting(act, counts_of(act, ZONE)), act.after)


def days(first: int, last: int) -> Interval:
    return Interval(START + first * DAY, START + last * DAY)


def test_each_version_of_a_plan_comes_back_as_it_was_published_and_the_newest_by_default(commit: Transaction) -> None:
    second = replace(PLAN, version=2, lasts=PassTerms(days=7), on_sale_until=START + DAY)
    for each in (PLAN, second, replace(PLAN, plan_id="city")):
        commit(plans.publishing(each), None)
    with pytest.raises(PlanMoved):
        commit(plans.publishing(second), None)

    assert [plans.plan("family", each) for each in (None, 1, 2, 3)] == [second, PLAN, second, None]
    assert plans.versions("family", limit=1, after=None) == [PLAN]
    assert plans.versions("family", limit=9, after=1) == [second]
    assert [each.plan_id for each in plans.plans(limit=9, after=None)] == ["city", "family"]
    assert plans.plans(limit=9, after="city") == [second]


def test_nothing_is_written_unless_the_plans_version_is_its_newest(commit: Transaction) -> None:
    commit(plans.publishing(PLAN), None)
    commit([plans.is_newest(PLAN), message("x", "y", {}, START)], None)
    commit(plans.publishing(replace(PLAN, version=2)), None)

    with pytest.raises(PlanMoved):
        commit([plans.is_newest(PLAN), message("x", "z", {}, START)], None)
    assert MessageRecord.find("x#y", "message") is not None
    assert MessageRecord.find("x#z", "message") is None


def test_terms_are_published_once(commit: Transaction) -> None:
    commit(plans.publishing_terms(TERMS), None)
    with pytest.raises(TermsPublished):
        commit(plans.publishing_terms(TERMS), None)

    assert (plans.terms("7"), plans.terms("8")) == (TERMS, None)


def test_a_subscription_and_what_was_accepted_for_it_come_back(commit: Transaction) -> None:
    phase = replace(MADE.phase, shown_until=START + 3 * DAY, free=True)
    pause = Pause(START + DAY, START + 2 * DAY)
    whole = replace(MADE, phase=phase, pause=pause, uses_left=3, is_pass=True, members=("a", "b"))
    do(commit, living.begun(whole))
    accepted = Acceptance("sub_1", "acc_1", "cus_1", START, "family", 1, Accepted("7", "da", "x"), "Aftalt.")
    commit([lives.accepting(accepted)], None)

    assert lives.find("acc_1", "sub_1") == whole
    assert lives.of_account("acc_1") == [whole]
    assert lives.acceptances("acc_1", "sub_1") == [accepted]
    assert (lives.find("acc_2", "sub_1"), lives.of_account("acc_2"), lives.acceptances("acc_1", "sub_2")) == (
        None,
        [],
        [],
    )


def test_a_stretch_without_proof_comes_back_among_what_is_over(commit: Transaction) -> None:
    made = do(commit, living.begun(replace(MADE, phase=replace(MADE.phase, shown_until=START + DAY))))
    good = START + 9 * DAY
    do(commit, living.shown_anew(living.turned(made, START + 2 * DAY), lambda _: good, START + 2 * DAY))

    (found,) = lives.lived("acc_1", days(0, 5))
    assert found.pauses == (Pause(START + DAY, START + 2 * DAY, lapsed=True),)
    assert found.stretches(found.phases[0], days(0, 12)) == (days(0, 1), days(2, 9))


def test_of_two_acts_on_what_was_read_one_is_done(commit: Transaction) -> None:
    made = do(commit, living.begun(MADE))
    paused = do(commit, living.paused(made, Pause(START + DAY), START))
    for late in (living.begun(MADE), living.ended(made, "", START + DAY), living.paused(made, Pause(START), START)):
        with pytest.raises(SubscriptionChanged):
            do(commit, late)

    assert lives.find("acc_1", "sub_1") == paused
    assert lives.counted(Month(2016, 1)) == counts_of(Act(None, paused, START), ZONE)


def test_of_two_who_begin_to_have_a_plan_at_once_one_looks_again(commit: Transaction) -> None:
    assert lives.had("acc_1") == 0
    for had in range(2):
        commit([lives.having("acc_1", had)], None)
        with pytest.raises(SubscriptionChanged):
            commit([lives.having("acc_1", had)], None)
    assert (lives.had("acc_1"), lives.had("acc_2"), lives.of_account("acc_1")) == (2, 0, [])


def test_of_which_accounts_nobody_ever_had_a_plan_or_a_pass_is_read_at_once(commit: Transaction) -> None:
    commit([lives.having("acc_1", 0)], None)
    for _ in range(2):
        commit([lives.began("acc_2")], None)

    assert lives.never_among(["acc_0", "acc_1", "acc_2", "acc_3"]) == ["acc_0", "acc_3"]
    assert lives.had("acc_2") == 2
    with pytest.raises(SubscriptionChanged):
        commit([lives.having("acc_2", 1)], None)


def test_one_that_has_ended_is_found_and_listed_among_what_has_ended(commit: Transaction) -> None:
    made = do(commit, living.begun(MADE))
    other = do(commit, living.begun(replace(MADE, subscription_id="sub_2")))
    over = do(commit, living.ended(made, "other", START + DAY))

    assert (lives.find("acc_1", "sub_1"), lives.find("acc_2", "sub_1")) == (over, None)
    assert lives.of_account("acc_1") == [other]
    assert lives.of_plan("family", ended=False, limit=9, after=None).rows == [other]
    assert lives.of_plan("family", ended=True, limit=9, after=None).rows == [over]
    first = lives.ended_of("acc_1", limit=1, after=None)
    assert (first.rows, lives.ended_of("acc_1", limit=1, after=first.after).rows) == ([over], [])
    assert lives.counted(Month(2016, 1))[next(iter(counts_of(living.begun(MADE), ZONE)))] == 2
    with pytest.raises(SubscriptionChanged):
        do(commit, living.ended(made, "", START + 2 * DAY))


def test_a_change_of_plan_moves_it_to_the_other_plans_list_when_it_is_in_force(commit: Transaction) -> None:
    made = do(commit, living.begun(MADE))
    agreed = do(commit, living.changed(made, Phase("city", 1, START + DAY), START))
    listed = [lives.of_plan(each, ended=False, limit=9, after=None).rows for each in ("family", "city")]
    assert listed == [[agreed], []]
    timers = [each for each in MessageRecord.scan() if each.topic == "timer.set"]
    assert [each.body["topic"] for each in timers] == ["subscriptions.turn"]

    turned = do(commit, living.turned(agreed, START + DAY))

    listed = [lives.of_plan(each, ended=False, limit=9, after=None).rows for each in ("family", "city")]
    assert listed == [[], [turned]]
    (life,) = lives.lived("acc_1", days(0, 9))
    assert [(each.plan_id, each.since) for each in life.phases] == [("family", START), ("city", START + DAY)]


def test_lists_go_on_where_the_page_before_ended(commit: Transaction) -> None:
    for number in range(5):
        do(commit, living.begun(replace(MADE, subscription_id=f"sub_{number}", account_id=f"acc_{number}")))

    first = lives.of_plan("family", ended=False, limit=3, after=None)
    rest = lives.of_plan("family", ended=False, limit=3, after=first.after)
    assert [each.subscription_id for each in (*first.rows, *rest.rows)] == [f"sub_{number}" for number in range(5)]
    assert rest.after is None


def test_what_held_in_an_interval_is_found_with_all_that_touches_it_and_nothing_else(commit: Transaction) -> None:
    stands = do(commit, living.begun(MADE))
    for first in (2, 4, 6):
        stands = do(commit, living.paused(stands, Pause(START + first * DAY), START + first * DAY))
        stands = do(commit, living.woken(stands, START + (first + 1) * DAY))
    do(commit, living.ended(stands, "", START + 8 * DAY))

    (life,) = lives.lived("acc_1", days(3, 6))
    assert [(each.since, each.until) for each in life.pauses] == [(START + 4 * DAY, START + 5 * DAY)]
    assert life.stretches(life.phases[0], days(3, 6)) == (days(3, 4), days(5, 6))
    (whole,) = lives.lived("acc_1", days(-1, 99))
    assert len(whole.pauses) == 3
    assert whole.stretches(whole.phases[0], days(-1, 99)) == (days(0, 2), days(3, 4), days(5, 6), days(7, 8))
    assert lives.lived("acc_1", days(8, 9)) == lives.lived("acc_1", days(-2, 0)) == []


def test_a_month_of_an_agreement_of_ten_years_is_one_small_query(commit: Transaction) -> None:
    """
    Paused each month for ten years, beside fifty passes that have run out: this month reads only what touches it.
    """
    stands = do(commit, living.begun(MADE))
    for month in range(120):
        at = START + (month * 30 + 1) * DAY
        stands = do(commit, living.paused(stands, Pause(at, at + DAY), at))
    for number in range(50):
        phase = Phase("day", 1, START + number * DAY, START + (number + 1) * DAY)
        ticket = replace(MADE, subscription_id=f"sub_p{number}", phase=phase, is_pass=True)
        act = living.turned(do(commit, living.begun(ticket)), START + 99 * DAY)
        do(commit, act)
    read: list[object] = []
    kept = LifeRecord.from_raw_data

    def counting(data: dict[str, dict[str, object]]) -> LifeRecord:
        read.append(data)
        return kept(data)

    LifeRecord.from_raw_data = counting  # type: ignore[method-assign]
    try:
        found = lives.lived("acc_1", days(119 * 30, 120 * 30))
    finally:
        LifeRecord.from_raw_data = kept  # type: ignore[method-assign]

    assert [len(each.pauses) for each in found] == [1]
    assert len(read) == 1, "the last pause is still with the subscription itself"
    assert len(lives.of_account("acc_1")) == 1
    assert PartRecord.count("account#acc_1") > 150


NEXT = Phase("city", 2, START + 2 * DAY)
STANDING = (
    MADE,
    replace(MADE, members=("cus_2", "cus_1")),
    replace(MADE, members=("cus_2",)),
    replace(MADE, phase=replace(MADE.phase, until=NEXT.since), next_phase=NEXT),
    replace(MADE, phase=replace(MADE.phase, seats=3, since=START + DAY)),
    replace(MADE, pause=Pause(START + DAY)),
    replace(MADE, pause=Pause(START + DAY, START + 3 * DAY)),
    replace(MADE, is_pass=True, uses_left=1, phase=replace(MADE.phase, until=START + 2 * DAY)),
    replace(MADE, is_pass=True, uses_left=0),
)


@pytest.mark.parametrize("standing", STANDING)
def test_a_start_may_go_by_a_subscription_exactly_as_long_as_this_lets_its_customer(
    commit: Transaction, standing: Subscription
) -> None:
    """Whatever acts there were since the quote: only what they leave counts, and the instant of the start."""
    do(commit, living.begun(standing))
    for at in (START, *(START + day * DAY + part for day in (1, 2, 3) for part in (-SECOND, timedelta()))):
        for plan in ("family@1", "family@2", "city@2"):
            has = Has("acc_1", "sub_1", "cus_1", plan, at)
            check = [lives.in_force(has), message("x", "y", {}, START)]
            if standing.lets("cus_1", plan, at):
                commit(check, None)
            else:
                with pytest.raises(SubscriptionChanged):
                    commit(check, None)


def test_by_what_has_ended_nothing_starts(commit: Transaction) -> None:
    made = do(commit, living.begun(MADE))
    do(commit, living.ended(made, "", START + DAY))
    with pytest.raises(SubscriptionChanged):
        commit([lives.in_force(Has("acc_1", "sub_1", "cus_1", "family@1", START)), message("x", "z", {}, START)], None)
    assert MessageRecord.find("x#z", "message") is None


def test_each_use_of_a_pass_is_taken_once_and_none_beyond_the_last(commit: Transaction) -> None:
    do(commit, living.begun(replace(MADE, is_pass=True, uses_left=2)))
    before = lives.find("acc_1", "sub_1")
    has = Has("acc_1", "sub_1", "cus_1", "family@1", START)
    for _ in range(2):
        commit([lives.using(has)], None)
    with pytest.raises(SubscriptionChanged):
        commit([lives.using(has)], None)

    found = lives.find("acc_1", "sub_1")
    assert found is not None
    assert (found.uses_left, found.revision) == (0, 1)
    assert before is not None
    with pytest.raises(SubscriptionChanged):  # who has not seen the uses that were taken would write them back
        do(commit, living.ended(before, "", START + DAY))


def test_what_is_counted_is_added_up_over_all_writers(commit: Transaction) -> None:
    for number in range(20):
        do(commit, living.begun(replace(MADE, subscription_id=f"sub_{number}")))

    assert [(each.move, many) for each, many in lives.counted(Month(2016, 1)).items()] == [(Moved.NEW, 20)]
    assert lives.counted(Month(2016, 2)) == {}
