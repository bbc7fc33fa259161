"""What a customer is shown of a hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.kernel.money import Money

if TYPE_CHECKING:  # as in receipts
    from collections.abc import Sequence

    from chalicelib.billing.hold_model import Hold


class HoldShown(msgspec.Struct):
    """What is held for a session: `held`, and until when; then `captured`, and how much; `released`, or `expired`."""

    state: str
    amount: Amount
    captured: Amount
    until: str | None


def show_hold(found: Sequence[Hold]) -> HoldShown | None:
    """Of a session's holds the one that stood last; None if none ever did."""
    hold = max((each for each in found if each.held_at is not None), key=lambda each: each.turn, default=None)
    if hold is None:
        return None
    state = "released" if hold.state == "releasing" else str(hold.state)
    captured = Money(hold.captured, hold.amount.currency)
    until = show_instant(hold.until) if hold.until is not None and state == "held" else None
    return HoldShown(state, show_amount(hold.amount), show_amount(captured), until)
