"""What a file of an export is to the byte: packed the same twice, in parts, and nothing in it that is computed."""

import csv
import gzip
import hashlib
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.finance.chart import DEFAULT, Chart, chart_of
from chalicelib.finance.columns import KINDS, Cells, columns_of, id_text, money_text, safe, writers_of
from chalicelib.finance.errors import ChartInvalid, UnmappedAccount
from chalicelib.finance.packing import PART, Packed
from chalicelib.finance.spooling import DiskSpool
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import share_cost
from chalicelib.ledger.model import JournalEntry, Posting
from tests.unit.billing.books import MAY
from tests.unit.billing.test_settling_shares import sharing
from tests.unit.finance.months import AS_OF, Desk, FilesInMemory, Office, Told, UploadInMemory, copied

COLUMNS = columns_of("""
name   | text    |            | a name from outside
ids    | ids     |            | evidence
count  | integer |            | how many
amount | money   | `currency` | how much
rate   | decimal |            | at which rate
at     | instant |            | when
""")
HOSTILE = st.sampled_from(tuple("=+-@\uff1d\uff20;;;,\"\t\r\n \u200b\ufeff\xa0'a1"))
ROW = ("bike", ("a", "b"), 3, Money(-1250, "EUR"), Decimal("0.250"), datetime(2021, 5, 2, 8, tzinfo=UTC))


def packed(rows: Iterator[Cells] | list[Cells]) -> tuple[Packed, UploadInMemory]:
    upload = UploadInMemory(FilesInMemory(), "file")
    found = Packed("file.csv.gz", COLUMNS, {"sum": "amount"}, upload)
    found.add(rows)
    return found, upload


def test_values_are_written_in_one_way_each() -> None:
    found, upload = packed([ROW, ("", (), 0, None, None, None)])
    entry = found.end()

    assert gzip.decompress(b"".join(upload.parts)).decode().splitlines() == [
        "name,ids,count,amount,rate,at",
        "bike,a b,3,-12.50,0.25,2021-05-02T08:00:00.000000Z",
        ",,0,,,",
    ]
    assert (entry.rows, entry.totals) == (2, {"sum_EUR": -1250})


def test_what_is_equal_and_said_otherwise_is_written_as_it_is_said() -> None:
    found, upload = packed([(cell, *ROW[1:]) for cell in (1, True, "1", Decimal("1.0"), None, "None", None)])
    found.end()

    names = [line.split(",")[0] for line in gzip.decompress(b"".join(upload.parts)).decode().splitlines()[1:]]
    assert names == ["1", "True", "1", "1.0", "", "None", ""]


def test_a_row_with_a_cell_too_few_or_too_many_is_an_error() -> None:
    for row in (ROW[:-1], (*ROW, "more")):
        with pytest.raises(ValueError, match="cells of 6"):
            packed([row])


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(1250, "EUR", "12.50"), (-5, "EUR", "-0.05"), (0, "EUR", "0.00"), (7, "JPY", "7"), (5120, "KWD", "5.120")],
)
def test_money_is_a_plain_decimal_in_major_units(minor: int, currency: str, text: str) -> None:
    assert money_text(Money(minor, currency)) == text == str(Money(minor, currency).amount)


