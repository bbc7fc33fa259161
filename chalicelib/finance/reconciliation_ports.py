"""What reconciling needs from outside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Cause, Difference, Reconciliation
from chalicelib.finance.reconciling_money import Line
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.ledger.model import JournalEntry


class Reconciliations(Protocol):
    """Where runs and their differences are kept."""

    def find(self, month: Month, asked_at: datetime | None = None) -> Reconciliation | None:
        """The newest run of a month, or the one that was asked for at an instant; or None."""

    def asking(self, run: Reconciliation, now: datetime) -> Sequence[Write]:
        """Store a run and have it done, unless there is one of that instant."""

    def noting(self, run: Reconciliation, difference: Difference) -> Write:
        """Store a difference of the run that is done at its instant; the same one again replaces itself."""

    def finishing(self, run: Reconciliation) -> Write:
        """Store what was found, unless the run is done."""

    def differences(
        self, run: Reconciliation, cause: Cause | None, *, limit: int, after: str | None
    ) -> Sequence[tuple[str, Difference]]:
        """A page of them by cause, each with its place."""


class Books(Protocol):
    """Where both sides are read from. The provider's is asked here, so that a worker alone may reconcile."""

    def accounts(self, month: Month, as_of: datetime) -> Iterator[AccountMonth]:
        """Each account that was active in the month."""

    def entries(self, month: Month) -> Iterable[JournalEntry]:
        """The journal of a month."""

    def names_there(self, entries: Sequence[JournalEntry]) -> Sequence[str | None]:
        """Under which name the provider knows what each of them moved; at most 100."""

    def movements(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, Line]]:
        """The provider's movements under our names, each with its instant; all are `inside`."""

    def ledger_balance(self, now: datetime) -> Mapping[str, int]:
        """By currency, what the ledger says that the provider holds."""

    def provider_balance(self) -> Mapping[str, int]:
        """What it says itself."""

    def stopped(self) -> bool:
        """Whether all collection is stopped."""
