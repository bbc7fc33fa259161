"""What is given up, lost or had after all is held against the journal in the month in which it is posted."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.doors.callers import done
from tests.doors.test_books_tampered_with import Differences, Item, put, reconciled, scanned
from tests.doors.test_disputes import charge_of
from tests.doors.test_wallet import topped_up
from tests.doors.world import Customer, Partner, World

JULY, AUGUST = "2021-07", "2021-08"
Lost = dict[str, Customer]


def account_of(rider: Customer) -> str:
    return str(rider.read("/mobile/v1/me")["account_id"])


def write_off(world: World, rider: Customer) -> None:
    (invoice,) = rider.read("/mobile/v1/invoices")["items"]
    where = invoice["invoice_id"].replace(":", "/")
    done(world.finance.post(f"/finance/v1/invoices/{where}/write-off", {"note": "moved away"}))


@pytest.fixture(scope="module")
def lost(world: World, partner: Partner) -> Lost:
    """
    All ride in May. In July banks have decided about payments of an invoice and of a top-up that was ridden off, and
    two invoices are given up, of which one is paid in August after all.
    """
    riders = {name: world.customer() for name in ("invoice", "top_up", "won", "given_up", "recovered")}
    topped_up(world, riders["top_up"], "5.00")
    for name, each in riders.items():
        for _ in range(4 if name == "top_up" else 1):
            world.ride(each, partner.bike(), partner, 2000)
    for name in ("given_up", "recovered"):
        (card,) = riders[name].read("/mobile/v1/me/payment-methods")["methods"]
        world.stripe.change_card(card["method_id"], declines="lost_card")
    world.until(datetime(2021, 6, 30, 12, tzinfo=UTC))
    disputes = [world.stripe.open_dispute(charge_of(world, riders[name])) for name in ("invoice", "top_up", "won")]
    world.settle()
    world.until(datetime(2021, 7, 2, 12, tzinfo=UTC))
    for dispute, won in zip(disputes, (False, False, True), strict=True):
        world.stripe.decide_dispute(dispute, won=won)
    for name in ("given_up", "recovered"):
        write_off(world, riders[name])
    world.settle()
    done(world.finance.post(f"/finance/v1/disputes/{disputes[0]}/make-good", {"note": "paid by bank transfer"}))
    world.until(datetime(2021, 8, 5, 12, tzinfo=UTC))
    account = account_of(riders["recovered"])
    (theirs,) = [row for row in world.stripe._store.every("invoice") if row["metadata"].get("account_id") == account]
    world.stripe.pay_at_page(theirs["id"])
    world.settle()
    world.until(datetime(2021, 9, 3, 15, tzinfo=UTC))
    return riders


@pytest.fixture(scope="module")
def before(world: World, lost: Lost) -> dict[str, Differences]:
    assert lost
    found = {month: reconciled(world, month) for month in (JULY, AUGUST)}
    assert [cause for each in found.values() for _, cause, *_ in each if cause == "unknown"] == []
    return found


def copies(world: World, kind: str, account: str, month: str) -> list[Item]:
    found = [each for each in scanned(world, "ledger") if "postings" in each and each["kind"]["S"] == kind]
    return [each for each in found if (each["account_id"]["S"], each["period"]["S"]) == (account, month)]


def off(rows: list[list[object]]) -> None:
    """Still balanced."""
    rows[0][1] = int(str(rows[0][1])) + 10
    rows[-1][1] = int(str(rows[-1][1])) - 10


def changed(world: World, each: Item) -> None:
    rows = json.loads(each["postings"]["S"])
    off(rows)
    put(world, "ledger", {**each, "postings": {"S": json.dumps(rows, separators=(",", ":"))}})


def gone(world: World, each: Item) -> None:
    keys = {name: each[name] for name in ("pk", "sk")}
    world.system.engine.client("dynamodb").delete_item(TableName="adgang-local-ledger", Key=keys)


def again(world: World, each: Item) -> None:
    """Posted once more, under the name that a later one would have."""
    was = each["reference"]["S"]
    reference = f"{was}9"
    keys = {name: {"S": each[name]["S"].replace(was, reference)} for name in ("sk",)}
    put(world, "ledger", {**each, **keys, "reference": {"S": reference}})


HOW: dict[str, Callable[[World, Item], None]] = {"less": changed, "gone": gone, "twice": again}


@pytest.mark.parametrize("how", list(HOW))
@pytest.mark.parametrize(
    "entry",
    [
        ("invoice", "dispute-loss", JULY),
        ("top_up", "dispute-loss", JULY),
        ("given_up", "bad-debt", JULY),
        ("recovered", "bad-debt", JULY),
        ("recovered", "recovery", AUGUST),
    ],
)
def test_what_is_lost_and_not_posted_so_is_listed_in_the_month_of_its_posting(
    world: World, lost: Lost, before: dict[str, Differences], entry: tuple[str, str, str], how: str
) -> None:
    name, kind, month = entry
    items = copies(world, kind, account_of(lost[name]), month)
    assert len(items) == 2
    for each in items:
        HOW[how](world, each)
    try:
        found = reconciled(world, month)
    finally:
        for each in items:
            gone(world, {**each, "sk": {"S": each["sk"]["S"] + "9"}})
            put(world, "ledger", each)

    reference = items[0]["reference"]["S"]
    more = (found - before[month]) + (before[month] - found)
    assert more
    assert {(stage, cause) for stage, cause, *_ in more} == {("booked", "unknown")}
    assert all(about.startswith(reference) for _, _, about, _ in more)


@pytest.mark.parametrize("name", ["won", "invoice"])
def test_what_a_bank_took_or_gave_back_and_what_it_cost_are_held_apart(
    world: World, lost: Lost, before: dict[str, Differences], name: str
) -> None:
    """
    Ten cents of what was disputed are booked as a fee: Stripe moved as much as the ledger says, and not that.
    """
    month = JULY if name == "won" else "2021-06"
    known = before[month] if month in before else reconciled(world, month)
    items = copies(world, "dispute", account_of(lost[name]), month)
    for each in items:
        rows = json.loads(each["postings"]["S"])
        rows[0][1] -= 10
        fee = next((row for row in rows if row[0] == "stripe-fees"), None)
        if fee is None:
            fee = ["stripe-fees", 0, *rows[0][2:]]
            rows.append(fee)
        fee[1] += 10
        put(world, "ledger", {**each, "postings": {"S": json.dumps(rows, separators=(",", ":"))}})
    try:
        found = reconciled(world, month)
    finally:
        for each in items:
            put(world, "ledger", each)

    movement = items[0]["reference"]["S"].removeprefix("dispute:")
    assert Counter({each: count for each, count in (found - known).items() if each[0] == "stripe"}) == Counter(
        [
            ("stripe", "unknown", f"dispute:{movement}", "0.10"),
            ("stripe", "unknown", f"fee:{movement}", "-0.10"),
        ]
    )
