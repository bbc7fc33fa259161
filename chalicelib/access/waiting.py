"""Waiting for something that is taken: who is in line for what, and for how long."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.catalogue.model import Asset

WAIT_HOURS = 24
WAITS = timedelta(hours=WAIT_HOURS)
"""For how long somebody waits before being dropped from the line."""
HOLD = timedelta(minutes=10)
"""For how long what has become free is held for who was first."""
MOST_ASSETS = 20
"""Of a product at a place, so many assets are waited for at once."""
MOST_IN_LINE = 200
MOST_LINES = 10
_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Waiting:
    """An account in line for any one of some assets of one product; of another's account `customer_id`, its member.

    Its id is natural: asked for twice, it is the same place in the same line.
    """

    waiting_id: str
    account_id: str
    partner_id: str
    product_id: str
    assets: tuple[str, ...]
    place_id: str | None
    joined_at: datetime
    until: datetime
    customer_id: str | None = None

    @property
    def asset_keys(self) -> list[str]:
        """The assets among all partners' assets."""
        return [f"{self.partner_id}/{each}" for each in self.assets]


def waiting_for(
    account_id: str, assets: Sequence[Asset], place_id: str | None, now: datetime, member: str | None = None
) -> Waiting:
    """In line for the assets, all of one product; with a place, for whichever of the product's becomes free there."""
    first = assets[0]
    thing = f"{first.product_id}@{place_id}" if place_id is not None else first.asset_id
    whose = account_id if member is None else f"{account_id}|{member}"
    named = hashlib.sha256(f"{whose}|{first.partner_id}|{thing}".encode()).hexdigest()[:_DIGITS]
    return Waiting(
        waiting_id=f"wait-{named}",
        account_id=account_id,
        partner_id=first.partner_id,
        product_id=first.product_id,
        assets=tuple(sorted(each.asset_id for each in assets)),
        place_id=place_id,
        joined_at=now,
        until=now + WAITS,
        customer_id=member,
    )
