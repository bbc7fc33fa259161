"""A trace shows all that belongs to an id, also where what was used in one month is billed in another."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from tests.doors.callers import done
from tests.doors.test_exported_files import rows
from tests.doors.test_fairness import offer
from tests.doors.world import Partner, World

CHEAP = {"id": "ride", "kind": "flat", "charge_class": "use", "amount": "0.30"}
SLOWLY = {"id": "ride", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.0001"}


def named(world: World, name: str) -> set[str]:
    return {each["id"] for each in world.finance.read(f"/finance/v1/trace?id={quote(name, safe='')}")["hops"]}


@pytest.fixture(scope="module")
def late(world: World, partner: Partner) -> dict[str, str]:
    """A ride of May that a late report makes dearer in June, beside another one of May and one of June."""
    rider = world.customer()
    as_it_was = world.ride(rider, partner.bike(), partner, 60)
    session = world.ride(rider, partner.bike(), partner, 1700)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    began = rider.read(f"/mobile/v1/access-sessions/{session}")["session"]["started_at"]
    (told,) = partner.report(world.used(session, 250, time=began))
    assert told["outcome"] == "late"
    world.later(hours=1)
    other = world.ride(rider, partner.bike(), partner, 60)
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
    account = rider.read("/mobile/v1/me")["account_id"]
    invoices = [each["invoice_id"] for each in rider.read("/mobile/v1/invoices")["items"]]
    assert sorted(invoices) == [f"{account}:2021-05:1", f"{account}:2021-06:1"]
    (row,) = [each for each in rows(world, "2021-06", "adjustments.csv.gz") if each["account"] == account]
    assert (row["amount"], row["sessions"]) == ("1.00", f"{session}:1")
    return {
        "event": told["reference"],
        "session": session,
        "as_it_was": as_it_was,
        "other": other,
        "of_may": f"{account}:2021-05:1",
        "of_june": f"{account}:2021-06:1",
        "proof": f"proof:{account}:3",
    }


def test_an_event_that_came_late_leads_to_the_invoice_that_billed_it(world: World, late: dict[str, str]) -> None:
    assert late["of_june"] in named(world, late["event"])


def test_it_leads_to_the_files_of_the_month_in_which_it_was_billed(world: World, late: dict[str, str]) -> None:
    assert [each for each in named(world, late["event"]) if "2021-06" in each and each.endswith("adjustments.csv.gz")]


def test_a_session_that_was_corrected_leads_to_the_invoice_that_billed_the_correction(
    world: World, late: dict[str, str]
) -> None:
    assert {late["of_may"], late["of_june"]} <= named(world, late["session"])


def test_a_session_that_was_not_leads_to_that_of_its_own_month_alone(world: World, late: dict[str, str]) -> None:
    found = named(world, late["as_it_was"])

    assert late["of_may"] in found
    assert late["of_june"] not in found


def test_the_proof_that_a_correction_was_posted_with_leads_to_the_invoice_that_billed_it(
    world: World, late: dict[str, str]
) -> None:
    assert {late["session"], late["of_june"]} <= named(world, late["proof"])


def test_the_invoice_that_billed_a_correction_leads_to_its_session(world: World, late: dict[str, str]) -> None:
    found = named(world, late["of_june"])

    assert {late["session"], late["other"]} <= found
    assert late["as_it_was"] not in found


def test_what_was_carried_leads_to_the_invoice_that_billed_it_and_back(world: World) -> None:
    """Before it was billed, to what was posted of it; what the next month bills by itself leads to no other."""
    maker, rider = world.partner("Cheap"), world.customer()
    code = offer(maker, "cheap", CHEAP)
    first = world.ride(rider, code, maker, 60)
    now = world.system.now()
    world.until(datetime(now.year, now.month + 1, 1, 12, tzinfo=UTC))
    assert rider.read("/mobile/v1/invoices")["items"] == []
    account = rider.read("/mobile/v1/me")["account_id"]
    assert f"settlement:{account}:{now.year}-{now.month:02}:1" in named(world, first)
    second = world.ride(rider, code, maker, 60)
    world.until(datetime(now.year, now.month + 2, 1, 12, tzinfo=UTC))
    (invoice,) = rider.read("/mobile/v1/invoices")["items"]
    assert invoice["total"]["amount"] == "0.60"

    assert {second, first} <= named(world, invoice["invoice_id"])
    assert invoice["invoice_id"] in named(world, second)
    assert invoice["invoice_id"] in named(world, first)


def test_a_session_over_a_months_end_leads_to_both_invoices_and_back(world: World) -> None:
    maker, rider = world.partner("Slow"), world.customer()
    code = offer(maker, "slow", SLOWLY)
    now = world.system.now()
    world.until(datetime(now.year, now.month, 20, 12, tzinfo=UTC))
    long = rider.start(code)
    world.until(datetime(now.year, now.month + 1, 1, 12, tzinfo=UTC))
    done(rider.post(f"/mobile/v1/access-sessions/{long}/end"))
    world.settle()
    short = rider.start(code)
    world.later(hours=5)
    rider.end(short)
    world.until(datetime(now.year, now.month + 2, 1, 12, tzinfo=UTC))
    invoices = [each["invoice_id"] for each in rider.read("/mobile/v1/invoices")["items"]]
    assert len(invoices) == 2

    assert set(invoices) <= named(world, long)
    assert len(set(invoices) & named(world, short)) == 1
    for each in invoices:
        assert long in named(world, each), each
