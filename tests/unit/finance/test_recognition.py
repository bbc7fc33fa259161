"""Revenue by the time of need: what is accrued, deferred and paid ahead, tied to the journal."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.agreement_uses import EndedPass
from chalicelib.billing.model import Settlement
from chalicelib.billing.statement import Statement
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.monitor_model import Row
from chalicelib.finance.recognition import Recognition, ties_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.rating import RatedLine, Use, rate, tariff_from_document
from chalicelib.rating.once import BOUGHT_S, BOUGHT_USES, UNUSED_S
from tests.unit.finance.monitored import JUNE, MAY, Account, Nothing, Ride, Shared, after, month_of, read

BIKE = "par-1:bike"
AT = datetime(2021, 5, 3, tzinfo=UTC)
DAY = 86_400
PLAN = {
    "tariff_id": "operator:plan+ten",
    "version": 1,
    "currency": "EUR",
    "zone": "UTC",
    "tax_inclusive": True,
    "meters": [],
}


def rows(earlier: Nothing, month: Month, *accounts: Account) -> tuple[dict[tuple[str, str], Row], Nothing]:
    monitors = read(accounts, month, earlier)
    return {(row.by, row.key): row for row in monitors.rows("recognition")}, after(monitors)


def test_what_is_not_billed_yet_is_accrued_and_earned_when_it_was_needed() -> None:
    """
    Ben's month is parked: of 8.00 and 4.00 that were needed in May 4.00 are not booked.
    """
    found, _ = rows(
        Nothing(), MAY, Account("aino", (Ride(cents=1000),)), Account("ben", (Ride(cents=500),), settled=False)
    )

    assert found["product", BIKE].figures == {
        "need": 1200,
        "booked": 800,
        "accrued": 400,
        "earlier": 0,
        "revenue": 800,
        "pass_opening": 0,
        "pass_closing": 0,
        "recognised": 1200,
    }
    assert found["billing", ""].figures == {"posted": 1000, "invoiced": 1000, "carried": 0}


def entry(number: int, kind: str, source: str, *postings: tuple[str, int]) -> JournalEntry:
    made = tuple(Posting(name, Money(minor, "EUR"), source) for name, minor in postings)
    return JournalEntry(f"{kind}:{number}", kind, "aino", MAY, AT, made)


AHEAD = [
    entry(1, "wallet", "pi_1", ("stripe-clearing", 2000), ("wallet:aino", -2000)),
    entry(2, "gift", "gift:1", ("stripe-clearing", 500), ("wallet:gifts", -500)),
    entry(3, "wallet", "gift:1", ("wallet:gifts", 500), ("wallet:ben", -500)),
    entry(4, "wallet", "invoice:aino:2021-05:1", ("wallet:aino", 1300), ("receivable:aino", -1300)),
    entry(5, "wallet", "wallet-payout:aino:1", ("wallet:aino", 200), ("receivable:aino", -200)),
]


def test_what_is_paid_ahead_opens_with_what_was_left_and_ties_to_the_journal() -> None:
    book = Recognition(MAY, Shared().rates, MAY.interval("UTC").start)
    for each in AHEAD:
        book.entry(each)
    before = {("wallet", "wallet", "EUR"): {"closing": 100}}
    found = {row.key: row for row in book.rows(before, {})}

    assert found["wallet"].figures == {
        "opening": 100,
        "came_in": 2500,
        "used": -1300,
        "paid_back": -200,
        "closing": 1100,
    }
    assert found["gift"].figures == {"opening": 0, "came_in": 500, "used": -500, "paid_back": 0, "closing": 0}
    in_journal = {("EUR", "wallet"): -1000}
    assert [tie.difference for tie in ties_of(list(found.values()), in_journal)] == [0, 0]
    assert [tie.difference for tie in ties_of(list(found.values()), {("EUR", "wallet"): -999})] == [0, 1]


def test_what_was_posted_to_earlier_months_after_their_exports_opens_what_is_paid_ahead() -> None:
    """
    April closed with 1.00. 20.00 of a top-up were noted afterwards, and 5.00 of a gift.
    """
    book = Recognition(MAY, Shared().rates, MAY.interval("UTC").start)
    for each in AHEAD[:2]:
        book.take_up(each)
    before = {("wallet", "wallet", "EUR"): {"closing": 100}}
    found = {row.key: row.figures for row in book.rows(before, {})}

    assert {key: (each["opening"], each["came_in"], each["closing"]) for key, each in found.items()} == {
        "wallet": (2100, 0, 2100),
        "gift": (500, 0, 500),
    }
    assert [tie.difference for tie in ties_of(list(book.rows(before, {})), {("EUR", "wallet"): 0})] == [0, 0]


def with_pass(week: str) -> Recognition:
    """A week's pass for 7.00 with 1.40 of tax in it, and a ride of 3.00 with 0.60."""
    each, _ = month_of(Account("aino", (Ride(cents=300),)), MAY, Shared())
    facts = {"once_per": "week", "period": week}
    line = RatedLine("aino-0", "week", "charge", "use", Decimal(1), "", None, Money(700, "EUR"), "pass", facts)
    book = Recognition(MAY, Shared().rates, MAY.interval("UTC").start)
    book.account(replace(each, statement=replace(each.statement, lines=(*each.statement.lines, line))))
    return book


