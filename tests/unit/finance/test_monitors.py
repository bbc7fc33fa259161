"""What the four monitors and recognition show ties to the month's journal to the cent, however it is looked at."""

import gzip
import hashlib
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.finance import monitors as monitors_module
from chalicelib.finance import sums_on_disk
from chalicelib.finance.asset_rows import AssetRows
from chalicelib.finance.customers import CustomerBook
from chalicelib.finance.facts import Tally
from chalicelib.finance.largest import Largest
from chalicelib.finance.model import Export
from chalicelib.finance.monitor_files import packed, unpacked
from chalicelib.finance.monitor_model import MONITORS, OF_THE_JOURNAL, Figures, Row
from chalicelib.finance.monitors import Monitors
from chalicelib.finance.stored_monitors import StoredMonth
from chalicelib.finance.tie import Tie
from tests.unit.finance.monitored import (
    APRIL,
    CLOSED,
    DEAR,
    JUNE,
    MAY,
    PRODUCTS,
    STATES,
    Account,
    Ride,
    Street,
    after,
    read,
)

BIKE, VAN, DRILL = PRODUCTS
AINO = Account("aino", (Ride(cents=1000), Ride(VAN, "two", cents=250)), paid=((APRIL, 400), (MAY, 600)), fee=45)
BEN = Account("ben", (Ride(DRILL, "two", cents=999, stretches=(("in_use", 600), ("kept", 1200))),), goodwill=100)
CARL = Account("carl", paid=((APRIL, 300),), fee=31, lost=125)


def rows(monitors: Monitors, monitor: str, by: str) -> dict[str, Row]:
    return {row.key: row for row in monitors.rows(monitor) if row.by == by}


def column(found: dict[str, Row], figure: str) -> dict[str, int]:
    return {key: row.figures[figure] for key, row in found.items() if row.figures.get(figure)}


def ties(monitors: Monitors) -> list[Tie]:
    return [tie for monitor in MONITORS for tie in monitors.head(monitor).ties]


class TestProfit:
    def test_revenue_is_without_tax_and_less_the_partners_share(self) -> None:
        """
        10.00 with a quarter of tax in it is 8.00, of which 5.60 are the partner's.
        """
        found = rows(read([AINO]), "profit", "product")

        assert column(found, "revenue") == {BIKE: 800, VAN: 200}
        assert column(found, "partner_share") == {BIKE: -560, VAN: -140}

    def test_a_fee_goes_by_what_the_payment_paid_for(self) -> None:
        """
        Aino's payments of 4.00 were for April, when she had a van alone, and of 6.00 for May, four fifths of it a bike:
        4.80 for bikes and 5.20 for vans share the fee of 0.45 as 0.22 and 0.23.
        """
        april = read([Account("aino", (Ride(VAN, cents=400),))], APRIL)
        found = rows(read([AINO], MAY, after(april)), "profit", "product")

        assert column(found, "payment_fees") == {BIKE: -22, VAN: -23}

    def test_what_costs_and_names_no_product_and_has_nothing_beside_it_is_of_none(self) -> None:
        """
        Carl was billed nothing that is known here; his payment, its fee and his debt stand under no product.
        """
        found = rows(read([AINO, CARL]), "profit", "product")

        assert (found[""].figures["payment_fees"], found[""].figures["bad_debt"]) == (-31, -125)
        assert rows(read([CARL]), "customer-values", "customer")["carl"].figures["margin"] == -156

    def test_things_on_offer_cost_upkeep_and_depreciation_whether_or_not_they_are_used(self) -> None:
        """
        A bike loses 550.00 in 1,825 days and 90.00 a year go into it: in May 9.34 and 7.64 each, two of them.
        """
        found = rows(read([AINO]), "profit", "asset")

        for asset in ("par-1/one", "par-1/two"):
            assert (found[asset].figures["depreciation"], found[asset].figures["upkeep"]) == (-934, -764)
        none = rows(read([AINO]), "customer-values", "customer")[""]
        assert (none.figures["depreciation"], none.figures["upkeep"]) == (-1868, -1528)

    def test_things_of_a_partner_at_whom_nobody_used_anything_cost_and_stand_at_disposal_too(self) -> None:
        """
        Partners are those of the list, and those who are known by use alone: none is lost, and none counts twice.
        """
        one, two = ({f"{partner}/{asset}" for asset in ("one", "two")} for partner in ("par-1", "par-2"))
        for listed, things in (((), two), (("par-1",), one | two), (("par-1", "par-2"), one | two)):
            monitors = read([Account("aino", (Ride(DRILL),))], offered=Street(listed))
            at_disposal = column(rows(monitors, "behaviour", "asset"), "disposal_s")
            assert at_disposal.keys() == things
            assert at_disposal["par-2/one"] == 31 * 86_400
            lost = column(rows(monitors, "profit", "partner"), "depreciation")
            assert lost == ({"par-1": -1868} if listed else {})
            assert {tie.left - tie.right for tie in ties(monitors)} == {0}

    def test_an_asset_earns_what_its_sessions_came_to_of_its_products_revenue(self) -> None:
        found = rows(read([Account("aino", (Ride(cents=300), Ride(asset="two", cents=100)))]), "profit", "asset")

        assert column(found, "revenue") == {"par-1/one": 240, "par-1/two": 80}

    def test_the_cloud_costs_what_sessions_and_events_took_of_it(self) -> None:
        """
        Two sessions at 1,000 units and six events at 100, a unit at 0.000000625: 0.1625 cents, rounded once to nothing;
        a thousand times as dear it is 1.63, which the two products share by their sessions, and the customer bears.
        """
        dear = read([AINO], cloud=DEAR)

        assert column(rows(dear, "profit", "product"), "cloud") == {BIKE: -82, VAN: -81}
        assert column(rows(dear, "customer-values", "customer"), "cloud") == {"aino": -163}

    def test_the_month_before_stands_beside_each_figure(self) -> None:
        april = read([Account("aino", (Ride(cents=500),))], APRIL)
        found = rows(read([AINO], MAY, after(april)), "profit", "category")

        assert found["bikes"].before is not None
        assert (found["bikes"].figures["revenue"], found["bikes"].before["revenue"]) == (800, 400)
        assert found["vans"].before is None or found["vans"].before["revenue"] == 0


