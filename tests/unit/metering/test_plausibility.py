"""What cannot have happened is refused, with the field at fault; clocks may disagree by five minutes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.kernel.errors import Refusal
from chalicelib.metering.errors import BadEvent, Implausible, TooEarly, TooLate
from chalicelib.metering.model import Subject, check_plausible
from tests.unit.metering.rides import RIDE, START, event

HOUR = timedelta(hours=1)
ENDED = replace(RIDE, ended_at=START + HOUR)


@pytest.mark.parametrize("minutes", [-5, 0, 30, 60, 65])
def test_an_event_within_five_minutes_of_the_session_is_taken(minutes: int) -> None:
    check_plausible(event(1, minutes), RIDE, START + HOUR)


@pytest.mark.parametrize(
    ("minutes", "refusal"),
    [(-6, Implausible), (66, TooEarly), (60 * 24 * 36, TooEarly)],
    ids=["before", "ahead", "far"],
)
def test_an_event_at_a_time_that_cannot_be_is_refused(minutes: int, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        check_plausible(event(1, minutes), RIDE, START + HOUR)

    assert refused.value.facts["pointer"] == "/time"


def test_an_event_of_more_than_35_days_ago_is_too_late() -> None:
    check_plausible(event(1, 0), RIDE, START + timedelta(days=35))
    with pytest.raises(TooLate):
        check_plausible(event(1, 0), RIDE, START + timedelta(days=35, microseconds=1))


def test_a_meter_that_the_tariff_lacks_is_refused() -> None:
    with pytest.raises(BadEvent):
        check_plausible(event(1, value=3, name="litres"), RIDE, START + HOUR)


@pytest.mark.parametrize(
    ("subject", "minutes", "most"),
    [(RIDE, 30, 35 * 60), (RIDE, 60, 65 * 60), (ENDED, 60, 65 * 60), (ENDED, 600, 65 * 60)],
    ids=["half way", "at the end", "ended", "long after the end"],
)
def test_a_session_cannot_have_been_used_for_longer_than_it_lasted(subject: Subject, minutes: int, most: int) -> None:
    """
    A report that comes long after the end does not make the session longer.
    """
    later = START + timedelta(hours=20)
    check_plausible(event(1, minutes, most, "use_seconds"), subject, later)
    with pytest.raises(Implausible) as refused:
        check_plausible(event(1, minutes, most + 1, "use_seconds"), subject, later)

    assert refused.value.facts["pointer"] == "/data/value"


def test_other_units_have_no_bound_in_time() -> None:
    check_plausible(event(1, 1, 9_000_000, "metres"), RIDE, START + HOUR)


def test_all_reports_together_are_bounded_by_how_long_it_lasted() -> None:
    assert RIDE.most(START + HOUR) == {"use_seconds": 70 * 60}
    assert ENDED.most(START + 9 * HOUR) == {"use_seconds": 65 * 60}
