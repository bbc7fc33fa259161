"""The report of a month: a workbook that opens as it was meant, and a page that can be read without a look at it."""

import io
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from openpyxl import load_workbook

from chalicelib.edge import report_workbook
from chalicelib.edge.page_frame import policy_with
from chalicelib.edge.report_charts import COLOURS, INK, Bar, Bars, bar_chart
from chalicelib.edge.report_files import page_of, report_in
from chalicelib.edge.report_page import STYLE
from chalicelib.edge.report_words import ReportWords, report_words
from chalicelib.edge.words import Words
from chalicelib.finance.customer_value import Stage
from chalicelib.finance.monitor_model import Row, of_view
from chalicelib.finance.monitors import MonitorMonth, Monitors
from chalicelib.finance.reconciliation_model import Cause
from chalicelib.finance.reconciliation_model import Stage as Reconciled
from chalicelib.finance.report import DEFINED, NOT_RECONCILED, Check, Field, Line, Sheet, sheets_of
from chalicelib.finance.report_totals import Totals
from chalicelib.kernel.languages import LANGUAGES, Language
from chalicelib.kernel.time import Month
from tests.unit.finance.monitored import APRIL, MAY, PRODUCTS, Account, Ride, after, read

AS_OF = datetime(2021, 6, 1, 3, tzinfo=UTC)
EVIL = '=HYPERLINK("http://evil.example","x")'
ACCOUNTS = [
    Account("aino", (Ride(cents=1000, stretches=(("in_use", 5400), ("kept", 3600))),), paid=((APRIL, 400),), fee=45),
    Account(EVIL, (Ride(PRODUCTS[2], cents=999),)),
]


@pytest.fixture(scope="module")
def may() -> Monitors:
    return read(ACCOUNTS, MAY, after(read(ACCOUNTS[:1], APRIL)))


def workbook(found: MonitorMonth, language: str = "en", checks: tuple[Check, ...] = ()) -> bytes:
    return b"".join(report_in(language, checks)(found).content)


def opened(content: bytes) -> Any:  # noqa: ANN401 -- openpyxl publishes no types
    return load_workbook(io.BytesIO(content))


