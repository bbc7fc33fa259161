"""What holds for a booking: when it is changed, cancelled, handed out and lost, and what is kept for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.booking import MOST_CHANGES, Booking, BookingRules, BookingState, check_stretch
from chalicelib.access.booking_calendar import MOST_ENTRIES, TAKEN_FOR, Calendar, Entry
from chalicelib.access.booking_errors import (
    BookingBegun,
    BookingDone,
    BookingOver,
    BookingTooEarly,
    CalendarFull,
    NotFree,
    StretchEmpty,
    StretchPast,
    StretchTooFarAhead,
    StretchTooLong,
    TooManyChanges,
)
from chalicelib.access.booking_ports import Seen
from chalicelib.access.booking_steps import STEPS, Step, full_from, room_by
from chalicelib.kernel.time import Interval

NOON = datetime(2021, 6, 1, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BOOKING = Booking(
    booking_id="boo_1",
    account_id="acc-1",
    customer_id="cus-1",
    partner_id="par-1",
    product_id="van",
    asset_id="van-1",
    tariff_version=1,
    quote_id="quo_1",
    start=NOON + 4 * HOUR,
    end=NOON + 6 * HOUR,
    made_at=NOON,
    rules=BookingRules(buffer=15 * MINUTE, free_cancellation=HOUR, no_show=30 * MINUTE),
    free_until=NOON + 3 * HOUR,
    name="ent_1",
)
FEE = {"cancellation": Decimal(1)}


def entry(number: int, start: int, end: int, session_id: str | None = None) -> Entry:
    made = Entry.of(f"boo-{number}", Interval(NOON + start * HOUR, NOON + end * HOUR), 15 * MINUTE)
    return replace(made, session_id=session_id)


def booked(*entries: Entry, capacity: int | None = 1) -> Calendar:
    calendar = Calendar("par-1/van-1")
    for each in entries:
        calendar = calendar.with_entry(each, capacity)
    return calendar


def test_it_is_handed_out_from_the_buffer_before_its_start_until_it_is_lost() -> None:
    with pytest.raises(BookingTooEarly):
        BOOKING.handed_out("van-1", NOON + 224 * MINUTE)
    for minutes in (225, 240, 269):
        handed = BOOKING.handed_out("van-2", NOON + minutes * MINUTE)
        assert (handed.state, handed.asset_id, handed.session_id) == (BookingState.HANDED_OUT, "van-2", "ses_1")
        assert handed.revision == 1
    with pytest.raises(BookingOver):
        BOOKING.handed_out("van-1", NOON + 270 * MINUTE)


def test_a_short_stretch_is_lost_when_it_ends() -> None:
    assert replace(BOOKING, end=BOOKING.start + 10 * MINUTE).lost_at == BOOKING.start + 10 * MINUTE


def test_it_is_lost_only_then_and_only_if_it_was_not_taken_up() -> None:
    assert BOOKING.lost(BOOKING.lost_at - MINUTE, FEE) is BOOKING
    lost = BOOKING.lost(BOOKING.lost_at, FEE)
    assert (lost.state, lost.ordered, lost.closed_at) == (BookingState.NO_SHOW, FEE, BOOKING.lost_at)
    handed = BOOKING.handed_out("van-1", BOOKING.start)
    assert handed.lost(BOOKING.lost_at, FEE) is handed


def test_cancelled_twice_it_is_as_after_the_first_time() -> None:
    once = BOOKING.cancelled(NOON, {})
    assert once.cancelled(NOON + HOUR, FEE) is once
    assert (once.session_id, BOOKING.cancelled(NOON, FEE).session_id) == (None, "ses_1")


@pytest.mark.parametrize("over", [BookingState.HANDED_OUT, BookingState.NO_SHOW])
def test_what_is_over_is_neither_cancelled_nor_changed_nor_handed_out(over: BookingState) -> None:
    done = replace(BOOKING, state=over)
    for act in (
        lambda: done.cancelled(NOON, {}),
        lambda: done.changed(BOOKING, NOON),
        lambda: done.handed_out("van-1", BOOKING.start),
    ):
        with pytest.raises(BookingDone):
            act()


def test_a_change_in_time_moves_free_cancellation_and_a_late_one_does_not() -> None:
    to = replace(BOOKING, start=NOON + 40 * HOUR, end=NOON + 41 * HOUR, free_until=NOON + 39 * HOUR)
    assert BOOKING.changed(to, NOON + 2 * HOUR).free_until == NOON + 39 * HOUR
    late = BOOKING.changed(to, NOON + 3 * HOUR)
    assert (late.free_until, late.changes, late.is_late(NOON + 3 * HOUR)) == (NOON + 3 * HOUR, 1, True)


def test_it_is_not_changed_once_it_has_begun_nor_too_often() -> None:
    with pytest.raises(BookingBegun):
        BOOKING.changed(BOOKING, BOOKING.start)
    with pytest.raises(TooManyChanges):
        replace(BOOKING, changes=MOST_CHANGES).changed(BOOKING, NOON)


@pytest.mark.parametrize(
    ("start", "end", "refusal"),
    [
        (-1, 2, StretchPast),
        (2, 2, StretchEmpty),
        (1, 26, StretchTooLong),
        (49, 50, StretchTooFarAhead),
    ],
)
def test_a_stretch_lies_ahead_not_too_far_and_is_not_too_long(start: int, end: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_stretch(Interval(NOON + start * HOUR, NOON + end * HOUR), NOON, longest=24 * HOUR, ahead=48 * HOUR)


def test_a_stretch_within_all_bounds_may_be_booked() -> None:
    check_stretch(Interval(NOON, NOON + 24 * HOUR), NOON, longest=24 * HOUR, ahead=48 * HOUR)
    check_stretch(Interval(NOON + 48 * HOUR, NOON + 49 * HOUR), NOON, longest=24 * HOUR, ahead=48 * HOUR)


def test_a_place_is_booked_again_a_buffer_after_the_stretch_before() -> None:
    calendar = booked(entry(1, 4, 6))
    for start, refused in ((6 * 60 + 14, True), (6 * 60 + 15, False)):
        after = Entry.of("boo-2", Interval(NOON + start * MINUTE, NOON + 8 * HOUR), 15 * MINUTE)
        if refused:
            with pytest.raises(NotFree):
                calendar.with_entry(after, 1)
        else:
            assert len(calendar.with_entry(after, 1).entries) == 2


def test_any_number_may_book_what_has_no_capacity_as_far_as_there_is_room_for_entries() -> None:
    calendar = booked(*(entry(number, 1, 2) for number in range(MOST_ENTRIES)), capacity=None)
    assert calendar.steps(None) == ()
    with pytest.raises(CalendarFull):
        calendar.with_entry(entry(MOST_ENTRIES, 1, 2), None)


def test_what_is_taken_now_is_taken_for_a_while_and_not_booked_meanwhile() -> None:
    seen = Seen(booked(entry(1, -1, 1, "ses-1"), capacity=2), taken=2, sessions=frozenset({"ses-1", "ses-2"}))
    assert seen.others(NOON) == [Interval(NOON, NOON + TAKEN_FOR)]
    with pytest.raises(NotFree):
        seen.calendar.with_entry(entry(2, 0, 1), 2, seen.others(NOON))
    assert seen.calendar.with_entry(entry(2, 1, 2), 2, seen.others(NOON))


def test_what_was_handed_out_and_given_back_leaves_the_rest_of_its_stretch_free() -> None:
    calendar = booked(entry(1, 0, 4, "ses-1"), entry(2, 5, 6))
    assert len(calendar.at(NOON + HOUR, {"ses-1"}).entries) == 2
    assert [each.booking_id for each in calendar.at(NOON + HOUR, set()).entries] == ["boo-2"]
    assert calendar.at(NOON + 7 * HOUR).entries == ()


def test_a_walk_up_may_start_until_the_buffer_before_the_booking_and_knows_when_that_is() -> None:
    steps = booked(entry(1, 4, 6)).steps(1)
    assert steps == (Step(NOON + 225 * MINUTE, 0),)
    assert [room_by(steps, 1, NOON + minutes * MINUTE) for minutes in (0, 224, 225, 300)] == [1, 1, 0, 0]
    assert full_from(steps, 0, NOON) == NOON + 225 * MINUTE
    assert full_from(steps, 0, NOON + 226 * MINUTE) is None


def test_of_three_places_a_booking_keeps_one_and_two_keep_two() -> None:
    calendar = booked(entry(1, 4, 6), entry(2, 5, 7), entry(3, 9, 10), capacity=3)
    steps = calendar.steps(3)
    assert [each.room for each in steps] == [2, 1]
    assert full_from(steps, 1, NOON) == NOON + 285 * MINUTE
    assert full_from(steps, 2, NOON) == NOON + 225 * MINUTE


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5)), max_size=12), st.integers(1, 8), st.integers(0, 45))
def test_a_walk_up_never_takes_what_is_kept_however_many_steps_there_are(
    stretches: list[tuple[int, int]], capacity: int, hours: int
) -> None:
    calendar = Calendar("par-1/van-1")
    for number, (start, length) in enumerate(stretches):
        try:
            calendar = calendar.with_entry(entry(number, start, start + length), capacity)
        except NotFree:
            continue
    at, steps = NOON + hours * HOUR, calendar.steps(capacity)

    assert len(steps) <= STEPS
    assert room_by(steps, capacity, at) <= capacity - calendar.kept_at(at)
    if not steps or at < steps[0].since:
        assert room_by(steps, capacity, at) == capacity


def test_the_tighter_a_stretch_fits_the_less_is_left_idle_around_it() -> None:
    around = Interval(NOON, NOON + 24 * HOUR)
    stretch = Interval(NOON + 8 * HOUR, NOON + 10 * HOUR)
    tight = booked(entry(1, 5, 7), entry(2, 11, 12)).gap_around(stretch, around)
    assert tight == 105 * MINUTE
    assert Calendar("par-1/van-2").gap_around(stretch, around) == 22 * HOUR