def test_a_column_of_the_month_before_is_that_months_also_where_nothing_is_left_of_a_row() -> None:
    """
    In April a van and a drill were used, in May a bike alone: what April came to stands beside May, row by row.
    """
    april = read([Account("aino", (Ride(VAN, "two", cents=400), Ride(DRILL, cents=100)), fee=31)], APRIL)
    may = read([Account("aino", (Ride(cents=500),))], MAY, after(april))

    for monitor, figure in (("profit", "revenue"), ("profit", "margin"), ("behaviour", "sessions")):
        for by in ("product", "asset", "category", "partner"):
            then, now = rows(april, monitor, by), rows(may, monitor, by)
            beside = {key: row.before[figure] for key, row in now.items() if row.before and row.before.get(figure)}
            assert beside == column(then, figure), (monitor, by)
    assert rows(may, "profit", "product")[DRILL].texts == rows(april, "profit", "product")[DRILL].texts
    assert rows(may, "profit", "asset")["par-2/one"].texts == rows(april, "profit", "asset")["par-2/one"].texts
    earned = rows(may, "recognition", "product")
    assert {key: row.before["recognised"] for key, row in earned.items() if row.before} == {VAN: 320, DRILL: 80}
    (cash,) = rows(may, "recognition", "cash").values()
    assert (cash.figures, cash.before) == ({}, {"amount": -31})
    bought = rows(may, "purchases", "product")
    assert sum((row.before or {}).get("amount", 0) for row in bought.values()) == 500
    june = read([Account("aino", (Ride(cents=500),))], JUNE, after(may))
    assert DRILL not in rows(june, "profit", "product")


stretches = st.lists(st.tuples(st.sampled_from(STATES), st.integers(1, 5_000)), max_size=3).map(tuple)
rides = st.builds(
    Ride,
    product=st.sampled_from(PRODUCTS),
    asset=st.sampled_from(["one", "two"]),
    cents=st.integers(0, 20_000),
    stretches=stretches,
)
paid = st.lists(st.tuples(st.sampled_from([APRIL, MAY]), st.integers(1, 9_000)), max_size=2, unique_by=lambda p: p[0])
some = st.builds(
    Account,
    name=st.sampled_from([f"acc-{number}" for number in range(6)]),
    rides=st.lists(rides, max_size=4).map(tuple),
    paid=paid.map(tuple),
    fee=st.integers(0, 400),
    lost=st.sampled_from([0, 0, 0, 777]),
    goodwill=st.sampled_from([0, 0, 333]),
    settled=st.booleans(),
)
months = st.lists(some, max_size=6, unique_by=lambda each: each.name)


def together(found: dict[str, Row]) -> Figures:
    sums: dict[str, int] = {}
    for row in found.values():
        for figure, amount in row.figures.items():
            sums[figure] = sums.get(figure, 0) + amount
    return sums


@settings(max_examples=30, deadline=None)
@given(april=months, may=months)
def test_every_column_ties_to_the_journal_by_every_view_and_nothing_is_lost_to_rounding(
    april: list[Account], may: list[Account]
) -> None:
    monitors = read(may, MAY, after(read(april, APRIL)), cloud=DEAR)

    assert [tie for tie in ties(monitors) if tie.difference] == []
    views = [together(rows(monitors, "profit", by)) for by in ("product", "asset", "category", "partner")]
    views.append(together(rows(monitors, "customer-values", "customer")))
    for figure in (*OF_THE_JOURNAL, "cloud", "upkeep", "depreciation", "margin"):
        assert len({view.get(figure, 0) for view in views}) == 1, figure


