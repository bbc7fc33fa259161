"""A closed month changes by a decision alone, and then by its own; what is found out of it is the open one's."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.billing.model import Parked
from chalicelib.billing.store import BillingStore
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import Month
from chalicelib.storage.writes import Transaction
from infra.local.system import System
from tests.doors.callers import done
from tests.doors.test_exported_files import bytes_of, rows
from tests.doors.test_settling_early import own_policy
from tests.doors.world import START, Customer, World

F = "/finance/v1"
MAY = Month(2021, 5)


@contextmanager
def worlds() -> Iterator[World]:
    with System.start(seed="closed", start_at=START) as system:
        yield World(system)


def first_of(month: int) -> datetime:
    return datetime(2021, month, 1, 12, tzinfo=UTC)


def account_of(rider: Customer) -> str:
    return str(rider.read("/mobile/v1/me")["account_id"])


def parked_in_may(rider: Customer, world: World) -> str:
    """As an account stands whose month an operator has to look at."""
    account = account_of(rider)
    found = Parked(account, MAY, "many_times_the_usual", {}, world.system.now())
    Transaction()(BillingStore().parking(found), None)
    return account


def invoices(rider: Customer) -> list[tuple[str, str]]:
    found = rider.read("/mobile/v1/invoices")["items"]
    return sorted((each["invoice_id"][-9:], each["total"]["amount"]) for each in found)


def adjusted(world: World, month: str, version: int = 1) -> list[tuple[str, str]]:
    found = rows(world, month, "adjustments.csv.gz", version)
    return [(each["original_month"], each["amount"]) for each in found]


def paid_out(rider: Customer, world: World) -> None:
    done(rider.post("/mobile/v1/wallet/top-ups", {"amount": "5.00"}))
    world.settle()
    done(rider.post("/mobile/v1/wallet/payout"))


def left(rider: Customer, _world: World) -> None:
    done(rider.delete("/mobile/v1/me"))


def waited(_rider: Customer, _world: World) -> None:
    """Nothing is asked for, and June's close bills it."""


@pytest.mark.parametrize("act", [waited, paid_out, left], ids=["waited", "paid_out", "left"])
def test_late_usage_of_a_closed_month_is_an_adjustment_of_the_open_one(act: Callable[[Customer, World], None]) -> None:
    """
    0.50 of May, and in June 1.00 more that is told late. A later version of May bills what the first one did.
    """
    with worlds() as world:
        partner, rider = world.partner(), world.customer()
        session = world.ride(rider, partner.bike(), partner, 1700)
        world.until(first_of(6))
        journal = world.finance.read(f"{F}/journal/2021-05")
        (told,) = partner.report(world.used(session, 250, time="2021-05-10T09:20:00Z"))
        assert told["outcome"] == "late"
        world.later(hours=1)
        act(rider, world)
        world.settle()
        world.until(first_of(7))

        assert adjusted(world, "2021-06") == [("2021-05", "1.00")]
        assert world.finance.read(f"{F}/journal/2021-05") == journal
        done(world.finance.post(f"{F}/exports", {"month": "2021-05"}))
        world.settle()
        assert [billed(world, version) for version in (1, 2)] == [50, 50]


def billed(world: World, version: int) -> int:
    """What a version of May says that invoices came to."""
    shown = json.loads(bytes_of(world, "2021-05", version, "manifest.json"))
    files = {each["name"]: each["totals_in_minor_units"] for each in shown["files"]}
    return int(files["invoices.csv.gz"]["billed_EUR"])


def test_use_of_the_open_month_is_not_billed_in_the_closed_one() -> None:
    """
    Sessions are billed as they end; what one of June comes to more is June's when the customer has money paid out.
    """
    with worlds() as world:
        partner, rider = world.partner(), world.customer()
        world.ride(rider, partner.bike(), partner, 60)
        world.until(first_of(6))
        own_policy(world, rider, at="session_end")
        world.later(days=5)
        session = world.ride(rider, partner.bike(), partner, 1700)
        journal = world.finance.read(f"{F}/journal/2021-05")
        own_policy(world, rider, at="month_end")
        world.later(minutes=10)
        (told,) = partner.report(world.used(session, 250, time="2021-06-06T12:20:00Z"))
        assert told["outcome"] == "late"
        world.later(hours=1)
        paid_out(rider, world)
        world.settle()

        assert invoices(rider) == [("2021-05:1", "0.50"), ("2021-06:1", "0.50"), ("2021-06:2", "1.00")]
        assert world.finance.read(f"{F}/journal/2021-05") == journal


