"""What closing needs from outside."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.billing.settling import Settled
from chalicelib.finance.closes_model import Close, Page
from chalicelib.finance.ports import Exports
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write

Settle = Callable[[str, Month], Settled]
"""Brings an account's month to what it has to be (billing does)."""


class Closes(Exports, Protocol):
    """Where closes are kept, beside their exports."""

    def find(self, month: Month) -> Close | None:
        """The close of a month, or None."""

    def opening(self, close: Close, now: datetime) -> Sequence[Write]:
        """Store a new close and have it spread, unless there is one."""

    def changing(self, close: Close, before: Close) -> Write:
        """Store the close, if its state is still the one before."""

    def telling_closed(self, month: Month, now: datetime) -> Write:
        """Have done what follows when a month is closed."""

    def pages(self, month: Month) -> Sequence[Page]:
        """The pages settled so far."""

    def page_done(self, page: Page) -> Write:
        """Store what a page came to; a repeat replaces nothing."""


class Pages(Protocol):
    """The queue over which a close is spread."""

    def send(self, month: Month, number: int, accounts: Sequence[str]) -> None:
        """Have a page of accounts settled."""
