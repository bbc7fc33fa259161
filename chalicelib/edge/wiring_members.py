"""Who is in which account, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # as in wiring
    from datetime import datetime

    from chalicelib.customers.belonging import Belonging
    from chalicelib.edge.sealing import QuoteSealer
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.writes import Commit


def belonging_of(wired: Wiring, now: datetime, commit: Commit) -> Belonging:
    """What changes who is in an account."""
    from chalicelib.customers.belonging import Belonging

    return Belonging(wired.customers, wired.members, wired.invitations, wired.random_bytes, now, commit)


def seals_links(wired: Wiring) -> QuoteSealer:
    """Signs what one sign-in hands to the next."""
    from chalicelib.edge.sealing import LINK, QuoteSealer

    return QuoteSealer(wired.settings.quote_keys, LINK)


def seals_memberships(wired: Wiring) -> QuoteSealer:
    """Signs invitations to accounts."""
    from chalicelib.edge.sealing import MEMBERSHIP, QuoteSealer

    return QuoteSealer(wired.settings.quote_keys, MEMBERSHIP)
