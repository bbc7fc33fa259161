"""docs/exports.md says what the files are: its tables are the schema's, its example is what the code writes."""

import re
from datetime import UTC, datetime

from infra.export_format import DOCUMENT, updated
from tests.unit.billing.books import JUNE, MAY
from tests.unit.billing.test_settling_shares import sharing
from tests.unit.finance.months import Desk, Office, written

EXAMPLES = (
    (MAY, "usage.csv.gz", "has a row a rated line:"),
    (MAY, "invoices.csv.gz", "has the one invoice:"),
    (MAY, "documents.csv.gz", "has its tax by rate:"),
    (MAY, "journal.csv.gz", "balances:"),
    (JUNE, "adjustments.csv.gz", "corrects May, which stays as it was:"),
    (JUNE, "partners.csv.gz", "has both months of use:"),
    (JUNE, "partners/par-1.csv.gz", "says the same to the partner, under its own names:"),
)
_SHOWN = re.compile(
    r"\*\*`exports/(?P<month>[0-9-]+)/v1/(?P<name>[^`]+)`\*\* [^\n]+\n\n```csv\n(?P<content>.*?)```", re.DOTALL
)


def example() -> dict[object, Desk]:
    """The months of the worked example."""
    office = Office(sharing())
    (ride,) = office.books.rides.ridden(MAY, 1250)
    office.books.rides.ridden(MAY, 1140, product="tool")
    office.books.settle(MAY, datetime(2021, 6, 1, 5, tzinfo=UTC))
    may = written(office)
    office.books.rides.ridden(JUNE, 500)
    office.books.rides.corrected(ride, 2500, seen_in=JUNE)
    office.revisions[ride], office.corrected_at = 1, datetime(2021, 6, 20, tzinfo=UTC)
    office.books.settle(JUNE, datetime(2021, 7, 1, 5, tzinfo=UTC))
    return {MAY: may, JUNE: written(office, JUNE)}


def test_the_tables_of_the_document_are_those_of_the_schema() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert updated(text) == text


def test_the_worked_example_is_what_is_written() -> None:
    shown = _SHOWN.findall(DOCUMENT.read_text(encoding="utf-8"))
    desks = {str(month): desk for month, desk in example().items()}

    assert [(month, name) for month, name, _ in shown] == [(str(month), name) for month, name, _ in EXAMPLES]
    for month, name, content in shown:
        assert content == desks[month].content(name).decode()
        assert desks[month].off == {}
