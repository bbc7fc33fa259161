"""Amounts at the doors are plain decimal text; what else Python would read as a number is refused where it stands."""

import pytest

from tests.doors.callers import refused
from tests.doors.world import Customer, World

LOOSE = ["1E400", "1e2", "1_000", "+1", " 1", "1 ", "\u0661\u0662", "\uff11", "1" * 40]


@pytest.fixture(scope="module")
def customer(world: World) -> Customer:
    """One for all: these tests change nothing."""
    return world.customer()


@pytest.mark.parametrize("amount", LOOSE)
def test_a_customers_amount_that_is_no_decimal_text_is_pointed_at(customer: Customer, amount: str) -> None:
    tries = [
        (customer.post("/mobile/v1/wallet/top-ups", {"amount": amount}), "/amount"),
        (customer.put("/mobile/v1/me/limits", {"day": {"amount": amount}}), "/day/amount"),
        (customer.post("/mobile/v1/scans", {"code": "NONE", "worst_case_up_to": amount}), "/worst_case_up_to"),
    ]
    for reply, pointer in tries:
        assert reply.status == 422, reply
        refused(reply, 422, reply.json["code"], pointer)
    assert customer.read("/mobile/v1/me/limits")["day"] is None


@pytest.mark.parametrize("amount", LOOSE)
def test_an_operators_amount_that_is_no_decimal_text_is_pointed_at(
    world: World, customer: Customer, amount: str
) -> None:
    account = customer.read("/mobile/v1/me")["account_id"]
    given = {"amount": amount, "reason": "a wet saddle", "valid_until": "2031-06-20T00:00:00Z"}
    tries = [
        (world.operator.post(f"/finance/v1/accounts/{account}/credits", given), "/amount"),
        (
            world.finance.put("/finance/v1/accounts/" + account + "/settlement-policy", {"threshold": amount}),
            "/threshold",
        ),
    ]
    for reply, pointer in tries:
        assert reply.status == 422, reply
        refused(reply, 422, reply.json["code"], pointer)
