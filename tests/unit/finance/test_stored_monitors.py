"""Which export of a month is read, and why there is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.finance.errors import ExportNotReady
from chalicelib.finance.model import Export, FileEntry
from chalicelib.finance.monitor_errors import MonthBeforeNotExported, MonthNotExported
from chalicelib.finance.monitor_files import file_name
from chalicelib.finance.stored_monitors import MonthBefore, stored_month
from tests.unit.finance.monitored import APRIL, MAY, Account, Ride, read

AT = datetime(2021, 6, 1, 3, tzinfo=UTC)
FILES = (FileEntry(file_name("profit"), 1, 1, "0" * 64, (), {}, 1, "0" * 64),)


class Known:
    """Satisfies what is asked of `finance.ports.Closes`, and keeps the files that were fetched."""

    def __init__(self, *exports: Export) -> None:
        self.known = exports
        self.fetched: list[str] = []

    def exports(self, month: object) -> list[Export]:
        return [each for each in self.known if each.month == month]

    def fetch(self, key: str) -> list[bytes]:
        self.fetched.append(key)
        (file,) = [each for each in read([Account("aino", (Ride(),))], APRIL).files() if key.endswith(each.name)]
        return list(file.content)


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
    before = MonthBefore(may, known, known.fetch)  # type: ignore[arg-type]

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
        MonthBefore(Export(MAY, 1, AT, "close"), known, known.fetch)  # type: ignore[arg-type]


def test_an_export_from_before_there_were_monitors_says_nothing_of_its_month() -> None:
    known = Known(made(1, old=True))

    assert MonthBefore(Export(MAY, 1, AT, "close"), known, known.fetch).month is None  # type: ignore[arg-type]


def test_the_first_month_has_nothing_before_it() -> None:
    before = MonthBefore(Export(MAY, 1, AT, "close"), Known(), Known().fetch)  # type: ignore[arg-type]

    assert (before.month, list(before.rows("profit"))) == (None, [])
