"""How many requests a second Stripe listens to: in all, and of one call. What is too much is neither done nor saved."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from infra.local.stripe_double.errors import RateLimited

SANDBOX_PER_SECOND = 25
"""What Stripe's sandboxes take, in all and of each call."""


class Limits:
    """Counts the requests of the second that the clock shows. Callers hold the double's one lock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._total: int | None = None
        self._each: int | None = None
        self._second = 0
        self._seen: Counter[str] = Counter()

    def set(self, total: int | None, each: int | None) -> None:
        """So many requests a second, in all and of each call; without a number there is no limit."""
        self._total, self._each = total, each
        self._seen.clear()

    def count(self, name: str) -> None:
        """One more request; refused where there were too many in this second already."""
        second = int(self._now().timestamp())
        if second != self._second:
            self._second = second
            self._seen.clear()
        if self._total is not None and self._seen.total() >= self._total:
            raise _too_many("global-rate")
        if self._each is not None and self._seen[name] >= self._each:
            raise _too_many("endpoint-rate")
        self._seen[name] += 1


def _too_many(reason: str) -> RateLimited:
    refusal = RateLimited("Request rate limit exceeded. Back off and try again.", code="rate_limit")
    refusal.headers |= {"Stripe-Rate-Limited-Reason": reason}
    return refusal