@pytest.mark.parametrize(
    ("week", "deferred"),
    [("2021-W21", 0), ("2021-W22", 480)],  # Monday of week 22 is the 31st: six of its days are in June, at 0.80 each
)
def test_a_weeks_pass_is_earned_day_by_day(week: str, deferred: int) -> None:
    (found,) = [row for row in with_pass(week).rows({}, {}) if row.by == "product"]

    assert (found.figures["need"], found.figures["pass_closing"]) == (800, deferred)
    assert found.figures["recognised"] == 800 - deferred


def test_one_of_a_week_that_is_bought_on_a_wednesday_is_for_the_five_days_that_are_left_of_it() -> None:
    """
    Week 26 is 28 June to 4 July. Of 5.60 without tax for 30 June and four days of July the latter have four fifths.
    """
    each, _ = month_of(Account("aino", (Ride(cents=300),)), JUNE, Shared())
    (use,) = each.statement.uses
    wednesday = use.started_at.replace(day=30)
    facts = {"once_per": "week", "period": "2021-W26"}
    line = RatedLine("aino-0", "week", "charge", "use", Decimal(1), "", None, Money(700, "EUR"), "pass", facts)
    uses = (replace(use, started_at=wednesday, ended_at=wednesday),)
    book = Recognition(JUNE, Shared().rates, JUNE.interval("UTC").start)
    book.account(replace(each, statement=replace(each.statement, uses=uses, lines=(*each.statement.lines, line))))
    (found,) = [row for row in book.rows({}, {}) if row.by == "product"]

    assert found.figures["pass_closing"] == 448


def earned(month: Month, earlier: list[Row], *uses: Use) -> list[Row]:
    """A month in which passes were bought by these uses, with tax of a quarter, behind another month."""
    book = Recognition(month, Shared().rates, month.interval("UTC").start)
    stated = Statement("aino", month, "EUR", rate(list(uses)), tuple(uses), frozenset())
    book.account(AccountMonth(stated, {}, ()))
    before = {row.place: row.figures for row in earlier}, {row.place: row.kept for row in earlier}
    return [row for row in book.rows(*before) if row.by == "product"]


def shown(rows: list[Row]) -> list[tuple[int, ...]]:
    codes = ("need", "pass_opening", "pass_closing", "recognised")
    return [tuple(row.figures[code] for code in codes) for row in rows]


def test_what_was_deferred_is_earned_in_the_month_after_also_if_nothing_is_used_then() -> None:
    may = [row for row in with_pass("2021-W22").rows({}, {}) if row.by == "product"]

    assert shown(earned(JUNE, may)) == [(0, 480, 0, 480)]


def bought(name: str, day: int, days: int, cents: int, unused_days: int | None = None) -> Use:
    """A pass that a plan sold on a day of May, for so many days; or it was ended when so many were left."""
    since = datetime(2021, 5, day, 15, tzinfo=UTC)
    price = {"id": "once", "kind": "once", "charge_class": "ordered", "amount": f"{cents / 100:.2f}"}
    fee = tariff_from_document({**PLAN, "prices": [price]})
    quantities = {BOUGHT_S: Decimal(days * DAY)}
    quantities |= {} if unused_days is None else {UNUSED_S: Decimal(unused_days * DAY)}
    return Use(name, fee, since, since, open=False, quantities=quantities, kind="agreement", product=fee.settled_as)


def test_a_pass_for_a_time_is_earned_day_by_day_in_each_month_in_which_it_is_good() -> None:
    """
    On 28 May one for ten days is bought, 20.00 without tax: four of them are in May. One for ninety days from the first
    on, 90.00, is for 31 days of May, 30 of June, and 29 of July. Nothing is lost or earned twice.
    """
    may = earned(MAY, [], bought("ten", 28, 10, 2500), bought("ninety", 1, 90, 11_250))
    june = earned(JUNE, may)
    july = earned(JUNE.next, june)

    assert shown(may) == [(11_000, 0, 1200 + 5900, 800 + 3100)]
    assert shown(june) == [(0, 7100, 2900, 1200 + 3000)]
    assert shown(july) == [(0, 2900, 0, 2900)]
    assert shown(earned(JUNE.next.next, july)) == [(0, 0, 0, 0)]


