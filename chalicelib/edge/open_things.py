"""What an account has open, put together from access."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # as in wiring
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.errors import Refusal
    from chalicelib.kernel.writes import Write

_PAGE = 200


@dataclass(frozen=True, slots=True)
class OpenThings:
    """Satisfies `customers.own_ports.Open`."""

    wired: Wiring

    def found(self, account_id: str, subject: str) -> Mapping[str, Sequence[str]]:
        """Five reads, and one more for each further page of bookings."""
        wired = self.wired
        there = {
            "sessions": [each.session_id for each in wired.sessions.open_of(account_id)],
            "reservations": [each.session_id for each in wired.sessions.reserved_of(account_id)],
            "bookings": self._bookings(account_id),
            "waiting": [each.waiting_id for each in wired.lines.of_account(account_id)],
            "memberships": self._memberships(subject),
        }
        return {kind: ids for kind, ids in there.items() if ids}

    def _bookings(self, account_id: str) -> list[str]:
        found: list[str] = []
        after: str | None = None
        while True:
            rows = self.wired.bookings.of_account(account_id, limit=_PAGE, after=after)
            found += [booking.booking_id for _, booking in rows if not booking.is_over]
            if len(rows) < _PAGE:
                return found
            after = rows[-1][0]

    def _memberships(self, subject: str) -> list[str]:
        rows, _ = self.wired.partitions.page("customers", f"subject#{subject}", "in#", limit=_PAGE)
        return [sk.partition("#")[2] for sk, values in rows if not values.get("ended_at")]

    def nothing(self, account_id: str, otherwise: Refusal) -> Sequence[Write]:
        """As the account's limits count it."""
        return [self.wired.limits.none_open(account_id, otherwise)]
