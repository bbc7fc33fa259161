"""A bill that is many times the usual is parked: shown to operators, not sent, nothing lost; released, it is billed."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.doors.callers import done, refused
from tests.doors.test_exported_files import bytes_of, rows
from tests.doors.world import Customer, Partner, World

PARKED = "/finance/v1/parked"
LONG = 5 * 3600 + 1
"""Seconds after which a ride is late: 9.00 and a fee of 80.00."""


def amounts(rider: Customer) -> list[tuple[str, str, str]]:
    invoices = rider.read("/mobile/v1/invoices")["items"]
    return [(each["month"], each["total"]["amount"], each["state"]) for each in invoices]


def first_of(month: int) -> datetime:
    return datetime(2021, month, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner) -> Customer:
    """Three months of 0.50 each; then, in August, three bikes that were forgotten: 267.00."""
    rider = world.customer()
    for month in (6, 7, 8):
        world.ride(rider, partner.bike(), partner, 60)
        world.until(first_of(month))
    for _ in range(3):
        world.ride(rider, partner.bike(), partner, LONG)
        world.later(days=1)
    return rider


@pytest.fixture(scope="module")
def account(rider: Customer) -> str:
    return str(rider.read("/mobile/v1/me")["account_id"])


class TestAParkedAccount:
    """The tests of this class follow one account and stand in order of time."""

    def test_it_is_not_billed_and_nothing_of_it_is_lost(self, world: World, partner: Partner, rider: Customer) -> None:
        """
        Another account, closed on the same page, goes on.
        """
        neighbour = world.customer()
        world.ride(neighbour, partner.bike(), partner, 60)

        world.until(first_of(9))

        usual = [(f"2021-0{month}", "0.50", "paid") for month in (5, 6, 7)]
        assert amounts(rider) == usual
        assert rider.read("/mobile/v1/statements/2021-08")["total"]["amount"] == "267.00"
        assert amounts(neighbour) == [("2021-08", "0.50", "paid")]

    def test_it_is_listed_for_operators_with_the_reason(self, world: World, account: str) -> None:
        (parked,) = world.operator.read(PARKED)["items"]

        assert (parked["account_id"], parked["month"]) == (account, "2021-08")
        assert parked["reason"] == "many_times_the_usual"
        assert "267.00" in str(parked["facts"])
        assert (parked["released_by"], parked["released_at"]) == (None, None)
        close = world.finance.read("/finance/v1/closes/2021-08")
        assert (close["state"], close["accounts_parked"], close["invoiced_minor"]) == ("closed", 1, {"EUR": 50})

    def test_the_months_files_show_its_lines_as_parked_and_what_is_accrued_and_bill_nothing_of_it(
        self, world: World, account: str
    ) -> None:
        manifest = json.loads(bytes_of(world, "2021-08", 1, "manifest.json"))
        assert manifest["accounts"] == {"settled": 1, "parked": 1, "open": 0}
        assert [each for each in manifest["ties"] if each["difference_minor"]] == []
        parked = [each for each in rows(world, "2021-08", "usage.csv.gz") if each["account"] == account]
        assert {each["settlement"] for each in parked} == {"parked"}
        assert sum(Decimal(each["amount"]) for each in parked) == Decimal("267.00")
        assert account not in {each["account"] for each in rows(world, "2021-08", "invoices.csv.gz")}
        shown = world.finance.read("/finance/v1/recognition/2021-08")
        assert shown["totals"]["EUR"]["accrued"] == "267.00"
        assert {each["off"] for each in shown["ties"]} == {"0.00"}

    def test_the_list_is_narrowed_by_reason_month_and_whether_it_waits_still(self, world: World) -> None:
        whole = world.operator.read(PARKED)["items"]

        for query in ("reason=many_times_the_usual", "month=2021-08", "released=false", "month=2021-08&released=false"):
            assert world.operator.read(f"{PARKED}?{query}") == {"items": whole, "next": None}, query
        for query in ("reason=negative_total", "month=2021-07", "released=true", "month=2021-08&reason=negative_total"):
            assert world.operator.read(f"{PARKED}?{query}") == {"items": [], "next": None}, query
        for name, value in (("reason", "luck"), ("month", "2021-13"), ("released", "perhaps")):
            refused(world.operator.get(f"{PARKED}?{name}={value}"), 422, "query_invalid", f"/{name}")

    def test_settling_again_leaves_it_parked(self, world: World, rider: Customer) -> None:
        done(world.finance.post("/finance/v1/closes", {"month": "2021-08"}))
        world.settle()

        assert len(amounts(rider)) == 3
        assert len(world.operator.read(PARKED)["items"]) == 1

    def test_the_month_after_is_billed_meanwhile(self, world: World, partner: Partner, rider: Customer) -> None:
        world.ride(rider, partner.bike(), partner, 60)

        world.until(first_of(10))

        assert amounts(rider)[3:] == [("2021-09", "0.50", "paid")]

    @pytest.mark.parametrize(
        ("where", "body", "problem"),
        [
            ("acc_none/2021-08", {"note": "x"}, (404, "not_parked", None)),
            ("{account}/2021-07", {"note": "x"}, (404, "not_parked", None)),
            ("{account}/2021-99", {"note": "x"}, (422, "not_a_month", None)),
            ("{account}/2021-08", {}, (422, "body_invalid", "")),
            ("{account}/2021-08", {"note": ""}, (422, "body_invalid", "/note")),
        ],
    )
    def test_a_release_that_does_not_fit_is_refused(
        self, world: World, account: str, where: str, body: object, problem: tuple[int, str, str | None]
    ) -> None:
        reply = world.operator.post(f"{PARKED}/{where.format(account=account)}/release", body)

        refused(reply, *problem)
        assert world.operator.read(PARKED)["items"][0]["released_at"] is None

    def test_released_by_an_operator_it_is_billed_and_collected(
        self, world: World, rider: Customer, account: str
    ) -> None:
        """
        The decision is kept with who took it and why.
        """
        collected = world.stripe.collected_total("EUR")

        shown = done(world.operator.post(f"{PARKED}/{account}/2021-08/release", {"note": "Called: bikes forgotten"}))
        world.settle()

        assert (shown["note"], bool(shown["released_by"]), bool(shown["released_at"])) == (
            "Called: bikes forgotten",
            True,
            True,
        )
        assert ("2021-08", "267.00", "paid") in amounts(rider)
        assert world.operator.read(f"{PARKED}?released=true")["items"] == [shown]
        assert world.operator.read(f"{PARKED}?released=false")["items"] == []
        assert world.stripe.collected_total("EUR") - collected == 26_700
        assert world.finance.read("/finance/v1/journal/2021-08")["off_minor"] == {}

    def test_the_close_knows_that_it_is_parked_no_more_and_what_it_was_billed(self, world: World, account: str) -> None:
        """
        With the neighbour's 0.50; whatever is settled once more is not counted once more.
        """
        for note in ("Me too", "Me three"):
            close = world.finance.read("/finance/v1/closes/2021-08")
            assert (close["accounts_parked"], close["accounts_done"], close["accounts_failed"]) == (0, 2, 0)
            assert (close["invoices"], close["invoiced_minor"]) == (2, {"EUR": 26_750})
            done(world.operator.post(f"{PARKED}/{account}/2021-08/release", {"note": note}))
            world.settle()

    def test_released_again_it_stays_as_the_first_one_decided(
        self, world: World, rider: Customer, account: str
    ) -> None:
        before = amounts(rider), world.operator.read(PARKED)
        second = world.staff("oscar", "operator")

        shown = done(second.post(f"{PARKED}/{account}/2021-08/release", {"note": "Me too"}))
        world.settle()

        assert shown["note"] == "Called: bikes forgotten"
        assert (amounts(rider), world.operator.read(PARKED)) == before

    def test_in_the_end_every_ride_is_billed_once(self, world: World, rider: Customer) -> None:
        world.until(first_of(11))

        months = [f"2021-{number:02d}" for number in range(5, 11)]
        stated = [rider.read(f"/mobile/v1/statements/{month}")["total"]["amount"] for month in months]
        assert stated == ["0.50", "0.50", "0.50", "267.00", "0.50", "0.00"]
        assert sorted(amounts(rider)) == [
            ("2021-05", "0.50", "paid"),
            ("2021-06", "0.50", "paid"),
            ("2021-07", "0.50", "paid"),
            ("2021-08", "267.00", "paid"),
            ("2021-09", "0.50", "paid"),
        ]