@settings(max_examples=10, deadline=None)
@given(april=months, may=months)
def test_a_monitors_file_has_the_same_bytes_twice_and_reads_back_as_it_was(
    april: list[Account], may: list[Account]
) -> None:
    one, other = (read(may, MAY, after(read(april, APRIL))) for _ in range(2))
    for name in MONITORS:
        content = b"".join(packed(one.head(name), one.rows(name), Tally()))
        assert content == b"".join(packed(other.head(name), other.rows(name), Tally()))
        tally = Tally()
        assert content == b"".join(packed(one.head(name), one.rows(name), tally))
        plain = gzip.decompress(content)
        assert (tally.unpacked, tally.sha256) == (len(plain), hashlib.sha256(plain).hexdigest())
        assert tally.rows == len(plain.splitlines()) - 1 == len(list(one.rows(name)))
        head, kept = unpacked([content[:11], content[11:]])
        assert (head, list(kept)) == (one.head(name), list(one.rows(name)))
        assert head.rows == len([row for row in one.rows(name) if name != "customer-values" or row.by == "customer"])


def test_a_month_never_used_is_whole_and_empty() -> None:
    monitors = read([], JUNE)

    assert [list(monitors.rows(name)) for name in ("profit", "customer-values", "purchases", "recognition")] == [[]] * 4
    assert ties(monitors) == []
    assert [(len(list(each.content)) > 0, each.tally.rows) for each in monitors.files()] == [(True, 0)] * 5


@settings(max_examples=15, deadline=None)
@given(before=months, now=months)
def test_rows_are_the_same_whether_assets_are_held_in_memory_or_put_aside(
    before: list[Account], now: list[Account]
) -> None:
    def said() -> list[Row]:
        monitors = read(now, MAY, after(read(before, APRIL)))
        return [row for monitor in MONITORS for row in monitors.rows(monitor)]

    held = said()
    with patch.object(sums_on_disk, "MOST_KEYS", 1):
        assert said() == held


def stored(monitors: Monitors) -> StoredMonth:
    """As its export keeps it."""
    files = {file.name: b"".join(file.content) for file in monitors.files()}
    return StoredMonth(Export(MAY, 1, CLOSED, "close"), lambda key: [files[key.rpartition("/")[2]]])


@settings(max_examples=15, deadline=None)
@given(before=months, now=months)
def test_a_view_is_what_all_rows_have_of_it_as_it_is_made_and_as_it_is_kept(
    before: list[Account], now: list[Account]
) -> None:
    made = read(now, MAY, after(read(before, APRIL)))
    kept = stored(made)
    for name in MONITORS:
        every = list(made.rows(name))
        for by in {row.by for row in every} | {"asset", "customer", "stage", "none"}:
            found = [row for row in every if row.by == by]
            assert list(made.rows(name, by)) == list(kept.rows(name, by)) == found


def test_who_asks_for_products_has_no_row_of_an_asset_made() -> None:
    monitors = read([AINO, BEN], MAY)
    assert list(monitors.rows("profit", "asset"))

    with patch.object(AssetRows, "rows", side_effect=AssertionError):
        for name in ("profit", "behaviour"):
            assert [row.by for row in monitors.rows(name, "product")] == ["product"] * 3


@settings(max_examples=15, deadline=None)
@given(now=months, most=st.integers(1, 4))
def test_the_largest_customers_are_found_while_their_file_is_written_as_they_are_afterwards(
    now: list[Account], most: int
) -> None:
    monitors = read(now, MAY)
    all_of_them = sorted(
        monitors.rows("customer-values", "customer"), key=lambda row: (row.figures["margin"], row.key), reverse=True
    )
    kept, unwritten = stored(monitors), read(now, MAY)

    for each in (kept, unwritten, monitors):
        assert list(each.largest_customers(most)) == all_of_them[:most]
    with patch.object(CustomerBook, "all", side_effect=AssertionError):
        assert list(monitors.largest_customers(most)) == all_of_them[:most]


def test_more_customers_than_were_held_are_read_again() -> None:
    monitors = read([Account(f"acc-{each}", (Ride(cents=100 * each),)) for each in range(1, 6)], MAY)
    with patch.object(monitors_module, "Largest", lambda: Largest(2)):
        stored(monitors)

    found = [[row.key for row in monitors.largest_customers(most)] for most in (2, 3)]
    assert found == [["acc-5", "acc-4"], ["acc-5", "acc-4", "acc-3"]]
