"""A settlement says what its month was rated from, where that is little, so that it can be read again as it was."""

from datetime import UTC, datetime

import pytest

from chalicelib.access.model import RecordName
from chalicelib.billing.ports import MonthUsed
from chalicelib.billing.sources import MOST_NAMED, Sources, Stood, stood_of
from chalicelib.kernel.text import canonical
from tests.unit.billing.books import ACCOUNT, JUNE, LATER, MAY
from tests.unit.billing.subscribed import Agreed, at, bought_once, plan

AT = datetime(2021, 6, 1, 4, 0, 0, 7, tzinfo=UTC)


def names(count: int) -> tuple[RecordName, ...]:
    return tuple(RecordName(at(5, 2, hour), f"ses-{hour}", hour % 3) for hour in range(count))


@pytest.mark.parametrize(
    "sources", [None, Sources(()), Sources(names(2), charges=True), Sources(names(MOST_NAMED), subscriptions=True)]
)
def test_it_comes_back_as_it_was(sources: Sources | None) -> None:
    stood = Stood.of(sources, AT)
    document = stood.document()

    assert stood == Stood(AT, sources)
    assert stood_of(document) == stood
    assert canonical(document)


def test_of_more_than_a_settlement_names_it_says_when_alone() -> None:
    assert Stood.of(Sources(names(MOST_NAMED + 1)), AT) == Stood(AT)


def test_a_plan_that_costs_something_in_the_month_was_rated_beside_use() -> None:
    agreed = Agreed()
    agreed.subscribe((plan(), at(5, 16), None))
    agreed.subscribe((bought_once(uses=10), at(5, 3), None))
    used = MonthUsed((), frozenset(), sources=Sources(names(1)))

    assert agreed.uses.with_agreements(used, ACCOUNT, MAY, LATER).sources == Sources(names(1), subscriptions=True)
    assert agreed.uses.with_agreements(used, ACCOUNT, JUNE, LATER).sources == Sources(names(1), subscriptions=True)
    assert Agreed().uses.with_agreements(used, ACCOUNT, MAY, LATER).sources == Sources(names(1))
