"""One stored thing is changed behind the system's back: reconciling lists it, with its id, whichever it is."""

import json
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.callers import done
from tests.doors.paying import payer_of
from tests.doors.test_wallet import topped_up
from tests.doors.world import Customer, Partner, World

Item = dict[str, Any]
Differences = Counter[tuple[str, ...]]


def reconciled(world: World, month: str = "2021-06") -> Differences:
    world.later(minutes=1)
    asked = done(world.finance.post("/finance/v1/reconciliations", {"month": month}))
    world.settle()
    shown = world.finance.read(f"/finance/v1/reconciliation/{month}?run={asked['asked_at']}&limit=200")
    assert shown["state"] == "done"
    return Counter((each["stage"], each["cause"], each["about"], each["amount"]) for each in shown["items"])


@pytest.fixture(scope="module")
def riders(world: World, partner: Partner) -> dict[str, Customer]:
    """May is paid on 1 June; June's bills are paid on 1 July, but by the one whose card declines."""
    found = {name: world.customer() for name in ("card", "wallet", "declines")}
    topped_up(world, found["wallet"], "10.00")
    for each in found.values():
        world.ride(each, partner.bike(), partner, 2000)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    for each in found.values():
        world.ride(each, partner.bike(), partner, 2000)
    (card,) = found["declines"].read("/mobile/v1/me/payment-methods")["methods"]
    world.stripe.change_card(card["method_id"], declines="lost_card")
    account = found["card"].read("/mobile/v1/me")["account_id"]
    (invoice,) = found["card"].read("/mobile/v1/invoices")["items"]
    body = {"invoice_id": invoice["invoice_id"], "amount": "0.60", "reason": "a wet saddle"}
    done(world.operator.post(f"/finance/v1/accounts/{account}/refunds", body))
    world.until(datetime(2021, 7, 3, 15, tzinfo=UTC))
    return found


@pytest.fixture(scope="module")
def before(world: World, riders: dict[str, Customer]) -> Differences:
    assert riders
    found = reconciled(world)
    assert {cause for _, cause, *_ in found} <= {"paid_from_wallet", "payment_failed", "not_yet_paid"}
    return found


def scanned(world: World, table: str) -> Iterator[Item]:
    for page in (
        world.system.engine.client("dynamodb").get_paginator("scan").paginate(TableName=f"adgang-local-{table}")
    ):
        yield from page["Items"]


def entries(world: World, kind: str, account: str) -> list[Item]:
    """All copies of the first June entry of that kind of the account."""
    found = [
        each
        for each in scanned(world, "ledger")
        if "postings" in each
        and each["kind"]["S"] == kind
        and each["period"]["S"] == "2021-06"
        and each["account_id"]["S"] == account
    ]
    reference = min(each["reference"]["S"] for each in found)
    return [each for each in found if each["reference"]["S"] == reference]


def put(world: World, table: str, item: Item) -> None:
    world.system.engine.client("dynamodb").put_item(TableName=f"adgang-local-{table}", Item=item)


def listed(world: World, before: Differences) -> Differences:
    found = reconciled(world)
    return (found - before) + (before - found)


@pytest.mark.parametrize("kind", ["settlement", "wallet", "goodwill"])
@pytest.mark.parametrize("how", ["a euro more", "gone"])
def test_an_entry_of_the_journal_that_is_not_what_was_billed(
    world: World, riders: dict[str, Customer], before: Differences, kind: str, how: str
) -> None:
    account = riders["wallet" if kind == "wallet" else "card"].read("/mobile/v1/me")["account_id"]
    copies = entries(world, kind, account)
    assert len(copies) == 2
    for each in copies:
        rows = json.loads(each["postings"]["S"])
        rows[0][1] += 100
        rows[-1][1] -= 100
        if how == "gone":
            keys = {name: each[name] for name in ("pk", "sk")}
            world.system.engine.client("dynamodb").delete_item(TableName="adgang-local-ledger", Key=keys)
        else:
            put(world, "ledger", {**each, "postings": {"S": json.dumps(rows, separators=(",", ":"))}})
    try:
        found = listed(world, before)
    finally:
        for each in copies:
            put(world, "ledger", each)
    assert found
    assert {(stage, cause) for stage, cause, *_ in found} == {("booked", "unknown")}
    assert all(account in about for _, _, about, _ in found)


