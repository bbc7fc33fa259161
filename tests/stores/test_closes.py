"""Who is parked in a close, in DynamoDB."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.finance.closes_model import Close, ParkedAccount
from chalicelib.finance.closes_store import CloseStore
from chalicelib.finance.errors import AccountReleased, AccountSettled
from chalicelib.kernel.time import Month
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
MAY = Month(2021, 5)
CLOSE = Close(MAY, datetime(2021, 6, 1, 5, tzinfo=UTC))
closes = CloseStore()


@pytest.mark.parametrize("version", [1, 2])
def test_who_is_parked_is_counted_so_unless_somebody_has_decided_since_and_released_once(
    commit: Transaction, version: int
) -> None:
    close = replace(CLOSE, version=version)
    parked = ParkedAccount(MAY, "acc-1", 0, 7, 1, {"EUR": 300}, version=version)
    commit([closes.counted_parked(parked)], None)
    assert closes.parked_one(close, "acc-1") == parked
    assert closes.parked_one(replace(CLOSE, version=3 - version), "acc-1") is None
    released = replace(parked, decisions=1, released=True)
    commit([closes.released(released, parked)], None)
    for before in (parked, None):
        with pytest.raises(AccountSettled):
            commit([closes.released(released, before)], None)
    with pytest.raises(AccountReleased):
        commit([closes.counted_parked(parked)], None)
    assert closes.parked_one(close, "acc-1") == released
    commit([closes.counted_parked(replace(parked, decisions=1))], None)

    assert closes.parked_one(close, "acc-1") == replace(parked, decisions=1)
