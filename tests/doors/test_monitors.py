"""Finance reads the monitors of a month that is closed, and the report, as its newest export keeps them."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from botocore.client import BaseClient
from openpyxl import load_workbook

from chalicelib.edge.monitor_desk import _VIEWS
from chalicelib.finance.offered import PER_EVENT, PER_SESSION
from chalicelib.kernel.languages import LANGUAGES
from infra.local.tariffs import CITY_BIKE, PRODUCT
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World
from tests.units import item_size, read_units, write_units

_NEAR = Decimal("0.1")
OWNING = {"purchase_price": "600.00", "life_days": 1825, "worth_after": "50.00", "upkeep_per_year": "90.00"}
JUNE, JULY = (datetime(2021, number, 1, 12, tzinfo=UTC) for number in (6, 7))


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner) -> Customer:
    """
    Two customers ride in May, 2.00 and 0.50; one of them again in June, 0.50. Both months are closed.
    """
    done(partner.put(f"/partner/v1/products/{PRODUCT}", {**CITY_BIKE, "owning": OWNING}))
    rider, other = world.customer(), world.customer()
    for who, seconds in ((rider, 60), (rider, 2000), (other, 60)):
        world.ride(who, partner.bike(), partner, seconds)
    world.until(JUNE)
    world.ride(rider, partner.bike(), partner, 60)
    world.until(JULY)
    return rider


def read(world: World, path: str) -> dict[str, Any]:
    return dict(world.finance.read(f"/finance/v1/{path}"))


def by_key(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["key"]: each for each in shown["items"]}


def test_profit_is_shown_by_every_view_with_the_month_before_and_what_each_figure_means(
    world: World, partner: Partner, rider: Customer
) -> None:
    product, me = f"{partner.partner_id}:{PRODUCT}", rider.read("/mobile/v1/me")["account_id"]
    for by, key in (("product", product), ("category", "bikes"), ("partner", partner.partner_id), ("customer", me)):
        shown = read(world, f"profit/2021-06?by={by}")
        figures = by_key(shown)[key]["figures"]
        before = "2.00" if by == "customer" else "2.50"
        assert figures["revenue"] == {"now": "0.50", "before": before}
        assert shown["totals"]["EUR"]["revenue"] == "0.50"
        assert (shown["month"], shown["before"], shown["view"]) == ("2021-06", "2021-05", by)
        assert "journal" in shown["definitions"]["revenue"]
        assert {each["off"] for each in shown["ties"]} <= {"0.00"}
    margin = by_key(read(world, "profit/2021-06?by=product"))[product]["figures"]["margin"]["now"]
    assert {read(world, f"profit/2021-06?by={by}")["totals"]["EUR"]["margin"] for by in ("product", "customer")} == {
        margin
    }


def of_every_view(world: World, month: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for monitor, views in _VIEWS.items():
        for by in views:
            yield f"{monitor} by {by}", read(world, f"{monitor}/{month}?by={by}")


@pytest.mark.usefixtures("rider")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_and_ratio_of_every_view_has_its_definition_beside_it(world: World, language: str) -> None:
    for monitor, views in _VIEWS.items():
        for by in views:
            path = f"/finance/v1/{monitor}/2021-05?by={by}"
            shown = done(world.finance.get(path, headers={"Accept-Language": language}))
            rows = {code for each in shown["items"] for code in (*each["figures"], *each["ratios"])}
            totals = {code for each in shown["totals"].values() for code in each}
            assert all(shown["definitions"].get(code) for code in rows | totals), (path, rows | totals)


@pytest.mark.usefixtures("rider")
def test_every_figure_of_every_view_stands_beside_that_of_the_month_before(world: World) -> None:
    """
    What May's own monitors said is what June's say of May, row by row, also where nothing is left of a row.
    """
    before, seen = dict(of_every_view(world, "2021-05")), 0
    for view, june in of_every_view(world, "2021-06"):
        of_may, of_june = by_key(before[view]), by_key(june)
        assert of_may.keys() <= of_june.keys(), view
        for key, row in of_june.items():
            for code, figure in row["figures"].items():
                then = of_may[key]["figures"].get(code, {"now": None})["now"] if key in of_may else None
                zero = "0.00" if isinstance(figure["now"], str) else 0
                assert figure["before"] == (zero if then is None else then), (view, key, code)
                seen += 1
    assert seen > 100
    figures = [each for shown in before.values() for row in shown["items"] for each in row["figures"].values()]
    assert {each["before"] for each in figures} == {None}


def test_recognition_ties_to_the_journal_that_finance_reads(world: World, partner: Partner, rider: Customer) -> None:
    """
    What is recognised is what the journal posts as revenue, since nothing is open.
    """
    assert rider
    for month in ("2021-05", "2021-06"):
        journal = {row["ledger_account"]: row["amount"] for row in read(world, f"journal/{month}")["rows"]}
        shown = read(world, f"recognition/{month}")
        booked = str(-Decimal(journal[f"revenue:{partner.partner_id}:{PRODUCT}"]))
        assert shown["totals"]["EUR"]["revenue"] == shown["totals"]["EUR"]["recognised"] == booked
        named = {each["name"]: (each["one"], each["off"]) for each in shown["ties"]}
        assert named
        assert {off for _, off in named.values()} == {"0.00"}
        assert booked in {one for one, _ in named.values()}


def test_rows_come_in_pages_and_of_what_is_asked_for(world: World, partner: Partner, rider: Customer) -> None:
    assert rider
    whole = read(world, "profit/2021-06?by=asset")["items"]
    page = read(world, "profit/2021-06?by=asset&limit=2")
    paged = list(page["items"])
    while page["next"]:
        page = read(world, f"profit/2021-06?by=asset&limit=2&after={quote(page['next'])}")
        paged += page["items"]

    assert [each["figures"]["depreciation"]["now"] for each in whole] == ["-9.04"] * 4  # all bikes, also without a ride
    assert paged == whole
    assert read(world, f"profit/2021-06?by=asset&partner={partner.partner_id}")["items"] == whole
    assert read(world, "profit/2021-06?by=asset&partner=somebody")["items"] == []


def test_customers_stand_in_stages_and_move_between_them(world: World, rider: Customer) -> None:
    me = rider.read("/mobile/v1/me")["account_id"]
    stages = {
        key: row["figures"]["customers"] for key, row in by_key(read(world, "customer-values/2021-06?by=stage")).items()
    }

    assert {key: each["now"] for key, each in stages.items() if each["now"]} == {"active": 1, "asleep": 1}
    moves = by_key(read(world, "customer-values/2021-06?by=move"))
    moved = {key for key, row in moves.items() if row["figures"]["customers"]["now"]}
    assert moved == {"first_use>active", "first_use>asleep"}
    (mine,) = [each for each in read(world, "customer-values/2021-06?stage=active")["items"] if each["key"] == me]
    assert mine["figures"]["sessions"] == {"now": 1, "before": 2}
    assert mine["about"]["last"] == "2021-06"


def test_behaviour_purchases_and_recognition_are_shown(world: World, partner: Partner, rider: Customer) -> None:
    assert rider
    (bikes,) = read(world, "behaviour/2021-05")["items"]
    assert (bikes["figures"]["sessions"]["now"], bikes["figures"]["customers"]["now"]) == (3, 2)
    assert bikes["figures"]["in_use_s"]["now"] == 2120
    assert bikes["ratios"]["repeat_share"] == "0.500000"
    bought = by_key(read(world, "purchases/2021-05?by=class"))
    assert bought["use"]["figures"]["amount"]["now"] == "2.50"
    (earned,) = read(world, f"recognition/2021-05?product={partner.partner_id}:{PRODUCT}")["items"]
    assert (earned["figures"]["recognised"]["now"], earned["figures"]["accrued"]["now"]) == ("2.50", "0.00")


def test_the_report_is_a_page_that_may_have_its_own_style_and_nothing_else(world: World, rider: Customer) -> None:
    assert rider
    reply = world.finance.get("/finance/v1/report/2021-06", headers={"Accept-Language": "da"})

    assert reply.status == 200
    page = reply.content.decode()
    assert '<html lang="da">' in page
    assert "style-src 'sha256-" in reply.headers["content-security-policy"]
    assert reply.headers["content-type"].startswith("text/html")


def test_the_export_holds_the_monitors_and_a_workbook_that_can_be_opened(world: World, rider: Customer) -> None:
    assert rider
    names = [each["name"] for each in world.finance.read("/finance/v1/exports/2021-06")[0]["files"]]
    assert {"profit.jsonl.gz", "customer-values.jsonl.gz", "report.xlsx"} <= set(names)
    href = world.finance.read("/finance/v1/exports/2021-06/1/report.xlsx")["href"]
    content = world.nobody.get(href.removeprefix(world.nobody.base)).content

    assert "Summary" in load_workbook(io.BytesIO(content), read_only=True).sheetnames


@pytest.mark.usefixtures("rider")
@pytest.mark.parametrize("path", ["profit", "customer-values", "behaviour", "purchases", "recognition", "report"])
def test_a_month_that_has_no_export_has_no_monitors(world: World, path: str) -> None:
    refused(world.finance.get(f"/finance/v1/{path}/2021-07"), 404, "month_not_exported")
    refused(world.finance.get(f"/finance/v1/{path}/may"), 422, "not_a_month")


@pytest.mark.usefixtures("rider")
def test_a_view_that_a_monitor_does_not_have_is_refused_with_those_that_it_has(world: World) -> None:
    problem = refused(world.finance.get("/finance/v1/behaviour/2021-05?by=customer"), 422, "query_invalid", "/by")

    assert "product, category, asset, partner, all" in str(problem)


@pytest.mark.usefixtures("rider")
def test_behaviour_purchases_and_recognition_show_only_what_is_about_what_is_named(
    world: World, partner: Partner
) -> None:
    product = f"{partner.partner_id}:{PRODUCT}"
    for path in ("behaviour", "purchases", "recognition", "behaviour/2021-06?by=asset"):
        where = path if "?" in path else f"{path}/2021-06?by=product"
        whole = read(world, where)["items"]
        assert whole
        assert read(world, f"{where}&partner={partner.partner_id}")["items"] == whole
        assert read(world, f"{where}&product={product}")["items"] == whole
        assert read(world, f"{where}&partner=somebody")["items"] == []
    assert read(world, "behaviour/2021-06?category=bikes")["items"]
    assert read(world, "behaviour/2021-06?category=boats")["items"] == []


@pytest.mark.usefixtures("rider")
@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("profit/2021-06?by=product&stage=active", "/stage"),
        ("profit/2021-06?by=partner&category=bikes", "/category"),
        ("purchases/2021-06?category=bikes", "/category"),
        ("recognition/2021-06?by=cash&partner=x", "/partner"),
        ("customer-values/2021-06?by=move&stage=active", "/stage"),
        ("profit/2021-06?by=asset&after=EUR~nothing", "/after"),
    ],
)
def test_what_no_row_of_a_view_could_be_about_is_refused_and_pointed_at(world: World, path: str, pointer: str) -> None:
    refused(world.finance.get(f"/finance/v1/{path}"), 422, "query_invalid", pointer)


class Counted:
    """The units that DynamoDB would count, of all calls while it is in place."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.write, self.read = 0.0, 0.0
        whole = BaseClient._make_api_call

        def counted(client: BaseClient, name: str, asked: dict[str, Any]) -> dict[str, Any]:
            answer: dict[str, Any] = whole(client, name, asked)
            self.count(name, asked, answer)
            return answer

        monkeypatch.setattr(BaseClient, "_make_api_call", counted)

    def count(self, name: str, asked: dict[str, Any], answer: dict[str, Any]) -> None:
        consistent = bool(asked.get("ConsistentRead"))
        if name == "PutItem":
            self.write += write_units(asked["Item"])
        elif name in ("UpdateItem", "DeleteItem"):
            self.write += 1
        elif name == "TransactWriteItems":
            puts = [each.get("Put") for each in asked["TransactItems"]]
            self.write += 2 * sum(write_units(each["Item"]) if each else 1 for each in puts)
        elif name == "GetItem":
            self.read += read_units(item_size(answer.get("Item", {})), consistent=consistent)
        elif name == "Query":
            self.read += read_units(sum(map(item_size, answer["Items"])), consistent=consistent)
        elif name == "BatchGetItem":
            for table, items in answer["Responses"].items():
                consistent = bool(asked["RequestItems"][table].get("ConsistentRead"))
                self.read += sum(read_units(item_size(each), consistent=consistent) for each in items)


def test_a_ride_takes_the_units_that_the_cloud_is_counted_by(
    world: World, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Twenty in a customer's month, each with one report, quote and all, and what workers do for it: a later one reads
    more, as it shares its caps with those before. When this fails, what a session costs is to be stated anew.
    """
    world.later(hours=3)  # past the day's comparison, which is no ride's
    rider, (first, *bikes) = world.customer(), [partner.bike() for _ in range(21)]
    world.ride(rider, first, partner, 700)
    counted = Counted(monkeypatch)
    for bike in bikes:
        world.ride(rider, bike, partner, 700)

    for name, units in (("write_units", counted.write), ("read_units", counted.read)):
        stated = PER_SESSION[name] + PER_EVENT[name]
        assert abs(Decimal(units) / len(bikes) - stated) <= _NEAR * stated, (name, units / len(bikes))
