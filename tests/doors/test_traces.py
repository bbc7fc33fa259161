"""From an event to the export's row and back: whichever id one begins with, the same stations belong together."""

from datetime import datetime
from typing import Any

import pytest

from tests.doors.callers import refused
from tests.doors.paying import payer_of
from tests.doors.test_exported_files import rows
from tests.doors.world import Customer, Partner, World

TRACE = "/finance/v1/trace?id="


@pytest.fixture(scope="module")
def ridden(world: World, partner: Partner) -> dict[str, str]:
    """A ride that is billed, paid and exported; the id of each station. Somebody else rode, too."""
    rider, other = world.customer(), world.customer()
    world.ride(other, partner.bike(), partner, 600)
    session = rider.start(partner.bike())
    world.later(seconds=2000)
    (told,) = partner.report(world.used(session, 2000))
    rider.end(session)
    now = world.system.now()
    world.until(datetime(now.year, now.month + 1, 1, 14, tzinfo=now.tzinfo))
    (invoice,) = rider.read("/mobile/v1/invoices")["items"]
    charges = world.stripe._store.every("charge")
    owner = payer_of(rider).provider_customer
    account = str(invoice["invoice_id"]).partition(":")[0]
    return {
        "event": str(told["reference"]),
        "session": session,
        "proof": f"proof:{account}:1",
        "invoice": invoice["invoice_id"],
        "charge": next(str(row["id"]) for row in charges if row["customer"] == owner),
        "payment": f"payment:{invoice['invoice_id']}",
        "month": str(invoice["month"]),
    }


def hops(world: World, name: str) -> list[dict[str, Any]]:
    found = world.finance.read(TRACE + name)
    assert found["id"] == name
    return list(found["hops"])


def test_an_event_leads_to_its_line_proof_invoice_payment_and_export(world: World, ridden: dict[str, str]) -> None:
    found = hops(world, ridden["event"])
    by_kind = {each["kind"]: each for each in found}

    assert {"event", "session", "charge", "proof", "line", "invoice", "payment", "journal", "export"} == set(by_kind)
    assert by_kind["charge"]["facts"]["event"] == "counted"
    assert by_kind["line"]["facts"]["session"] == ridden["session"]
    for kind in ("session", "proof", "invoice", "payment"):
        assert by_kind[kind]["id"] == ridden[kind]
    assert {each["id"].rpartition("/")[2] for each in found if each["kind"] == "export"} >= {
        "usage.csv.gz",
        "journal.csv.gz",
    }


@pytest.mark.parametrize("begin", ["session", "proof", "invoice", "charge", "payment"])
def test_each_of_them_leads_back_to_all_others(world: World, ridden: dict[str, str], begin: str) -> None:
    named = {each["id"] for each in hops(world, ridden[begin])}

    assert {ridden[kind] for kind in ("session", "proof", "invoice", "payment")} <= named


def test_its_record_and_its_line_lead_to_the_same(world: World, ridden: dict[str, str]) -> None:
    by_kind = {each["kind"]: each["id"] for each in hops(world, ridden["session"])}

    for name in (by_kind["charge"], by_kind["line"].replace("#", "%23")):
        found = world.finance.read(TRACE + name)["hops"]
        assert {each["id"] for each in found if each["kind"] == "session"} == {ridden["session"]}
        assert {ridden[kind] for kind in ("session", "proof", "invoice", "payment")} <= {each["id"] for each in found}


def test_a_row_of_the_export_leads_back_by_each_id_in_it(world: World, ridden: dict[str, str]) -> None:
    used = [each for each in rows(world, ridden["month"], "usage.csv.gz") if each["session"] == ridden["session"]]
    billed = [each for each in rows(world, ridden["month"], "invoices.csv.gz") if each["invoice"] == ridden["invoice"]]

    assert used
    assert billed
    row = next(each for each in used if each["evidence"])
    report = f"{row['session']}%23{row['evidence']}"
    by_kind = {each["kind"]: each for each in world.finance.read(TRACE + report)["hops"]}
    assert (by_kind["event"]["facts"]["event"], by_kind["charge"]["facts"]["event"]) == (row["evidence"], "counted")
    assert by_kind["line"]["facts"]["price"] == row["price"]
    refused(world.finance.get(f"{TRACE}{row['session']}%23event-of-nobody"), 404, "unknown_trace")
    for name in (used[0]["session"], billed[0]["invoice"]):
        named = {each["id"] for each in hops(world, name)}
        assert {ridden[kind] for kind in ("session", "proof", "invoice", "payment")} <= named


def test_every_link_of_ours_can_be_read(world: World, ridden: dict[str, str]) -> None:
    links = {each["link"] for each in hops(world, ridden["event"]) if (each["link"] or "").startswith("/finance/")}

    assert len(links) > 5
    for link in links:
        world.finance.read(link)


def test_nobody_elses_is_among_them(world: World, ridden: dict[str, str]) -> None:
    sessions = {each["id"] for each in hops(world, ridden["invoice"]) if each["kind"] == "session"}

    assert sessions == {ridden["session"]}


@pytest.mark.parametrize(
    "name",
    [
        "none",
        "ch_none",
        "proof:acc:0",
        "proof:acc:1%23/lines/0",
        "acc:2021-05:1",
        "ses:2021-05:0",
        "payment:acc:2021-05:1",
        "payout:par:1",
        "dp_none",
        "chg_none",
        "acc:r1",
        "acc:2021-05:c1",
    ],
)
def test_what_is_unknown_is_refused(world: World, name: str) -> None:
    refused(world.finance.get(TRACE + name), 404, "unknown_trace")


def test_an_event_reference_that_is_none_is_refused(world: World) -> None:
    refused(world.finance.get(TRACE + "evr_nonsense"), 422, "not_a_reference")


def test_a_customer_traces_nothing(customer: Customer) -> None:
    refused(customer.get(TRACE + "none"), 401, "token_refused")
