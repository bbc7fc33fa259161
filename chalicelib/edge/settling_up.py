"""What an account that leaves is billed and has back, before its wallet is paid out: to the cent."""

from collections.abc import Sequence

from chalicelib.billing.refunding import give_back
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance.closes_model import CloseState
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Outcome, Write


def settle_up(account_id: str, wired: BackOffice) -> None:
    """Bill what was used and is not billed yet, so that the wallet pays it, and give back what was billed too much.

    What was carried because it is too small goes with the month that is open, which knows that it has this account;
    so does what is left of the month before, once that is closed: it changes by a decision only. Safe to repeat from
    any point.
    """
    month = Month.of(wired.now(), wired.settings.zone)
    if _is_closed(month.previous, wired):
        wired.commit([wired.sessions.active_in(account_id, month, month.previous)], None)
    else:
        wired.settle(account_id, month.previous)
    wired.settle(account_id, month, _marking(account_id, month, wired), leaves=True)
    if any(each.is_open for each in wired.issuing.notes.notes(account_id)):
        give_back(account_id, wired.crediting(wired.now(), wired.commit))


def _is_closed(month: Month, wired: BackOffice) -> bool:
    close = wired.closes.find(month)
    return close is not None and close.state is CloseState.CLOSED


def _marking(account_id: str, month: Month, wired: BackOffice) -> Commit:
    """Whatever is settled in the month, its close looks at the account."""

    def commit(writes: Sequence[Write], outcome: Outcome) -> Outcome:
        return wired.commit([*writes, wired.sessions.active_in(account_id, month)], outcome)

    return commit
