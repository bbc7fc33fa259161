"""Starts that cannot be: each a clear refusal, and not an item of any table is changed by it."""

from typing import Any

import jwt
import pytest

from tests.doors.asking import RESERVATIONS, SESSIONS, accepted, begin, stored, thing, things
from tests.doors.callers import refused
from tests.doors.world import Customer, Partner, World


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    return things(world, {"hold": {"amount": "50.00"}})


def forged(quote: str, **changed: object) -> str:
    """The same promise with something else in it, signed with a key of the forger's own."""
    header = jwt.get_unverified_header(quote)
    promise: dict[str, Any] = jwt.decode(quote, options={"verify_signature": False})
    agreed = {**promise["agreed"], **changed}
    return jwt.encode({**promise, "agreed": agreed}, "a key of 32 characters or more, but not ours", headers=header)


def nothing_changes(world: World, customer: Customer, body: dict[str, str], status: int, code: str) -> None:
    """As a start and as a reservation."""
    before = stored(world)
    for path in (SESSIONS, RESERVATIONS):
        refused(customer.post(path, body), status, code, "/code" if code == "wrong_code" else None)
    assert stored(world) == before


def test_a_quote_that_is_too_old_starts_nothing(world: World, customer: Customer, cars: Partner) -> None:
    body = accepted(customer, thing(cars))
    world.later(minutes=10)

    nothing_changes(world, customer, body, 409, "quote_stale")


@pytest.mark.parametrize(
    "changed", [{}, {"hold": [1, "EUR"]}, {"requires": []}, {"consents": []}, {"turn": 99}, {"bound": None}]
)
def test_a_quote_that_somebody_else_has_signed_starts_nothing(
    world: World, customer: Customer, cars: Partner, changed: dict[str, object]
) -> None:
    body = accepted(customer, thing(cars))

    nothing_changes(world, customer, {**body, "quote": forged(body["quote"], **changed)}, 422, "quote_forged")


def test_a_quote_from_before_it_said_what_is_asked_starts_nothing(
    world: World, customer: Customer, cars: Partner
) -> None:
    """
    Signed by ourselves, as quotes were.
    """
    body = accepted(customer, thing(cars))
    promise: dict[str, Any] = jwt.decode(body["quote"], options={"verify_signature": False})
    before = {name: value for name, value in promise.items() if name not in ("agreed", "aud")}
    sealed = world.system.doors["mobile"].module.wired.sealer.seal(before)

    nothing_changes(world, customer, {**body, "quote": sealed}, 409, "quote_stale")


def test_what_was_taken_a_moment_ago_is_not_started(world: World, customer: Customer, cars: Partner) -> None:
    code = thing(cars)
    body = accepted(customer, code)
    begin(world.customer(), code)

    nothing_changes(world, customer, body, 409, "asset_in_use")


def test_anothers_quote_and_another_things_code_start_nothing(world: World, customer: Customer, cars: Partner) -> None:
    body = accepted(customer, thing(cars))

    nothing_changes(world, world.customer(), body, 403, "quote_for_another")
    nothing_changes(world, customer, {**body, "code": thing(cars)}, 422, "wrong_code")


def test_who_has_no_card_starts_nothing(world: World, cars: Partner) -> None:
    customer = world.customer(card=None)

    nothing_changes(world, customer, accepted(customer, thing(cars)), 402, "payment_not_in_order")
