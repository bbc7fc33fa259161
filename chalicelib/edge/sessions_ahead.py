"""Sessions as a close reads them: what an account has open and was charged, which it asks for next, with one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.access.charge_items import newest_in
from chalicelib.edge.reading_once import Instead

if TYPE_CHECKING:  # as in wiring
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.access.marks_ports import Marks
    from chalicelib.access.model import AccessSession, ChargeRecord
    from chalicelib.access.ports import Sessions
    from chalicelib.kernel.time import Interval


class SessionsAhead(Instead):
    """Satisfies `access.ports.Sessions` for the accounts of a page.

    What was charged from `since` on is known of who had nothing open: of others what is open is cut first.
    """

    def __init__(self, sessions: Sessions, marks: Marks, since: datetime) -> None:
        super().__init__(sessions)
        self._sessions, self._marks, self._since = sessions, marks, since
        self._known: dict[str, Sequence[ChargeRecord]] = {}

    def open_of(self, account_id: str) -> Sequence[AccessSession]:
        """Read now, with what was charged."""
        charged, still_open = self._marks.charged_and_open(account_id, self._since)
        self._known.pop(account_id, None)
        if not still_open:
            self._known[account_id] = charged
        return still_open

    def charged(self, account_id: str, charged: Interval) -> Sequence[ChargeRecord]:
        """Of what was read, if that covers it."""
        known = self._known.get(account_id) if charged.start >= self._since else None
        return self._sessions.charged(account_id, charged) if known is None else newest_in(known, charged)
