"""What wishes need from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.access.limits import Spent
from chalicelib.access.wishes import Wishes
from chalicelib.kernel.writes import Write


class AccountWishes(Protocol):
    """Where wishes are kept."""

    def find(self, account_id: str) -> Wishes:
        """The account's wishes as they are."""

    def setting(self, account_id: str, wishes: Wishes, at: datetime | None = None) -> Sequence[Write]:
        """Set them; in force at once, and no quote from before starts against them. `at` is as for limits."""


class SpentOnProducts(Protocol):
    """What accounts have spent on one product."""

    def spent_on(self, account_id: str, product: str, now: datetime) -> Spent:
        """As on the account's bill."""
