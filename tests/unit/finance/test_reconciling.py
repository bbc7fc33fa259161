"""From the use to the bank, two sums at each stage: what differs is listed with its cause, and adds up exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.dispute_model import Dispute, DisputeState
from chalicelib.billing.model import InvoiceState, Parked
from chalicelib.billing.statement import Statement
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Difference, Stage, StageSum
from chalicelib.finance.reconciling import reconcile_account
from chalicelib.finance.reconciling_money import Line, Matched, Payables, order_of, reconcile_balances
from chalicelib.ledger.accounts import STRIPE_CLEARING, payable
from tests.unit.finance.closes import MAY, NOW, OVER
from tests.unit.finance.two_books import account, entry, eur, invoice, settled


def dispute(held: int, state: DisputeState) -> Dispute:
    return Dispute(
        "dp_1", "acc-1", f"invoice:acc-1:{MAY}:1", "fraudulent", eur(held), NOW, None, state, "ch_1", held=held
    )


def found(each: AccountMonth, *, stopped: bool = False) -> dict[tuple[str, str], int]:
    """By stage and cause, what differs."""
    rows = reconcile_account(each, stopped=stopped).differences
    return {(str(row.stage), str(row.cause)): row.minor for row in rows}


PAID = InvoiceState.PAID


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (account(500, [invoice(500, PAID)], settlement=settled(500, 500)), {}),
        (account(30, settlement=settled(30, 0)), {("billed", "carried_below_minimum"): 30}),
        (
            account(500, [invoice(530, PAID)], settlement=settled(500, 530)),
            {("billed", "carried_below_minimum"): -30},
        ),
        (account(500, parked=Parked("acc-1", MAY, "x", {}, NOW)), {("billed", "parked"): 500}),
        (account(500), {("billed", "not_settled"): 500}),
        (
            account(600, [invoice(500, PAID)], settlement=settled(500, 500)),
            {("billed", "corrected_since"): 100},
        ),
        (
            account(600, [invoice(500, PAID)], settlement=settled(500, 500), later=100),
            {("billed", "billed_in_another_month"): 100},
        ),
        (
            account(500, [invoice(600, PAID)], settlement=settled(500, 600, adjusted={"2021-04": {"par-1:bike": 100}})),
            {("billed", "of_another_month"): -100},
        ),
        (account(500, [invoice(500)], settlement=settled(500, 500)), {("collected", "not_yet_paid"): 500}),
        (
            account(500, [invoice(500, InvoiceState.FAILED)], settlement=settled(500, 500)),
            {("collected", "payment_failed"): 500},
        ),
        (
            account(500, [invoice(500, PAID, from_wallet=(("lot", 200),), credited=100)], settlement=settled(500, 500)),
            {("collected", "paid_from_wallet"): 200, ("collected", "credited"): 100},
        ),
        (
            account(500, [invoice(500, part_paid=300)], settlement=settled(500, 500)),
            {("collected", "not_yet_paid"): 200},
        ),
        (
            account(
                500,
                [invoice(500, PAID)],
                settlement=settled(500, 500),
                disputes=[dispute(500, DisputeState.UNDER_REVIEW)],
            ),
            {("collected", "in_dispute"): 500},
        ),
        (
            account(
                500, [invoice(500, PAID)], settlement=settled(500, 500), disputes=[dispute(500, DisputeState.LOST)]
            ),
            {("collected", "written_off"): 500},
        ),
        (
            account(
                500,
                [invoice(500, InvoiceState.WRITTEN_OFF)],
                settlement=settled(500, 500),
                written_off=frozenset({"acc-1:2021-05:1"}),
            ),
            {("collected", "written_off"): 500},
        ),
        (account(500, [invoice(499, PAID)], settlement=settled(500, 500)), {("billed", "unknown"): 1}),
    ],
)
def test_each_difference_of_an_account_has_its_cause(each: AccountMonth, expected: dict[tuple[str, str], int]) -> None:
    assert found(each) == expected


def test_what_is_not_paid_while_collection_is_stopped_says_so() -> None:
    each = account(500, [invoice(500)], settlement=settled(500, 500))

    assert found(each, stopped=True) == {("collected", "collection_stopped"): 500}


amounts = st.integers(-1000, 1000)
positive = st.integers(0, 1000)


@st.composite
def accounts(draw: st.DrawFn) -> AccountMonth:
    """Whatever may be stored, right or not."""
    states = st.sampled_from(list(InvoiceState))
    invoices = [
        invoice(draw(positive), draw(states), number=number, credited=draw(positive), part_paid=draw(positive))
        for number in range(draw(st.integers(0, 3)))
    ]
    settlement = draw(st.none() | st.builds(settled, amounts, amounts, adjusted=st.just({"2021-04": {"x": 7}})))
    disputes = [dispute(draw(positive), draw(st.sampled_from(list(DisputeState))))] if draw(st.booleans()) else []
    return account(draw(amounts), invoices, settlement=settlement, later=draw(amounts), disputes=disputes)


@given(accounts())
def test_an_accounts_differences_add_up_to_all_of_the_difference_whatever_is_stored(each: AccountMonth) -> None:
    reconciled = reconcile_account(each, stopped=False)

    for summed in reconciled.sums:
        listed = sum(row.minor for row in reconciled.differences if row.stage is summed.stage)
        assert listed == summed.difference
    owed = sum(summed.left for summed in reconciled.sums if summed.stage is Stage.COLLECTED)
    said_to_be_paid = sum(row.minor for row in reconciled.lines)
    assert owed + said_to_be_paid == sum(one.total.minor for one in each.invoices)


def line(name: str, minor: int, flags: str, currency: str = "EUR") -> Line:
    """Flags: h for here, i for inside the month, n for newer than the last comparison."""
    return Line(name, currency, minor, "h" in flags, "i" in flags, "n" in flags)


def matched(*lines: Line) -> tuple[Matched, list[Difference]]:
    both = Matched()
    return both, list(both.match(sorted(lines, key=order_of)))


@pytest.mark.parametrize(
    ("lines", "cause", "minor"),
    [
        ([line("invoice:a", 500, "hi"), line("invoice:a", 500, "i")], None, 0),
        ([line("invoice:a", 300, "hi"), line("invoice:a", 200, "hi"), line("invoice:a", 500, "i")], None, 0),
        ([line("invoice:a", 500, "h"), line("invoice:a", 500, "i")], "timing_over_month_end", -500),
        ([line("invoice:a", 500, "hi"), line("invoice:a", 500, "")], "timing_over_month_end", 500),
        ([line("fee:t", -40, "in")], "not_yet_posted", 40),
        ([line("moved:x", 500, "i")], "unknown", -500),
        ([line("invoice:a", 500, "hi")], "unknown", 500),
        ([line("invoice:a", 500, "hi"), line("invoice:a", 499, "i")], "unknown", 1),
    ],
)
def test_each_movement_of_the_month_is_matched_by_name_or_listed_with_its_cause(
    lines: list[Line], cause: str | None, minor: int
) -> None:
    both, differences = matched(*lines)

    moved = [(str(each.cause), each.minor) for each in differences if each.stage is Stage.STRIPE]
    assert moved == ([(cause, minor)] if cause else [])
    assert [each.difference for each in both.sums] == [minor]


lines = st.builds(
    line,
    st.sampled_from(["invoice:a", "invoice:b", "fee:t", "moved:x"]),
    amounts,
    st.sampled_from(["", "h", "i", "hi", "n", "in"]),
    st.sampled_from(["EUR", "DKK"]),
)
balances = st.dictionaries(st.sampled_from(["EUR", "DKK", "SEK"]), amounts)


@given(st.lists(lines))
def test_a_line_of_nothing_changes_nothing_of_a_name_of_which_there_are_others(given_lines: list[Line]) -> None:
    """
    Most names have a line on each side that say the same: these are looked at no further, which may change nothing.
    """
    nothing = {line(each.name, 0, "hi", each.currency) for each in given_lines}
    one, other = matched(*given_lines), matched(*given_lines, *nothing)

    assert (one[1], one[0].sums, one[0].explained) == (other[1], other[0].sums, other[0].explained)


@given(st.lists(lines), balances, balances)
def test_differences_of_movements_and_balances_add_up_to_all_of_the_difference(
    given_lines: list[Line], ledger: dict[str, int], provider: dict[str, int]
) -> None:
    both, differences = matched(*given_lines)
    balances = {each: (ledger.get(each, 0), provider.get(each, 0)) for each in {*ledger, *provider}}
    sums, more = reconcile_balances(balances, both.explained)

    for summed in [*both.sums, *sums]:
        rows = (row for row in [*differences, *more] if (row.stage, row.currency) == (summed.stage, summed.currency))
        assert sum(row.minor for row in rows) == summed.difference


@given(st.lists(lines))
def test_a_line_is_the_same_after_it_was_put_aside(given_lines: list[Line]) -> None:
    assert [Line.of(each.text()) for each in given_lines] == given_lines


def test_what_became_payable_and_was_not_sent_is_later_and_what_was_sent_beyond_that_is_of_before() -> None:
    payables = Payables()
    for each in (
        entry("payment:acc-1:2021-05:1", "acc-1", OVER, ("payable-pending:par-1", 300), (payable("par-1"), -300)),
        entry("transfer:par-1:1", "par-1", OVER, (payable("par-1"), 200), (STRIPE_CLEARING, -200)),
        entry("transfer:par-2:1", "par-2", OVER, (payable("par-2"), 50), (STRIPE_CLEARING, -50)),
    ):
        payables.add(each)
    both, rows = matched(*payables.lines())
    (summed,) = both.sums

    assert (summed.left, summed.right) == (300, 250)
    assert [(row.about, str(row.cause), row.minor) for row in rows] == [
        ("payable:par-1", "paid_out_later", 100),
        ("payable:par-2", "of_another_month", -50),
    ]


def test_statements_have_what_the_tests_fake_of_them() -> None:
    for name in ("account_id", "month", "total", "currency"):
        assert name in dir(Statement) or name in Statement.__dataclass_fields__
    assert StageSum(Stage.BILLED, "EUR", 5, 3).difference == 2
