"""What the workbook says where a sheet has more rows than it can show, and of less than nothing."""

from collections.abc import Iterator

import pytest

from chalicelib.edge import report_workbook
from chalicelib.edge.report_words import report_words
from chalicelib.finance.monitor_model import Head, Row
from chalicelib.finance.report import Field, Line, Sheet, sheets_of
from tests.unit.edge.test_report import AS_OF, opened
from tests.unit.finance.monitored import MAY, PRODUCTS


def test_a_sheet_that_ends_before_its_rows_says_so_and_its_total_is_that_of_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report_workbook, "MOST_ROWS", 3)
    columns = (Field("asset", "text"), Field("currency", "text"), Field("revenue", "money"))
    lines = [Line("EUR", (f"par/thing-{each}", "EUR", 100)) for each in range(5)]
    said, heading = report_words("en"), report_workbook.Heading("May", "", AS_OF)
    content = b"".join(report_workbook.written([Sheet("profit_asset", columns, lambda: lines)], heading, said))
    (page,) = opened(content).worksheets
    cells = list(page.iter_rows(min_row=report_workbook.HEADER_ROW + 2, values_only=True))

    assert [row[0] for row in cells[:3]] == ["par/thing-0", "par/thing-1", "par/thing-2"]
    assert [row[2] for row in cells if row[0] == said.total] == [5]
    assert said.more.format(shown=3) in [row[0] for row in cells]


def test_a_product_that_gave_back_more_than_it_earned_has_no_share_of_margin() -> None:
    """
    Of -10.00 a margin of -15.00 is not 150 %. The API says the same (`edge/monitor_shapes`).
    """
    row = Row("product", PRODUCTS[0], "EUR", {"revenue": -1000, "margin": -1500})

    class OneProduct:
        month = MAY

        def head(self, monitor: str) -> Head:
            return Head(monitor, MAY, None, 1, {})

        def rows(self, monitor: str, by: str | None = None) -> Iterator[Row]:
            return iter([row] if (monitor, by) == ("profit", "product") else [])

        def largest_customers(self, most: int) -> Iterator[Row]:
            return iter([] if most else [row])

    sheet = next(each for each in sheets_of(OneProduct()) if each.code == "profit_product")  # type: ignore[arg-type]
    (line,) = sheet.lines()
    assert line.cells[sheet.place("margin_share")] is None
