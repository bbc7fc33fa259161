"""What an account has open, put together from access."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # as in wiring
    from chalicelib.customers.members import Member
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.errors import Refusal
    from chalicelib.kernel.writes import Write

_PAGE = 200


@dataclass(frozen=True, slots=True)
class OpenThings:
    """Satisfies `customers.own_ports.Open`."""

    wired: Wiring

    def found(self, account_id: str, subject: str) -> Mapping[str, Sequence[str]]:
        """Four reads for each account, and one more for each further page of bookings; and who is in whose."""
        there: dict[str, list[str]] = {"memberships": []}
        accounts = [account_id]
        for each in self.wired.members.of_subject(subject) if subject else ():
            if each.is_in and self._is_open(each.account_id):
                alone = self._is_alone(each)
                (accounts if alone else there["memberships"]).append(each.account_id)
        for each_id in accounts:
            for kind, ids in self._of(each_id).items():
                there.setdefault(kind, []).extend(ids)
        return {kind: ids for kind, ids in there.items() if ids}

    def _of(self, account_id: str) -> Mapping[str, Sequence[str]]:
        wired = self.wired
        return {
            "sessions": [each.session_id for each in wired.sessions.open_of(account_id)],
            "reservations": [each.session_id for each in wired.sessions.reserved_of(account_id)],
            "bookings": self._bookings(account_id),
            "waiting": [each.waiting_id for each in wired.lines.of_account(account_id)],
        }

    def _is_open(self, account_id: str) -> bool:
        account = self.wired.customers.account(account_id)
        return account is not None and not account.closed

    def _is_alone(self, member: Member) -> bool:
        roll = self.wired.members.roll(member.account_id)
        return roll is not None and roll.is_alone(member.customer_id)

    def _bookings(self, account_id: str) -> list[str]:
        found: list[str] = []
        after: str | None = None
        while True:
            rows = self.wired.bookings.of_account(account_id, limit=_PAGE, after=after)
            found += [booking.booking_id for _, booking in rows if not booking.is_over]
            if len(rows) < _PAGE:
                return found
            after = rows[-1][0]

    def nothing(self, account_id: str, otherwise: Refusal) -> Sequence[Write]:
        """As the account's limits count it."""
        return [self.wired.limits.none_open(account_id, otherwise)]
