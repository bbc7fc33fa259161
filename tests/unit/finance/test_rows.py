"""What a row of a session says of its time."""

from datetime import UTC, datetime, timedelta

from chalicelib.access.model import Need, NeedInterval, NeedState
from chalicelib.finance.behaviour import seconds_of
from chalicelib.finance.rows import seconds_by_state
from chalicelib.kernel.time import Interval
from chalicelib.rating import Need as RatedNeed


def test_parts_of_seconds_add_up_to_whole_ones_as_they_do_in_behaviour() -> None:
    """
    0.7, 0.2 and 0.1 s in use are one second: as binary fractions they would be a little less.
    """
    begin, stretches = datetime(2021, 5, 1, tzinfo=UTC), list[Interval]()
    for tenths in (7, 2, 1):
        stretches.append(Interval(begin, begin + timedelta(milliseconds=100 * tenths)))
        begin = stretches[-1].end
    need = Need(tuple(NeedInterval(NeedState.IN_USE, each, ()) for each in stretches), {}, {}, "d" * 64)

    assert seconds_by_state(need)(NeedState.IN_USE) == 1
    assert seconds_of(RatedNeed(each.start, each.end, "in_use") for each in stretches)["in_use_s"] == 1
