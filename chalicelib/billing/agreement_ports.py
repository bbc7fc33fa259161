"""What billing asks about subscriptions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.kernel.time import Interval
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.subscription import Lived


class Plans(Protocol):
    """Where plans are kept, all versions of each."""

    def plan(self, plan_id: str, version: int | None = None) -> Plan | None:
        """A version of a plan, the newest by default, or None."""


class Lives(Protocol):
    """Where subscriptions are kept, with what they were before."""

    def lived(self, account_id: str, within: Interval) -> Sequence[Lived]:
        """What held of the account's subscriptions in the interval, those that ended in it too."""


class Needed(NamedTuple):
    """That a product (`par_1:bike`) was needed, from when to when, and the session that shows it."""

    product: str
    start: datetime
    end: datetime
    session_id: str


class Needs(Protocol):
    """What accounts need (access knows)."""

    def needed(self, account_id: str, within: Interval, now: datetime) -> Collection[Needed]:
        """What the account needed in the interval, as far as it is known by now."""
