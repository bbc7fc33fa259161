"""A month of a million rows, written as an export is: CPU and memory of the process that writes it, and its bytes.

All its files are written, the monitors' and the workbook of the report among them, with a month before of as many
accounts beside it. The account months are made up as they are asked for, so that reading a database takes no part in
it; the bucket is a small server in another process that takes uploads in parts as S3 does, and the client is boto3. It
is done twice: all digests are to be the same.
"""

import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from chalicelib.access.model import AccessSession, ChargeRecord, Need, NeedInterval, NeedState, State
from chalicelib.billing.model import Invoice, InvoiceLine, Settlement
from chalicelib.billing.paper_model import Paper, TaxRow
from chalicelib.billing.postings import invoice_source, proof_source
from chalicelib.billing.statement import Statement
from chalicelib.finance.chart import DEFAULT, Chart
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.file_store import ExportFiles, Retention
from chalicelib.finance.model import Export, FileEntry, FinanceNotice
from chalicelib.finance.spooling import DiskSpool
from chalicelib.finance.writing import Exporting, write_export
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval, Month
from chalicelib.ledger import accounts
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.rating import RatedLine, Use, tariff_from_document
from tests.benchmarks import AtMost, Figures, Targets
from tests.benchmarks.monitored import ASSETS, PARTNERS, PRODUCTS, Again, Nothing, account_name, books

MAY, NOW = Month(2021, 5), datetime(2021, 6, 1, 6, tzinfo=UTC)
ROWS, SESSIONS, LINES = 1_000_000, 5, 2
TARGETS: Targets = {
    "finance.export_million_rows_cpu_s": AtMost(300),
    "finance.export_million_rows_rss_mb": AtMost(128),
}


def figures() -> Figures:
    """In two processes, side by side."""
    with bucket() as address:
        started = [_started(address) for _ in range(2)]
        found = [json.loads(each.communicate()[0]) for each in started]
    if found[0]["digests"] != found[1]["digests"]:
        raise RuntimeError("the same export twice was not the same")
    return {
        "finance.export_million_rows_cpu_s": min(each["cpu_s"] for each in found),
        "finance.export_million_rows_rss_mb": max(each["rss_mb"] for each in found),
        "finance.export_million_rows_mb": found[0]["bytes"] / 1024**2,
    }


def _started(address: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.benchmarks.exports", address]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | _CREDENTIALS)


_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "eu-north-1"}


