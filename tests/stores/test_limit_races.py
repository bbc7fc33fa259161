"""Many starts of one account at once, on Amazon's own engine: never more than it allows itself."""

from datetime import UTC, datetime

import pytest

from chalicelib.access.errors import LimitsMoved
from chalicelib.access.limit_store import LimitStore
from chalicelib.access.limits import Budget, Limits
from chalicelib.kernel.money import Money
from chalicelib.storage.writes import Transaction
from infra.local.engine import DYNAMODB_LOCAL, Engine
from tests.stores.riding import MAY, record, session, sessions
from tests.stores.test_races import THREADS, again_while_unavailable, at_once

pytestmark = pytest.mark.conformance
NOW = datetime(2021, 5, 31, 20, tzinfo=UTC)
limits = LimitStore()


@pytest.fixture(autouse=True)
def on_amazons_engine(engine: Engine) -> None:
    if engine.kind != DYNAMODB_LOCAL:
        pytest.skip("claims about races are made on DynamoDB Local: make conformance")


def start_many(count: int, turn: int) -> list[str]:
    """So many starts, each on an asset of its own; the ids of the sessions that began."""
    commit, begun = Transaction(), list[str]()

    def start(number: int) -> None:
        each = session(number, asset_id=f"bike-{number}")
        writes = [*sessions.starting(each, 1), *limits.starting(each, turn, NOW)]
        try:
            again_while_unavailable(lambda: commit(writes, None))
            begun.append(each.session_id)
        except LimitsMoved:
            return

    at_once(lambda thread: [start(number) for number in range(thread, count, THREADS)] and None)
    return begun


def test_forty_starts_of_an_account_that_allows_itself_five_are_exactly_five() -> None:
    Transaction()([limits.setting("acc-1", Limits(most_open=5))], None)
    begun = start_many(40, turn=0)

    assert len(begun) == 5
    assert limits.find("acc-1").opened == set(begun)
    assert {each.session_id for each in sessions.open_of("acc-1")} == set(begun)


def test_of_many_starts_that_one_look_at_a_budget_has_allowed_exactly_one_begins() -> None:
    Transaction()([limits.setting("acc-1", Limits(day=Budget(Money(1000, "EUR"))))], None)

    assert len(start_many(24, turn=1)) == 1
    assert limits.find("acc-1").turn == 2


def test_starts_and_ends_at_once_leave_the_sessions_that_are_open() -> None:
    commit = Transaction()
    Transaction()([limits.setting("acc-1", Limits(most_open=3))], None)

    def start_and_end(thread: int) -> None:
        for number in range(thread, 32, THREADS):
            each = session(number, asset_id=f"bike-{number}")
            writes = [*sessions.starting(each, 1), *limits.starting(each, 0, NOW)]
            try:
                again_while_unavailable(lambda writes=writes: commit(writes, None))
            except LimitsMoved:
                continue
            assert len(limits.find("acc-1").opened) <= 3
            if number % 4:
                again_while_unavailable(lambda each=each: commit(sessions.ending(record(each), MAY), None))

    at_once(start_and_end)

    now = limits.find("acc-1")
    assert now.opened == {each.session_id for each in sessions.open_of("acc-1")}
    assert len(now.opened) <= 3
