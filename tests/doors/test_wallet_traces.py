"""From a top-up to what it paid, and back: whichever id one begins with, the same stations belong together."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.callers import done, refused
from tests.doors.paying import payer_of
from tests.doors.test_late_evidence import two_hours
from tests.doors.test_wallet import WALLET, topped_up
from tests.doors.world import Partner, World


@pytest.fixture(scope="module")
def names(world: World, partner: Partner) -> dict[str, str]:
    """
    Ten euros paid a ride of 3.50; the bank takes them back. Somebody else topped up too, and somebody had a gift.
    """
    rider, other, given = (world.customer() for _ in range(3))
    topped_up(world, rider, "10.00")
    topped_up(world, other, "10.00")
    bought = done(other.post(f"{WALLET}/gifts", {"amount": "5.00"}))
    world.settle()
    done(given.post(f"{WALLET}/redeem", {"code": bought["code"]}))
    world.until(datetime(2021, 5, 25, 9, tzinfo=UTC))
    sessions = [two_hours(world, each, partner) for each in (rider, other, given)]
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    charge = next(
        row for row in world.stripe._store.every("charge") if row["customer"] == payer_of(rider).provider_customer
    )
    dispute = world.stripe.open_dispute(charge["id"])
    world.settle()
    source = rider.read(f"{WALLET}/entries")["items"][0]["about"]
    account = payer_of(rider).account_id
    return {
        "top_up": source,
        "payment": charge["payment_intent"],
        "lot": f"top-up:{source.rpartition(':')[2]}",
        "invoice": rider.read("/mobile/v1/invoices")["items"][0]["invoice_id"],
        "dispute": dispute,
        "entry": f"wallet:{account}:1",
        "session": sessions[0],
        "gift": f"gift:{bought['gift_id']}",
        "of_gift": given.read("/mobile/v1/invoices")["items"][0]["invoice_id"],
        "others_session": sessions[1],
        "gifts_session": sessions[2],
    }


def hops(world: World, name: str) -> list[dict[str, Any]]:
    return list(world.finance.read(f"/finance/v1/trace?id={name}")["hops"])


@pytest.mark.parametrize("begin", ["top_up", "payment", "invoice", "dispute", "entry"])
def test_each_of_them_leads_to_all_others_and_to_nobody_elses(world: World, names: dict[str, str], begin: str) -> None:
    found = hops(world, names[begin])

    stations = {(each["kind"], each["id"]) for each in found}
    kinds = {"top_up": "top_up", "lot": "lot", "invoice": "invoice", "dispute": "dispute", "session": "session"}
    assert {(kind, names[name]) for name, kind in kinds.items()} | {("journal", names["entry"])} <= stations
    assert [each["id"] for each in found if each["kind"] == "session"] == [names["session"]]
    assert [each["facts"]["left"] for each in found if each["kind"] == "lot"] == ["0.00 EUR"]


@pytest.mark.parametrize("begin", ["gift", "of_gift"])
def test_a_gift_leads_to_what_it_has_paid_and_back(world: World, names: dict[str, str], begin: str) -> None:
    stations = {(each["kind"], each["id"]) for each in hops(world, names[begin])}

    assert {("gift", names["gift"]), ("lot", names["gift"]), ("invoice", names["of_gift"])} <= stations
    assert ("session", names["gifts_session"]) in stations


def test_what_left_a_wallet_is_found_by_what_its_postings_name(world: World) -> None:
    rider = world.customer()
    topped_up(world, rider, "10.00")
    done(rider.post(f"{WALLET}/payout"))
    world.settle()
    account = payer_of(rider).account_id

    found = hops(world, f"wallet-payout:{account}:1")
    assert ("journal", f"wallet:{account}:3") in {(each["kind"], each["id"]) for each in found}
    refused(world.finance.get(f"/finance/v1/trace?id=wallet-payout:{account}:9"), 404, "unknown_trace")
    answer = world.finance.get("/finance/v1/trace?id=HKI-000001").json
    assert "not by its number" in answer["facts"]["taken"]


@pytest.mark.parametrize("name", ["top-up:nobody:00ff", "pi_none", "gift:none", "nobody:w1"])
def test_a_name_of_nothing_is_refused(world: World, name: str) -> None:
    refused(world.finance.get(f"/finance/v1/trace?id={name}"), 404, "unknown_trace")
