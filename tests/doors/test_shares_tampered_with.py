"""One stored thing of a partner's share is changed behind the system's back: reconciling lists it, with its id."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.callers import done
from tests.doors.test_books_tampered_with import Differences, Item, put, reconciled, scanned
from tests.doors.test_partner_payouts import PAYOUT, URLS
from tests.doors.world import Customer, Partner, World

JUNE, JULY = "2021-06", "2021-07"
Change = Callable[[Any], None]


@pytest.fixture(scope="module")
def tools(world: World) -> Partner:
    """Another partner, which opens no account for its share: it waits."""
    return world.partner("Tools")


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner, tools: Partner) -> Customer:
    """In June both have 70 %, and five euros at least. What is paid on 1 July is sent to one of them."""
    for each in (partner, tools):
        where = f"/finance/v1/partners/{each.partner_id}/share/{JUNE}"
        done(world.finance.put(where, {"percent": "70", "minimum": "5.00"}))
    account = done(partner.post(PAYOUT, URLS, key="open"))["account"]
    world.stripe.onboard(account)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    rider = world.customer()
    for each in (partner, tools):
        world.ride(rider, each.bike(), each, 4000)
    world.until(datetime(2021, 8, 3, 15, tzinfo=UTC))
    return rider


@pytest.fixture(scope="module")
def before(world: World, rider: Customer) -> dict[str, Differences]:
    assert rider
    found = {month: reconciled(world, month) for month in (JUNE, JULY)}
    assert {cause for each in found.values() for _, cause, *_ in each} <= {"paid_out_later", "of_another_month"}
    return found


def items(world: World, partner: Partner, begins: str) -> list[Item]:
    found = [each for each in scanned(world, "billing") if each["pk"]["S"] == f"partner#{partner.partner_id}"]
    return [each for each in found if each["sk"]["S"].startswith(begins)]


def with_changed(item: Item, name: str, change: Change) -> Item:
    """A document of the item is changed, or a number."""
    if "N" in item[name]:
        return {**item, name: {"N": str(int(item[name]["N"]) + 10)}}
    document = json.loads(item[name]["S"])
    change(document)
    return {**item, name: {"S": json.dumps(document, separators=(",", ":"))}}


def ten_more(document: Any) -> None:  # noqa: ANN401 -- JSON
    """Of what is in there first."""
    rows = document if isinstance(document, list) else [document]
    name = next(each for each, value in rows[0].items() if isinstance(value, int))
    rows[0][name] += 10


def listed(world: World, before: dict[str, Differences], month: str, item: Item, after: Item | None) -> Differences:
    """What is listed more once an item is another, or gone."""
    if after is not None:
        put(world, "billing", after)
    else:
        keys = {name: item[name] for name in ("pk", "sk")}
        world.system.engine.client("dynamodb").delete_item(TableName="adgang-local-billing", Key=keys)
    try:
        found = reconciled(world, month)
    finally:
        put(world, "billing", item)
    return (found - before[month]) + (before[month] - found)


@pytest.mark.parametrize("how", ["more", "gone"])
def test_what_waits_to_be_sent_and_is_not_what_the_ledger_owes(
    world: World, tools: Partner, before: dict[str, Differences], how: str
) -> None:
    waits, *_ = items(world, tools, "due#")
    after = with_changed(waits, "due", ten_more) if how == "more" else None

    found = listed(world, before, JULY, waits, after)
    assert {(stage, cause, about) for stage, cause, about, _ in found} == {
        ("due", "unknown", f"due:{tools.partner_id}")
    }


@pytest.mark.parametrize("name", ["lines", "posted", "trued_up"])
def test_a_partners_statement_that_says_another_share_than_the_bills(
    world: World, tools: Partner, before: dict[str, Differences], name: str
) -> None:
    (stated,) = items(world, tools, f"statement#{JUNE}")

    found = listed(world, before, JUNE, stated, with_changed(stated, name, ten_more))
    assert found
    assert {cause for _, cause, *_ in found} == {"unknown"}
    assert {stage for stage, *_ in found} <= {"stated", "booked"}
    assert all(f"{JUNE}" in about and tools.partner_id in about for _, _, about, _ in found)


def test_a_statement_that_is_gone(world: World, tools: Partner, before: dict[str, Differences]) -> None:
    (stated,) = items(world, tools, f"statement#{JUNE}")

    found = listed(world, before, JUNE, stated, None)
    assert {stage for stage, *_ in found} == {"stated", "booked"}


def test_what_was_sent_and_is_kept_as_another_amount(
    world: World, partner: Partner, before: dict[str, Differences]
) -> None:
    moved, *_ = items(world, partner, f"moved#{JULY}")

    found = listed(world, before, JULY, moved, with_changed(moved, "minor", ten_more))
    reference = f"transfer:{partner.partner_id}:{int(moved['number']['N'])}"
    assert {(*each[:2], each[3]) for each in found} == {("booked", "unknown", "0.10"), ("booked", "unknown", "-0.10")}
    assert all(about.startswith(reference) for _, _, about, _ in found)


def of_rider(world: World, rider: Customer, begins: str) -> Item:
    account = rider.read("/mobile/v1/me")["account_id"]
    of_account = [each for each in scanned(world, "billing") if each["pk"]["S"] == f"account#{account}"]
    (found,) = [each for each in of_account if each["sk"]["S"].startswith(begins)]
    return found


def tax_more(paper: Any) -> None:  # noqa: ANN401 -- JSON
    """Ten cents more of the tax at the first rate."""
    *_, taxes = paper
    taxes[0][2] += 10


def line_more(lines: Any) -> None:  # noqa: ANN401 -- as above
    lines[0][2] += 10


PAPERS: dict[str, tuple[str, Change]] = {
    "shares": ("invoice#", ten_more),
    "paper": ("invoice#", tax_more),
    "lines": ("invoice#", line_more),
    "shares_invoiced": ("settled#", ten_more),
    "taxes_invoiced": ("settled#", ten_more),
    "parts": ("settled#", ten_more),
}


@pytest.mark.parametrize("name", list(PAPERS))
def test_a_document_that_says_another_share_tax_or_line_than_what_was_settled(
    world: World, rider: Customer, before: dict[str, Differences], name: str
) -> None:
    begins, change = PAPERS[name]
    item = of_rider(world, rider, f"{begins}{JUNE}")

    found = listed(world, before, JUNE, item, with_changed(item, name, change))
    assert found
    assert {cause for _, cause, *_ in found} == {"unknown"}
    if name != "parts":
        account = rider.read("/mobile/v1/me")["account_id"]
        assert {stage for stage, *_ in found} == {"booked"}
        assert all(about.startswith(f"document:{account}:{JUNE}") for _, _, about, _ in found)
