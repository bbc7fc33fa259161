"""Bookings and calendars in the tables: what is written under which condition, and what it costs in reads."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.access.booking import Area, BookingState
from chalicelib.access.booking_calendar import Calendar, Entry
from chalicelib.access.booking_closing import cancel_booking, hand_out_booking, lose_booking
from chalicelib.access.booking_errors import (
    BookingChanged,
    CalendarChanged,
    NotFree,
    NothingFree,
    StretchPast,
)
from chalicelib.access.booking_making import AskBookingQuote, Booker, ask_booking_quote, book
from chalicelib.access.booking_store import BookingStore
from chalicelib.access.errors import AssetInUse
from chalicelib.access.geohash import Position
from chalicelib.access.model import AccessSession, State
from chalicelib.access.store import SessionStore
from chalicelib.kernel.time import Interval, Month
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction
from tests.stores.booking_race import DEPOT, NOON, booker, bookings, customer, offer_vans, sessions
from tests.stores.city import calls
from tests.unit.access.test_booking import BOOKING

pytestmark = pytest.mark.stores
HOUR = timedelta(hours=1)
VAN = "par-1/van-0"


def walk_up(number: int, at_hours: float, asset_id: str = "van-0") -> AccessSession:
    return AccessSession(
        session_id=f"ses-{number}",
        account_id=f"acc-{number}",
        customer_id="cus-1",
        partner_id="par-1",
        product_id="van",
        asset_id=asset_id,
        tariff_version=1,
        quote_id="quo-1",
        started_at=NOON + timedelta(hours=at_hours),
        meters={},
    )


def promised(parts: Booker, start: float, end: float, **what: object) -> str:
    """The token of a quote for the van, or in the area of the depot."""
    where: dict[str, object] = what or {"code": "VAN-0000"}
    stretch = Interval(NOON + timedelta(hours=start), NOON + timedelta(hours=end))
    return ask_booking_quote(AskBookingQuote("acc-1", stretch, {}, **where), booker=parts).token  # type: ignore[arg-type]


def later(parts: Booker, hours: float) -> Booker:
    return replace(parts, now=NOON + timedelta(hours=hours))


def test_a_booking_reads_back_as_it_was_stored_under_its_id_its_account_and_its_partner(commit: Transaction) -> None:
    area = Area(Position.of(Decimal("60.1"), Decimal("24.9")), 500, "vans", "par-1/depot")
    whole = replace(BOOKING, area=area, ordered={"change": Decimal(2)}, changes=2, closed_at=NOON, session_id="ses_1")
    commit(bookings.booking(whole), None)

    assert bookings.find("boo_1") == whole
    (of_account,) = bookings.of_account("acc-1", limit=10, after=None)
    (of_partner,) = bookings.of_partner("par-1", "van-1", limit=10, after=None)
    assert (of_account[1], of_partner[1]) == (whole, whole)
    assert bookings.of_partner("par-1", "van-2", limit=10, after=None) == []
    assert bookings.of_account("acc-2", limit=10, after=None) == []
    with pytest.raises(BookingChanged):
        commit(bookings.booking(whole), None)


def test_a_changed_booking_is_listed_by_its_new_start_alone_and_guarded_by_its_revision(commit: Transaction) -> None:
    commit(bookings.booking(BOOKING), None)
    moved = replace(BOOKING, start=BOOKING.start + HOUR, end=BOOKING.end + HOUR, revision=1)
    commit(bookings.rebooking(moved, BOOKING), None)

    assert [each for _, each in bookings.of_account("acc-1", limit=10, after=None)] == [moved]
    assert [each for _, each in bookings.of_partner("par-1", None, limit=10, after=None)] == [moved]
    with pytest.raises(BookingChanged):
        commit(bookings.rebooking(replace(BOOKING, revision=1), BOOKING), None)


def test_a_calendar_is_stored_by_its_turn_and_read_with_what_is_open_in_one_batch(commit: Transaction) -> None:
    entry = Entry.of("boo_1", Interval(NOON + HOUR, NOON + 2 * HOUR), HOUR / 4)
    first = Calendar(VAN).with_entry(entry, 1).next()
    commit(bookings.keeping(first, 1, NOON), None)
    commit(sessions.starting(walk_up(1, 0), 1), None)
    with calls() as made:
        seen = bookings.seen([VAN, "par-1/never"], NOON)

    assert made == {"BatchGetItem": 1}
    assert (seen[VAN].calendar, seen[VAN].taken, seen[VAN].sessions) == (first, 1, {"ses-1"})
    assert seen["par-1/never"].calendar == Calendar("par-1/never")
    with pytest.raises(CalendarChanged):
        commit(bookings.keeping(first, 1, NOON), None)
    commit(bookings.keeping(first.without("boo_1").next(), 1, NOON), None)


@pytest.mark.parametrize("capacity", [1, 3])
def test_a_start_takes_no_place_that_is_kept_for_a_booking(commit: Transaction, capacity: int) -> None:
    offer_vans(commit, [capacity])
    parts = booker(commit)
    book(promised(parts, 2, 4), customer(1), booker=parts)

    assert sessions.room(VAN, capacity, NOON).free
    for number in range(capacity - 1):
        commit(sessions.starting(walk_up(number, 2), capacity), None)
    found = sessions.room(VAN, capacity, NOON + 2 * HOUR)
    assert (found.free, found.kept) == (False, True)
    for store in (sessions.starting, sessions.reserving):
        with pytest.raises(AssetInUse):
            commit(store(walk_up(7, 1.75), capacity), None)
    assert sessions.room(VAN, capacity, NOON).booked_from == NOON + timedelta(hours=1.75)
    commit(sessions.starting(walk_up(8, 1.7), capacity), None)


def test_what_is_handed_out_is_a_session_that_keeps_its_stretch_until_it_is_given_back(commit: Transaction) -> None:
    offer_vans(commit, [1])
    parts = booker(commit)
    booked = book(promised(parts, 2, 4), customer(1), booker=parts)
    session = hand_out_booking(booked.booking_id, "VAN-0000", customer(1), booker=later(parts, 2))

    assert (sessions.open_on(VAN), sessions.find(session.session_id)) == ([session.session_id], session)
    assert session.entitled is not None
    assert (session.booking_id, session.entitled.name) == (booked.booking_id, booked.name)
    again = hand_out_booking(booked.booking_id, "VAN-0000", customer(1), booker=later(parts, 2))
    assert again.session_id == session.session_id
    with pytest.raises(NotFree):
        promised(later(parts, 2.5), 3, 3.5)


def test_a_booking_that_begins_at_once_is_refused_where_somebody_has_just_started(commit: Transaction) -> None:
    """The start came between what the booking read and what it writes."""
    offer_vans(commit, [1])
    late = booker(commit)
    entry = Entry.of("boo_1", Interval(NOON, NOON + HOUR), HOUR / 4)
    calendar = Calendar(VAN).with_entry(entry, 1).next()
    commit(sessions.starting(walk_up(1, 0), 1), None)
    with pytest.raises(CalendarChanged):
        commit(bookings.keeping_more(calendar, entry, 1, NOON), None)
    with pytest.raises(NotFree):
        promised(late, 0.1, 1)


def test_a_stretch_far_ahead_is_booked_though_what_is_kept_now_is_still_with_somebody_else(commit: Transaction) -> None:
    offer_vans(commit, [1])
    parts = booker(commit)
    commit(sessions.starting(walk_up(1, 0), 1), None)
    book(promised(parts, 2, 4), customer(1), booker=parts)
    overdue = later(parts, 2)
    assert book(promised(overdue, 9, 10), customer(1), booker=overdue).state is BookingState.BOOKED


def test_what_is_taken_now_cannot_be_kept_from_now_on(commit: Transaction) -> None:
    """The buffer before the stretch has begun, and the stretch not."""
    offer_vans(commit, [1])
    commit(sessions.starting(walk_up(1, 0), 1), None)
    with pytest.raises(NotFree):
        promised(booker(commit), 0.25, 1)


def test_a_late_cancellation_is_a_sealed_charge_in_its_month_and_so_is_not_coming(commit: Transaction) -> None:
    offer_vans(commit, [1])
    parts = booker(commit)
    first = book(promised(parts, 2, 4), customer(1), booker=parts)
    cancelled = cancel_booking(first.booking_id, "acc-1", booker=later(parts, 1.5))
    second = book(promised(later(parts, 1.6), 2, 4), customer(1), booker=later(parts, 1.6))
    lost = lose_booking(second.booking_id, second.lost_at, booker=later(parts, 2.6))
    assert lost is not None
    assert lose_booking(second.booking_id, second.lost_at, booker=later(parts, 2.7)) == lost

    charged = sessions.charged("acc-1", Interval(NOON, NOON + 24 * HOUR))
    assert [(each.session.state, each.lines[0]["minor"], len(each.lines)) for each in charged] == [
        (State.CANCELLED, 300, 1),
        (State.EXPIRED, 700, 1),
    ]
    assert [each.session.session_id for each in charged] == [cancelled.session_id, lost.session_id]
    assert charged[1].ended_at == second.lost_at
    assert sessions.active_accounts(Month(2021, 6)) == ["acc-1"]
    assert bookings.seen([VAN], NOON)[VAN].calendar.entries == ()
    assert sessions.open_of("acc-1") == []


def test_a_no_show_timer_that_fires_for_a_stretch_that_was_changed_does_nothing(commit: Transaction) -> None:
    offer_vans(commit, [1])
    parts = booker(commit)
    booked = book(promised(parts, 2, 4), customer(1), booker=parts)
    assert lose_booking(booked.booking_id, booked.lost_at - HOUR, booker=later(parts, 4)) == booked
    assert lose_booking("boo_none", NOON, booker=parts) is None
    assert {each.topic for each in MessageRecord.scan()} >= {"timer.set", "dialogue.tell"}


def test_by_category_the_stretch_goes_where_it_fits_tightest(commit: Transaction) -> None:
    offer_vans(commit, [1, 1, 1])
    parts = booker(commit)
    area = Area(Position.of(DEPOT.latitude, DEPOT.longitude), 100, "vans")
    book(promised(parts, 2, 4, code="VAN-0001"), customer(1), booker=parts)
    for start, end in ((5, 6), (0.5, 1)):
        booked = book(promised(parts, start, end, area=area), customer(1), booker=parts)
        assert booked.asset_id == "van-1"
    taken = {book(promised(parts, 5, 6, area=area), customer(1), booker=parts).asset_id for _ in range(2)}
    assert taken == {"van-0", "van-2"}
    with pytest.raises(NothingFree):
        promised(parts, 5, 6, area=area)


def test_what_is_promised_is_not_booked_once_it_has_begun(commit: Transaction) -> None:
    offer_vans(commit, [1])
    parts = booker(commit)
    token = promised(parts, 0.1, 1)
    with pytest.raises(StretchPast):
        book(token, customer(1), booker=later(parts, 0.15))
    assert bookings.of_account("acc-1", limit=9, after=None) == []


def test_stores_satisfy_what_they_say() -> None:
    assert BookingStore().find("boo_none") is None
    assert SessionStore().room("par-1/none", None, NOON).free
    assert BookingState("booked") is BookingState.BOOKED