@given(st.text(max_size=20))
def test_no_text_from_outside_begins_as_what_a_spreadsheet_computes_and_none_is_lost(text: str) -> None:
    found = safe(text)

    assert found[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert len(found.splitlines()) < 2
    assert "".join(found.split()).replace("'", "") == "".join(text.split()).replace("'", "")


@given(
    st.lists(
        st.text(st.characters(codec="utf-8") | st.sampled_from('",;\\ \t\r\n'), max_size=12), min_size=2, max_size=2
    )
)
def test_whoever_reads_csv_finds_each_text_as_it_was_written_whatever_is_in_it(texts: list[str]) -> None:
    name, evidence = texts
    found, upload = packed([(name, (evidence, "b"), 1, None, None, None), ROW])
    found.end()
    content = gzip.decompress(b"".join(upload.parts)).decode()
    _, row, after = csv.reader(io.StringIO(content, newline=""))

    assert (row[0], row[2:]) == (safe(name), ["1", "", "", ""])
    assert [unquote(each) for each in row[1].split(" ")] == [evidence, "b"]
    assert after[0] == "bike"
    assert content.count("\n") == 3


@given(
    st.lists(
        st.tuples(st.text(HOSTILE, max_size=12), st.text(HOSTILE, max_size=12), st.text(HOSTILE, max_size=12)),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(",;\t"),
)
def test_whichever_separator_a_spreadsheet_takes_no_cell_of_text_is_a_formula(
    texts: list[tuple[str, str, str]], separator: str
) -> None:
    """
    Where it takes another one than ours, quotes are not where it looks for them, and numbers are amid its cells.
    """
    found, upload = packed([(name, (one, two), 1, Money(-1250, "EUR"), None, None) for name, one, two in texts])
    found.end()
    content = gzip.decompress(b"".join(upload.parts)).decode()
    read = list(csv.reader(io.StringIO(content, newline=""), delimiter=separator))
    cells = [cell for row in read for cell in (row[:2] if separator == "," else row)]

    assert [
        each for each in cells if each.lstrip(" \t\r\n\u200b\ufeff\xa0")[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20")
    ] == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("PO 7;=cmd|' /C calc'!A0;", "PO 7;'=cmd|' /C calc'!A0;"),
        ("a; =1; +2;b", "a;' =1;' +2;b"),
        ('a;"=1', "a;'\"=1"),
        ("a;\t=1", "a;' =1"),
        ("a;\u200b@A1;\uff1d1", "a;'\u200b@A1;'\uff1d1"),
        (";-1", ";'-1"),
        ("a;b-c;1+1", "a;b-c;1+1"),
        ("a=1", "a=1"),
    ],
)
def test_what_would_be_a_formula_behind_a_semicolon_has_an_apostrophe_there(text: str, line: str) -> None:
    assert safe(text) == line


@pytest.mark.parametrize(
    ("text", "field"), [("a,b", '"a,b"'), ('3" pipe', '"3"" pipe"'), ("a;b", "a;b"), ("a b", "a b")]
)
def test_a_text_is_in_quotes_only_where_a_comma_or_a_quote_would_take_it_apart(text: str, field: str) -> None:
    found, upload = packed([(text, (), 1, None, None, None)])
    found.end()

    assert gzip.decompress(b"".join(upload.parts)).decode().splitlines()[1] == f"{field},,1,,,"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\u200b=1", "\uff1d1", '=HYPERLINK("x","y")']
)
def test_a_formula_in_a_name_or_in_an_id_of_evidence_becomes_text_and_amounts_stay_numbers(text: str) -> None:
    found, upload = packed([(text, (text, "b"), 1, Money(-1, "EUR"), None, None)])
    found.end()
    (row,) = csv.DictReader(io.StringIO(gzip.decompress(b"".join(upload.parts)).decode(), newline=""))

    line = text.replace("\r", " ").replace("\t", " ")
    assert (row["name"], row["ids"], row["amount"]) == (f"'{line}", f"{id_text(text)} b", "-0.01")
    assert row["ids"][0] == "%"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("0f8e-1.a:b/c", "0f8e-1.a:b/c"),
        ("ride 7", "ride%207"),
        ("-a-b", "%2Da-b"),
        ("a;=1", "a%3B=1"),
        ("100%", "100%25"),
        ("\xe4\uff1d\n", "%C3%A4%EF%BC%9D%0A"),
        ("2001 events, sha256:0a", "2001%20events,%20sha256:0a"),
    ],
)
def test_an_id_among_others_is_one_word(name: str, word: str) -> None:
    assert id_text(name) == word
    found, upload = packed([("bike", ids, 1, None, None, None) for ids in ((name,), ("a", name), (name, "a", name))])
    found.end()
    cells = [row[1] for row in csv.reader(io.StringIO(gzip.decompress(b"".join(upload.parts)).decode(), newline=""))]

    assert cells[1:] == [word, f"a {word}", f"{word} a {word}"]


def test_every_kind_of_value_is_documented() -> None:
    assert len(writers_of(COLUMNS)) == len(KINDS) == 6


def noise(rows: int) -> Iterator[Cells]:
    """Rows that hardly pack."""
    chance = random.Random(1)
    for number in range(rows):
        yield (chance.randbytes(60).hex(), (chance.randbytes(30).hex(),), number, Money(1, "EUR"), None, None)


def test_the_same_rows_give_the_same_bytes_whatever_the_clock_says() -> None:
    first, second = (packed(noise(3000)) for _ in range(2))

    assert first[0].end() == second[0].end()
    assert first[1].parts == second[1].parts
    assert first[1].parts[0][4:10] == b"\x00\x00\x00\x00\x00\xff"


