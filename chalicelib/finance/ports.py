"""What this area needs from outside."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.paper_model import Buyer, Seller
from chalicelib.finance.facts import AccountMonth, BookFile
from chalicelib.finance.model import Export, FileEntry, FinanceNotice
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.ledger.model import JournalEntry


class Reader(Protocol):
    """Is shown a month once: first each account that was active in it, then each journal entry of its period.

    Both come in an order that stays the same. What it keeps is bounded by products, partners and assets, never by
    accounts or entries: a month may have a million of these.
    """

    def account(self, each: AccountMonth) -> None:
        """An account's month."""

    def entry(self, entry: JournalEntry) -> None:
        """A journal entry, posted by the export's instant."""


class Divisible(Reader, Protocol):
    """A reader of which several may each be shown a part of the accounts, and one told what the others made of it."""

    def kept(self) -> Iterable[Any]:
        """What it made of the accounts that it was shown, as values of JSON."""

    def take(self, kept: Any) -> None:  # noqa: ANN401 -- JSON
        """One of the values that another has kept: as if the accounts had been shown to this one, in their order."""


class Book(Divisible, Protocol):
    """A reader that leaves files of its own in the export, when all of the month was shown to it."""

    def files(self) -> Iterable[BookFile]:
        """Its files, in order of name. The same month gives the same bytes."""


Books = Callable[[Export], Sequence[Book]]
"""The books that one export fills, empty: another try begins with others."""


class Exports(Protocol):
    """Where exports are kept."""

    def exports(self, month: Month) -> Sequence[Export]:
        """All versions, oldest first."""

    def exports_before(self, month: Month) -> Iterable[Export]:
        """Those of earlier months, the newest month first, and of each its newest version."""

    def all_exports(self, *, limit: int, after: str | None) -> Sequence[Export]:
        """A page of all exports by month and version."""

    def export(self, month: Month, version: int) -> Export | None:
        """One version, or None."""

    def asking(self, export: Export, now: datetime) -> Sequence[Write]:
        """Store a version that was asked for and have it written, unless there is one of that number."""

    def export_ready(self, export: Export) -> Write:
        """Store the version with its files, or why it was refused, if that is not known yet."""

    def adding_files(self, export: Export, files: Sequence[FileEntry]) -> Sequence[Write]:
        """Store what is known of partners' files; they are seen once the version is ready."""

    def file(self, export: Export, name: str) -> FileEntry | None:
        """One of partners' files, or None."""

    def files(self, export: Export, *, limit: int, after: str | None) -> Sequence[FileEntry]:
        """A page of partners' files, by name."""

    def noticing(self, notice: FinanceNotice) -> Write:
        """Tell finance something, once."""

    def notices(self, *, limit: int, after: str | None) -> Sequence[FinanceNotice]:
        """A page of what finance was told, the newest first; `after` is `place_of` the last one."""


class Files(Protocol):
    """Where exports are written."""

    def write(self, key: str, content: bytes, content_type: str) -> None:
        """Store a file under its key."""

    def begin(self, key: str, content_type: str) -> "Upload":
        """Begin to store a file under its key. Nothing of it is to be seen before it is finished."""

    def read(self, key: str) -> Iterable[bytes]:
        """A file that is there, in pieces."""

    def find(self, key: str) -> bytes | None:
        """A small file that may be there."""

    def link(self, key: str, seconds: int) -> str:
        """A signed address that is good for so long."""


class Upload(Protocol):
    """A file that is stored part by part."""

    def part(self, content: bytes) -> None:
        """The next part, of at least five megabytes."""

    def last(self, content: bytes) -> None:
        """The last part, of any size."""

    def finish(self) -> None:
        """Let all of it be seen, at once."""

    def abort(self) -> None:
        """Drop what was sent. Safe to repeat, and without effect once it is finished."""


class Spool(Protocol):
    """Room for lines that do not fit into memory, for as long as an export is written."""

    def spill(self, name: str, lines: Sequence[str]) -> None:
        """Put lines aside, as one more run of those of that name. No line has a line's end in it."""

    def runs(self, name: str) -> Sequence[Iterator[str]]:
        """Each run of that name, as it was put aside."""

    def close(self) -> None:
        """Give the room back."""


class Reading(Protocol):
    """Where a month is read from, once for all readers.

    What was settled from `since` on is as it was settled then: what was charged later is in a later settlement.
    """

    def accounts(self, month: Month, as_of: datetime, since: datetime | None = None) -> Iterator[AccountMonth]:
        """Each account that was active in the month, one after the other."""

    def of(
        self, accounts: Sequence[str], month: Month, as_of: datetime, since: datetime | None = None
    ) -> Iterator[AccountMonth]:
        """These accounts, one after the other."""

    def entries(self, month: Month) -> Iterable[JournalEntry]:
        """The journal of the month, by reference."""


class Lookups(Protocol):
    """What journal entries name, and do not say."""

    def names_at_provider(self, entries: Sequence[JournalEntry]) -> Sequence[str | None]:
        """Under which name the provider knows what each of them moved, in their order; at most 100."""

    def goodwill(self, entry: JournalEntry) -> tuple[CreditNote, Seller | None, Buyer | None] | None:
        """The credit note that the entry booked beside any settlement, with both sides; None of any other entry."""
