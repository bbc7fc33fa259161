"""One quote is one session, under however many keys its app takes it up."""

import pytest

from tests.doors.asking import RESERVATIONS, SESSIONS, accepted, thing, things
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    return things(world, {})


@pytest.mark.parametrize("capacity", [1, 5, "unlimited"])
@pytest.mark.parametrize("path", [SESSIONS, RESERVATIONS])
def test_a_quote_that_is_taken_up_again_gives_the_same_session(
    customer: Customer, cars: Partner, path: str, capacity: object
) -> None:
    """The app lost the answer and asks anew under another key."""
    body = accepted(customer, thing(cars, capacity=capacity))
    first, again = (done(customer.post(path, body)) for _ in range(2))
    assert first == again
    assert len(customer.read(path)) == 1


def test_a_quote_starts_nothing_once_its_session_is_over(customer: Customer, cars: Partner) -> None:
    body = accepted(customer, thing(cars, capacity="unlimited"))
    customer.end(done(customer.post(SESSIONS, body))["session_id"])
    refused(customer.post(SESSIONS, body), 409, "quote_stale")


def test_what_is_reserved_is_started_as_the_reservation_alone(customer: Customer, cars: Partner) -> None:
    body = accepted(customer, thing(cars, capacity="unlimited"))
    done(customer.post(RESERVATIONS, body))
    refused(customer.post(SESSIONS, body), 409, "asset_in_use")