def test_an_invoice_that_says_that_it_is_paid_and_that_nobody_has_paid(
    world: World, riders: dict[str, Customer], before: Differences
) -> None:
    account = riders["declines"].read("/mobile/v1/me")["account_id"]
    (item,) = [
        each
        for each in scanned(world, "billing")
        if account in each["pk"]["S"] and each["sk"]["S"].startswith("invoice#2021-06")
    ]
    put(world, "billing", {**item, "state": {"S": "paid"}, "paid_at": {"S": "2021-07-01T00:30:00.000000Z"}})
    try:
        found = reconciled(world)
    finally:
        put(world, "billing", item)
    name = f"{account}:2021-06:1"
    assert found - before == Counter(
        [
            ("collected", "unknown", name, "1.50"),
            ("invoiced", "unknown", f"invoice-paid:{name}", "1.50"),
            ("invoiced", "unknown", f"invoice-open:{name}", "-1.50"),
        ]
    )
    assert before - found == Counter([("collected", "payment_failed", name, "1.50")])


@pytest.mark.parametrize("what", ["amount", "fee", "gone", "twice"])
def test_a_movement_at_stripe(world: World, riders: dict[str, Customer], before: Differences, what: str) -> None:
    assert riders
    store = world.stripe._store
    owner = payer_of(riders["card"]).provider_customer
    charges = {row["id"] for row in store.every("charge") if row["customer"] == owner}
    row = next(each for each in store.every("balance_transaction") if each["source"] in charges)
    was = dict(row)
    if what in ("amount", "fee"):
        row[what] += 1
        row["net"] += 1 if what == "amount" else -1
    kept = store.kinds["balance_transaction"]
    held = dict(kept)
    if what == "gone":
        del kept[row["id"]]
    if what == "twice":
        kept["txn_999999"] = {**row, "id": "txn_999999"}
    found = listed(world, before)
    row.update(was)
    kept.clear()
    kept.update(held)
    assert {(stage, cause) for stage, cause, *_ in found} == {("stripe", "unknown"), ("balance", "unknown")}


@pytest.mark.parametrize("what", ["total", "status", "gone"])
def test_an_invoice_at_stripe_that_is_not_ours(
    world: World, riders: dict[str, Customer], before: Differences, what: str
) -> None:
    owner, kept = payer_of(riders["card"]).provider_customer, world.stripe._store.kinds["invoice"]
    row, held = [each for each in world.stripe._store.every("invoice") if each["customer"] == owner][-1], dict(kept)
    was = dict(row)
    if what == "total":
        row["total"] += 100
    if what == "status":
        row["status"] = "open"
    if what == "gone":
        del kept[row["id"]]
    found = listed(world, before)
    row.update(was)
    kept.clear()
    kept.update(held)
    account = riders["card"].read("/mobile/v1/me")["account_id"]
    paid, unpaid = f"invoice-paid:{account}:2021-06:1", f"invoice-open:{account}:2021-06:1"
    amounts = {"total": {(paid, "-1.00")}, "gone": {(paid, "1.50")}}

    expected = amounts.get(what, {(paid, "1.50"), (unpaid, "-1.50")})
    assert set(found) == {("invoiced", "unknown", *each) for each in expected}


@pytest.mark.parametrize("begins", ["posted#", "balances"])
def test_sums_of_the_ledger_that_do_not_balance_as_its_entries_do(
    world: World, riders: dict[str, Customer], before: Differences, begins: str
) -> None:
    """
    The newest of what entries sum up to, or of the balances that are kept, is a euro off on one account.
    """
    assert riders
    items = [each for each in scanned(world, "ledger") if each["pk"]["S"].startswith(begins)]
    newest = max(items, key=lambda each: each["sk"]["S"])
    packed = begins == "balances"
    rows = json.loads(zlib.decompress(newest["sums"]["B"]) if packed else newest["sums"]["S"])
    rows[0][2] += 100
    text = json.dumps(rows, separators=(",", ":"))
    put(world, "ledger", {**newest, "sums": {"B": zlib.compress(text.encode())} if packed else {"S": text}})
    try:
        found = listed(world, before)
    finally:
        put(world, "ledger", newest)
    assert ("booked", "unknown", "sums:EUR", "-1.00") in found
