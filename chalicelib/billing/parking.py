"""When an account's bill is not sent but shown to an operator."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.model import Parked, Reason, Settlement
from chalicelib.kernel.money import Money, decimals_of

_BILLED_MONTHS = 3
_MANY_TIMES = 10
_BOUND_IN_MAJOR_UNITS = 200


def reason_to_park(
    settlement: Settlement, comes_to: int, earlier: Sequence[Settlement], ledger_holds: int, now: datetime
) -> Parked | None:
    """Another currency than before, a negative gross total, a difference from the ledger, or many times the usual.

    The last only with a history, and above a bound.

    In minor units: `comes_to` is what the month's use costs, whichever settlements took it; `ledger_holds` is what the
    ledger's receivable was posted for this account's `earlier` settlements.
    """
    if any(each.currency != settlement.currency for each in earlier):
        return _park(settlement, "currency_changed", now, total=comes_to)
    posted = sum(sum(each.posted.values()) for each in earlier)
    if comes_to < 0:
        return _park(settlement, "negative_total", now, total=comes_to)
    if posted != ledger_holds:
        return _park(settlement, "differs_from_ledger", now, settled=posted, ledger=ledger_holds)
    usual = sorted(each.gross for each in earlier if each.gross > 0 and each.month != settlement.month)
    bound = _BOUND_IN_MAJOR_UNITS * 10 ** decimals_of(settlement.currency)
    if len(usual) < _BILLED_MONTHS or settlement.gross <= bound:
        return None
    median = usual[len(usual) // 2]
    if settlement.gross >= _MANY_TIMES * median:
        return _park(settlement, "many_times_the_usual", now, total=settlement.gross, usual=median)
    return None


def _park(settlement: Settlement, reason: Reason, now: datetime, **amounts: int) -> Parked:
    facts = {name: str(Money(minor, settlement.currency)) for name, minor in amounts.items()}
    return Parked(settlement.account_id, settlement.month, reason, facts, now)
