"""A session that goes on with another asset."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.errors import AlreadyEnded, NotStarted, OtherProduct, TooManyMoves
from chalicelib.access.model import NeedState, State
from chalicelib.access.moving import MOST_MOVES, moved
from chalicelib.access.need import need_of
from chalicelib.catalogue.model import Asset
from tests.unit.access.test_sharing import SESSION, START


def asset(number: int, **given: str) -> Asset:
    about = {"partner_id": "par-1", "asset_id": f"car-{number}", "product_id": "car", "code": f"CAR-{number}", **given}
    return replace(Asset(**about), device_id=f"lock-{number}")


def test_it_is_on_the_new_asset_since_then_and_knows_the_old_one() -> None:
    at = START + timedelta(minutes=5)
    after = moved(SESSION, asset(2), at, "cus-h", "act-1")

    assert (after.asset_id, after.on_asset_since, after.started_at) == ("car-2", at, START)
    assert [(each.asset_id, each.at) for each in after.moves] == [("car-1", at)]
    assert after.entitled is not None
    assert after.entitled.device_id == "lock-2"
    assert moved(after, asset(2), at + timedelta(minutes=1), "cus-h", "act-2") is after


@pytest.mark.parametrize("other", [{"product_id": "van"}, {"partner_id": "par-2"}])
def test_another_product_or_partner_is_another_price(other: dict[str, str]) -> None:
    with pytest.raises(OtherProduct):
        moved(SESSION, asset(2, **other), START, "cus-h", "act-1")


@pytest.mark.parametrize(("state", "refusal"), [(State.ENDED, AlreadyEnded), (State.RESERVED, NotStarted)])
def test_only_what_is_out_moves(state: State, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        moved(replace(SESSION, state=state), asset(2), START, "cus-h", "act-1")


@given(st.lists(st.integers(0, 600), min_size=1, max_size=MOST_MOVES))
def test_however_often_it_moves_the_need_goes_on_without_gap_and_its_stays_follow_one_another(
    seconds: list[int],
) -> None:
    """
    Also where a clock stands still or goes back.
    """
    session = SESSION
    for number, second in enumerate(seconds, start=2):
        session = moved(session, asset(number), START + timedelta(seconds=second), "cus-h", f"act-{number}")
    ended = session.end(START + timedelta(seconds=700))
    need = need_of(ended, [], START + timedelta(seconds=700))

    stays = [START, *(each.at for each in session.moves)]
    assert stays == sorted(stays)
    assert len(set(stays[1:])) == len(seconds)
    assert {each.state for each in need.intervals} == {NeedState.IN_USE}
    assert sum((each.interval.length for each in need.intervals), timedelta(0)) == timedelta(seconds=700)


def test_it_moves_so_often_and_no_more() -> None:
    session = SESSION
    for number in range(2, MOST_MOVES + 2):
        session = moved(session, asset(number), START, "cus-h", f"act-{number}")
    with pytest.raises(TooManyMoves):
        moved(session, asset(1), START, "cus-h", "act-x")
