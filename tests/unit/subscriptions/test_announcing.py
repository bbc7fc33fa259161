"""A new version of a plan is announced: who is told what, who has it from when, and who keeps what they have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from chalicelib.subscriptions.announcement import Standing
from chalicelib.subscriptions.announcing import accept, announce, call_off, told_of
from chalicelib.subscriptions.changing import ChangePlan, cancel_change, change_plan, end
from chalicelib.subscriptions.errors import ChangeToCome, NoChangeToCome
from chalicelib.subscriptions.law_errors import AnnouncedAlready, AnnouncementOver, NothingToAnnounce, TooSoon
from chalicelib.subscriptions.living import turned
from chalicelib.subscriptions.subscription import Phase
from tests.unit.subscriptions.laws import Law, found
from tests.unit.subscriptions.lives import CUSTOMER, START

JUNE = datetime(2026, 5, 31, 22, tzinfo=UTC)
"""Midnight in Copenhagen, three months after the first of March."""


@pytest.fixture
def law() -> Law:
    """Three hundred days of one version, then a dearer one; sixty customers have the earlier."""
    made = Law()
    made.publish(1, 9_900)
    for number in range(60):
        made.subscribe(f"sub_{number:02}", account_id=f"acc_{number:02}")
    made.after(days=60)
    made.publish(2, 12_900)
    return made


def announced(law: Law, holds_from: datetime = JUNE) -> None:
    announce("member", holds_from, "wages rose", "olga", parts=law.announcing())
    law.work()


def test_each_customer_is_told_once_and_has_the_new_version_from_the_date(law: Law) -> None:
    announced(law)

    assert len(law.heard) == len(law.operator.lives.told) == 60
    assert found(law, "sub_07").phase_at(JUNE - timedelta(microseconds=1)).plan_version == 1
    assert found(law, "sub_07").phase_at(JUNE).plan_version == 2
    code, facts = law.operator.lives.told[0]
    assert (code, facts["more"], facts["reason"], facts["holds_from"]) == (
        "price_change",
        "30.00 DKK",
        "wages rose",
        "2026-05-31T22:00:00.000000Z",
    )
    assert law.heard["sub_00"].past.within.start == START, "no more of the past than they have had it"


def test_a_worker_that_dies_goes_on_where_it_was_and_tells_nobody_twice(law: Law) -> None:
    announce("member", JUNE, "wages rose", "olga", parts=law.announcing())
    told = law.operator.lives.told
    law.pages *= 2  # delivered again
    law.work()
    law.pages = [None, "sub_24"]
    law.work()
    assert len(told) == len(law.heard) == 60


def test_who_is_told_late_has_it_later_and_nobody_is_told_of_what_holds_already(law: Law) -> None:
    announce("member", JUNE, "wages rose", "olga", parts=law.announcing())
    law.after(days=80)
    law.work()
    assert law.heard["sub_00"].holds_from == datetime(2026, 6, 20, 22, tzinfo=UTC), "31 days after the twentieth of May"

    law.heard.clear()
    law.after(days=100)
    law.pages = [None]
    law.work()
    assert law.heard == {}


def test_where_silence_accepts_nothing_the_version_stays_until_the_customer_says_yes(law: Law) -> None:
    law.countries = {"acc_01": "DE", "acc_02": "PT"}
    announced(law)
    for name in ("sub_01", "sub_02"):
        assert found(law, name).next_phase is None
        assert not law.heard[name].moves

    heard = accept("acc_01", "sub_01", parts=law.announcing())
    again = accept("acc_01", "sub_01", parts=law.announcing())

    assert heard == again
    assert found(law, "sub_01").phase_at(heard.told.holds_from).plan_version == 2
    law.after(days=200)
    with pytest.raises(AnnouncementOver):
        accept("acc_02", "sub_02", parts=law.announcing())


def test_before_it_holds_one_may_leave_at_once_and_changes_of_ones_own_go_first(law: Law) -> None:
    other = law.publish(1, 4_900, "small")
    own = replace(found(law, "sub_03"), next_phase=Phase("small", 1, START + timedelta(days=300)))
    law.operator.lives.now["sub_03"] = own
    announced(law)
    keeping = law.operator.keeping()

    assert end(found(law, "sub_04"), None, keeping=keeping).ended_at == keeping.now
    assert found(law, "sub_03").next_phase == own.next_phase
    small = ChangePlan(other.plan_id, 1, JUNE - timedelta(days=3))
    changed = change_plan(found(law, "sub_05"), small, CUSTOMER, keeping=keeping, confirm=lambda *_: "")
    assert changed.phase_at(JUNE).plan_id == "small"
    late = replace(small, at=JUNE + timedelta(days=3))
    with pytest.raises(ChangeToCome):
        change_plan(found(law, "sub_06"), late, CUSTOMER, keeping=keeping, confirm=lambda *_: "")
    seats = ChangePlan("member", 1, None, 3)
    more = change_plan(found(law, "sub_07"), seats, CUSTOMER, keeping=keeping, confirm=lambda *_: "")
    assert [(each.plan_version, each.seats) for each in (more.phase_at(keeping.now), more.phase_at(JUNE))] == [
        (1, 3),
        (2, 3),
    ]
    with pytest.raises(NoChangeToCome):
        cancel_change(found(law, "sub_08"), keeping=keeping)


def test_called_off_nobody_has_it_and_all_who_were_told_are_told_so(law: Law) -> None:
    announced(law)
    before = len(law.operator.lives.told)
    end(found(law, "sub_04"), None, keeping=law.operator.keeping())

    off = call_off("member", 2, parts=law.announcing())
    again = call_off("member", 2, parts=law.announcing())
    law.pages *= 2
    law.work()

    assert off == again
    assert off.standing is Standing.CALLED_OFF
    assert [code for code, _ in law.operator.lives.told[before + 1 :]] == ["price_change_called_off"] * 60
    assert found(law, "sub_00").next_phase is None
    assert found(law, "sub_00").phase.until is None
    assert told_of("acc_00", "sub_00", parts=law.announcing())[1].told.called_off  # type: ignore[union-attr]


def test_a_called_off_announcement_tells_nobody_more(law: Law) -> None:
    announce("member", JUNE, "wages rose", "olga", parts=law.announcing())
    call_off("member", 2, parts=law.announcing())
    law.pages = [None]
    law.work()
    assert law.heard == {}


@pytest.mark.parametrize("days", [1, 30])
def test_less_than_a_months_notice_is_refused(law: Law, days: int) -> None:
    with pytest.raises(TooSoon) as refused:
        announced(law, law.operator.now + timedelta(days=days))
    assert refused.value.facts["earliest"] == "2026-05-31T21:00:00.000000Z", "midnight where it comes first"


def test_a_plan_is_announced_once_at_a_time_and_its_newest_version_once(law: Law) -> None:
    announced(law)
    assert announce("member", JUNE, "wages rose", "olga", parts=law.announcing()).revision == 1, "the same again"
    refusals: list[type[Refusal]] = [NothingToAnnounce, AnnouncedAlready]
    for refusal in refusals:
        with pytest.raises(refusal):
            announce("member", JUNE + timedelta(days=1), "again", "olga", parts=law.announcing())
        law.publish(3, 13_900)
    law.after(days=100)
    with pytest.raises(AnnouncementOver):
        call_off("member", 2, parts=law.announcing())


def test_from_its_date_on_the_new_version_is_the_one_in_force_and_is_paid_for(law: Law) -> None:
    announced(law)
    act = turned(found(law, "sub_00"), JUNE + timedelta(days=1))
    assert (act.after.phase.plan_version, act.after.next_phase) == (2, None)
    plan = law.operator.shelf.plan("member", act.after.phase.plan_version)
    assert plan is not None
    assert law.fees.price(plan) == Money(12_900, "DKK")
