"""What reconciling needs from outside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.access.model import ChargeRecord
from chalicelib.access.rerated import Rerated
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Cause, Difference, Reconciliation
from chalicelib.finance.reconciling_money import Line
from chalicelib.finance.reconciling_partners import PartnerMonth
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.ledger.model import JournalEntry


class Reconciliations(Protocol):
    """Where runs and their differences are kept."""

    def find(self, month: Month, asked_at: datetime | None = None) -> Reconciliation | None:
        """The newest run of a month, or the one that was asked for at an instant; or None."""

    def newest_done(self, month: Month, by: datetime | None) -> Reconciliation | None:
        """The newest run that is done, by an instant if one is named; a newer one may be running."""

    def asking(self, run: Reconciliation, now: datetime) -> Sequence[Write]:
        """Store a run and have it done, unless there is one of that instant."""

    def noting(self, run: Reconciliation, difference: Difference) -> Write:
        """Store a difference that the run has found; the same one again replaces itself."""

    def saving(self, run: Reconciliation, before: Reconciliation) -> Write:
        """Store how far it is, if what is stored is the one before."""

    def going_on(self, run: Reconciliation, now: datetime) -> Write:
        """Have it gone on with."""

    def keeping(self, run: Reconciliation, bucket: int, content: bytes, now: datetime) -> Write:
        """Put lines of a bucket aside, under the turn that the run has come to."""

    def lines(self, run: Reconciliation, bucket: int) -> Iterable[bytes]:
        """What was put aside of a bucket, turn by turn."""

    def differences(
        self, run: Reconciliation, cause: Cause | None, *, limit: int, after: str | None
    ) -> Sequence[tuple[str, Difference]]:
        """A page of them by cause, each with its place."""


@dataclass(frozen=True, slots=True)
class Movements:
    """Some of the provider's movements under our names, each with its instant; all lines are `inside`.

    `after` is where the next ones are; None at the end.
    """

    rows: Sequence[tuple[datetime, Line]]
    after: str | None


@dataclass(frozen=True, slots=True)
class TheirInvoices:
    """Some of the provider's invoices as lines: of so many that were `read`, those of the month.

    `after` is where the next ones are; None at the end.
    """

    lines: Sequence[Line]
    read: int
    after: str | None


class Books(Protocol):
    """Where both sides are read from. The provider's is asked here, so that a worker alone may reconcile."""

    def accounts(self, month: Month, as_of: datetime, after: str | None) -> Iterator[AccountMonth]:
        """Each account that was active in the month, behind one of them."""

    def rerated(self, records: Sequence[ChargeRecord]) -> Iterable[Rerated]:
        """Each of them, beside what it would come to by what metering holds."""

    def documented(self, accounts: Sequence[str], month: Month, as_of: datetime) -> Iterable[JournalEntry]:
        """What their wallets and goodwill have to be in the journal, from the month's begin until then."""

    def partners(self, month: Month, after: str | None) -> Iterator[PartnerMonth]:
        """Each partner with a share, in order, behind one of them, as it stands by now."""

    def unbalanced(self) -> Mapping[str, int]:
        """By currency, what the ledger's sums by account come to together, where that is not nothing; by now."""

    def losses(self, month: Month, after: str | None) -> Iterable[JournalEntry]:
        """What was given up, lost, or had after all in a month, as it has to be in the journal; behind one of them."""

    def entries(self, month: Month, after: str | None) -> Iterable[JournalEntry]:
        """The journal of a month by reference, behind one of them."""

    def names_there(self, entries: Sequence[JournalEntry]) -> Sequence[str | None]:
        """Under which name the provider knows what each of them moved; at most 100."""

    def compared_until(self) -> datetime | None:
        """Until when a comparison has read the provider's movements, and posted what it had not told."""

    def movements(
        self, since: datetime, until: datetime, after: str | None, compared: datetime | None
    ) -> Iterator[Movements]:
        """The provider's movements, some at a time; those after `compared` are newer."""

    def moved_as(self, name: str, until: datetime) -> Iterable[tuple[datetime, Line]]:
        """The provider's movements of one name, whenever they were: the month's own are read with all others."""

    def invoices(
        self, month: Month, as_of: datetime, after: str | None, compared: datetime | None
    ) -> Iterator[TheirInvoices]:
        """The provider's invoices of a month by now, some at a time, each as it stood at an instant."""

    def ledger_balance(self, now: datetime) -> Mapping[str, int]:
        """By currency, what the ledger says that the provider holds."""

    def provider_balance(self) -> Mapping[str, int]:
        """What it says itself."""

    def stopped(self) -> bool:
        """Whether all collection is stopped."""
