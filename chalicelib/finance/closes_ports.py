"""What closing needs from outside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.billing.settling import Settled
from chalicelib.finance.closes_model import Close, FailedAccount, FailedState, Page, ParkedAccount, Sent, Sums
from chalicelib.finance.ports import Exports
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write

Settle = Callable[[str, Month], Settled]
"""Brings an account's month to what it has to be (billing does)."""

SettleTogether = Callable[[Sequence[str], Month], Mapping[str, Settled]]
"""Does so for as many of several accounts as it can at once, by account; the others are to be settled by themselves."""


class Closes(Exports, Protocol):
    """Where closes are kept, beside their exports."""

    def find(self, month: Month, version: int | None = None) -> Close | None:
        """The close of a month, the newest unless a version is named; or None."""

    def opening(self, close: Close, now: datetime) -> Sequence[Write]:
        """Store a new close and have it spread, unless there is one of that version."""

    def changing(self, close: Close, before: Close) -> Write:
        """Store the close, if what is stored is the one before."""

    def spreading(self, close: Close, turn: int, now: datetime) -> Write:
        """Have it spread from that turn on."""

    def telling_closed(self, month: Month, now: datetime) -> Write:
        """Have done what follows when a month is closed."""

    def making(self, page: Sent) -> Write:
        """Store which accounts a page has, unless it is there."""

    def unsettled(self, close: Close, first: int, last: int) -> Sequence[Sent]:
        """The pages from one number to another, without those that are done."""

    def is_done(self, page: Sent) -> bool:
        """Whether a page is settled."""

    def pages(self, month: Month) -> Iterable[Page]:
        """The pages of the newest close that are settled so far."""

    def page_done(self, page: Page) -> Write:
        """Store what a page came to; a repeat replaces nothing."""

    def sums(self, close: Close) -> Sequence[Sums]:
        """What the pages that are done came to, in parts."""

    def sums_of_part(self, month: Month, version: int, page: int) -> Sums:
        """The part in which a page is summed up."""

    def saving_sums(self, month: Month, version: int, page: int, sums: Sums) -> Write:
        """Store that part, if it was written once less."""

    def failing(self, failed: FailedAccount) -> Write:
        """Store that an account could not be settled, or what came of it."""

    def settled_since(self, failed: FailedAccount, was: FailedState) -> Write:
        """Store what came of an account that was tried again or waited for somebody, if that is how it still is."""

    def failed(self, close: Close, *, limit: int | None = None, after: str | None = None) -> Sequence[FailedAccount]:
        """A page of the accounts that could not be settled, by account."""

    def failed_one(self, close: Close, account_id: str) -> FailedAccount | None:
        """One of them, or None."""

    def parked_one(self, close: Close, account_id: str) -> ParkedAccount | None:
        """What is known of an account that was parked in a close, or released while that went on; or None."""

    def counted_parked(self, parked: ParkedAccount) -> Write:
        """Store that a page counts an account as parked, unless somebody has decided about it since."""

    def released(self, after: ParkedAccount, before: ParkedAccount | None) -> Write:
        """Store that an account is released, if what is known of it is what was before."""

    def asking_again(self, failed: FailedAccount, now: datetime) -> Write:
        """Have an account settled that waits for somebody."""


class Pages(Protocol):
    """The queue over which a close is spread."""

    def send(self, page: Sent) -> None:
        """Have a page of accounts settled."""
