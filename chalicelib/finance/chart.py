"""Under which numbers the operator's accounting knows our ledger accounts: a mapping that is data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chalicelib.finance.errors import ChartInvalid, UnmappedAccount
from chalicelib.ledger.accounts import class_of, summed_as
from chalicelib.ledger.errors import UnknownLedgerAccount

DEFAULT: Mapping[str, str] = MappingProxyType(
    {
        "receivable": "1200",
        "stripe-clearing": "1360",
        "disputed": "1370",
        "bank": "1800",
        "bad-debt-tax": "1580",
        "payable-pending": "3070",
        "payable": "3300",
        "wallet": "3500",
        "wallet:gifts": "3510",
        "tax": "3800",
        "revenue": "4400",
        "promotions": "4730",
        "share-cost": "5900",
        "stripe-fees": "6855",
        "bad-debt": "6930",
    }
)
"""The numbers that hold where the operator has said none: one for each kind of ledger account."""
_KINDS = frozenset(name.partition(":")[0] for name in DEFAULT)
_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers by ledger account, by the beginning of one up to a colon, or by kind; the longest that fits holds.

    So `tax:0.255` may have another number than `tax`, and `revenue:par_1:bike` another than `revenue:par_1`.
    """

    numbers: Mapping[str, str]

    def number(self, ledger_account: str) -> str:
        """The account's number, or `UnmappedAccount`."""
        name = ledger_account
        while name:
            if name in self.numbers:
                return self.numbers[name]
            name = name.rpartition(":")[0]
        raise UnmappedAccount(ledger_account=summed_as(ledger_account))

    @classmethod
    def read(cls, text: str) -> "Chart":
        """A mapping file: a JSON object of ledger accounts and numbers. Anything else is `ChartInvalid`."""
        try:
            document = json.loads(text)
        except ValueError as error:
            raise ChartInvalid(reason="it is no JSON") from error
        if not isinstance(document, dict) or not document:
            raise ChartInvalid(reason="it is no JSON object of ledger accounts and numbers")
        for name, number in document.items():
            if not isinstance(number, str) or not 0 < len(number) <= _LONGEST or not number.isprintable():
                raise ChartInvalid(reason="a number is a text of 1 to 30 characters", ledger_account=name[:80])
            _check_known(name)
        return cls(document)


def chart_of(text: str) -> Chart:
    """The operator's mapping; where there is none, the default one."""
    return Chart.read(text) if text.strip() else Chart(DEFAULT)


def _check_known(name: str) -> None:
    """What is no ledger account, nor the beginning of one, is a slip of the pen."""
    if name in _KINDS:
        return
    try:
        class_of(name)
    except UnknownLedgerAccount as error:
        raise ChartInvalid(reason="there is no such ledger account", ledger_account=name[:80]) from error
