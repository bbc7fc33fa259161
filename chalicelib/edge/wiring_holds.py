"""Holds put together: for starts, and for the workers that look after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # as in wiring
    from chalicelib.access.model import AccessSession
    from chalicelib.billing.hold_watching import Watching
    from chalicelib.billing.holding import Holding
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.writes import Write


def holding_of(wired: Wiring, now: datetime) -> Holding:
    """What holds go through, with this door's key of Stripe's."""
    from chalicelib.billing.holding import Holding

    return Holding(wired.billed, wired.holds, wired.hold_provider, now, wired.commit)


def watching_of(wired: Wiring, now: datetime) -> Watching:
    """What looks after holds."""
    from chalicelib.access.model import OPEN
    from chalicelib.billing.hold_watching import Watching

    def is_open(session_id: str) -> bool:
        session = wired.sessions.find(session_id)
        return session is not None and session.state in OPEN

    return Watching(holding_of(wired, now), is_open)


@dataclass(frozen=True, slots=True)
class HeldForStarts:
    """Satisfies `access.ports.Held`; billing and Stripe are loaded by a start that holds something, and by no other."""

    wired: Wiring
    now: datetime

    def taking(self, session: AccessSession) -> Sequence[Write]:
        """As `billing.holding.take` has it."""
        from chalicelib.billing.holding import take

        if session.agreed is None or session.agreed.hold is None:
            return []
        amount, holding = session.agreed.hold, holding_of(self.wired, self.now)
        return take(session.account_id, session.session_id, amount, holding=holding)

    def letting_go(self, session: AccessSession) -> None:
        """As `billing.holding.give_up` has it."""
        from chalicelib.billing.holding import give_up

        give_up(session.account_id, session.session_id, holding=holding_of(self.wired, self.now))