def table(sheet: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- as above
    rows = list(sheet.iter_rows(min_row=report_workbook.HEADER_ROW + 1, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


class TaxedBefore:
    """A month of whose documents there is one row."""

    def __init__(self, of: Monitors, row: Row) -> None:
        self.month, self.head, self._of, self._row = of.month, of.head, of, row
        self.largest_customers = of.largest_customers

    def rows(self, monitor: str, by: str | None = None) -> Iterator[Row]:
        return of_view([self._row], by) if monitor == "recognition" else self._of.rows(monitor, by)


class TestWorkbook:
    def test_every_sheet_has_a_heading_that_stays_and_its_rows(self, may: Monitors) -> None:
        book, said = opened(workbook(may)), report_words("en")

        assert book.sheetnames == [said.sheets[sheet.code] for sheet in sheets_of(may)]
        wanted = {"Summary", "VAT", "P&L, value by customer", "Behaviour by product", "Reconciliation"}
        wanted |= {f"Revenue by {each}" for each in ("category", "product", "partner")}
        assert set(book.sheetnames) >= wanted | {f"P&L by {each}" for each in ("category", "product", "asset")}
        for sheet, made in zip(book.worksheets, sheets_of(may), strict=True):
            assert sheet.freeze_panes == "B5"
            assert [cell.value for cell in sheet[4]][: len(made.fields)] == [said.name(f.code) for f in made.fields]
            assert "May 2021" in sheet["A1"].value

    def test_amounts_times_and_shares_are_numbers_in_their_own_formats(self, may: Monitors) -> None:
        book = opened(workbook(may))
        (bike, *_) = [row for row in table(book["P&L by product"]) if row["Product"] == PRODUCTS[0]]
        assert bike["Revenue"] == 9.44  # 10.00 and 1.80 for ninety minutes, less a fifth that is tax
        behaved = book["Behaviour by product"]
        formats = {cell.number_format for row in behaved.iter_rows(min_row=5) for cell in row if cell.value is not None}
        assert {"[h]:mm", "0.0%", '#,##0.00 "EUR";[Red]-#,##0.00 "EUR"', "#,##0"} <= formats

    def test_each_sheet_of_money_ends_in_its_total_and_all_come_to_the_same(self, may: Monitors) -> None:
        """
        By category, product, asset and customer the margin is that of the summary, and so is revenue by partner.
        """
        book = opened(workbook(may))
        summary = {row["Figure"]: row for row in table(book["Summary"])}
        for name in ("P&L by category", "P&L by product", "P&L by asset", "P&L, value by customer"):
            total = table(book[name])[-1]
            assert [next(iter(total.values())), total["Currency"]] == ["Total", "EUR"], name
            for figure in ("Revenue", "Partners' share", "Payment fees", "Depreciation", "Margin"):
                assert total[figure] == summary[figure]["Month"], (name, figure)
        for name in ("Revenue by category", "Revenue by product", "Revenue by partner"):
            total = table(book[name])[-1]
            assert total["Revenue"] == summary["Revenue"]["Month"] > 0
            assert total["Revenue, month before"] == summary["Revenue"]["Month before"] > 0
        assert table(book["Behaviour by product"])[-1]["Customers"] == summary["Customers"]["Month"]
        sheet = book["P&L by product"]
        assert sheet.cell(sheet.max_row, 1).font.bold

    def test_every_sheet_of_figures_has_the_month_before_beside_them(self, may: Monitors) -> None:
        """
        What is paid ahead opens with what the month before closed with.
        """
        without = {"reconciliation", "definitions", "ahead"}
        beside = {each.code for each in sheets_of(may) if any(f.code.startswith("before") for f in each.fields)}

        assert beside == {each.code for each in sheets_of(may)} - without

    def test_what_only_the_month_before_had_is_shown_with_what_it_was(self, may: Monitors) -> None:
        """
        In April twenty documents had no tax, in May there are none of these.
        """
        then = {"net": 4100, "tax": 0, "gross": 4100, "documents": 20}
        (row, _) = table(opened(workbook(TaxedBefore(may, Row("document_tax", "FI|0|", "EUR", {}, then))))["VAT"])

        assert (row["Without tax"], row["Tax"], row["With tax"], row["Documents"]) == (0, 0, 0, 0)
        assert [row[f"{each}, month before"] for each in ("Without tax", "Tax", "With tax")] == [41, 0, 41]
        moves = table(opened(workbook(may))["Moves between stages"])[:-1]
        assert all(row["Customers"] or row["Customers, month before"] for row in moves)

    def test_totals_of_two_currencies_are_never_one(self) -> None:
        fields = Field("product", "text"), Field("currency", "text"), Field("amount", "money"), Field("rate", "share")
        lines = [Line("EUR", ("a", "EUR", 5, 1)), Line("SEK", ("b", "SEK", 7, 1)), Line("EUR", ("c", "EUR", None, 1))]
        totals = Totals(Sheet("purchases", fields, lambda: lines))
        for line in lines:
            totals.add(line)

        assert totals.lines() == [Line("EUR", (None, "EUR", 5, None)), Line("SEK", (None, "SEK", 7, None))]

    def test_charts_are_beside_the_figures(self, may: Monitors) -> None:
        book = opened(workbook(may))

        assert sum(len(sheet._charts) for sheet in book.worksheets) == 6

    def test_no_word_becomes_a_formula_a_link_or_a_number(self, may: Monitors) -> None:
        book = opened(workbook(may))
        kinds = {cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
        shown = [row["Customer"] for row in table(book["P&L, value by customer"])]

        assert "f" not in kinds
        assert EVIL in shown
        assert all(cell.hyperlink is None for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)

    def test_the_same_month_gives_the_same_bytes(self, may: Monitors) -> None:
        assert workbook(may) == workbook(may)
        assert opened(workbook(may)).properties.created == datetime(2021, 6, 1)  # noqa: DTZ001 -- a workbook has no zone

    def test_what_others_compared_stands_before_how_the_monitors_tie(self, may: Monitors) -> None:
        found = table(opened(workbook(may, checks=(Check("fees", "EUR", 45, 44, "txn_1", "late"),)))["Reconciliation"])

        assert (found[0]["About"], found[0]["Difference"], found[0]["Cause"]) == ("txn_1", 0.01, "late")
        assert {row["Difference"] for row in found[1:]} == {0}
        assert any("journal" in row["Check"] for row in found)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_month_that_was_not_reconciled_by_then_says_so_and_shows_no_sums(
        self, may: Monitors, language: Language
    ) -> None:
        none = (Check(NOT_RECONCILED, "", 0, 0),)
        sheet = opened(workbook(may, language, none))[report_words(language).sheets["reconciliation"]]
        first = [cell.value for cell in sheet[report_workbook.HEADER_ROW + 2]]

        assert first[0] == report_words(language).ties[NOT_RECONCILED]
        assert "Stripe" in first[0]
        assert set(first[1:]) == {None}
        assert report_words(language).ties[NOT_RECONCILED] in page_of(may, Words(language), none)

    def test_what_is_counted_has_no_currency(self, may: Monitors) -> None:
        found = {row["Figure"]: row["Currency"] for row in table(opened(workbook(may))["Summary"])}

        assert (found["Revenue"], found["Saved by customers"]) == ("EUR", "EUR")
        assert {found["Sessions"], found["In use"]} == {None}

    def test_customers_of_the_largest_margin_come_first_and_the_sheet_says_where_the_others_are(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("chalicelib.finance.report.MOST_CUSTOMERS", 2)
        many = [Account(f"acc-{number}", (Ride(cents=100 * number),)) for number in (1, 3, 2)]
        sheet = opened(workbook(read(many, MAY)))["P&L, value by customer"]

        assert [sheet.cell(row, 1).value for row in (5, 6)] == ["acc-3", "acc-2"]
        assert [sheet.cell(7, place).value for place in (1, 7)] == ["Total", 4.8]  # of all three, and of none
        assert "first 2 rows" in sheet.cell(8, 1).value

    def test_a_month_never_used_is_a_whole_workbook(self) -> None:
        book = opened(workbook(read([], MAY)))

        assert book["P&L by product"]["A5"].value == "Nothing in this month"

    def test_money_has_its_currencys_decimals(self) -> None:
        lines = [Line("JPY", ("a", 1500)), Line("KWD", ("b", 1500)), Line("EUR", ("c", -1500))]
        sheet = Sheet("revenue_product", (Field("product", "text"), Field("revenue", "money")), lambda: lines)
        heading = report_workbook.Heading("", "", AS_OF)
        book = opened(b"".join(report_workbook.written([sheet], heading, report_words("en"))))
        cells = [book.worksheets[0].cell(row, 2) for row in (5, 6, 7)]

        assert [cell.value for cell in cells] == [1500, 1.5, -15]
        assert [cell.number_format.partition(" ")[0] for cell in cells] == ["#,##0", "#,##0.000", "#,##0.00"]


VOID = {"meta", "rect", "line"}


class Page(HTMLParser):
    """What a screen reader makes of it; every tag has to be closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        named = self.tags[-1][1].get("id") if self.tags else None
        if named and data.strip():
            self.texts[named] = data

    def of(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_in_its_language(may: Monitors, language: Language) -> None:
    shown = page_of(may, Words(language))
    page = Page(shown)

    assert page.open == []
    assert next(page.of("html")) == {"lang": language}
    assert re.findall(r"<h([1-6])>", shown) == ["1", *["2"] * len(sheets_of(may))]
    assert report_words(language).meanings["revenue"] in shown
    assert [len(list(page.of(tag))) for tag in ("main", "style")] == [1, 1]
    assert "@media print{@page{size:A4 landscape" in shown


def test_every_table_has_a_caption_and_headings_with_a_scope(may: Monitors) -> None:
    page = Page(page_of(may, Words("en")))

    assert len(list(page.of("caption"))) == len(list(page.of("table"))) > 10
    assert {each.get("scope") for each in page.of("th")} == {"col", "row"}
    assert all(each.get("aria-label") and each.get("tabindex") == "0" for each in page.of("div"))


def test_every_chart_has_a_title_and_says_in_words_what_it_shows(may: Monitors) -> None:
    page = Page(page_of(may, Words("en")))
    drawn = list(page.of("svg"))
    names = [name for each in drawn for name in (each["aria-labelledby"] or "").split()]

    sections = page_of(may, Words("en")).split("<section>")[1:]
    assert len(drawn) == 6 == sum("<svg" in each and "<table>" in each.partition("</svg>")[2] for each in sections)
    assert {each["role"] for each in drawn} == {"img"}
    assert len(set(names)) == 2 * len(drawn)
    assert all(page.texts[name] for name in names)
    assert "Revenue" in page.texts["chart-summary-desc"]
    for each in report_words("en").charts.values():
        assert f'font-weight="bold">{each}</text>' in page_of(may, Words("en")), "seen too"


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_text_and_bars_stand_out_from_what_they_are_on() -> None:
    """
    By WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what has to be seen of a chart.
    """
    assert set(report_workbook.COLOURS) == set(COLOURS)
    for ground in ("#ffffff", "#e3eaf3"):
        assert contrast(INK, ground) > 4.5
        assert ground in STYLE or ground == "#ffffff"
    assert all(contrast(colour, "#ffffff") > 4.5 for colour in COLOURS)


def test_a_bar_below_nothing_goes_to_the_left_and_no_word_is_markup() -> None:
    rows = [Bars("<b>&", [Bar(100, "1.00")]), Bars("two", [Bar(-50, "-0.50")])]
    drawn = bar_chart("c", "<script>", ["one"], rows)
    bars = [(int(x), int(width)) for x, width in re.findall(r'<rect x="(\d+)" y="\d+" width="(\d+)"', drawn)]

    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert bars[0][0] == bars[1][0] + bars[1][1]
    assert bars[0][1] in (2 * bars[1][1], 2 * bars[1][1] - 1, 2 * bars[1][1] + 1)
    assert Page(bar_chart("c", "none", ["one"], [])).open == []


def test_what_somebody_is_called_is_text_and_never_markup() -> None:
    page = page_of(read([Account("<script>alert(1)</script>", (Ride(),))], MAY), Words("en"))

    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_page_shows_the_first_rows_and_says_that_there_are_more() -> None:
    many = [Account(f"acc-{number:02d}", (Ride(),)) for number in range(25)]
    page = page_of(read(many, MAY), Words("en"))

    assert page.count("acc-") == 20
    assert "The first 20 rows" in page


def test_the_pages_policy_lets_its_own_style_through_and_no_other() -> None:
    assert policy_with("a") != policy_with("b")
    assert policy_with(STYLE).startswith("default-src 'none'; style-src 'sha256-")


class TestWords:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_language_has_the_same_words(self, language: Language) -> None:
        said, english = report_words(language), report_words("en")
        for name in [each.name for each in fields(ReportWords)]:
            mine, theirs = getattr(said, name), getattr(english, name)
            if isinstance(theirs, dict):
                assert list(mine) == list(theirs), name
            else:
                assert sorted(re.findall(r"{\w+}", mine)) == sorted(re.findall(r"{\w+}", theirs)), name

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_sheet_figure_stage_and_tie_has_words(self, may: Monitors, language: Language) -> None:
        said = report_words(language)
        for sheet in sheets_of(may):
            assert 0 < len(said.sheets[sheet.code]) <= 31
            assert not set("[]:*?/\\") & set(said.sheets[sheet.code])
            assert all(field.code.removeprefix("before:") in said.names for field in sheet.fields)
            assert all(chart.code in said.charts for chart in sheet.charts)
        assert set(DEFINED) == set(said.meanings)
        assert {*map(str, Stage), *map(str, Cause)} <= set(said.values)
        assert {f"stage_{each}" for each in Reconciled} <= set(said.ties)
        for monitor in ("profit", "purchases", "recognition"):
            for tie in may.head(monitor).ties:
                assert "_" not in said.tie(tie.name)

    def test_every_figure_that_a_monitor_shows_is_defined(self, may: Monitors) -> None:
        shown = {
            figure
            for monitor in ("profit", "customer-values", "behaviour", "purchases", "recognition")
            for row in may.rows(monitor)
            for figure in row.figures
        }

        assert shown - set(report_words("en").meanings) == set()


def test_a_report_names_the_month_that_stands_beside(may: Monitors) -> None:
    alone = read(ACCOUNTS, Month(2021, 3))

    assert "April 2021" in page_of(may, Words("en"))
    assert "no monitors" in page_of(alone, Words("en"))
