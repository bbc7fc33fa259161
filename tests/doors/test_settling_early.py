"""Accounts are settled as sessions end or past a threshold, where finance says so; one switch stops all collection."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.callers import done, refused
from tests.doors.paying import collected_from
from tests.doors.world import Customer, Partner, World

POLICY, COLLECTION = "/finance/v1/settlement-policy", "/finance/v1/collection"
CLOSED = datetime(2021, 6, 1, 12, tzinfo=UTC)


def invoices(customer: Customer) -> list[tuple[str, str]]:
    items = customer.read("/mobile/v1/invoices")["items"]
    return [(each["total"]["amount"], each["state"]) for each in items]


def own_policy(world: World, customer: Customer, **body: object) -> dict[str, Any]:
    account = customer.read("/mobile/v1/me")["account_id"]
    return dict(done(world.finance.put(f"/finance/v1/accounts/{account}/settlement-policy", body)))


class TestPolicies:
    """The tests of this class stand in order of time."""

    def test_by_session_each_end_is_billed_and_paid_at_once_and_the_close_adds_nothing(
        self, world: World, partner: Partner
    ) -> None:
        """
        Beside it an account that has a policy of its own, and one that is settled once its unbilled use reaches 2.00.
        """
        by_session, at_close, past_two = (world.customer() for _ in range(3))
        shown = done(world.finance.put(POLICY, {"at": "session_end"}))
        assert (shown["at"], shown["since"], bool(shown["set_by"])) == ("session_end", "2021-05", True)
        own_policy(world, at_close, at="month_end")
        own_policy(world, past_two, at="threshold", threshold="2.00")
        for _ in range(2):
            for each in (by_session, at_close, past_two):
                world.ride(each, partner.bike(), partner, 2000)

        assert invoices(by_session) == [("1.50", "paid"), ("1.50", "paid")]
        assert invoices(at_close) == []
        assert invoices(past_two) == [("3.00", "paid")]
        running = by_session.start(partner.bike())
        assert len(invoices(by_session)) == 2
        by_session.end(running)
        world.until(CLOSED)

        for each in (by_session, at_close, past_two):
            stated = each.read("/mobile/v1/statements/2021-05")["total"]["amount"]
            assert collected_from(each, world) == int(stated.replace(".", ""))
        assert invoices(at_close) == [("3.00", "paid")]
        assert world.finance.read("/finance/v1/journal/2021-05")["off_minor"] == {}

    def test_what_is_said_is_shown_and_taken_back(self, world: World, customer: Customer) -> None:
        own_policy(world, customer, at="threshold", threshold="20.00")
        account = customer.read("/mobile/v1/me")["account_id"]
        mine = f"/finance/v1/accounts/{account}/settlement-policy"
        assert world.finance.read(mine)["threshold"]["amount"] == "20.00"
        world.later(seconds=1)
        own_policy(world, customer, at=None)
        assert world.finance.read(mine)["at"] == world.finance.read(POLICY)["at"] == "session_end"

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"at": "threshold"}, (422, "threshold_invalid", "/threshold")),
            ({"at": "month_end", "threshold": "5.00"}, (422, "threshold_invalid", "/threshold")),
            ({"at": "threshold", "threshold": "0.00"}, (422, "threshold_invalid", "/threshold")),
            ({"at": "threshold", "threshold": "five"}, (422, "not_an_amount", "/threshold")),
            ({"at": "never"}, (422, "body_invalid", "/at")),
            ({"at": "month_end", "since": "2021-04"}, (409, "month_begun", "/since")),
        ],
    )
    def test_a_policy_that_does_not_fit_is_refused(
        self, world: World, body: object, problem: tuple[int, str, str]
    ) -> None:
        refused(world.finance.put(POLICY, body), *problem)
        assert world.finance.read(POLICY)["at"] == "session_end"

    def test_nobody_has_an_account_of_that_name(self, world: World) -> None:
        refused(
            world.finance.put("/finance/v1/accounts/acc_none/settlement-policy", {"at": None}), 404, "unknown_account"
        )


class TestTheSwitch:
    """The tests of this class follow one stop, and stand in order of time."""

    def test_stopped_nothing_is_collected_and_nothing_fails(self, world: World, partner: Partner) -> None:
        """
        Accounts go on being settled; who rides gets an invoice that is due.
        """
        riders = TestTheSwitch.riders = [world.customer() for _ in range(3)]
        shown = done(world.finance.put(COLLECTION, {"stopped": True, "note": "odd sums on bills"}))
        assert (shown["stopped"], shown["turns"][0]["note"]) == (True, "odd sums on bills")
        before = world.stripe.collected_total("EUR")
        for each in riders:
            world.ride(each, partner.bike(), partner, 2000)
            world.ride(each, partner.bike(), partner, 2000)

        assert [invoices(each) for each in riders] == [[("1.50", "due"), ("1.50", "due")]] * 3
        assert (world.stripe.collected_total("EUR") - before, world.stripe.open_drafts()) == (0, 0)
        assert world.finance.read(COLLECTION)["waiting"] == 6
        assert riders[0].read("/mobile/v1/me")["payment"] == "in_order"

    def test_released_everything_due_is_collected_once(self, world: World) -> None:
        shown = done(world.finance.put(COLLECTION, {"stopped": False, "note": "they were right"}))
        assert (shown["stopped"], shown["waited"]) == (False, 6)
        world.settle()

        assert [invoices(each) for each in TestTheSwitch.riders] == [[("1.50", "paid"), ("1.50", "paid")]] * 3
        assert [collected_from(each, world) for each in TestTheSwitch.riders] == [300] * 3
        left = world.finance.read(COLLECTION)
        assert (left["waiting"], [each["stopped"] for each in left["turns"]]) == (0, [False, True])

    riders: list[Customer]