def test_behind_a_month_that_nobody_closed_passes_are_deferred_by_the_days_that_are_left_of_them() -> None:
    """
    Of 90.00 for ninety days from 1 May on 59.00 are deferred by then. June is not closed: July opens with 29.00.
    """
    may = earned(MAY, [], bought("ninety", 1, 90, 11_250))
    book = Recognition(JUNE.next, Shared().rates, JUNE.next.interval("UTC").start)
    before = {row.place: row.figures for row in may}, {row.place: row.kept for row in may}

    assert shown([row for row in book.rows(*before, MAY) if row.by == "product"]) == [(0, 2900, 0, 2900)]


def test_a_pass_that_was_ended_is_earned_until_then_and_one_of_uses_at_once() -> None:
    """
    Of 25.00 for ten days from the 28th on the last two are given back: eight days for 20.00, 16.00 without tax.
    """
    (ended,) = shown(earned(MAY, [], bought("ten", 28, 10, 2500, unused_days=2)))
    uses = replace(bought("uses", 28, 1, 2500), quantities={BOUGHT_USES: Decimal(5)})

    assert ended == (1600, 0, 800, 800)
    assert shown(earned(MAY, [], uses)) == [(2000, 0, 0, 2000)]


def paid_back(month: Month, earlier: list[Row], cents: int, ended: list[EndedPass]) -> list[Row]:
    """A month whose settlement pays back so much of passes of May, with tax of a fifth in it."""
    key = ended[0].use.tariff.settled_as
    sums, parts = {"2021-05": {key: -cents}}, {"2021-05": {f"tax|0.25|{key}": -cents // 5}}
    settled = Settlement("aino", month, "EUR", 1, adjusted=sums, parts_adjusted=parts)
    stated = Statement("aino", month, "EUR", (), (), frozenset())
    book = Recognition(month, Shared().rates, month.interval("UTC").start)
    book.account(AccountMonth(stated, {}, (), settlement=settled, ended={MAY: ended}))
    before = {row.place: row.figures for row in earlier}, {row.place: row.kept for row in earlier}
    return [row for row in book.rows(*before) if row.by == "product"]


def test_each_of_two_passes_that_were_bought_together_is_deferred_until_the_month_in_which_it_ends() -> None:
    """
    Two of ninety days for 90.00 without tax from 1 May on. One is withdrawn from in June, and 112.50 paid back; of the
    other 71 days have gone when it is ended on 11 July.
    """
    withdrawn, other = bought("one", 1, 90, 11_250), bought("two", 1, 90, 11_250)
    ended = [
        EndedPass(withdrawn, datetime(2021, 6, 5, tzinfo=UTC)),
        EndedPass(other, datetime(2021, 7, 11, tzinfo=UTC)),
    ]
    may = earned(MAY, [], withdrawn, other)
    june = paid_back(JUNE, may, 11_250, ended)
    july = paid_back(JUNE.next, june, 2375, ended)

    assert shown(may) == [(18_000, 0, 11_800, 6200)]
    assert shown(june) == [(-9000, 11_800, 2900, -9000 + 5900 + 3000)]
    assert shown(july) == [(-1900, 2900, 0, 1000)]


@pytest.mark.parametrize("settled", [0, 1])
def test_a_later_version_of_a_month_needs_of_a_plan_what_was_taken_for_it_whatever_is_paid_back_by_then(
    settled: int,
) -> None:
    """
    A fee of 10.00 was taken for May, 8.00 without tax, and is withdrawn from in June: no statement has it any more.
    Whether June has paid it back by then, or is about to, it is June's to take back.
    """
    key = "operator:plan+fee"
    may = Settlement("aino", MAY, "EUR", 1, charges={key: 1000}, parts={f"tax|0.25|{key}": 200})
    adjusted, parts = {"2021-05": {key: -1000}}, {"2021-05": {f"tax|0.25|{key}": -200}}
    june = Settlement("aino", JUNE, "EUR", 1, adjusted=adjusted, parts_adjusted=parts)
    stated = Statement("aino", MAY, "EUR", (), (), frozenset())
    book = Recognition(MAY, Shared().rates, MAY.interval("UTC").start)
    book.account(AccountMonth(stated, {}, (), settlement=may, settlements=[june] * settled))
    (found,) = [row for row in book.rows({}, {}) if row.by == "product"]

    assert [found.figures[code] for code in ("need", "booked", "accrued", "recognised")] == [800, 800, 0, 800]


@given(st.lists(st.tuples(st.integers(1, 31), st.integers(1, 400), st.integers(1, 99_999)), min_size=1, max_size=5))
def test_whatever_passes_are_bought_all_of_them_is_earned_once_in_the_end(sold: list[tuple[int, int, int]]) -> None:
    uses = [bought(f"pass-{number}", *each) for number, each in enumerate(sold)]
    rows, month, total = earned(MAY, [], *uses), MAY, 0
    need = rows[0].figures["need"]
    for _ in range(20):
        total += sum(row.figures["recognised"] for row in rows)
        assert all(
            0 <= row.figures["pass_closing"] <= row.figures["pass_opening"] + row.figures["need"] for row in rows
        )
        month = month.next
        rows = earned(month, rows)

    assert (total, rows) == (need, [])
