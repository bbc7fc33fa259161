"""What Stripe refuses as too much is called again, through the real SDK against the double, and done once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.billing.errors import CollectorUnavailable
from chalicelib.billing.rate_limit import Limiter
from chalicelib.billing.stripe_calls import StripeCalls
from infra.local.stripe_double.trying import SECRET_KEY, Trial, trial
from tests.unit.billing.test_rate_limit import Shared


@pytest.fixture
def stripe() -> Iterator[Trial]:
    with trial() as running:
        yield running


def test_every_call_is_done_once_however_many_were_refused(stripe: Trial) -> None:
    """
    The double listens to three calls a second of its clock, which moves on as the worker waits.
    """
    shared = Shared()

    def pause(ms: int) -> None:
        shared.pause(ms)
        stripe.clock.at += timedelta(milliseconds=ms)

    limiter = Limiter(40, shared, now_ms=lambda: shared.now, pause=pause)
    calls = StripeCalls(SECRET_KEY, stripe.address, limiter)
    stripe.double.limit_rate(3, 3)

    made = [calls("customers", "create", key=f"customer-{number}", name=str(number)).id for number in range(12)]

    stripe.double.limit_rate(None, None)
    assert len({calls("customers", "retrieve", each).name for each in made}) == 12
    assert shared.waited


def test_a_worker_that_is_refused_in_every_turn_leaves_it_to_the_next_try(stripe: Trial) -> None:
    shared = Shared()
    stripe.double.limit_rate(0, 0)
    calls = StripeCalls(SECRET_KEY, stripe.address, shared.limiter(20))

    with pytest.raises(CollectorUnavailable):
        calls("customers", "create", key="refused", name="x")

    assert sum(shared.waited) >= 2000


def test_a_worker_whose_turn_is_too_far_away_calls_nobody(stripe: Trial) -> None:
    calls = StripeCalls(SECRET_KEY, stripe.address, Shared(until=2_000_000).limiter(20))

    with pytest.raises(CollectorUnavailable):
        calls("customers", "create", key="far", name="x")