def test_a_file_goes_out_in_parts_of_which_no_more_than_one_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Of five megabytes, below which S3 takes none but the last; here of a fortieth of that.
    """
    assert PART == 5 * 1024 * 1024
    part = PART // 40
    monkeypatch.setattr("chalicelib.finance.packing.PART", part)
    found, upload = packed(iter(()))
    for _ in range(20):
        found.add(noise(500))
        assert found.held < part + 64 * 1024 + 512
    assert len(upload.parts) >= 3
    entry = found.end()

    *whole, _last = upload.parts
    assert {len(each) for each in whole} == {part}
    content = b"".join(upload.parts)
    assert (entry.size, entry.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert len(gzip.decompress(content)) == entry.unpacked
    assert entry.rows == 10_000


def test_a_mapping_knows_an_account_by_its_name_by_how_it_begins_or_by_its_kind_whatever_fits_best() -> None:
    chart = Chart.read('{"revenue": "4400", "revenue:par-1": "4401", "revenue:par-1:bike": "4402", "tax:0.14": "3814"}')

    assert [
        chart.number(f"revenue:{name}") for name in ("par-2:x", "par-1:tool", "par-1:bike", "par-1:bike/damage")
    ] == [
        *("4400", "4401", "4402", "4401"),
    ]
    assert chart.number("tax:0.14") == "3814"
    with pytest.raises(UnmappedAccount) as error:
        chart.number("receivable:acc-1")
    assert error.value.facts == {"ledger_account": "receivable"}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"revenue": 4400}',
        '{"revenue": ""}',
        '{"revenues": "4400"}',
        '{"tax:": "1"}',
        '{"bank": "1\\n"}',
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ChartInvalid):
        Chart.read(text)


def test_the_default_mapping_has_a_number_of_its_own_for_every_kind_and_holds_where_nothing_is_said() -> None:
    assert chart_of(" ") == Chart(DEFAULT)
    assert len(set(DEFAULT.values())) == len(DEFAULT)


@dataclass
class Small(DiskSpool):
    """Counts runs."""

    spilled: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def spill(self, name: str, lines: list[str]) -> None:  # type: ignore[override]  # a list is given
        self.spilled.append(name)
        super().spill(name, lines)


def test_a_partners_file_holds_its_own_rows_alone_under_its_own_names_in_their_order_however_much_was_put_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    The order of the books would be the same in each month, and so tell who is who.
    """
    office = Office(sharing())
    office.books.rides.ridden(MAY, 1250)
    office.books.settle(MAY)
    (one,) = office.reading.accounts(MAY, AS_OF)
    months = [copied(one, f"acc-{number:03d}") for number in range(40)]
    other = JournalEntry(
        "share:par-2:2021-05:1",
        "share",
        "par-2",
        MAY,
        AS_OF,
        (Posting(share_cost("par-2:"), Money(3, "EUR")), Posting("payable:par-2", Money(-3, "EUR"))),
    )
    whole, small, spool = Desk(Told(months, [other])), Desk(Told(months, [other])), Small()
    whole.write()
    monkeypatch.setattr("chalicelib.finance.partner_files.HELD", 7)
    small.spool = spool  # type: ignore[assignment]  # as good
    small.write()

    assert small.files.kept == whole.files.kept
    assert spool.spilled.count("par-1") == 5
    rows = whole.rows("partners/par-1")
    assert len({row["customer"] for row in rows}) == len(rows) == 40
    assert [row["customer"] for row in rows] == sorted(row["customer"] for row in rows)
    assert all(row["customer"].startswith("cus_") for row in rows)
    assert b"acc-" not in whole.content("partners/par-1.csv.gz")
    assert [(row["customer"], row["product"], row["share"]) for row in whole.rows("partners/par-2")] == [
        ("", "", "0.03")
    ]
    assert [each["name"] for each in whole.manifest["partners"]] == ["partners/par-1.csv.gz", "partners/par-2.csv.gz"]


def test_what_was_put_aside_is_gone_when_the_export_is_written_or_broken_off() -> None:
    spool = DiskSpool()
    spool.spill("par-1", ["a", "b"])
    spool.spill("par-1", ["c"])
    runs = spool.runs("par-1")

    assert [list(each) for each in runs] == [["a", "b"], ["c"]]
    directory = spool._directory
    assert directory is not None
    spool.close()
    with pytest.raises(FileNotFoundError):
        next(iter(spool.runs("par-1")[0]))
