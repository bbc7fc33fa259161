"""A tariff tried on a past month of real rides: what it would have cost whom, without anything being written."""

from dataclasses import dataclass
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from infra.local.apps import REGION
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF, PRODUCT
from tests.doors.callers import Caller, done, refused
from tests.doors.world import Customer, Partner, World

PARTNER, FINANCE = "/partner/v1/simulations", "/finance/v1/simulations"
MAY = {"month": "2021-05", "product_id": PRODUCT}
BY_THE_SECOND: dict[str, Any] = {
    "currency": "EUR",
    "tax_inclusive": True,
    "meters": [{"name": "use_seconds", "unit": "s"}],
    "prices": [{"id": "time", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.001"}],
}
PUBLISHED = {"product_id": PRODUCT, "version": 1}


@dataclass
class Past:
    """May 2021, over and billed.

    By the published tariff (0.50, and 1.00 per started half hour after the first) and by 0.001 a second:
    aino 2,000 s and 600 s: 2.00, 2.60; bo 4,000 s: 2.50, 4.00; cy 300 s: 0.50, 0.30; di 500 s: 0.50, 0.50.
    """

    world: World
    partner: Partner
    other: Partner
    finance: Caller
    accounts: dict[str, str]


def account_of(customer: Customer) -> str:
    return str(customer.read("/mobile/v1/me")["account_id"])


@pytest.fixture(scope="module")
def past(world: World, partner: Partner) -> Past:
    other = world.partner("Other")
    riders = {name: world.customer() for name in ("aino", "bo", "cy", "di", "elle")}
    rides = [("aino", 2000), ("aino", 600), ("bo", 4000), ("cy", 300), ("di", 500)]
    for name, seconds in rides:
        world.ride(riders[name], partner.bike(), partner, seconds)
    for name in ("aino", "elle"):
        world.ride(riders[name], other.bike(), other, 1000)
    world.until(world.system.now().replace(month=6, day=3, hour=12))
    reader = world.staff("rita", "finance-read")
    return Past(world, partner, other, reader, {name: account_of(rider) for name, rider in riders.items()})


def tried(caller: Caller, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return dict(done(caller.post(path, body, key=None)))


def in_may(past: Past, tariff: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a JSON document
    return tried(past.finance, FINANCE, {"tariff": tariff, **MAY, "partner_id": past.partner.partner_id, **more})


def amounts(simulated: dict[str, Any]) -> tuple[str, str, str]:
    return tuple(simulated[name]["amount"] for name in ("billed", "would_be", "difference"))  # type: ignore[return-value]


def test_the_same_tariff_on_the_same_month_changes_nothing(past: Past) -> None:
    statements = [CITY_BIKE_TARIFF, {**PUBLISHED, "partner_id": past.partner.partner_id}]

    for tariff in statements:
        found = in_may(past, tariff)
        assert amounts(found["summary"]) == ("5.50", "5.50", "0.00")
        assert [amounts(each)[2] for each in found["customers"]] == ["0.00"] * 4
        assert [found["summary"][name] for name in ("customers", "winners", "losers", "unchanged")] == [4, 0, 0, 4]


def test_another_tariff_is_compared_with_what_was_billed_customer_by_customer(past: Past) -> None:
    found = in_may(past, BY_THE_SECOND)

    by_name = {
        name: each for each in found["customers"] for name, acc in past.accounts.items() if acc == each["customer"]
    }
    assert {name: amounts(each) for name, each in by_name.items()} == {
        "aino": ("2.00", "2.60", "0.60"),
        "bo": ("2.50", "4.00", "1.50"),
        "cy": ("0.50", "0.30", "-0.20"),
        "di": ("0.50", "0.50", "0.00"),
    }
    assert amounts(found["summary"]) == ("5.50", "7.40", "1.90")
    assert {each["uses"] for each in (by_name["bo"], by_name["cy"])} == {1}
    assert all(each["settled"] for each in found["customers"])


def test_the_summary_names_who_gains_and_who_loses_the_most(past: Past) -> None:
    summary = in_may(past, BY_THE_SECOND)["summary"]

    assert [summary[name] for name in ("winners", "losers", "unchanged", "not_settled")] == [1, 2, 1, 0]
    eur = {name: {"customer": account, "amount": {"currency": "EUR"}} for name, account in past.accounts.items()}
    assert [eur[name]["customer"] for name in ("bo", "aino")] == [
        each["customer"] for each in summary["largest_losses"]
    ]
    assert [each["amount"]["amount"] for each in summary["largest_losses"]] == ["1.50", "0.60"]
    assert [(each["customer"], each["amount"]["amount"]) for each in summary["largest_gains"]] == [
        (past.accounts["cy"], "0.20")
    ]


def test_a_draft_with_rules_that_cannot_be_published_yet_is_tried(past: Past) -> None:
    """
    The first ride of a month is free by the second, which leaves aino's 0.60. Nothing tells about km,
    and there is no agreement for a monthly fee.
    """
    prices = [
        *BY_THE_SECOND["prices"],
        {"id": "far", "kind": "unit", "meter": "km", "unit_amount": "1"},
        {"id": "month", "kind": "recurring", "amount": "5", "per": "month"},
    ]
    draft = {
        **BY_THE_SECOND,
        "meters": [*BY_THE_SECOND["meters"], {"name": "km", "unit": "km", "most_per_hour": "100"}],
        "prices": prices,
        "allowances": [{"id": "first", "period": "month", "uses": 1, "over": ["time"]}],
    }

    summary = in_may(past, draft)["summary"]

    assert summary["would_be"]["amount"] == "0.60"
    assert (summary["meters_not_used"], summary["prices_not_tried"]) == (["km"], ["far", "month"])


def test_a_month_comes_in_pages_that_add_up(past: Past) -> None:
    pages, after = [], None
    while True:
        page = in_may(past, BY_THE_SECOND, limit=2, **({"after": after} if after else {}))
        pages.append(page)
        after = page["next"]
        if after is None:
            break

    assert len(pages) >= 3
    names = [each["customer"] for page in pages for each in page["customers"]]
    assert sorted(names) == sorted(past.accounts[name] for name in ("aino", "bo", "cy", "di"))
    assert sum(int(page["summary"]["would_be"]["amount"].replace(".", "")) for page in pages) == 740


def test_rated_lines_come_on_request(past: Past) -> None:
    plain, full = in_may(past, BY_THE_SECOND), in_may(past, BY_THE_SECOND, lines=True)

    assert {len(each["lines"]) for each in plain["customers"]} == {0}
    (aino,) = [each for each in full["customers"] if each["customer"] == past.accounts["aino"]]
    assert sorted(line["amount"]["amount"] for line in aino["lines"]) == ["0.60", "2.00"]
    assert all(line["evidence"] and line["use_id"].startswith("ses_") for line in aino["lines"])
    assert full["lines_left_out"] == 0


def test_a_partner_sees_its_own_customers_under_pseudonyms_only(past: Past) -> None:
    """
    Neither the pages' cursor, nor a line's facts and evidence tell whose session it was.
    """
    capped = {**BY_THE_SECOND, "caps": [{"id": "ride", "period": "use", "amount": "1.00", "over": ["time"]}]}
    pages = [tried(past.partner, PARTNER, {"tariff": capped, **MAY, "lines": True, "limit": 2})]
    while pages[-1]["next"] is not None:
        body = {"tariff": capped, **MAY, "lines": True, "limit": 2, "after": pages[-1]["next"]}
        pages.append(tried(past.partner, PARTNER, body))
    customers = [each for page in pages for each in page["customers"]]

    assert sorted(amounts(each)[0] for each in customers) == ["0.50", "0.50", "2.00", "2.50"]
    assert all(each["customer"].startswith("cus_") for each in customers)
    shown = str(pages)
    assert [account for account in past.accounts.values() if account in shown] == []
    assert "ses_" not in shown
    assert "use_seconds" not in str([line["evidence"] for each in customers for line in each["lines"]])
    assert {line["use_id"] for each in customers for line in each["lines"]} == {"use-1", "use-2"}


def test_pseudonyms_are_the_same_within_a_month_and_others_for_another_partner(past: Past) -> None:
    first = tried(past.partner, PARTNER, {"tariff": PUBLISHED, **MAY})
    again = tried(past.partner, PARTNER, {"tariff": BY_THE_SECOND, **MAY})
    others = tried(past.other, PARTNER, {"tariff": BY_THE_SECOND, **MAY})

    names = [{each["customer"] for each in found["customers"]} for found in (first, again, others)]
    assert names[0] == names[1]
    assert len(names[0]) == 4
    assert len(names[2]) == 2
    assert names[0] & names[2] == set()


def test_a_cursor_of_another_partner_or_of_nobody_is_refused(past: Past) -> None:
    mine = tried(past.partner, PARTNER, {"tariff": PUBLISHED, **MAY, "limit": 1})["next"]

    for after in (mine + "A", "AAAA", "%%%", "é", past.accounts["bo"]):
        body = {"tariff": PUBLISHED, **MAY, "after": after}
        refused(past.partner.post(PARTNER, body, key=None), 422, "cursor_refused", "/after")
    refused(
        past.other.post(PARTNER, {"tariff": PUBLISHED, **MAY, "after": mine}, key=None), 422, "cursor_refused", "/after"
    )


def test_another_partners_product_and_tariff_are_unknown(past: Past) -> None:
    done(past.other.put("/partner/v1/products/scooter", CITY_BIKE))
    done(past.other.post("/partner/v1/products/scooter/tariffs", CITY_BIKE_TARIFF))
    on = {"tariff": BY_THE_SECOND, **MAY, "product_id": "scooter"}
    refused(past.partner.post(PARTNER, on, key=None), 404, "unknown_product", "/product_id")
    tariff = {"product_id": "scooter", "version": 1}
    for body in ({**MAY}, {"customers": []}):
        reply = past.partner.post(PARTNER, {**body, "tariff": tariff}, key=None)
        refused(reply, 404, "unknown_product", "/tariff/product_id")

    for body in ({"tariff": {**tariff, "partner_id": past.other.partner_id}, **MAY},):
        problem = refused(past.partner.post(PARTNER, body, key=None), 422, "invalid_tariff")
        assert problem["errors"] == [{"pointer": "/tariff/partner_id", "reason": "unknown_member"}]
    given = {"tariff": BY_THE_SECOND, **MAY, "partner_id": past.other.partner_id}
    refused(past.partner.post(PARTNER, given, key=None), 422, "body_invalid", "/partner_id")


def test_a_version_that_was_never_published_is_unknown(past: Past) -> None:
    reply = past.partner.post(PARTNER, {"tariff": {**PUBLISHED, "version": 9}, **MAY}, key=None)

    refused(reply, 404, "unknown_tariff", "/tariff/version")


def test_a_published_fare_is_tried_by_its_name(past: Past) -> None:
    done(past.other.put("/partner/v1/products/kick", CITY_BIKE))
    done(past.other.post("/partner/v1/products/kick/tariffs", CITY_BIKE_TARIFF))
    done(past.other.post("/partner/v1/products/kick/fares/saver/tariffs", BY_THE_SECOND))
    fare = {"product_id": "kick", "version": 1, "fare": "saver"}

    found = tried(past.other, PARTNER, {"tariff": fare, **MAY})

    assert found["summary"]["would_be"]["amount"] == "2.00"
    reply = past.other.post(PARTNER, {"tariff": {**fare, "fare": "none"}, **MAY}, key=None)
    refused(reply, 404, "unknown_tariff", "/tariff/version")


def test_only_staff_who_may_read_and_partners_with_a_key_may_try(past: Past) -> None:
    body = {"tariff": BY_THE_SECOND, **MAY, "partner_id": past.partner.partner_id}

    refused(past.world.operator.post(FINANCE, body, key=None), 403, "right_missing")
    refused(past.world.nobody.post(FINANCE, body, key=None), 401, "unauthenticated")
    refused(past.world.nobody.post(PARTNER, body, key=None), 401, "unauthenticated")
    assert past.world.finance.post(FINANCE, body, key=None).status == 200


def audited(auditor: Caller) -> list[dict[str, Any]]:
    """Who has tried a tariff on a month, the newest first."""
    return list(auditor.read("/finance/v1/audit?kind=simulation")["items"])


def everything_stored() -> dict[str, list[str]]:
    """All tables, item by item."""
    tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
    return {name: sorted(str(item.to_json()) for item in table.all_items()) for name, table in tables.items()}


def test_nothing_is_written_by_any_simulation_but_that_staff_have_read_a_month(past: Past) -> None:
    """
    No other write call is made and every table stays as it was, also for an Idempotency-Key, which it does not need.
    """
    use = {
        "started_at": "2021-05-10T10:00:00Z",
        "ended_at": "2021-05-10T11:00:00Z",
        "quantities": {"use_seconds": "60"},
    }
    past.world.settle()
    auditor = past.world.staff("aino", "auditor")
    read_before = audited(auditor)
    stored, written = everything_stored(), past.world.system.calls.written.total()

    for body in (MAY, {**MAY, "lines": True, "limit": 1}, {"customers": [{"uses": [use]}], "now": CITY_BIKE_TARIFF}):
        for key in (None, "some-key"):
            done(past.partner.post(PARTNER, {"tariff": BY_THE_SECOND, **body}, key=key))
            staffs = {**body, "partner_id": past.partner.partner_id} if "month" in body else body
            done(past.finance.post(FINANCE, {"tariff": BY_THE_SECOND, **staffs}, key=key))
    assert past.partner.post(PARTNER, {"tariff": {}, **MAY}, key=None).status == 422

    assert past.world.system.calls.written.total() == written + 4
    assert len(stored) > 5
    after = everything_stored()
    assert {name: rows for name, rows in after.items() if "finance" not in name} == {
        name: rows for name, rows in stored.items() if "finance" not in name
    }
    read = audited(auditor)[: -len(read_before) or None]
    assert [(each["route"], each["whose"]) for each in read] == [("POST /v1/simulations", "*")] * 4
    (table,) = [name for name in stored if "finance" in name]
    more = set(after[table]) - set(stored[table])
    assert set(stored[table]) <= set(after[table])
    assert all("audit#" in each for each in more)


def test_a_month_that_is_not_over_or_is_none_is_refused(past: Past) -> None:
    for month, code in {"2021-06": "not_a_past_month", "2999-01": "not_a_past_month", "2021-13": "not_a_month"}.items():
        reply = past.partner.post(PARTNER, {"tariff": PUBLISHED, **MAY, "month": month}, key=None)
        refused(reply, 422, code, "/month")
    for month in ("2021-05+03:00", "2021-05[Europe/Helsinki]", "0000-01"):
        reply = past.partner.post(PARTNER, {"tariff": PUBLISHED, **MAY, "month": month}, key=None)
        refused(reply, 422, "not_a_month", "/month")


def test_a_month_before_the_first_ride_has_no_customers(past: Past) -> None:
    found = tried(past.partner, PARTNER, {"tariff": PUBLISHED, **MAY, "month": "2020-01"})

    assert (found["customers"], found["next"], found["summary"]["customers"]) == ([], None, 0)
    assert amounts(found["summary"]) == ("0.00", "0.00", "0.00")


def test_a_tariff_in_another_currency_than_accounts_settle_in_is_refused(past: Past) -> None:
    reply = past.partner.post(PARTNER, {"tariff": {**BY_THE_SECOND, "currency": "SEK"}, **MAY}, key=None)

    problem = refused(reply, 422, "invalid_tariff")
    assert problem["errors"] == [{"pointer": "/tariff/currency", "reason": "accounts settle in EUR"}]


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"limit": 0}, "/limit"),
        ({"limit": 101}, "/limit"),
        ({"limit": "5"}, "/limit"),
        ({"after": ""}, "/after"),
        ({"after": 5}, "/after"),
        ({"lines": "yes"}, "/lines"),
        ({"customers": []}, "/customers"),
        ({"product_id": "../x"}, "/product_id"),
        ({"product_id": None}, "/product_id"),
        ({"month": 202105}, "/month"),
        ({"whatever": 1}, "/whatever"),
    ],
)
def test_each_member_at_fault_is_pointed_at(past: Past, more: dict[str, Any], pointer: str) -> None:
    refused(past.partner.post(PARTNER, {"tariff": PUBLISHED, **MAY, **more}, key=None), 422, "body_invalid", pointer)
