"""Business time of the local run."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from infra.local.clock import BackwardsError, VirtualClock

MAY = datetime(2021, 5, 31, 20, 0, tzinfo=UTC)
JUNE = datetime(2021, 6, 1, 20, 0, tzinfo=UTC)


def test_time_stands_still_until_it_is_moved() -> None:
    clock = VirtualClock(MAY)

    assert clock() == clock() == clock.now() == MAY
    clock.advance_to(JUNE)
    assert clock() == JUNE
    clock.advance(timedelta(seconds=2))
    assert clock() == JUNE + timedelta(seconds=2)


def test_time_never_runs_backwards() -> None:
    clock = VirtualClock(JUNE)

    with pytest.raises(BackwardsError):
        clock.advance_to(MAY)
    with pytest.raises(BackwardsError):
        clock.advance(timedelta(seconds=-1))
    assert clock() == JUNE


def test_an_instant_of_another_offset_is_told_in_utc() -> None:
    helsinki = timezone(timedelta(hours=3))

    assert VirtualClock(MAY.astimezone(helsinki))().utcoffset() == timedelta(0)


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        VirtualClock(datetime(2021, 5, 31))  # noqa: DTZ001 -- the very mistake
    with pytest.raises(ValueError, match="offset"):
        VirtualClock(MAY).advance_to(datetime(2021, 6, 1))  # noqa: DTZ001 -- as above


def test_following_real_time_goes_on_from_the_later_of_the_two() -> None:
    real = [datetime(2021, 6, 10, tzinfo=UTC)]
    clock = VirtualClock(MAY, real=lambda: real[0])
    clock.follow_real_time()
    assert clock() == real[0]

    real[0] += timedelta(minutes=5)
    assert clock() == real[0]
    real[0] -= timedelta(minutes=10)
    assert clock() == real[0] + timedelta(minutes=10)
    clock.advance_to(datetime(2021, 7, 1, tzinfo=UTC))
    assert clock() == datetime(2021, 7, 1, tzinfo=UTC)
