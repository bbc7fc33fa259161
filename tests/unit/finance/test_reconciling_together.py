"""From sessions by themselves to a month rated together: whatever they share is listed by its rule, to the cent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.model import AccessSession, ChargeRecord, State
from chalicelib.access.model import Need as NeedOfSession
from chalicelib.billing.statement import Statement
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Stage
from chalicelib.finance.reconciling_together import reconcile_together
from chalicelib.kernel.money import Money
from chalicelib.rating import Tariff, Use, rate, tariff_from_document
from chalicelib.rating.account import AccountTerms, rate_account
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.fault_credit import FAULT_CREDIT
from chalicelib.rating.lines import line_document
from tests.unit.finance.closes import MAY

FIRST = datetime(2021, 5, 3, 8, tzinfo=UTC)
UNIT = {"kind": "package", "meter": "cents", "included": "0", "size": "1", "per_package": "0.01"}
CAP = {"id": "day", "period": "day", "amount": "5.00", "over": ["all"]}
TWO_FREE = {"id": "two", "period": "month", "uses": 2, "over": ["all"]}


def tariff(product: str = "par-1:bike", price: dict[str, Any] = UNIT, **more: Any) -> Tariff:  # noqa: ANN401 -- a document's
    return tariff_from_document(
        {
            "tariff_id": product,
            "version": 1,
            "currency": "EUR",
            "zone": "UTC",
            "tax_inclusive": True,
            "meters": [{"name": "cents", "unit": "x", "most_per_hour": "1000000"}],
            "prices": [{"id": "all", **price}],
            **more,
        }
    )


PLAIN, CAPPED, FREE = tariff(), tariff(caps=[CAP]), tariff(allowances=[TWO_FREE])
TIERED = tariff(
    price={
        "kind": "graduated",
        "meter": "cents",
        "period": "month",
        "tiers": [{"up_to": "300", "unit_amount": "0.01"}, {"up_to": None, "unit_amount": "0.005"}],
    }
)


def ride(number: int, cents: int, by: Tariff) -> Use:
    start = FIRST + timedelta(hours=number)
    end = start + timedelta(minutes=30)
    return Use(f"ride-{number}", by, start, end, open=False, quantities={"cents": Decimal(cents)}, product="par-1:bike")


def record(use: Use, currency: str = "EUR") -> ChargeRecord:
    """As a session is sealed: its own charges, and what a fault gave back."""
    lines = [line for line in rate([use]) if line.kind == "charge" or line.code == FAULT_CREDIT]
    whose = use.use_id, "acc-1", "cus", "par-1", "bike", "bike-1", 1, "quo"
    session = AccessSession(*whose, use.started_at, {}, State.ENDED, use.ended_at)
    need = NeedOfSession((), {}, {}, "d" * 64)
    return ChargeRecord(session, need, tuple(map(line_document, lines)), currency, use.ended_at)


def month(uses: Sequence[Use], terms: AccountTerms | None = None) -> AccountMonth:
    lines = rate_account(uses, terms).lines if terms else rate_account(uses).lines
    stated = Statement("acc-1", MAY, "EUR", lines, tuple(uses), frozenset())
    return AccountMonth(stated, {use.use_id: record(use) for use in uses if use.kind == "session"}, [])


def found(each: AccountMonth) -> list[tuple[str, str, int]]:
    rows = reconcile_together(each).differences
    assert {row.stage for row in rows} <= {Stage.TOGETHER}
    return [(str(row.cause), row.about, row.minor) for row in rows]


def test_sessions_that_share_nothing_come_to_the_same_together() -> None:
    each = month([ride(1, 300, PLAIN), ride(2, 400, PLAIN)])

    (summed,) = reconcile_together(each).sums
    assert (summed.left, summed.right, found(each)) == (700, 700, [])


def test_what_a_cap_of_a_day_takes_off_is_listed_by_its_rule() -> None:
    """
    3.00 and 4.00 on a day of at most 5.00.
    """
    each = month([ride(1, 300, CAPPED), ride(2, 400, CAPPED)])

    (summed,) = reconcile_together(each).sums
    assert (summed.left, summed.right) == (700, 500)
    assert found(each) == [("reduced_together", "acc-1:2021-05:cap_day", 200)]


def test_included_uses_and_an_accounts_cap_are_told_apart() -> None:
    """
    Of 1.00, 2.00 and 4.00 the first two are included, and the account pays 3.50 a month at most.
    """
    terms = AccountTerms(caps=(AccountCap("most", "month", Money(350, "EUR")),))
    each = month([ride(number, cents, FREE) for number, cents in ((1, 100), (2, 200), (3, 400))], terms)

    assert found(each) == [
        ("reduced_together", "acc-1:2021-05:cap_month", 50),
        ("reduced_together", "acc-1:2021-05:included_use", 300),
    ]


def test_a_session_that_tiers_of_a_month_charge_by_the_others_is_named() -> None:
    """
    3.00 fill the first tier, so that the next 400 units are half as dear as by themselves: 3.50 and 2.00.
    """
    each = month([ride(1, 300, TIERED), ride(2, 400, TIERED)])

    assert found(each) == [("priced_together", "acc-1:ride-2:0", 150)]


def test_a_record_that_nothing_explains_is_unknown() -> None:
    """
    One is sealed at another amount than it is stated at, and one is not stated at all.
    """
    each = month([ride(1, 300, PLAIN), ride(2, 400, PLAIN)])
    stated = replace(each.statement, lines=each.statement.lines[:1], uses=each.statement.uses[:1])
    dearer = replace(each, statement=stated, records={**each.records, "ride-1": record(ride(1, 301, PLAIN))})

    assert found(dearer) == [("unknown", "acc-1:ride-1:0", 1), ("unknown", "acc-1:ride-2:0", 400)]


def test_what_is_charged_beside_use_stands_on_both_sides_and_what_is_taken_off_it_is_listed() -> None:
    """
    A charge of 6.00 has no record of a session; by a cap of 5.00 it comes to 5.00.
    """
    beside = ride(1, 600, CAPPED)
    each = replace(month([beside, ride(2, 100, PLAIN)]), records={"ride-2": record(ride(2, 100, PLAIN))})

    (summed,) = reconcile_together(each).sums
    assert (summed.left, summed.right) == (700, 600)
    assert found(each) == [("reduced_together", "acc-1:2021-05:cap_day", 100)]


def test_of_an_account_without_use_there_is_no_sum() -> None:
    assert reconcile_together(month([])).sums == ()


rides = st.lists(st.tuples(st.integers(0, 900), st.sampled_from([PLAIN, CAPPED, FREE, TIERED])), max_size=8)
caps = st.sampled_from([None, AccountTerms(caps=(AccountCap("most", "week", Money(700, "EUR")),))])


@given(rides, caps)
def test_whatever_is_shared_all_of_the_difference_is_listed_and_none_of_it_is_unknown(
    given_rides: list[tuple[int, Tariff]], terms: AccountTerms | None
) -> None:
    each = month([ride(number, cents, by) for number, (cents, by) in enumerate(given_rides)], terms)
    reconciled = reconcile_together(each)

    listed = sum(row.minor for row in reconciled.differences)
    assert listed == sum(summed.difference for summed in reconciled.sums)
    assert "unknown" not in {str(row.cause) for row in reconciled.differences}