def failed_in_may(world: World, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """Somebody who has ridden for 1.50, and whom May's close could not settle."""
    partner, rider = world.partner(), world.customer()
    world.ride(rider, partner.bike(), partner, 2000)

    def broken(*_what: object) -> Any:  # noqa: ANN401 -- it returns nothing
        raise RuntimeError

    with monkeypatch.context() as patched:
        for name in ("to_settle", "close_account"):
            patched.setattr(BackOffice, name, broken)
        world.until(first_of(6))
        assert counts(world) == ("closed", 0, 0, 1)
    return rider


def counts(world: World) -> tuple[str, int, int, int]:
    close = world.finance.read(f"{F}/closes/2021-05")
    return close["state"], close["accounts_done"], close["accounts_parked"], close["accounts_failed"]


def test_who_could_not_be_settled_by_the_close_and_leaves_pays_all_of_it_with_the_open_month(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with worlds() as world:
        rider = failed_in_may(world, monkeypatch)
        journal = world.finance.read(f"{F}/journal/2021-05")
        left(rider, world)
        world.settle()
        world.until(first_of(7))

        assert adjusted(world, "2021-06") == [("2021-05", "1.50")]
        assert world.finance.read(f"{F}/journal/2021-05") == journal


def test_who_could_not_be_settled_and_is_settled_again_is_told_as_missing_in_the_export(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with worlds() as world:
        account = account_of(failed_in_may(world, monkeypatch))
        world.later(minutes=1)
        done(world.finance.post(f"{F}/closes/2021-05/failed/{account}/again"))
        world.settle()

        assert counts(world) == ("closed", 1, 0, 0)
        (told,) = world.finance.read(f"{F}/notices?code=export_behind")["items"]
        assert told["facts"] == {"month": "2021-05", "version": "1", "account_id": account}


def test_reopening_may_does_not_bill_what_is_found_out_of_june() -> None:
    """
    1.00 of June are told late: an adjustment of July, which is open, and not of May, which is opened again.
    """
    with worlds() as world:
        partner, rider = world.partner(), world.customer()
        world.ride(rider, partner.bike(), partner, 60)
        world.until(datetime(2021, 6, 10, 12, tzinfo=UTC))
        session = world.ride(rider, partner.bike(), partner, 1700)
        world.until(first_of(7))
        (told,) = partner.report(world.used(session, 250, time="2021-06-10T12:20:00Z"))
        assert told["outcome"] == "late"
        world.later(hours=1)
        done(world.finance.post(f"{F}/closes/2021-05/reopening", {"note": "a price was wrong"}))
        world.settle()
        assert adjusted(world, "2021-05", 2) == []
        world.ride(rider, partner.bike(), partner, 60)
        world.until(first_of(8))

        assert adjusted(world, "2021-07") == [("2021-06", "1.00")]
        assert invoices(rider) == [("2021-05:1", "0.50"), ("2021-06:1", "0.50"), ("2021-07:1", "1.50")]


def test_releasing_a_parked_month_does_not_bill_what_is_found_out_of_a_later_one() -> None:
    """
    Parked in May, the account is released in July; 1.00 of June that are told late are July's.
    """
    with worlds() as world:
        partner, rider = world.partner(), world.customer()
        world.ride(rider, partner.bike(), partner, 60)
        account = parked_in_may(rider, world)
        world.until(datetime(2021, 6, 10, 12, tzinfo=UTC))
        session = world.ride(rider, partner.bike(), partner, 1700)
        world.until(first_of(7))
        (told,) = partner.report(world.used(session, 250, time="2021-06-10T12:20:00Z"))
        assert told["outcome"] == "late"
        world.later(hours=1)
        done(world.operator.post(f"{F}/parked/{account}/2021-05/release", {"note": "right as it is"}))
        world.settle()
        assert invoices(rider) == [("2021-05:1", "0.50"), ("2021-06:1", "0.50")]
        world.ride(rider, partner.bike(), partner, 60)
        world.until(first_of(8))

        assert adjusted(world, "2021-07") == [("2021-06", "1.00")]
