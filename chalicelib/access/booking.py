"""Bookings: a right to an asset for a stretch to come, and what holds for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from chalicelib.access.agreed import NOTHING_ASKED, Agreed
from chalicelib.access.booking_calendar import Entry
from chalicelib.access.booking_errors import (
    BookingBegun,
    BookingDone,
    BookingOver,
    BookingTooEarly,
    StretchEmpty,
    StretchPast,
    StretchTooFarAhead,
    StretchTooLong,
    TooManyChanges,
)
from chalicelib.access.geohash import Position
from chalicelib.kernel.time import Interval, format_instant

MOST_CHANGES = 10
MOST_BOOKED = 50
"""So many bookings of an account are to come at once."""
TOLD_BEFORE = timedelta(minutes=15)
"""So long before an asset is kept for a booking, who has it is told."""
_SECOND = timedelta(seconds=1)


class BookingState(StrEnum):
    """Where a booking is in its life; one that is changed is booked."""

    BOOKED = "booked"
    HANDED_OUT = "handed_out"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


@dataclass(frozen=True, slots=True)
class BookingRules:
    """What of a product's policy holds for a booking, as it was when its price was promised."""

    buffer: timedelta
    free_cancellation: timedelta
    no_show: timedelta


def check_stretch(stretch: Interval, now: datetime, *, longest: timedelta, ahead: timedelta) -> None:
    """It lies in time to come, not too far ahead, and is not too long."""
    if stretch.start >= stretch.end:
        raise StretchEmpty(pointer="/until")
    if stretch.start < now:
        raise StretchPast(pointer="/from")
    if stretch.length > longest:
        raise StretchTooLong(pointer="/until", longest_s=longest // _SECOND)
    if stretch.start > now + ahead:
        raise StretchTooFarAhead(pointer="/from", until=format_instant(now + ahead))


@dataclass(frozen=True, slots=True)
class Area:
    """Where what is booked without naming an asset may stand: so many metres around, or at one place (`partner/id`)."""

    position: Position
    metres: int
    category: str | None = None
    place: str | None = None

    def row(self) -> list[object]:
        """As JSON-ready values."""
        return [self.position.latitude, self.position.longitude, self.metres, self.category, self.place]

    @classmethod
    def of(cls, row: Sequence[Any]) -> "Area":
        """The area of a row."""
        latitude, longitude, metres, category, place = row
        return cls(Position(latitude, longitude), metres, category, place)


@dataclass(frozen=True, slots=True)
class Booking:
    """A right to an asset from `start` to `end`, at the price of its quote.

    `free_until` is until when it is cancelled or changed free of charge, `ordered` what is charged of it so far.
    `area` is where, and of which category, if no asset was asked for; `name` is what the partner knows the customer by;
    `agreed` what was promised beside the price.
    `revision` counts its changes and guards each of them.
    """

    booking_id: str
    account_id: str
    customer_id: str
    partner_id: str
    product_id: str
    asset_id: str
    tariff_version: int
    quote_id: str
    start: datetime
    end: datetime
    made_at: datetime
    rules: BookingRules
    free_until: datetime
    name: str
    area: Area | None = None
    agreed: Agreed = NOTHING_ASKED
    state: BookingState = BookingState.BOOKED
    ordered: Mapping[str, Decimal] = field(default_factory=dict)
    changes: int = 0
    session_id: str | None = None
    closed_at: datetime | None = None
    changed_at: tuple[datetime, ...] = ()
    revision: int = field(default=0, compare=False)

    @property
    def asset_key(self) -> str:
        """The asset among all partners' assets."""
        return f"{self.partner_id}/{self.asset_id}"

    @property
    def acts(self) -> tuple[tuple[str, datetime], ...]:
        """What was done with it before it was handed out, and when."""
        return (("booked", self.made_at), *(("changed", each) for each in self.changed_at))

    @property
    def own_session(self) -> str:
        """The id of the one session that it can become."""
        return f"ses_{self.booking_id.partition('_')[2]}"

    @property
    def stretch(self) -> Interval:
        """From start to end."""
        return Interval(self.start, self.end)

    @property
    def kept_from(self) -> datetime:
        """From when on the asset is kept for it, and may be handed out."""
        return self.start - self.rules.buffer

    @property
    def lost_at(self) -> datetime:
        """Who has not come by then has lost it."""
        return min(self.start + self.rules.no_show, self.end)

    @property
    def entry(self) -> Entry:
        """What of the asset's calendar it takes."""
        return replace(Entry.of(self.booking_id, self.stretch, self.rules.buffer), session_id=self.session_id)

    @property
    def is_over(self) -> bool:
        """Whether it was handed out, cancelled or lost."""
        return self.state is not BookingState.BOOKED

    def is_late(self, at: datetime) -> bool:
        """Whether cancelling or changing it then is not free any more."""
        return at >= self.free_until

    def check_changeable(self, at: datetime) -> None:
        """Before it begins, and not too often."""
        self._check_booked()
        if at >= self.start:
            raise BookingBegun(booking_id=self.booking_id)
        if self.changes >= MOST_CHANGES:
            raise TooManyChanges(booking_id=self.booking_id, most=MOST_CHANGES)

    def changed(self, to: "Booking", at: datetime) -> "Booking":
        """As booked anew, for another stretch. Who changes it late does not win a free cancellation by that."""
        self.check_changeable(at)
        return replace(
            to,
            booking_id=self.booking_id,
            made_at=self.made_at,
            name=self.name,
            free_until=self.free_until if self.is_late(at) else to.free_until,
            changes=self.changes + 1,
            changed_at=(*self.changed_at, at),
            revision=self.revision + 1,
        )

    def moved(self, asset_id: str) -> "Booking":
        """On another asset of the product, which its customer did not ask for: until it begins they may decline it."""
        self._check_booked()
        free_until = max(self.free_until, self.start)
        return replace(self, asset_id=asset_id, free_until=free_until, revision=self.revision + 1)

    def handed_out(self, asset_id: str, at: datetime) -> "Booking":
        """It becomes a session, perhaps on another asset of the product."""
        self._check_booked()
        if at < self.kept_from:
            raise BookingTooEarly(booking_id=self.booking_id, since=format_instant(self.kept_from))
        self.check_not_lost(at)
        return self._closed(BookingState.HANDED_OUT, at, asset_id=asset_id, session_id=self.own_session)

    def check_not_lost(self, at: datetime) -> None:
        """Lost is lost, though no timer has said so yet."""
        if not self.is_over and at >= self.lost_at:
            raise BookingOver(booking_id=self.booking_id, since=format_instant(self.lost_at))

    def cancelled(self, at: datetime, ordered: Mapping[str, Decimal]) -> "Booking":
        """Given up, for that much; what is charged of it has its receipt as a session."""
        if self.state is BookingState.CANCELLED:
            return self
        self._check_booked()
        return self._closed(
            BookingState.CANCELLED, at, ordered=ordered, session_id=self.own_session if ordered else None
        )

    def lost(self, at: datetime, ordered: Mapping[str, Decimal]) -> "Booking":
        """Nobody came; whatever became of it meanwhile stays so."""
        if self.is_over or at < self.lost_at:
            return self
        return self._closed(BookingState.NO_SHOW, at, ordered=ordered, session_id=self.own_session if ordered else None)

    def _closed(self, state: BookingState, at: datetime, **also: object) -> "Booking":
        changes: dict[str, Any] = {"state": state, "closed_at": at, "revision": self.revision + 1, **also}
        return replace(self, **changes)

    def _check_booked(self) -> None:
        if self.is_over:
            raise BookingDone(booking_id=self.booking_id, state=str(self.state))
