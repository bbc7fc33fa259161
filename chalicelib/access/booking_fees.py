"""What a booking may cost without any use, and that an account's budgets have room for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.access.allowing import Allowing, Due, allowance
from chalicelib.access.booking import Booking
from chalicelib.access.booking_ports import Bookings
from chalicelib.access.errors import BudgetPassed
from chalicelib.access.ordering import with_one
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.writes import Write
from chalicelib.rating import Tariff, Use, rate
from chalicelib.rating.ordered import CANCELLATION, NO_SHOW

_PAGE = 100
_LONG_OVER = timedelta(days=2)


def most_of(booking: Booking, tariff: Tariff) -> Money:
    """The most that it costs if it is given up late, or nobody comes."""
    found = []
    for name in (CANCELLATION, NO_SHOW):
        ordered = with_one(booking.ordered, name, tariff)
        at = booking.lost_at
        use = Use(booking.own_session, tariff, at, at, open=False, quantities=ordered, kind="order")
        found.append(total((line.amount for line in rate([use])), tariff.currency))
    return max(found, key=lambda amount: amount.minor)


def within_budgets(booking: Booking, tariff: Tariff, *, allowing: Allowing) -> Sequence[Write]:
    """That the hard budgets of the account and of its member have room for it on the day on which it would be lost.

    And that they are its member still, where it is another's.
    """
    most, whose, member_of = most_of(booking, tariff), booking.account_id, booking.agreed.member_of
    found = allowance(
        whose,
        tariff,
        most,
        most,
        allowing=allowing,
        but=booking.own_session,
        at=max(booking.lost_at, allowing.now),
        member=booking.customer_id if member_of is not None else None,
    )
    if found.over is not None:
        raise BudgetPassed(period=found.over, estimate=most, left=found.bound)
    belongs = allowing.personal.belongs(booking.customer_id, member_of, found.own_turn)
    return [*belongs, allowing.limits.moving(whose, found.now.turn)] if found.budgets else belongs


@dataclass(frozen=True, slots=True)
class BookedFees:
    """Satisfies `allowing.Fees`."""

    bookings: Bookings
    catalogue: Catalogue

    def due(self, account_id: str, now: datetime) -> Sequence[Due]:
        """One query for each hundred bookings that have not long begun."""
        found: list[Due] = []
        after: str | None = None
        while True:
            page = self.bookings.of_account(account_id, limit=_PAGE, after=after)
            found += [due for _, each in page if (due := self._due(each)) is not None]
            if len(page) < _PAGE or page[-1][1].start < now - _LONG_OVER:
                return found
            after = page[-1][0]

    def _due(self, booking: Booking) -> Due | None:
        if booking.is_over:
            return None
        tariff = self.catalogue.tariff(booking.partner_id, booking.product_id, booking.tariff_version)
        if tariff is None:
            return None
        return Due(booking.own_session, booking.lost_at, most_of(booking, tariff), booking.customer_id)