class Bucket(BaseHTTPRequestHandler):
    """Takes what S3's uploads send, and keeps nothing."""

    protocol_version = "HTTP/1.1"

    def _take(self) -> bytes:
        left, digest = int(self.headers.get("Content-Length", 0)), hashlib.md5(usedforsecurity=False)
        while left > 0:
            piece = self.rfile.read(min(left, 65536))
            digest.update(piece)
            left -= len(piece)
        return digest.hexdigest().encode()

    def _answer(self, content: bytes = b"") -> None:
        tag = self._take().decode()
        self.send_response(200)
        self.send_header("ETag", f'"{tag}"')
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        """What there is: nothing."""
        self._answer(b'<?xml version="1.0"?><ListBucketResult/>')

    def do_PUT(self) -> None:
        """A part, or a whole object."""
        self._answer()

    def do_POST(self) -> None:
        """An upload begins, or is finished."""
        began = re.search(r"\?uploads", self.path) is not None
        name = "InitiateMultipartUploadResult" if began else "CompleteMultipartUploadResult"
        inside = "<UploadId>1</UploadId>" if began else "<ETag>1</ETag>"
        self._answer(f'<?xml version="1.0"?><{name}>{inside}</{name}>'.encode())

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@contextmanager
def bucket() -> Iterator[str]:
    """Where it listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


TARIFF = tariff_from_document(
    {
        "tariff_id": "par-1:bike",
        "version": 1,
        "currency": "EUR",
        "zone": "UTC",
        "tax_inclusive": True,
        "meters": [{"name": "cents", "unit": "x", "most_per_hour": "1000000"}],
        "prices": [
            {"id": "all", "kind": "package", "meter": "cents", "included": "0", "size": "1", "per_package": "1"}
        ],
    }
)


def _ride(account_id: str, product: str, span: Interval, number: int) -> tuple[Use, ChargeRecord, list[RatedLine]]:
    name, partner = f"ses_{hashlib.sha256(b'%d' % number).hexdigest()[:26]}", product.partition(":")[0]
    use = Use(name, TARIFF, span.start, span.end, open=False, quantities={"cents": Decimal(1)})
    whose = name, account_id, "cus", partner, "bike", f"bike-{(number * PARTNERS + int(partner[4:])) % ASSETS:05d}"
    session = AccessSession(*whose, 1, "quo", span.start, {}, State.ENDED, span.end)
    need = Need((NeedInterval(NeedState.IN_USE, span),), {}, {}, hashlib.sha256(name.encode()).hexdigest())
    lines = [
        RatedLine(
            name,
            f"price-{each}",
            "charge",
            "use",
            Decimal(600),
            "s",
            Decimal("0.001"),
            Money(50 + each, "EUR"),
            "per_unit",
            {},
            (f"{name}:unlocked", f"{name}:used:{each}"),
        )
        for each in range(LINES)
    ]
    return use, ChargeRecord(session, need, (), "EUR", span.end), lines


@dataclass
class MadeUp:
    """Satisfies `finance.ports.Reading`: accounts with five rides of two lines each, billed and booked."""

    accounts_: int

    def accounts(self, month: Month, _as_of: datetime, _since: datetime | None = None) -> Iterator[AccountMonth]:
        """Each has an invoice of its own."""
        begin = month.interval("UTC").start
        for number, account_id in enumerate(self.names()):
            yield self._account(account_id, month, begin, number)

    def names(self) -> Iterator[str]:
        """In their order."""
        return (account_name(each, hashlib.sha256(b"%d" % each).hexdigest()) for each in range(self.accounts_))

    def _account(self, account_id: str, month: Month, begin: datetime, number: int) -> AccountMonth:
        product, began = PRODUCTS[number % PARTNERS], begin + timedelta(seconds=number % 2_000_000)
        span = Interval(began, began + timedelta(seconds=600))
        rides = [_ride(account_id, product, span, number * SESSIONS + each) for each in range(SESSIONS)]
        lines = tuple(line for _, _, two in rides for line in two)
        uses = tuple(use for use, _, _ in rides)
        records = {record.session.session_id: record for _, record, _ in rides}
        stated = Statement(account_id, month, "EUR", lines, uses, frozenset())
        cents = stated.total.minor
        paper = Paper(f"I-{number:06d}", "operator", 0, 0, (TaxRow("0.25", cents, cents // 5),))
        line = InvoiceLine("product", product, stated.total)
        invoice = Invoice(account_id, month, 1, (line,), stated.total, NOW, paper=paper)
        parts = {f"tax|0.25|{product}": cents // 5, f"share|{product}": cents // 2}
        settled = Settlement(account_id, month, "EUR", 1, {product: cents}, {}, 0, cents, 1, parts)
        return AccountMonth(stated, records, [invoice], settlement=settled)

    def entries(self, month: Month) -> Iterator[JournalEntry]:
        """One settlement an account."""
        for number, account_id in enumerate(self.names()):
            name, source = f"settlement:{account_id}:{month}:1", proof_source(account_id, 1)
            postings = (
                Posting(accounts.receivable(account_id), Money(505, "EUR"), invoice_source(f"{account_id}:{month}:1")),
                Posting(accounts.revenue(PRODUCTS[number % PARTNERS]), Money(-404, "EUR"), source),
                Posting(accounts.tax("0.25"), Money(-101, "EUR"), source),
            )
            yield JournalEntry(name, "settlement", account_id, month, NOW, postings)


@dataclass
class Kept:
    """What of `finance.ports.Closes` writing an export asks."""

    export_: Export
    noticed: list[FinanceNotice] = field(default_factory=list)

    def export(self, _month: Month, _version: int) -> Export:
        """The one."""
        return self.export_

    def export_ready(self, export: Export) -> Export:
        """Remembered by who asked."""
        self.export_ = export
        return export

    def adding_files(self, _export: Export, files: list[FileEntry]) -> list[FileEntry]:
        """They are not read here."""
        return files

    def noticing(self, notice: FinanceNotice) -> FinanceNotice:
        """Nor is this."""
        return notice


def main(address: str) -> None:
    """Write it, and say what it took."""
    files = ExportFiles("bucket", address, Retention("GOVERNANCE", 3653, lambda: NOW))
    files._bucket._s3 = files._bucket._client(address)
    kept, reading = Kept(Export(MAY, 1, NOW, "bench")), MadeUp(ROWS // (SESSIONS * LINES))
    began = time.process_time()
    by = Exporting(
        kept,  # type: ignore[arg-type]  # as much of it as is asked
        files,
        reading,
        Nothing(),
        lambda _export: books(MAY, Again(reading.names)),
        lambda: Chart(DEFAULT),
        lambda partner, month, account: f"cus_{hashlib.sha256(f'{partner}{month}{account}'.encode()).hexdigest()[:26]}",
        DiskSpool,
        "UTC",
        NOW,
        lambda _writes, outcome: outcome,
    )
    write_export(MAY, 1, by)
    rows = {each.name: each.rows for each in kept.export_.files}
    if rows["usage.csv.gz"] != ROWS:
        raise RuntimeError(f"{rows} rows")
    found = {
        "cpu_s": time.process_time() - began,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "bytes": sum(each.size for each in kept.export_.files),
        "digests": [each.sha256 for each in kept.export_.files],
        "rows": rows,
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
