"""A month's settlements and charge records as they stood at an instant, however late they are read."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.edge.reading_once import Instead
from chalicelib.finance.errors import SettledAgain

if TYPE_CHECKING:  # as in wiring
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from chalicelib.access.model import ChargeRecord
    from chalicelib.access.ports import Sessions
    from chalicelib.billing.model import Parked, Settlement
    from chalicelib.billing.ports import Billed
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.kernel.time import Interval, Month


class SessionsAsOf(Instead):
    """Satisfies `access.ports.Sessions`; of what was charged, that is known which was sealed by then."""

    def __init__(self, sessions: Sessions, as_of: datetime) -> None:
        super().__init__(sessions)
        self._sessions, self._as_of = sessions, as_of

    def charged(self, account_id: str, charged: Interval) -> Sequence[ChargeRecord]:
        """What was corrected later is asked about by itself: there is little of it."""
        found = self._sessions.charged(account_id, charged)
        if all(each.sealed_at <= self._as_of for each in found):
            return found
        stood = (self._stood(each, charged) for each in found)
        return [each for each in stood if each is not None]

    def _stood(self, record: ChargeRecord, charged: Interval) -> ChargeRecord | None:
        if record.sealed_at <= self._as_of:
            return record
        known = (each for each in self._sessions.charges_of(record.session) if charged.holds(each.charged_at))
        return max((each for each in known if each.sealed_at <= self._as_of), key=_revision, default=None)


class BilledAsOf(Instead):
    """Satisfies `billing.ports.Billed`; settlements, and what was parked, are as they stood then."""

    def __init__(self, billed: Billed, as_of: datetime) -> None:
        super().__init__(billed)
        self._billed, self._as_of = billed, as_of

    def settlements(self, account_id: str) -> Sequence[Settlement]:
        """Of which there was a version by then."""
        return self._stood(self._billed.settlements(account_id))

    def settlements_named(self, names: Sequence[tuple[str, Month]]) -> Sequence[Settlement]:
        """Likewise."""
        return self._stood(self._billed.settlements_named(names))

    def parked(self, account_id: str, month: Month) -> Parked | None:
        """What had it parked by then, and had not been released."""
        found = self._billed.parked(account_id, month)
        each = (found, *found.earlier) if found is not None else ()
        by_then = [one for one in each if one.parked_at <= self._as_of]
        last = max(by_then, key=lambda one: one.parked_at, default=None)
        later = last is not None and last.released_at is not None and last.released_at > self._as_of
        return replace(last, released_at=None, released_by=None) if last is not None and later else last

    def _stood(self, settlements: Iterable[Settlement]) -> list[Settlement]:
        stood = (stood_at(each, self._as_of, self._billed) for each in settlements)
        return [each for each in stood if each is not None]


def stood_at(settlement: Settlement, as_of: datetime, billed: Billed) -> Settlement | None:
    """The version of it that stood then, or None if there was none; `SettledAgain` where it is not kept."""
    first = settlement
    for each in versions(settlement, billed):
        if each.stood is None or each.stood.at <= as_of:
            return each
        first = each
    if first.version > 1:
        raise SettledAgain(account_id=settlement.account_id, month=str(settlement.month))
    return None


def versions(settlement: Settlement, billed: Billed) -> Iterator[Settlement]:
    """It, and those before it that are kept, the newest first."""
    found: Settlement | None = settlement
    while found is not None:
        yield found
        found = billed.settled_before(found) if found.version > 1 else None


def as_of_then(wired: BackOffice, as_of: datetime) -> BackOffice:
    """For reading months of accounts: what came later is not known yet."""
    stood = copy(wired)
    kept: dict[str, Any] = {
        "sessions": SessionsAsOf(wired.sessions, as_of),
        "billed": BilledAsOf(wired.billed, as_of),
    }
    stood.__dict__.update(kept)
    return stood


def _revision(record: ChargeRecord) -> int:
    return record.revision
