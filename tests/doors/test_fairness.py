"""Rules over days, weeks and months, through every door: quote, running cost, receipt, statement and invoice agree."""

from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from infra.verify import main as verify
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

Json = Any
METERS = [{"name": "use_seconds", "unit": "s"}]
FOUR = {"id": "ride", "kind": "flat", "amount": "4.00"}
JUNE_NOON = datetime(2021, 6, 1, 12, tzinfo=UTC)
SESSIONS = "/mobile/v1/access-sessions"


def offer(partner: Partner, name: str, *prices: Json, product: Json = None, **members: Json) -> str:
    """Put one thing of a new product on offer; its code."""
    path, rules = f"/partner/v1/products/{name}", tariff(*prices, **members)
    done(partner.put(path, {**CITY_BIKE, "name": name, **(product or {})}))
    done(partner.post(f"{path}/tariffs", rules))
    code = f"{name.upper()}-1"
    done(partner.put(f"/partner/v1/assets/{name}-1", {"product_id": name, "code": code}))
    return code


def tariff(*prices: Json, **members: Json) -> Json:
    return {"currency": "EUR", "tax_inclusive": True, "meters": METERS, "prices": list(prices), **members}


def cap(period: str, amount: str) -> list[Json]:
    return [{"id": period, "period": period, "amount": amount, "over": ["ride"]}]


def cost(customer: Customer, session: str) -> str:
    """What the receipt says."""
    return str(customer.read(f"{SESSIONS}/{session}/receipt")["amount"]["amount"])


def total(customer: Customer, month: str = "2021-05") -> str:
    return str(customer.read(f"/mobile/v1/statements/{month}")["total"]["amount"])


def test_a_weeks_cap_is_shared_by_the_rides_of_its_days(world: World, partner: Partner, customer: Customer) -> None:
    """
    Monday to Wednesday at 4.00 under a week's cap of 10.00; on the next Monday it begins anew.
    """
    code = offer(partner, "weekly", FOUR, caps=cap("week", "10.00"))
    rides = []
    for _ in range(3):
        quoted = customer.quote(code)
        session = world.ride(customer, code, partner, 60)
        assert quoted["estimate"]["amount"] == cost(customer, session)
        rides.append(session)
        world.later(days=1)
    world.later(days=4)
    rides.append(world.ride(customer, code, partner, 60))

    assert [cost(customer, each) for each in rides] == ["4.00", "4.00", "2.00", "4.00"]
    assert total(customer) == "14.00"


def test_a_months_pass_is_paid_with_the_first_ride(world: World, partner: Partner, customer: Customer) -> None:
    code = offer(partner, "passes", {**FOUR, "once_per": "month", "charge_class": "ordered"})
    rides = [world.ride(customer, code, partner, 60) for _ in range(2)]

    assert [cost(customer, each) for each in rides] == ["4.00", "0.00"]
    assert customer.quote(code)["worst_case"]["amount"] == "0.00"


def test_time_is_charged_by_need_and_by_the_clock_on_the_wall(
    world: World, partner: Partner, customer: Customer
) -> None:
    """
    Of two hours one was used, from 15:00 in Helsinki: half an hour at 3.00, half an hour in the afternoon's window at
    6.00, then an hour was merely kept at 0.60 of the window.
    """
    window = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "15:30", "to": "20:00"}
    need = {"id": "time", "kind": "need", "per": "h", "in_use": "3.00", "kept": "0.30"}
    code = offer(partner, "needs", {**need, "windows": [{**window, "in_use": "6.00", "kept": "0.60"}]})
    world.until(world.system.now().replace(hour=12, minute=0, second=0, microsecond=0))
    session = customer.start(code)
    world.later(hours=2)
    running = customer.read(f"{SESSIONS}/{session}")["amount"]["amount"]
    partner.report(world.used(session, 3600))
    receipt = customer.end(session)

    assert running == "10.50"
    assert [(line["facts"]["state"], line["amount"]["amount"]) for line in receipt["lines"]] == [
        ("in_use", "1.50"),
        ("in_use", "3.00"),
        ("kept", "0.60"),
    ]


