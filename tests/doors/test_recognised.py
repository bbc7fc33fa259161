"""What is earned is earned when it was needed: money paid ahead waits for its days, use that nobody billed does not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.tariffs import PRODUCT
from tests.doors.callers import done
from tests.doors.subscribing import publish, publish_terms, subscribe
from tests.doors.test_wallet import topped_up
from tests.doors.world import Customer, Partner, World

ONCE = {"id": "once", "kind": "once", "charge_class": "ordered", "amount": "20.00"}
PASS: dict[str, Any] = {"kind": "pass", "asleep_after_days": None, "lasts": {"days": 10}}


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner) -> Customer:
    """
    In May a rider puts 10.00 into the wallet and rides for 0.50; on the 28th another buys ten days for 20.00. May is
    closed, and the wallet has paid.
    """
    rider, other = world.customer(), world.customer()
    publish_terms(world)
    publish(world, "ten", fee={"currency": "EUR", "prices": [ONCE]}, **PASS)
    topped_up(world, rider, "10.00")
    world.ride(rider, partner.bike(), partner, 1700)
    world.until(datetime(2021, 5, 28, 9, tzinfo=UTC))
    subscribe(other, "ten")
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    return rider


def now(world: World, month: str, by: str, key: str) -> dict[str, str]:
    """The figures of a row; the month's recognition has to tie to its journal."""
    shown = world.finance.read(f"/finance/v1/recognition/{month}?by={by}")
    assert shown["ties"]
    assert {each["off"] for each in shown["ties"]} == {"0.00"}
    (row,) = [each for each in shown["items"] if each["key"] == key]
    return {name: figure["now"] for name, figure in row["figures"].items()}


class TestMonths:
    """The tests of this class stand in order of time."""

    def test_what_was_used_and_is_not_billed_is_accrued_in_its_month_beside_what_the_journal_has(
        self, world: World, partner: Partner, rider: Customer
    ) -> None:
        """
        In June the ride turns out to be longer, by 1.00: another version of May has it as earned and not billed.
        """
        product = f"{partner.partner_id}:{PRODUCT}"
        before = now(world, "2021-05", "product", product)
        (session,) = [each["session_id"] for each in rider.read("/mobile/v1/statements/2021-05")["sessions"]]
        late = world.used(session, 250, time="2021-05-10T09:20:00Z")
        assert partner.report(late)[0]["outcome"] == "late"
        world.settle()
        done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
        world.settle()
        after = now(world, "2021-05", "product", product)

        codes = ("need", "booked", "accrued", "revenue", "recognised")
        assert [before[code] for code in codes] == ["0.50", "0.50", "0.00", "0.50", "0.50"]
        assert [after[code] for code in codes] == ["1.50", "0.50", "1.00", "0.50", "1.50"]

    def test_what_is_billed_in_june_for_may_is_no_revenue_of_junes_need(
        self, world: World, partner: Partner, rider: Customer
    ) -> None:
        assert rider
        world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
        june = now(world, "2021-06", "product", f"{partner.partner_id}:{PRODUCT}")

        codes = ("need", "booked", "accrued", "revenue", "earlier", "recognised")
        assert [june[code] for code in codes] == ["0.00", "0.00", "0.00", "1.00", "1.00", "0.00"]

    def test_the_money_of_a_pass_is_earned_on_the_days_on_which_it_is_good(self, world: World) -> None:
        """
        Four of its ten days are in May, six in June; the journal books all of it in May.
        """
        may, june = (now(world, month, "product", "operator:plan+ten") for month in ("2021-05", "2021-06"))

        assert (may["revenue"], may["pass_closing"], may["recognised"]) == ("20.00", "12.00", "8.00")
        assert (june["revenue"], june["pass_opening"], june["pass_closing"]) == ("0.00", "12.00", "0.00")
        assert june["recognised"] == "12.00"

    def test_the_money_in_wallets_is_nothing_earned_until_it_pays_a_bill(self, world: World) -> None:
        """
        The bill of May, 0.50, is paid on the first of June, that of June, 1.00, on the first of July.
        """
        may, june = (now(world, month, "wallet", "wallet") for month in ("2021-05", "2021-06"))

        names = ("opening", "came_in", "used", "paid_back", "closing")
        assert [may[name] for name in names] == ["0.00", "10.00", "0.00", "0.00", "10.00"]
        assert [june[name] for name in names] == ["10.00", "0.00", "-0.50", "0.00", "9.50"]
        rows = world.finance.read("/finance/v1/trial-balance?at=2021-06-30T12:00:00Z")["rows"]
        (held,) = [each["credit"] for each in rows if each["ledger_account"] == "wallet"]
        assert held == june["closing"]
