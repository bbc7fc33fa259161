"""Stripe holds something else than the books say: reconciling lists it to the cent, with its id, and hides none."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from infra.local.stripe_double.balance import move
from infra.local.stripe_keys import key_of
from tests.doors.callers import done
from tests.doors.world import Customer, Partner, World

RECONCILIATION = "/finance/v1/reconciliation/2021-05"
MOVED: dict[str, str] = {}
"""The movements' names at Stripe, by currency."""


def reconciled(world: World) -> Any:  # noqa: ANN401 -- JSON
    """May as things stand now."""
    world.later(minutes=1)
    asked = done(world.finance.post("/finance/v1/reconciliations", {"month": "2021-05"}))
    world.settle()
    return world.finance.read(f"{RECONCILIATION}?run={asked['asked_at']}&limit=200")


def stage(shown: Any, name: str, currency: str = "EUR") -> Any:  # noqa: ANN401 -- as above
    return next(each for each in shown["stages"] if (each["stage"], each["currency"]) == (name, currency))


@pytest.fixture(scope="module")
def may(world: World, partner: Partner) -> Customer:
    """
    A customer rides for 1.50 and pays on the spot at the close of May; both books agree. In May Stripe takes 13.37 that
    nobody told of, and gives 50.00 SEK: no book of ours has a krona.
    """
    rider = world.customer()
    world.ride(rider, partner.bike(), partner, 2000)
    for currency, minor in (("eur", -1337), ("sek", 5000)):
        nothing = {"id": None, "currency": currency}
        MOVED[currency] = move(world.stripe._store, "adjustment", "other_adjustment", nothing, minor)["id"]
    world.until(datetime(2021, 6, 2, 12, tzinfo=UTC))
    return rider


@pytest.fixture(scope="module")
def shown(world: World, may: Customer) -> Any:  # noqa: ANN401 -- as above
    assert may.read("/mobile/v1/invoices")["items"][0]["state"] == "paid"
    return reconciled(world)


def test_what_stripe_moved_and_no_book_knows_is_listed_by_its_id_in_its_currency(shown: Any) -> None:  # noqa: ANN401
    unknown = [each for each in shown["items"] if each["cause"] == "unknown" and each["stage"] == "stripe"]

    assert {(each["amount"], each["currency"], each["about"]) for each in unknown} == {
        ("13.37", "EUR", f"moved:{MOVED['eur']}"),
        ("-50.00", "SEK", f"moved:{MOVED['sek']}"),
    }


def test_a_balance_that_disagrees_is_shown_with_both_sums_and_all_of_the_difference_is_listed(shown: Any) -> None:  # noqa: ANN401
    assert shown["state"] == "done"
    assert stage(shown, "balance")["difference"] == "13.37"
    assert stage(shown, "balance", "SEK")["difference"] == "-50.00"
    for summed in shown["stages"]:
        of = summed["stage"], summed["currency"]
        rows = [each for each in shown["items"] if (each["stage"], each["currency"]) == of]
        assert sum(Decimal(each["amount"]) for each in rows) == Decimal(summed["difference"]), of
        assert all(each["about"] and each["cause"] for each in rows)


def test_what_was_used_rated_billed_and_collected_is_the_same_to_the_cent_all_the_same(shown: Any) -> None:  # noqa: ANN401
    for name in ("rated", "together", "billed", "collected"):
        found = stage(shown, name)
        assert (found["left"], found["right"], found["difference"]) == ("1.50", "1.50", "0.00"), name


def test_the_report_shows_the_same_differences_with_their_cause(world: World, shown: Any) -> None:  # noqa: ANN401
    page = world.finance.get("/finance/v1/report/2021-05").content.decode()

    for each in shown["items"]:
        assert each["about"] in page
    assert "13.37" in page
    assert "SEK" in page


def test_the_daily_comparison_had_told_of_them_before(world: World, shown: Any) -> None:  # noqa: ANN401
    assert shown
    days = {each["asked_at"][:10] for each in world.finance.read("/finance/v1/comparisons")["items"]}
    told = [each for day in days for each in world.finance.read(f"/finance/v1/comparisons/{day}")]

    found = {(each["about"], each["done"]) for one in told for each in one["differences"]}
    assert found == {(MOVED["eur"], "reported"), (MOVED["sek"], "reported")}


RIGHTS = {"balance": "balance", "balance_transactions.": "balance_transactions", "invoices.list": "invoices"}
"""What the calls begin with that a key may not make any more, and what is told of it."""


@pytest.mark.parametrize("calls", list(RIGHTS))
def test_a_right_that_is_missing_at_stripe_ends_the_run_with_what_may_not_be_read_and_hides_no_older_one(
    world: World,
    shown: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    calls: str,
) -> None:
    """
    The workers' key may not read balances any more, or movements, or invoices, which come when most is found: nothing
    half-found is shown; the report keeps the run that was done.
    """
    key, what = key_of("workers"), RIGHTS[calls]
    left = {name for name in world.stripe._restricted[key] if not name.startswith(calls)}
    monkeypatch.setitem(world.stripe._restricted, key, left)
    refused = reconciled(world)

    assert (refused["state"], refused["refused"]) == ("refused", {"code": "provider_shut", "operation": what})
    assert (refused["stages"], refused["items"], refused["causes"]) == ([], [], {})
    page = world.finance.get("/finance/v1/report/2021-05").content.decode()
    assert all(each["about"] in page for each in shown["items"])
    monkeypatch.undo()
    assert reconciled(world)["state"] == "done"
