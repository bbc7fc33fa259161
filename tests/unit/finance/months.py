"""A month as an export reads it, in memory: an account's rides, what settlements made of them, and the journal."""

import csv
import gzip
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from chalicelib.access.model import AccessSession, ChargeRecord, Need, NeedInterval, NeedState, State
from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.dispute_model import Dispute
from chalicelib.billing.paper_model import Buyer, Seller
from chalicelib.edge.account_months import AccountMonths
from chalicelib.finance.chart import DEFAULT, Chart
from chalicelib.finance.exporting import next_export
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.model import Export
from chalicelib.finance.ports import Book
from chalicelib.finance.rows_partners import file_of_partner
from chalicelib.finance.writing import Exporting, schema, write_export
from chalicelib.kernel.time import Interval, Month
from chalicelib.ledger.model import JournalEntry
from tests.unit.billing.books import ACCOUNT, LATER, MAY, ZONE, Books
from tests.unit.finance.closes import ClosesInMemory
from tests.unit.memory import Commits

AS_OF = datetime(2021, 12, 31, tzinfo=UTC)


@dataclass
class UploadInMemory:
    """Satisfies `finance.ports.Upload`, and remembers how much was held at once."""

    files: "FilesInMemory"
    key: str
    parts: list[bytes] = field(default_factory=list)

    def part(self, content: bytes) -> None:
        self.files.sizes.append(len(content))
        self.files.calls(self.key)
        self.parts.append(content)

    def last(self, content: bytes) -> None:
        self.part(content)

    def finish(self) -> None:
        self.files.calls(self.key)
        self.files.kept[self.key] = b"".join(self.parts)

    def abort(self) -> None:
        if self.key not in self.files.kept:
            self.files.aborted.append(self.key)


