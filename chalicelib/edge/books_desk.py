"""The books at the finance door: the trial balance as of any instant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.callers import READ, Staff
from chalicelib.edge.refusals import QueryInvalid
from chalicelib.edge.routes import get
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import parse_instant
from chalicelib.ledger.trial import TrialBalance, trial_balance_at

if TYPE_CHECKING:
    from chalicelib.edge.wiring_finance import BackOffice


_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


class TrialQuery(msgspec.Struct, forbid_unknown_fields=True):
    """As of which instant; now, unless told."""

    at: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class TrialRowShown(msgspec.Struct):
    """An account's balance; `debit` or `credit` is null. `receivable` and `wallet` are those of all customers."""

    ledger_account: str
    account_class: str
    debit: str | None
    credit: str | None
    currency: str


class ClassShown(msgspec.Struct):
    """What the accounts of a class come to: debit is positive, credit negative."""

    account_class: str
    amount: str
    currency: str


class TrialShown(msgspec.Struct):
    """All accounts as of an instant. `off_minor` is empty in a ledger that balances; `entries_read` is what it took."""

    at: str
    entries: int
    entries_read: int
    rows: list[TrialRowShown]
    classes: list[ClassShown]
    off_minor: dict[str, int]


def show_trial(found: TrialBalance) -> TrialShown:
    """The trial balance."""
    rows = []
    for row in found.rows:
        amount = str(Money(abs(row.amount.minor), row.amount.currency).amount)
        debit, credit = (amount, None) if row.amount.minor > 0 else (None, amount)
        rows.append(TrialRowShown(row.ledger_account, str(row.account_class), debit, credit, row.amount.currency))
    classes = [
        ClassShown(str(each), str(Money(minor, currency).amount), currency)
        for (each, currency), minor in sorted(found.classes.items())
    ]
    return TrialShown(show_instant(found.at), found.entries, found.read, rows, classes, found.off)


class BooksDesk:
    """Finance reads the books."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @get("/v1/trial-balance", query=TrialQuery, shows=show_trial, needs=READ)
    def trial_balance(self, call: Call[Staff, None]) -> TrialBalance:
        """What every ledger account holds as of an instant, by class and currency, and whether the books balance."""
        with pointing_at("at"):
            at = call.now if call.query.at is None else parse_instant(call.query.at)
        if not _FIRST <= at <= call.now:
            raise QueryInvalid(pointer="/at", reason="from the year 2000 up to now")
        return trial_balance_at(at, ledger=self._wired.ledger)
