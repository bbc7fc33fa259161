"""Cases as DynamoDB keeps them: opened once, listed by state for the partner and for all, closed once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.access.case import Case, CaseKind, CaseState
from chalicelib.access.case_store import CaseStore
from chalicelib.access.errors import CaseChanged
from chalicelib.kernel.money import Money
from chalicelib.storage.writes import Transaction
from tests.stores.riding import START

pytestmark = pytest.mark.stores
cases = CaseStore()


def case(number: int = 1, partner_id: str = "par-1") -> Case:
    return Case(
        kind=CaseKind.FAULT,
        partner_id=partner_id,
        asset_id="bike-7",
        session_id=f"ses-{number}",
        reason="ended_by_fault",
        opened_at=START + timedelta(minutes=number),
        credit=Money(50, "EUR"),
        take_out_id="out-1",
    )


def test_a_case_is_opened_once_and_found_and_listed(commit: Transaction) -> None:
    commit(cases.opening(case()), None)
    with pytest.raises(CaseChanged):
        commit(cases.opening(replace(case(), reason="other")), None)

    assert cases.find("fault-ses-1") == case()
    assert cases.find("fault-ses-2") is None
    for partner_id in ("par-1", None):
        assert cases.listed(partner_id, None, limit=10, after=None) == [case()]
    assert cases.listed("par-2", None, limit=10, after=None) == []


def test_a_closed_case_is_listed_among_the_closed_and_closed_once(commit: Transaction) -> None:
    commit(cases.opening(case()), None)
    closed = case().close(START + timedelta(hours=1), "key-1", "new brake")
    commit(cases.closing(closed), None)
    with pytest.raises(CaseChanged):
        commit(cases.closing(closed), None)

    assert cases.find("fault-ses-1") == closed
    for partner_id in ("par-1", None):
        assert cases.listed(partner_id, CaseState.OPEN, limit=10, after=None) == []
        assert cases.listed(partner_id, CaseState.CLOSED, limit=10, after=None) == [closed]
    assert closed.close(START + timedelta(hours=2), "key-2", "again") is closed


def test_pages_go_on_where_they_ended(commit: Transaction) -> None:
    opened = [case(number, f"par-{number % 2}") for number in (3, 1, 2)]
    for each in opened:
        commit(cases.opening(each), None)
    inorder = sorted(opened, key=lambda each: each.opened_at)

    first = cases.listed(None, CaseState.OPEN, limit=2, after=None)
    assert [*first, *cases.listed(None, CaseState.OPEN, limit=2, after=first[-1].place)] == inorder
    assert [each.session_id for each in cases.listed("par-1", None, limit=5, after=None)] == ["ses-1", "ses-3"]
