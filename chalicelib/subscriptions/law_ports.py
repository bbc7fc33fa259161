"""What withdrawals and announcements need from outside, beside `life_ports`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval
from chalicelib.kernel.writes import Write
from chalicelib.subscriptions.announcement import Announcement, Told
from chalicelib.subscriptions.difference import Difference
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.subscription import Subscription
from chalicelib.subscriptions.withdrawals import Withdrawal


class Withdrawals(Protocol):
    """Where withdrawals are kept."""

    def withdrawal(self, account_id: str, subscription_id: str) -> Withdrawal | None:
        """What was stated or confirmed for the subscription, or None."""

    def saving_withdrawal(self, withdrawal: Withdrawal) -> Write:
        """Store it, if the stored version is the one before its own, and not confirmed."""


class Announcements(Protocol):
    """Where announcements are kept, and what each customer was told."""

    def announcement(self, plan_id: str, version: int) -> Announcement | None:
        """That of a version, or None."""

    def announcements(self, plan_id: str) -> Sequence[Announcement]:
        """All of a plan, the newest version first."""

    def saving_announcement(self, announcement: Announcement) -> Write:
        """Store it, if the stored revision is the one before its own."""

    def still(self, announcement: Announcement) -> Write:
        """Let nothing be written unless it stands as it was read."""

    def told(self, plan_id: str, version: int, subscription_id: str) -> Told | None:
        """What one customer was told, or None."""

    def told_page(self, plan_id: str, version: int, *, limit: int, after: str | None) -> Sequence[Told]:
        """A page of all who were told, in order of subscription."""

    def telling(self, told: Told, before: Told | None) -> Write:
        """Store what one was told, if it is still as it was read; if nothing was, that it is new."""

    def going_on(self, announcement: Announcement, after: str | None, now: datetime) -> Write:
        """Have the worker go on behind a subscription with telling, or with telling that it was called off."""


class Residents(Protocol):
    """In which country an account's customer lives, as far as is known (billing knows)."""

    def country(self, account_id: str) -> str | None:
        """Two capital letters, or None."""


class Costs(Protocol):
    """What subscriptions have come to (billing and rating know)."""

    def price(self, plan: Plan, seats: int, at: datetime) -> Money | None:
        """Of a pass what it costs once, of any other plan the month in which the instant lies; None without a fee."""

    def so_far(self, subscription: Subscription, now: datetime) -> Money:
        """What all its months come to, the one that goes on as far as it has come."""


class Pasts(Protocol):
    """What an account's own past would have come to under another plan (billing and rating know)."""

    def compared(self, subscription: Subscription, before: Plan, after: Plan, within: Interval) -> Difference:
        """Fees and uses of the stretch under either version."""