def test_volume_makes_earlier_use_cheaper_and_never_the_running_cost_too_low(
    world: World, partner: Partner, customer: Customer
) -> None:
    """
    7,200 s at 0.001 are 7.20; 1,000 more make all of them 0.0005: 4.10. Until the end the 7.20 may still stand.
    """
    tiers = [{"up_to": "7200", "unit_amount": "0.001"}, {"unit_amount": "0.0005"}]
    code = offer(
        partner, "volumes", {"id": "t", "kind": "volume", "meter": "use_seconds", "period": "month", "tiers": tiers}
    )
    first = world.ride(customer, code, partner, 7200)
    second = customer.start(code)
    world.later(seconds=1000)
    running = customer.read(f"{SESSIONS}/{second}")["amount"]["amount"]
    partner.report(world.used(second, 1000))
    customer.end(second)

    assert (cost(customer, first), running, cost(customer, second)) == ("7.20", "0.00", "-3.10")
    assert total(customer) == "4.10"


def test_a_ride_that_is_regretted_at_once_costs_nothing_once_a_month(
    world: World, partner: Partner, customer: Customer
) -> None:
    code = offer(partner, "regrets", FOUR, regret={"seconds": 120, "times": 1})

    assert [cost(customer, world.ride(customer, code, partner, 60)) for _ in range(2)] == ["0.00", "4.00"]


def test_a_new_version_holds_for_quotes_from_its_day_on_and_a_session_keeps_its_own(
    world: World, partner: Partner, customer: Customer
) -> None:
    code = offer(partner, "versions", FOUR)
    tomorrow = datetime.fromisoformat(world.system.now().isoformat()).replace(microsecond=0)
    tomorrow = tomorrow.replace(day=tomorrow.day + 1)
    dearer = tariff({**FOUR, "amount": "5.00"}, valid_from=tomorrow.isoformat())
    assert done(partner.post("/partner/v1/products/versions/tariffs", dearer))["version"] == 2

    assert customer.quote(code)["tariff_version"] == 1
    session = customer.start(code)
    world.later(days=2)
    customer.end(session)

    assert cost(customer, session) == "4.00"
    assert customer.quote(code)["estimate"]["amount"] == "5.00"
    assert partner.read("/partner/v1/products/versions/tariffs/1")["rules"]["prices"][0]["amount"] == "4"
    refused(partner.get("/partner/v1/products/versions/tariffs/3"), 404, "unknown_tariff")


@pytest.fixture(scope="module")
def rider(world: World) -> Customer:
    return world.customer()


@pytest.fixture(scope="module")
def things(partner: Partner) -> dict[str, str]:
    """A car by the ride, and a drill that has a purchase price and a ceiling."""
    owning = {"purchase_price": "10.00", "worth_after": "2.00", "life_days": 365, "upkeep_per_year": "1.00"}
    drill = {"owning": owning, "ceiling": {"upkeep_per_month": "0.25"}}
    return {"car": offer(partner, "car", FOUR), "drill": offer(partner, "drill", FOUR, product=drill)}


