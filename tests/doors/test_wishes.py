"""What customers wish of what is started in their name, in force in the same call."""

from datetime import UTC, datetime, timedelta

from infra.local.tariffs import PRODUCT
from tests.doors.asking import SESSIONS
from tests.doors.callers import done, refused
from tests.doors.world import START, Customer, Partner, World

WISHES = "/mobile/v1/me/wishes"


def wish(customer: Customer, **wishes: object) -> dict[str, object]:
    return dict(done(customer.put(WISHES, wishes)))


def bike(partner: Partner) -> str:
    return f"{partner.partner_id}:{PRODUCT}"


def test_a_quote_from_before_a_wish_starts_nothing_against_it(partner: Partner, customer: Customer) -> None:
    code = partner.bike()
    before = {"code": code, "quote": customer.quote(code)["quote"]}
    wish(customer, without_asking=[])
    refused(customer.post(SESSIONS, before), 409, "limits_moved")

    quote = customer.quote(code)
    assert quote["allowance"]["confirm"] is True
    accepted = {"code": code, "quote": quote["quote"]}
    problem = refused(customer.post(SESSIONS, accepted), 409, "confirmation_missing", "/confirm")
    assert problem["facts"] == {"product": bike(partner)}
    scanned = done(customer.post("/mobile/v1/scans", {"code": code, "start": True, "estimate_up_to": "100.00"}))
    assert (scanned["session"], scanned["not_started"]) == (None, "not_confirmed")
    assert done(customer.post(SESSIONS, {**accepted, "confirm": True}))["state"] == "active"
    wish(customer, without_asking=[bike(partner)])
    assert customer.start(partner.bike())


def test_what_is_started_ends_by_itself_after_the_time_that_was_wished(
    world: World, partner: Partner, customer: Customer
) -> None:
    wish(customer, stop_after_minutes=45)
    code = partner.bike()
    quote = customer.quote(code)
    assert quote["allowance"]["stop_after_seconds"] == 2700
    session = customer.start(code)
    held = partner.bike()
    reserved = done(customer.post("/mobile/v1/reservations", {"code": held, "quote": customer.quote(held)["quote"]}))
    world.later(minutes=5)
    done(customer.post(f"/mobile/v1/reservations/{reserved['session_id']}/start", {"code": held}))
    world.later(minutes=41)

    assert customer.read(f"{SESSIONS}/{session}/receipt")["lines"]
    assert [each["session_id"] for each in customer.read(SESSIONS)] == [reserved["session_id"]]
    world.later(minutes=5)
    assert customer.read(SESSIONS) == []


def test_a_budget_of_a_product_refuses_a_start_of_it_and_of_nothing_else(
    world: World, partner: Partner, customer: Customer
) -> None:
    """
    Forty minutes are 1.50; 0.40 are left of 1.90, and ten minutes are 0.50. Set to 1.00 it is passed already.
    """
    world.ride(customer, partner.bike(), partner, 2400)
    other = world.partner("Others")
    (row,) = wish(customer, budgets={bike(partner): {"month": {"amount": "1.90"}}})["budgets"]  # type: ignore[misc]
    assert (row["spent"]["amount"], row["left"]["amount"], row["passed"]) == ("1.50", "0.40", False)

    code = partner.bike()
    quote = customer.quote(code)
    (budget,) = quote["allowance"]["budgets"]
    assert (budget["product"], budget["period"], budget["fits"]) == (bike(partner), "month", False)
    problem = refused(customer.post(SESSIONS, {"code": code, "quote": quote["quote"]}), 409, "budget_passed")
    assert problem["facts"]["period"] == "product_month"
    customer.end(customer.start(other.bike()))
    (row,) = wish(customer, budgets={bike(partner): {"month": {"amount": "1.00"}}})["budgets"]  # type: ignore[misc]
    assert (row["passed"], row["left"]["amount"]) == (True, "0.00")


def test_a_hard_budget_of_a_product_ends_what_comes_to_it(world: World, partner: Partner, customer: Customer) -> None:
    """
    0.50 to unlock and nothing for 30 minutes; then 1.00 for each 30 begun: 1.60 leave room for an hour.
    """
    wish(customer, budgets={bike(partner): {"day": {"amount": "1.60"}}})
    session = customer.start(partner.bike())
    world.settle()
    world.later(minutes=61)

    assert customer.read(SESSIONS) == []
    assert customer.read(f"{SESSIONS}/{session}/receipt")["amount"]["amount"] == "1.50"


def test_what_can_wait_is_told_when_the_quiet_is_over(world: World, partner: Partner) -> None:
    """
    It is noon in Helsinki at nine by UTC; quiet holds until one, and what goes on now is told all the same.
    """
    customer = world.customer()
    wish(customer, quiet={"since": "00:00", "until": "23:00"}, languages=["is", "sv"])
    account = customer.read("/mobile/v1/me")["account_id"]
    credit = {"amount": "4.00", "reason": "a wet saddle", "valid_until": "2021-12-20T00:00:00Z"}
    done(world.operator.post(f"/finance/v1/accounts/{account}/credits", credit))
    code = partner.bike()
    done(customer.post("/mobile/v1/reservations", {"code": code, "quote": customer.quote(code)["quote"]}))
    world.later(hours=1)
    told = [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]
    assert told == ["reservation_expired"]

    over = datetime(START.year, world.system.now().month, world.system.now().day, 20, 0, tzinfo=UTC)
    world.until(over + timedelta(minutes=1))
    told = [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]
    assert sorted(told) == ["reservation_expired", "wallet_credited"]
    assert customer.read("/mobile/v1/me")["language"] == "sv"


def test_a_wish_that_cannot_be_kept_is_refused_and_names_the_field(customer: Customer) -> None:
    for wishes, pointer in (
        ({"budgets": {"bike": {}}}, "/budgets"),
        ({"budgets": {"par_1:bike": {"day": {"amount": "-1.00"}}}}, "/budgets"),
        ({"stop_after_minutes": 60 * 24 * 32}, "/stop_after_minutes"),
        ({"quiet": {"since": "22:00", "until": "22:00"}}, "/quiet"),
        ({"languages": ["xx"]}, "/languages/0"),
        ({"without_asking": ["bike"]}, "/without_asking"),
    ):
        assert customer.put(WISHES, wishes).json["pointer"] == pointer
    shown = customer.read(WISHES)
    assert shown == {
        "budgets": [],
        "stop_after_minutes": None,
        "without_asking": None,
        "quiet": None,
        "languages": [],
    }
