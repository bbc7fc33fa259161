"""What was used against what was rated: every difference has its cause and its id, and they add up to all of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.model import ChargeRecord
from chalicelib.access.rerated import Basis, Rerated
from chalicelib.finance.reconciliation_model import Stage, StageSum
from chalicelib.finance.reconciling_use import reconcile_use
from tests.unit.access.test_need import ended, need
from tests.unit.finance.closes import NOW


def record(minor: int, currency: str = "EUR", revision: int = 0) -> ChargeRecord:
    """Of two lines."""
    session = ended(10)
    lines: Any = ({"minor": minor - 1}, {"minor": 1})
    return ChargeRecord(session, need(session), lines, currency, sealed_at=NOW, revision=revision)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Rerated(record(500), Basis.SAME, 500), []),
        (Rerated(record(500), Basis.SAME, 501), [("unknown", 1)]),
        (Rerated(record(500), Basis.MORE, 600), [("usage_not_rated", 100)]),
        (Rerated(record(500), Basis.MORE, 500), [("usage_not_rated", 0)]),
        (Rerated(record(500), Basis.OTHER, 480), [("evidence_differs", -20)]),
        (Rerated(record(500), Basis.NONE, 100), [("rated_without_usage", -400)]),
        (Rerated(record(500), Basis.GOES_ON, 510), [("session_goes_on", 10)]),
        (Rerated(record(500), Basis.SAME, 500, ("metres",)), [("totals_differ", 0)]),
        (Rerated(record(500), Basis.MORE, 600, ("metres",)), [("usage_not_rated", 100), ("totals_differ", 0)]),
    ],
)
def test_each_difference_of_a_session_has_its_cause_at_any_price(found: Rerated, expected: list[Any]) -> None:
    rows = reconcile_use([found]).differences

    assert [(str(row.cause), row.minor) for row in rows] == expected
    assert {(row.stage, row.about, row.currency) for row in rows} <= {(Stage.RATED, "acc-1:ride-1:0", "EUR")}


def test_it_is_named_by_the_record_that_was_looked_at() -> None:
    (row,) = reconcile_use([Rerated(record(500, revision=3), Basis.MORE, 600)]).differences

    assert row.about == "acc-1:ride-1:3"


amounts = st.integers(-1000, 1000)
founds = st.builds(
    Rerated,
    st.builds(record, amounts, st.sampled_from(["EUR", "DKK"])),
    st.sampled_from(list(Basis)),
    amounts,
    st.sampled_from([(), ("metres",)]),
)


@given(st.lists(founds))
def test_what_is_listed_adds_up_to_all_of_the_difference_and_nothing_that_differs_is_left_out(
    given_founds: list[Rerated],
) -> None:
    reconciled = reconcile_use(given_founds)

    for summed in reconciled.sums:
        listed = sum(row.minor for row in reconciled.differences if row.currency == summed.currency)
        assert listed == summed.difference
        own = [each for each in given_founds if each.record.currency == summed.currency]
        assert summed.left == sum(each.minor for each in own)
    odd = [each for each in given_founds if each.basis is not Basis.SAME]
    assert len([row for row in reconciled.differences if str(row.cause) not in {"unknown", "totals_differ"}]) == len(
        odd
    )


def test_of_no_session_there_is_no_sum() -> None:
    assert reconcile_use([]).sums == ()
    assert reconcile_use([Rerated(record(5), Basis.SAME, 5)]).sums == (StageSum(Stage.RATED, "EUR", 5, 5),)