class TestAMonthWithFaresAndACeiling:
    """The tests of this class follow one account over the end of May and stand in order of time."""

    def test_the_best_fare_of_a_product_is_what_the_statement_says(
        self, world: World, partner: Partner, rider: Customer, things: dict[str, str]
    ) -> None:
        """
        Four rides at 4.00 are 16.00; a pass of 10.00 and 1.00 a ride are 14.00.
        """
        season = {"id": "pass", "kind": "flat", "amount": "10.00", "once_per": "month", "charge_class": "ordered"}
        fare = tariff(season, {**FOUR, "amount": "1.00"})
        done(partner.post("/partner/v1/products/car/fares/frequent/tariffs", fare))
        for _ in range(3):
            world.ride(rider, things["car"], partner, 60)
        assert total(rider) == "12.00"
        world.ride(rider, things["car"], partner, 60)

        stated = rider.read("/mobile/v1/statements/2021-05")
        saved = [line for use in stated["sessions"] for line in use["lines"] if line["code"] == "best_fare"]
        assert stated["total"]["amount"] == "14.00"
        assert {line["facts"]["saved"] for line in saved} == {"2.00"}
        (fare,) = stated["best_fares"]
        assert (fare["product"], fare["version"], fare["saved"]["amount"]) == ("car", 1, "2.00")
        assert partner.read("/partner/v1/products/car")["fares"] == {"frequent": 1}
        assert partner.read("/partner/v1/products/car/fares/frequent/tariffs/1")["tariff_id"].endswith("car~frequent")

    def test_charges_never_pass_the_purchase_price(
        self, world: World, partner: Partner, rider: Customer, things: dict[str, str]
    ) -> None:
        """
        Three rides at 4.00 under a price of 10.00, and 0.25 of upkeep in the month.
        """
        for _ in range(3):
            world.ride(rider, things["drill"], partner, 60)

        assert total(rider) == "24.25"

    def test_advice_compares_with_owning(self, rider: Customer) -> None:
        products = {each["product"]: each for each in rider.read("/mobile/v1/advice?months=1")["products"]}

        assert (products["car"]["uses"], products["car"]["access"]["amount"]) == (4, "14.00")
        assert (products["car"]["owning"], products["car"]["saved_by_best_fares"]["amount"]) == (None, "2.00")
        owning = products["drill"]["owning"]
        assert (products["drill"]["uses"], products["drill"]["access"]["amount"]) == (3, "10.25")
        assert float(owning["total"]["amount"]) < 1  # of a month, at 9.00 a year
        assert owning["break_even_uses"] == 1

    def test_caps_over_a_category_are_stated_before_their_month(self, world: World) -> None:
        caps = [{"id": "bikes", "period": "month", "amount": "6.00", "category": "bikes"}]
        refused(world.operator.put("/finance/v1/fare-caps/2021-05", {"caps": caps}), 409, "month_begun")
        wrong = [{**caps[0], "amount": "6.005"}]
        refused(
            world.operator.put("/finance/v1/fare-caps/2021-06", {"caps": wrong}), 422, "not_an_amount", "/caps/0/amount"
        )
        twice = refused(world.operator.put("/finance/v1/fare-caps/2021-06", {"caps": caps * 2}), 422, "invalid_terms")
        assert twice["errors"] == [{"pointer": "/caps/1/id", "reason": "not_unique"}]
        done(world.operator.put("/finance/v1/fare-caps/2021-06", {"caps": caps}))

        assert world.finance.read("/finance/v1/fare-caps/2021-05") == {"since": None, "caps": []}
        assert world.finance.read("/finance/v1/fare-caps/2021-07")["since"] == "2021-06"

    def test_the_invoice_is_what_the_statement_said_and_the_proof_recomputes_it(
        self, world: World, rider: Customer, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        world.until(JUNE_NOON)
        (invoice,) = rider.read("/mobile/v1/invoices")["items"]
        (head,) = rider.read("/mobile/v1/proofs")["items"]
        reply = rider.get(f"/mobile/v1/proofs/{head['number']}")
        file = tmp_path_factory.mktemp("proof") / "proof.json"
        file.write_bytes(reply.content)

        assert invoice["total"]["amount"] == total(rider) == "24.25"
        assert (head["month"], head["previous"]) == ("2021-05", "0" * 64)
        assert reply.json["totals"] == {"EUR": 2425}
        assert verify([str(file)]) == 0
        file.write_bytes(reply.content.replace(b'"minor":400', b'"minor":300'))
        assert verify([str(file)]) == 1

    def test_after_the_purchase_price_only_the_upkeep_is_due_and_a_category_has_one_cap(
        self, world: World, partner: Partner, rider: Customer, things: dict[str, str]
    ) -> None:
        """
        Three rides of 4.00 come to the category's 6.00, 2.00 each; then the ceiling leaves 0.25 of the drill.
        """
        world.ride(rider, things["drill"], partner, 60)
        assert total(rider, "2021-06") == "0.25"
        for _ in range(2):
            world.ride(rider, things["car"], partner, 60)

        assert total(rider, "2021-06") == "4.25"

    def test_proofs_are_a_chain_and_nobody_elses(self, world: World, rider: Customer, customer: Customer) -> None:
        world.until(JUNE_NOON.replace(month=7))
        account = rider.read("/mobile/v1/me")["account_id"]
        first, second = rider.read("/mobile/v1/proofs")["items"]

        assert second["previous"] == first["digest"]
        assert rider.read("/mobile/v1/proofs?limit=1")["next"] == "1"
        assert rider.read("/mobile/v1/proofs?after=1")["items"] == [second]
        assert world.finance.read(f"/finance/v1/accounts/{account}/proofs/2")["digest"] == second["digest"]
        refused(rider.get("/mobile/v1/proofs?after=x"), 422, "query_invalid", "/after")
        refused(rider.get("/mobile/v1/proofs/3"), 404, "unknown_proof")
        refused(customer.get("/mobile/v1/proofs/1"), 404, "unknown_proof")


def test_a_regretted_ride_makes_no_gift_of_the_months_pass(world: World, partner: Partner, customer: Customer) -> None:
    code = offer(partner, "regretpass", {**FOUR, "once_per": "month"}, regret={"seconds": 120, "times": 1})
    rides = [world.ride(customer, code, partner, seconds) for seconds in (60, 3600)]

    assert [cost(customer, each) for each in rides] == ["4.00", "0.00"]


def test_of_two_open_rides_none_counts_on_the_one_included_ride(
    world: World, partner: Partner, customer: Customer
) -> None:
    included = [{"id": "one", "period": "week", "uses": 1, "over": ["ride"]}]
    code = offer(partner, "included", FOUR, allowances=included)
    done(partner.put("/partner/v1/assets/included-2", {"product_id": "included", "code": "INCLUDED-2"}))
    assert customer.quote(code)["estimate"]["amount"] == "0.00"
    both = [customer.start(code), customer.start("INCLUDED-2")]
    world.later(minutes=5)
    running = [customer.read(f"{SESSIONS}/{each}")["amount"]["amount"] for each in both]
    for each in both:
        customer.end(each)

    assert running == ["4.00", "4.00"]
    assert sorted(cost(customer, each) for each in both) == ["0.00", "4.00"]


def test_units_of_another_version_are_not_priced_anew_by_volume(
    world: World, partner: Partner, customer: Customer
) -> None:
    """
    7,200 s at 0.0001 are 0.72 and stay so; the dearer version counts its own 1,000 s at 0.01.
    """
    volume = {"id": "t", "kind": "volume", "meter": "use_seconds", "period": "month"}
    code = offer(partner, "anew", {**volume, "tiers": [{"unit_amount": "0.0001"}]})
    first = world.ride(customer, code, partner, 7200)
    dearer = tariff({**volume, "tiers": [{"up_to": "7200", "unit_amount": "0.01"}, {"unit_amount": "0.001"}]})
    done(partner.post("/partner/v1/products/anew/tariffs", dearer))
    second = world.ride(customer, code, partner, 1000)

    assert [cost(customer, each) for each in (first, second)] == ["0.72", "10.00"]


def test_a_tariff_that_could_bill_the_same_second_twice_is_refused(partner: Partner) -> None:
    done(partner.put("/partner/v1/products/twice", {**CITY_BIKE, "name": "twice"}))
    need = {"id": "need", "kind": "need", "per": "h", "in_use": "3.00"}
    unit = {"id": "unit", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.001"}
    for prices in ([need, unit], [unit, need]):
        problem = refused(partner.post("/partner/v1/products/twice/tariffs", tariff(*prices)), 422, "invalid_tariff")
        assert problem["errors"] == [{"pointer": "/prices/1", "reason": "charges_the_same_time_twice"}]
