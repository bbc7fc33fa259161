"""Which export of a month is read, and why there is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.billing.postings_of_money import fee_entry
from chalicelib.finance.errors import ExportNotReady
from chalicelib.finance.model import Export, FileEntry
from chalicelib.finance.monitor_errors import MonthBeforeNotExported, MonthNotExported
from chalicelib.finance.monitor_files import file_name
from chalicelib.finance.stored_monitors import MonthBefore, stored_month
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry
from tests.unit.finance.monitored import APRIL, JUNE, MAY, Account, Ride, read

AT = datetime(2021, 6, 1, 3, tzinfo=UTC)
FILES = (FileEntry(file_name("profit"), 1, 1, "0" * 64, (), {}, 1, "0" * 64),)


class Journal:
    """Satisfies what is asked of `ledger.ports.Ledger`: what was posted to months, how many hours after `AT`."""

    def __init__(self, *entries: tuple[Month, int]) -> None:
        self.entries = [
            fee_entry(f"{number}", Money(70, "EUR"), "aino", month, AT + timedelta(hours=hours))
            for number, (month, hours) in enumerate(entries)
        ]

    def posted_to(self, period: Month, since: datetime | None, until: datetime) -> list[JournalEntry]:
        by_then = (each for each in self.entries if each.period == period and each.posted_at <= until)
        return [each for each in by_then if since is None or each.posted_at > since]

    def posted_late(self, since: datetime, until: datetime) -> list[JournalEntry]:
        known = (each for each in self.entries if since < each.posted_at <= until)
        return [each for each in known if each.period < Month.of(each.posted_at, "UTC").previous]


class Known:
    """Satisfies what is asked of `finance.ports.Closes`, and keeps the files that were fetched."""

    def __init__(self, *exports: Export) -> None:
        self.known = exports
        self.fetched: list[str] = []

    def exports(self, month: object) -> list[Export]:
        return [each for each in self.known if each.month == month]

    def exports_before(self, month: Month) -> list[Export]:
        return sorted((each for each in self.known if each.month < month), key=lambda each: each.prefix, reverse=True)

    def fetch(self, key: str) -> list[bytes]:
        self.fetched.append(key)
        (file,) = [each for each in read([Account("aino", (Ride(),))], APRIL).files() if key.endswith(each.name)]
        return list(file.content)


def month_before(export: Export, known: Known, *posted: tuple[Month, int]) -> MonthBefore:
    return MonthBefore(export, known, known.fetch, Journal(*posted))  # type: ignore[arg-type]


def made(version: int, *, ready: bool = True, hours: int = 0, old: bool = False) -> Export:
    at = AT + timedelta(hours=hours)
    return Export(APRIL, version, at, "close", at if ready else None, () if old else FILES)


def test_the_newest_export_that_is_finished_is_read() -> None:
    known = Known(made(1), made(2), made(3, ready=False))

    assert stored_month(APRIL, closes=known, fetch=known.fetch).export.version == 2  # type: ignore[arg-type]


def test_one_that_is_being_written_is_waited_for_and_none_is_said_to_be_none() -> None:
    for known, refusal in (
        (Known(made(1, ready=False)), ExportNotReady),
        (Known(), MonthNotExported),
        (Known(made(1, old=True)), MonthNotExported),
        (Known(replace(made(1, ready=False), refused={"code": "store_refused"})), MonthNotExported),
    ):
        with pytest.raises(refusal):
            stored_month(APRIL, closes=known, fetch=known.fetch)  # type: ignore[arg-type]


def test_the_month_before_is_that_of_the_exports_own_instant() -> None:
    """
    A version of April that was made after May's export is none of its past, so that a repeat reads the same.
    """
    known = Known(made(1), made(2, hours=1), made(3, hours=5))
    may = Export(MAY, 1, AT + timedelta(hours=2), "close")
    before = month_before(may, known)

    assert before.month == APRIL
    assert [row.key for row in before.rows("customer-values") if row.by == "customer"] == ["", "aino"]
    assert known.fetched == ["exports/2021-04/v2/customer-values.jsonl.gz"]


@pytest.mark.parametrize(
    "april",
    [
        (replace(made(1, ready=False), refused={"code": "store_refused"}),),
        (made(1, ready=False),),
        (made(1, hours=5),),
    ],
    ids=["refused", "being written", "written later"],
)
def test_no_month_opens_with_nothing_where_the_one_before_is_closed_and_not_exported(
    april: tuple[Export, ...],
) -> None:
    """
    What is paid ahead, stages and margins to date go on from month to month: a hole would make them wrong for good.
    """
    known = Known(*april)

    with pytest.raises(MonthBeforeNotExported):
        month_before(Export(MAY, 1, AT, "close"), known)


def test_an_export_from_before_there_were_monitors_says_nothing_of_its_month() -> None:
    known = Known(made(1, old=True))

    assert month_before(Export(MAY, 1, AT, "close"), known).month is None


def test_the_first_month_has_nothing_before_it() -> None:
    before = month_before(Export(MAY, 1, AT, "close"), Known())

    assert (before.month, list(before.rows("profit"))) == (None, [])


@pytest.mark.parametrize(("versions", "taken_up"), [(1, ["1", "2"]), (2, ["2"])])
def test_what_was_posted_to_earlier_months_since_the_export_of_the_one_before_is_taken_up_once(
    versions: int, taken_up: list[str]
) -> None:
    """
    Fees are posted to April as its export is written, two hours later, five later to March, seven later, and to May. A
    second version of April, four hours later, has the first two.
    """
    march = APRIL.previous
    known = Known(*[made(number + 1, hours=4 * number) for number in range(versions)])
    before = month_before(
        Export(MAY, 1, AT + timedelta(hours=6), "close"),
        known,
        (APRIL, 0),
        (APRIL, 2),
        (march, 5),
        (APRIL, 7),
        (MAY, 5),
    )

    assert [each.reference.removeprefix("fee:") for each in before.posted_since()] == taken_up


def test_behind_months_that_nobody_closed_it_is_the_newest_month_with_an_export_and_all_is_taken_up_of_those() -> None:
    """
    June goes on from April. All of May is taken up, also what was posted before April's export, and of April what came
    after that.
    """
    known = Known(made(1), replace(made(1), month=APRIL.previous))
    june = Export(JUNE, 1, AT + timedelta(days=30), "close")
    before = month_before(june, known, (MAY, -5), (MAY, 5), (APRIL, -1), (APRIL, 3), (JUNE, 5))

    assert before.month == APRIL
    assert [each.reference for each in before.posted_since()] == ["fee:0", "fee:1", "fee:3"]


def test_before_the_first_export_of_all_what_was_posted_is_taken_up_as_far_back_as_there_is_something() -> None:
    known = Known(made(1, old=True))
    before = month_before(Export(JUNE, 1, AT, "close"), known, (MAY, -1), (APRIL, -2), (APRIL.previous.previous, -3))

    assert before.month is None
    assert [each.reference for each in before.posted_since()] == ["fee:0", "fee:1"]


def test_a_month_that_nobody_closed_blocks_none_though_one_before_it_could_not_be_exported() -> None:
    known = Known(replace(made(1, ready=False), refused={"code": "store_refused"}))

    assert month_before(Export(JUNE, 1, AT, "close"), known).month is None
