"""When an account's bill is not sent but shown to an operator."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.currencies import minimum_charge
from chalicelib.billing.model import Parked, Reason, Settlement
from chalicelib.kernel.money import Money

_BILLED_MONTHS = 3
_MANY_TIMES = 10
_MANY_LEAST = 400
"""A bill is large above so many times the least that is collected: 200 EUR, 1,200 SEK, 1,000 DKK, 20,000 JPY."""


def large(currency: str) -> Money:
    """Up to so much no bill is looked at for being unlike those before."""
    return Money(_MANY_LEAST * minimum_charge(currency).minor, currency)


def reason_to_park(
    settlement: Settlement, comes_to: int, earlier: Sequence[Settlement], ledger_holds: int, now: datetime
) -> Parked | None:
    """Another currency than before, a negative gross total, a difference from the ledger, or many times the usual.

    The last only with a history, and above a bound. What was billed in another currency is neither usual nor compared.

    In minor units: `comes_to` is what the month's use costs, whichever settlements took it; `ledger_holds` is what the
    ledger's receivable was posted, in this currency, for this account's `earlier` settlements.
    """
    if _changes_currency(settlement, earlier):
        return _park(settlement, "currency_changed", now, total=comes_to)
    earlier = [each for each in earlier if each.currency == settlement.currency]
    posted = sum(sum(each.posted.values()) for each in earlier)
    if comes_to < 0:
        return _park(settlement, "negative_total", now, total=comes_to)
    if posted != ledger_holds:
        return _park(settlement, "differs_from_ledger", now, settled=posted, ledger=ledger_holds)
    usual = sorted(each.gross for each in earlier if each.gross > 0 and each.month != settlement.month)
    if len(usual) < _BILLED_MONTHS or settlement.gross <= large(settlement.currency).minor:
        return None
    median = usual[len(usual) // 2]
    if settlement.gross >= _MANY_TIMES * median:
        return _park(settlement, "many_times_the_usual", now, total=settlement.gross, usual=median)
    return None


def _changes_currency(settlement: Settlement, earlier: Sequence[Settlement]) -> bool:
    """Whether the newest month that was billed until then, or else the next one after it, was in another currency.

    So the first month in another one waits, and what follows it once that was released does not.
    """
    months = sorted(earlier, key=lambda each: each.month)
    nearest = [*months[:1], *(each for each in months if each.month <= settlement.month)][-1:]
    return any(each.currency != settlement.currency for each in nearest)


def _park(settlement: Settlement, reason: Reason, now: datetime, **amounts: int) -> Parked:
    facts = {name: str(Money(minor, settlement.currency)) for name, minor in amounts.items()}
    return Parked(settlement.account_id, settlement.month, reason, facts, now)
