"""Rate limits and locks at the double of Stripe, through the real SDK."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stripe

from infra.local.stripe_double.trying import SECRET_KEY, Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _code(refusal: stripe.RateLimitError) -> str | None:
    """The SDK leaves the code on the error object alone."""
    assert refusal.error is not None
    return refusal.error.code


def _too_many(desk: Trial, key: str) -> stripe.RateLimitError:
    """The refusal of a customer that should have been made under this key."""
    with pytest.raises(stripe.RateLimitError) as refusal:
        desk.client.v1.customers.create({}, desk.key(key))
    return refusal.value


def test_of_too_many_requests_in_a_second_the_last_are_not_heard(desk: Trial) -> None:
    """
    25 in a second; the 26th is neither done nor saved, so its key is free in the next second.
    """
    desk.double.limit_rate()
    for number in range(25):
        desk.client.v1.customers.create({}, desk.key(f"k{number}"))
    refusal = _too_many(desk, "late")
    assert (refusal.http_status, _code(refusal)) == (429, "rate_limit")
    assert refusal.headers is not None
    assert refusal.headers["Stripe-Rate-Limited-Reason"] == "global-rate"
    assert refusal.headers["Stripe-Should-Retry"] == "false"

    desk.clock.at += timedelta(seconds=1)
    assert desk.client.v1.customers.create({}, desk.key("late")).id == "cus_000026"


def test_each_call_has_a_limit_of_its_own(desk: Trial) -> None:
    """
    Two of a kind in a second, five in all; without a limit as many as one likes.
    """
    desk.double.limit_rate(total=5, each=2)
    desk.client.v1.customers.create({}, desk.key())
    desk.client.v1.customers.create({}, desk.key())
    refusal = _too_many(desk, "third")
    assert refusal.headers is not None
    assert refusal.headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
    assert len(desk.client.v1.customers.list().data) == 2

    desk.double.limit_rate(None, None)
    for _ in range(6):
        desk.client.v1.customers.list()


def test_a_saved_answer_counts_as_a_request_too(desk: Trial) -> None:
    """
    Who repeats without waiting is limited like everybody else.
    """
    desk.double.limit_rate(total=2)
    for _ in range(2):
        desk.client.v1.customers.create({}, desk.key("k"))
    assert _code(_too_many(desk, "k")) == "rate_limit"


def test_a_lock_that_another_request_has_is_a_429_that_the_sdk_retries(desk: Trial) -> None:
    """
    Nothing was done; Stripe advises to try again, which it does not for a rate limit.
    """
    desk.double.fail_next("customers.create", "lock_timeout")
    refusal = _too_many(desk, "k")
    assert _code(refusal) == "lock_timeout"

    retrying = stripe.StripeClient(SECRET_KEY, base_addresses={"api": desk.address}, max_network_retries=1)
    desk.double.fail_next("customers.create", "lock_timeout")
    assert retrying.v1.customers.create({}, desk.key("k")).id == "cus_000001"
    desk.double.fail_next("customers.create", "429")
    with pytest.raises(stripe.RateLimitError):
        retrying.v1.customers.create({}, desk.key("l"))
