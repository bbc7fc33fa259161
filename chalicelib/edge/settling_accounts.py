"""Accounts of a close's page, settled together: read ahead for all of them, and written several at once."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from chalicelib.billing.settling import Settled
from chalicelib.billing.settling_together import write_together
from chalicelib.billing.unwritten import Unwritten
from chalicelib.billing.wallet_model import Wallet
from chalicelib.edge.lives_ahead import LivesOfOthers
from chalicelib.edge.owed_ahead import BilledWithOwed, OwedAhead
from chalicelib.edge.reading_once import Told
from chalicelib.edge.sessions_ahead import SessionsAhead

if TYPE_CHECKING:  # as in wiring
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.kernel.time import Month


def settle_together(accounts: Sequence[str], month: Month, wired: BackOffice) -> dict[str, Settled]:
    """Bring the accounts' month to what it has to be, as many as can be together, by account.

    What is not named could not be, whatever the reason: it is to be settled by itself, which says why.
    """
    settled: dict[str, Settled] = {}
    ahead = _before_cutting(accounts, month, wired)
    ready = [each for each in accounts if _carried_over(each, month, ahead)]
    told = read_ahead(ready, month, ahead)
    waiting: list[Unwritten] = []
    for account_id in ready:
        found = _to_settle(account_id, month, told)
        if isinstance(found, Unwritten):
            waiting.append(found)
        elif found is not None:
            settled[account_id] = found
    return settled | write_together(waiting, numbers=told.issuing.numbers, together=wired.together, commit=told.commit)


def _before_cutting(accounts: Sequence[str], month: Month, wired: BackOffice) -> BackOffice:
    """What already the cutting of what goes on asks about."""
    since, ahead = month.interval(wired.settings.zone).start, copy(wired)
    ahead.__dict__["sessions"] = SessionsAhead(wired.sessions, wired.marks, since)
    ahead.__dict__["lives"] = LivesOfOthers(wired.lives, wired.lives.never_among(accounts))
    return ahead


def _carried_over(account_id: str, month: Month, wired: BackOffice) -> bool:
    """Whether what goes on was cut. A later cut says that the session's first month is adjusted: that is read after."""
    try:
        wired.carry_over(account_id, month)
    except Exception:  # noqa: BLE001 -- as below
        return False
    return True


def _to_settle(account_id: str, month: Month, wired: BackOffice) -> Settled | Unwritten | None:
    try:
        return wired.to_settle(account_id, month)
    except Exception:  # noqa: BLE001 -- whatever it was, it is said when the account is settled by itself
        return None


def read_ahead(accounts: Sequence[str], month: Month, wired: BackOffice) -> BackOffice:
    """The same, but of a page's accounts is known already what one call reads for all of them."""
    numbers = wired.issuing.numbers
    parked, buyers = wired.billed.parked_among(accounts, month), numbers.buyers(accounts)
    adjusted = wired.marks.adjusted_among(accounts, month)
    told, owed = copy(wired), OwedAhead(wired.charges)
    billed = BilledWithOwed(wired.billed, owed)
    kept: dict[str, Any] = {
        "billed": Told(billed, parked={(each, month): parked.get(each) for each in accounts}),
        "charges": owed,
        "sessions": Told(wired.sessions, adjusted_months={(each, month): adjusted[each] for each in accounts}),
        "wallets": Told(
            wired.wallets, wallet={(each,): Wallet(each) for each in wired.wallets.without_wallet(accounts)}
        ),
        "issuing": replace(
            wired.issuing, numbers=cast("Any", Told(numbers, buyer={(each,): buyers.get(each) for each in accounts}))
        ),
    }
    told.__dict__.update(kept)
    return told
