"""The accounts of the ledger: what each holds, and of which class it is. No posting names any other."""

from enum import StrEnum

from chalicelib.ledger.errors import UnknownLedgerAccount


class AccountClass(StrEnum):
    """What an account is in a balance: what we have, what we owe, what came in, what it took."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


STRIPE_CLEARING = "stripe-clearing"
"""What Stripe holds for us: payments go in, transfers and payouts come out."""
STRIPE_FEES = "stripe-fees"
"""What Stripe keeps of payments."""
PROMOTIONS = "promotions"
"""What coupons, rewards and goodwill take off bills; the operator bears it, and no partner's share is less for it."""
BAD_DEBT = "bad-debt"
"""What accounts owe and will not pay, without the tax in it."""
DISPUTED = "disputed"
"""What banks have taken back for disputes: ours again if we win, lost if we do not."""
BANK = "bank"
"""What Stripe has paid out to our bank."""
GIFTS = "wallet:gifts"
"""What gifts that were bought are good for, and are in nobody's wallet."""

_CLASSES = {
    "receivable": AccountClass.ASSET,
    STRIPE_CLEARING: AccountClass.ASSET,
    DISPUTED: AccountClass.ASSET,
    BANK: AccountClass.ASSET,
    "bad-debt-tax": AccountClass.ASSET,
    "tax": AccountClass.LIABILITY,
    "payable-pending": AccountClass.LIABILITY,
    "payable": AccountClass.LIABILITY,
    "wallet": AccountClass.LIABILITY,
    "revenue": AccountClass.INCOME,
    "share-cost": AccountClass.EXPENSE,
    STRIPE_FEES: AccountClass.EXPENSE,
    PROMOTIONS: AccountClass.EXPENSE,
    BAD_DEBT: AccountClass.EXPENSE,
}
_ALONE = frozenset({STRIPE_CLEARING, STRIPE_FEES, PROMOTIONS, BAD_DEBT, DISPUTED, BANK})
_OF_CUSTOMERS = frozenset({"receivable", "wallet"})


def receivable(account_id: str) -> str:
    """What the account owes us; below zero, what we owe it."""
    return f"receivable:{account_id}"


def wallet(account_id: str) -> str:
    """What the account has paid ahead."""
    return f"wallet:{account_id}"


def revenue(product: str) -> str:
    """What a product earned, without tax; `product` is `<partner>:<product>`."""
    return f"revenue:{product}"


def tax(rate: str) -> str:
    """The tax that prices included at a rate, as in `0.255`: it is the state's. Of a country, as in `0.255:FI`."""
    return f"tax:{rate}"


def tax_rate_of(ledger_account: str) -> str | None:
    """The rate of an account of tax; None of any other."""
    kind, _, rate = ledger_account.partition(":")
    return rate if kind == "tax" else None


def bad_debt_tax(rate: str) -> str:
    """The tax in bad debts at a rate: paid, or to be paid, to the state, and perhaps to be claimed back from it."""
    return f"bad-debt-tax:{rate}"


def share_cost(product: str) -> str:
    """What of a product's revenue is its partner's; `product` is `<partner>:<product>`, or `<partner>:` for all."""
    return f"share-cost:{product}"


def payable_pending(partner_id: str) -> str:
    """The partner's share of what customers were billed and have not paid yet."""
    return f"payable-pending:{partner_id}"


def payable(partner_id: str) -> str:
    """What the partner is to be paid now; below zero, what it has been paid too much."""
    return f"payable:{partner_id}"


def class_of(ledger_account: str) -> AccountClass:
    """The class of an account; `UnknownLedgerAccount` for what is none."""
    kind, colon, name = ledger_account.partition(":")
    if kind not in _CLASSES or (kind in _ALONE) != (not colon) or bool(colon) != bool(name):
        raise UnknownLedgerAccount(ledger_account=ledger_account[:200])
    return _CLASSES[kind]


def summed_as(ledger_account: str) -> str:
    """Under which name a balance shows the account: those of customers are summed up, one for all."""
    kind = ledger_account.partition(":")[0]
    return kind if kind in _OF_CUSTOMERS else ledger_account


def class_of_row(name: str) -> AccountClass:
    """The class of what a balance shows under the name."""
    return _CLASSES[name] if name in _OF_CUSTOMERS else class_of(name)