@dataclass
class FilesInMemory:
    """Satisfies `finance.ports.Files`; breaks at the call of that number."""

    breaks_at: int | None = None
    otherwise: Exception = field(default_factory=OSError)
    kept: dict[str, bytes] = field(default_factory=dict)
    aborted: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    count: int = 0

    def calls(self, _key: str) -> None:
        self.count += 1
        if self.count == self.breaks_at:
            raise self.otherwise

    def begin(self, key: str, _content_type: str) -> UploadInMemory:
        return UploadInMemory(self, key)

    def write(self, key: str, content: bytes, _content_type: str) -> None:
        self.calls(key)
        self.kept[key] = content

    def read(self, key: str) -> list[bytes]:
        return [self.kept[key]]

    def find(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def link(self, key: str, seconds: int) -> str:
        return f"{key}?{seconds}"


class SpoolInMemory:
    """Satisfies `finance.ports.Spool`."""

    def __init__(self) -> None:
        self.kept: dict[str, list[list[str]]] = {}

    def spill(self, name: str, lines: Sequence[str]) -> None:
        self.kept.setdefault(name, []).append(list(lines))

    def runs(self, name: str) -> Sequence[Iterator[str]]:
        return [iter(each) for each in self.kept.get(name, [])]

    def close(self) -> None:
        self.kept.clear()


@dataclass
class Looked:
    """Satisfies `finance.ports.Lookups`."""

    notes: Mapping[str, CreditNote] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def names_at_provider(self, entries: Sequence[JournalEntry]) -> Sequence[str | None]:
        self.asked.append(len(entries))
        return [f"at-stripe:{each.reference}" for each in entries]

    def goodwill(self, entry: JournalEntry) -> tuple[CreditNote, Seller | None, Buyer | None] | None:
        note = self.notes.get(entry.reference.partition(":")[2])
        return None if note is None or entry.kind != "goodwill" else (note, None, None)


@dataclass
class Told:
    """Satisfies `finance.ports.Reading`: whatever it is told."""

    months: Sequence[AccountMonth] = ()
    journal: Sequence[JournalEntry] = ()

    def accounts(self, _month: Month, _as_of: datetime, _since: datetime | None = None) -> Iterator[AccountMonth]:
        return iter(self.months)

    def of(
        self, accounts: Sequence[str], _month: Month, _as_of: datetime, _since: datetime | None = None
    ) -> Iterator[AccountMonth]:
        by_account = {each.account_id: each for each in self.months}
        return (by_account[each] for each in accounts)

    def entries(self, _month: Month) -> Iterable[JournalEntry]:
        return iter(self.journal)


@dataclass
class Office:
    """One account's books, and what finance reads of them."""

    books: Books = field(default_factory=Books)
    disputes: list[Dispute] = field(default_factory=list)
    revisions: dict[str, int] = field(default_factory=dict)
    corrected_at: datetime = LATER + timedelta(hours=1)

    @property
    def wired(self) -> Any:  # noqa: ANN401 -- the parts of the wiring that are asked
        books = self.books
        wired = SimpleNamespace(
            settings=SimpleNamespace(currency="EUR", zone=ZONE),
            sessions=self,
            billed=books.billed,
            used=books.rides,
            ledger=self,
            charges=SimpleNamespace(of_account=lambda _account: []),
            issuing=SimpleNamespace(notes=books.notes, numbers=books.numbers),
            disputes=SimpleNamespace(of_account=lambda _account: self.disputes),
        )
        wired.page = wired.for_accounts = lambda: wired
        return wired

    @property
    def reading(self) -> AccountMonths:
        return AccountMonths(self.wired)

    def active_accounts_after(self, month: Month, *, limit: int, after: str | None) -> Sequence[str]:
        used = any(when == month for when, _, _ in self.books.rides.cents.values())
        known = used or month in self.books.billed.settled
        return [ACCOUNT][:limit] if known and after is None else []

    def charged(self, _account_id: str, charged: Interval) -> Sequence[ChargeRecord]:
        rides = self.books.rides.cents.items()
        return [self._record(name, *ride) for name, ride in rides if ride[0].interval(ZONE).start == charged.start]

    def _record(self, name: str, month: Month, product: str, _cents: int) -> ChargeRecord:
        begin = month.interval(ZONE).start
        use = Interval(begin, begin + timedelta(seconds=90))
        session = AccessSession(
            name, ACCOUNT, "cus-1", "par-1", product, f"{product}-7", 1, "quo", begin, {}, State.ENDED, use.end
        )
        need = Need((NeedInterval(NeedState.IN_USE, use, (f"evt-{name}",)),), {}, {}, "d" * 64)
        revision = self.revisions.get(name, 0)
        return ChargeRecord(session, need, (), "EUR", self.corrected_at if revision else use.end, revision)

    def of_month(self, period: Month) -> Iterable[JournalEntry]:
        found = (each for each in self.books.journal.entries.values() if each.period == period)
        return sorted(found, key=lambda each: each.reference)

    def find(self, reference: str) -> JournalEntry | None:
        return self.books.journal.find(reference)


class Desk:
    """An export that was asked for, and what writes it."""

    def __init__(self, reading: Any, *, books: Sequence[Book] = (), month: Month = MAY) -> None:  # noqa: ANN401 -- any
        self.closes, self.files, self.commit = ClosesInMemory(), FilesInMemory(), Commits()
        self.reading, self.books, self.month = reading, books, month
        self.chart, self.looked, self.spool = Chart(DEFAULT), Looked(), SpoolInMemory()
        self.commit(self.closes.asking(next_export(month, [], "close", AS_OF), AS_OF), None)

    def write(self, now: datetime = AS_OF + timedelta(minutes=1)) -> Export:
        export = write_export(self.month, 1, self.exporting(now))
        assert export is not None
        return export

    def exporting(self, now: datetime = AS_OF) -> Exporting:
        return Exporting(
            self.closes,
            self.files,
            self.reading,
            self.looked,
            lambda _export: self.books,
            lambda: self.chart,
            lambda partner, month, account: (
                f"cus_{hashlib.sha256(f'{partner}{month}{account}'.encode()).hexdigest()[:9]}"
            ),
            lambda: self.spool,
            ZONE,
            now,
            self.commit,
        )

    @property
    def prefix(self) -> str:
        return f"exports/{self.month}/v1/"

    def content(self, name: str) -> bytes:
        return gzip.decompress(self.files.kept[f"{self.prefix}{name}"])

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.content(f"{name}.csv.gz").decode(), newline="")))

    @property
    def manifest(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.files.kept[f"{self.prefix}manifest.json"])
        return document

    @property
    def totals(self) -> dict[str, dict[str, int]]:
        return {each["name"].removesuffix(".csv.gz"): each["totals_in_minor_units"] for each in self.manifest["files"]}

    @property
    def off(self) -> dict[str, int]:
        """The ties that do not hold."""
        return {each["name"]: each["difference_minor"] for each in self.manifest["ties"] if each["difference_minor"]}


def written(office: Office, month: Month = MAY) -> Desk:
    """The month's export."""
    desk = Desk(office.reading, month=month)
    desk.write()
    return desk


def copied(each: AccountMonth, account_id: str) -> AccountMonth:
    """The same month of another account."""
    return replace(each, statement=replace(each.statement, account_id=account_id))


def added_up(desk: Desk, name: str) -> dict[str, int]:
    """What the columns of a file come to that its control totals are said to be of, read from the file itself."""
    about = "partners/" if name.startswith("partners/") else f"{name}.csv.gz"
    of = {each.name: each for each in [*schema(Chart(DEFAULT), Looked()), file_of_partner("")]}
    file = of[about] if about in of else file_of_partner("")
    found: Counter[str] = Counter()
    for row in desk.rows(name):
        for total, column in file.sums.items():
            if row[column]:
                found[f"{total}_{row['currency']}"] += int(Decimal(row[column]) * 100)
    return dict(found)
