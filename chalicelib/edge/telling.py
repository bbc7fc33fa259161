"""Tell an account something, or hold it back until its quiet hours are over, if it can wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.dialogue import service as dialogue

if TYPE_CHECKING:
    from chalicelib.dialogue.model import Notice
    from chalicelib.edge.wiring_finance import BackOffice

CAN_WAIT = (
    "wallet_",
    "refund",
    "credit_note",
    "payment_method_",
    "eligibility_",
    "hold_released",
    "fault_credited",
    "charge_",
)
"""How what can wait until the morning begins: money that moved, and papers. What goes on now waits for nobody."""


def tell(notice: Notice, wired: BackOffice) -> None:
    """Put it into the feed now, or have it put there when the quiet is over, with the instant at which it was said."""
    quiet = wired.wishes.find(notice.account_id).quiet if notice.code.startswith(CAN_WAIT) else None
    later = quiet.over_at(wired.now(), wired.settings.zone) if quiet is not None else None
    if later is None:
        dialogue.tell(notice, notices=wired.notices, commit=wired.commit)
        return
    wired.commit([wired.notices.telling_at(notice, later, wired.now())], None)
