"""A wallet over a month: put in, given, used before the card, given back, and paid out to where it came from."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.billing.wallet_store import WalletStore
from infra.local.stripe_double.stripe_js import pay
from tests.doors.callers import done, refused
from tests.doors.paying import collected_from, payer_of
from tests.doors.test_comparisons import at_stripe, compared, held
from tests.doors.test_late_evidence import two_hours
from tests.doors.world import Customer, Partner, World

WALLET, INVOICES = "/mobile/v1/wallet", "/mobile/v1/invoices"


def balances(customer: Customer) -> dict[str, str]:
    return {each["kind"]: each["left"]["amount"] for each in customer.read(WALLET)["balances"]}


def told(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]


def topped_up(world: World, customer: Customer, amount: str, **more: str) -> dict[str, Any]:
    answer = done(customer.post(f"{WALLET}/top-ups", {"amount": amount, **more}))
    world.settle()
    return dict(answer)


def invoice(customer: Customer) -> dict[str, Any]:
    (found,) = customer.read(INVOICES)["items"]
    return dict(customer.read(f"{INVOICES}/{found['invoice_id']}"))


def in_order(world: World) -> None:
    """Books balance, here and at Stripe."""
    assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}


@pytest.fixture(scope="module")
def riders(world: World, partner: Partner) -> dict[str, Customer]:
    """
    Each uses two hours of May, 3.50. One's wallet pays it all, one's a part; one has only what the operator gave.
    """
    found = {name: world.customer() for name in ("whole", "part", "given", "leaves")}
    for name, amount in (("whole", "10.00"), ("part", "2.00"), ("leaves", "5.00")):
        topped_up(world, found[name], amount)
    account = found["given"].read("/mobile/v1/me")["account_id"]
    credit = {"amount": "4.00", "reason": "a wet saddle", "valid_until": "2021-06-20T00:00:00Z"}
    done(world.operator.post(f"/finance/v1/accounts/{account}/credits", credit))
    world.until(datetime(2021, 5, 25, 9, tzinfo=UTC))
    for name in ("whole", "part", "given"):
        two_hours(world, found[name], partner)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    return found


class TestAMonth:
    """The tests of this class stand in order of time."""

    def test_a_bill_that_the_wallet_pays_wholly_is_paid_and_stripe_never_hears_of_it(
        self, world: World, riders: dict[str, Customer]
    ) -> None:
        rider = riders["whole"]
        shown = invoice(rider)

        assert (shown["state"], shown["asks"]["amount"], shown["from_wallet"]["amount"]) == ("paid", "0.00", "3.50")
        assert (balances(rider), collected_from(rider, world)) == ({"paid": "6.50"}, 1000)
        customers = {each["customer"] for each in world.stripe._store.every("invoice")}
        assert payer_of(rider).provider_customer not in customers
        kinds = [each["kind"] for each in rider.read(f"{WALLET}/entries")["items"]]
        assert kinds == ["topped_up", "used"]

    def test_the_card_pays_the_rest_of_one_that_it_pays_in_part(
        self, world: World, riders: dict[str, Customer]
    ) -> None:
        rider = riders["part"]
        shown = invoice(rider)

        assert (shown["state"], shown["asks"]["amount"], shown["from_wallet"]["amount"]) == ("paid", "1.50", "2.00")
        assert (balances(rider), collected_from(rider, world)) == ({}, 200 + 150)
        in_order(world)

    def test_what_an_operator_gives_pays_and_the_rest_of_it_ends_in_time(
        self, world: World, riders: dict[str, Customer]
    ) -> None:
        rider = riders["given"]
        assert (invoice(rider)["state"], balances(rider)) == ("paid", {"promotion": "0.50"})
        world.until(datetime(2021, 6, 21, tzinfo=UTC))

        assert balances(rider) == {}
        assert {"wallet_credited", "wallet_expiring", "wallet_expired"} <= set(told(rider))
        account = rider.read("/mobile/v1/me")["account_id"]
        assert world.finance.read(f"/finance/v1/accounts/{account}/wallet")["balances"] == []
        in_order(world)

    def test_a_gift_goes_from_one_to_another_once(self, world: World, riders: dict[str, Customer]) -> None:
        bought = done(riders["whole"].post(f"{WALLET}/gifts", {"amount": "3.00"}, key="gift"))
        again = done(riders["whole"].post(f"{WALLET}/gifts", {"amount": "3.00"}, key="gift"))
        assert (bought["gift_id"], again["code"]) == (again["gift_id"], None)
        world.settle()
        for _ in range(2):
            done(riders["part"].post(f"{WALLET}/redeem", {"code": bought["code"].lower()}))
        world.settle()
        refused(riders["given"].post(f"{WALLET}/redeem", {"code": bought["code"]}), 404, "gift_refused")

        assert balances(riders["part"]) == {"gift": "3.00"}
        in_order(world)

    def test_leaving_bills_what_was_used_and_pays_the_rest_out_to_its_payment(
        self, world: World, riders: dict[str, Customer], partner: Partner
    ) -> None:
        rider = riders["leaves"]
        code = partner.bike()
        session = rider.start(code)
        refused(rider.post(f"{WALLET}/payout"), 409, "payout_with_open_session")
        world.later(hours=2)
        rider.end(session)
        done(rider.post(f"{WALLET}/payout"))
        world.settle()

        shown = invoice(rider)
        assert (shown["state"], shown["from_wallet"]["amount"]) == ("paid", shown["total"]["amount"])
        kept = round(float(shown["total"]["amount"]) * 100)
        assert (balances(rider), collected_from(rider, world)) == ({}, kept)
        assert "wallet_paid_out" in told(rider)
        refused(rider.post(f"{WALLET}/payout"), 409, "nothing_to_pay_out")
        in_order(world)

    def test_a_gift_lapses_when_its_owner_leaves_and_is_its_buyers_again(
        self, world: World, riders: dict[str, Customer]
    ) -> None:
        done(riders["part"].post(f"{WALLET}/payout"))
        world.settle()

        assert (balances(riders["part"]), balances(riders["whole"])) == ({}, {"paid": "9.50"})
        done(riders["whole"].post(f"{WALLET}/payout"))
        world.settle()
        assert collected_from(riders["whole"], world) == 350
        in_order(world)

    def test_the_days_comparison_knows_top_ups_and_what_goes_back_of_them(self, world: World) -> None:
        found = compared(world)

        assert found["differences"] == []
        assert held(world, "stripe-clearing") == at_stripe(world)


def test_a_bank_that_declines_or_asks_puts_nothing_in(world: World) -> None:
    poor = world.customer("pm_card_chargeCustomerFail")
    problem = refused(poor.post(f"{WALLET}/top-ups", {"amount": "5.00"}), 402, "top_up_declined")
    assert problem["facts"]["amount"] == "5.00 EUR"
    bounds = refused(poor.post(f"{WALLET}/top-ups", {"amount": "0.49"}), 422, "top_up_amount_invalid", "/amount")
    assert bounds["facts"]["least"] == "0.50 EUR"
    world.settle()
    assert balances(poor) == {}
    assert WalletStore().wallet(payer_of(poor).account_id).lots == {}


def test_no_money_is_put_in_or_given_for_a_partner_that_offers_nothing(world: World) -> None:
    """
    Nor for one that is none: it could pay nothing, and would wait for ever.
    """
    rider, idle = world.customer(), done(world.operator.post("/finance/v1/partners", {"name": "Idle"}))
    account = rider.read("/mobile/v1/me")["account_id"]
    until = {"valid_until": "2031-01-01T00:00:00Z"}
    for name in ("par_x", idle["partner"]["partner_id"]):
        body = {"amount": "5.00", "partner": name}
        for path in ("top-ups", "gifts"):
            refused(rider.post(f"{WALLET}/{path}", body), 422, "partner_offers_nothing", "/partner")
        credit, gift = {**body, "reason": "a wet saddle"}, {**body, **until}
        for path, given in ((f"accounts/{account}/credits", credit), ("gifts", gift)):
            refused(world.operator.post(f"/finance/v1/{path}", given), 422, "partner_offers_nothing", "/partner")
    world.settle()
    assert balances(rider) == {}
    assert collected_from(rider, world) == 0


def test_a_bank_that_asks_for_its_customer_is_answered_and_then_it_is_there(world: World, partner: Partner) -> None:
    partner.bike()
    rider = world.customer()
    (card,) = rider.read("/mobile/v1/me/payment-methods")["methods"]
    world.stripe.change_card(card["method_id"], asks=True)
    asked = topped_up(world, rider, "5.00", partner=partner.partner_id)
    assert asked["client_secret"]
    assert (asked["state"], asked["partner"], balances(rider)) == ("asked", partner.partner_id, {})
    shown = world.nobody.read("/local")["stripe"]
    browser = pay(shown["api_base"], shown["publishable_key"], asked["client_secret"], asked["payment_method"])
    world.stripe.authenticate(browser["id"])
    world.settle()

    assert rider.read(WALLET)["lots"][0]["partner"] == partner.partner_id
    assert balances(rider) == {"paid": "5.00"}
