"""What changes of wallets are in the ledger. A promotion is none of them until it pays something."""

from datetime import datetime

from chalicelib.billing.topping_model import Gift, PaidBack
from chalicelib.billing.wallet_model import LotKind, Move, Moved
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger import accounts
from chalicelib.ledger.model import JournalEntry, Posting

WALLET, GIFT, PAID_BACK, NOT_PAID_BACK = "wallet", "gift", "wallet-refund", "wallet-refund-failed"


def wallet_entry(moved: Moved, against: str, source: str, zone: str, *, borne: bool = False) -> JournalEntry | None:
    """A change of a wallet against another account; None where nothing of it is anybody's money.

    What promotions pay is `borne` by the operator, where they pay something.
    """
    move, currency = moved.move, moved.move.currency
    real = sum(minor for name, minor in move.changes.items() if moved.wallet.lots[name].is_real)
    promised = sum(move.changes.values()) - real if borne else 0
    rows = ((accounts.wallet(move.account_id), -real), (accounts.PROMOTIONS, -promised), (against, real + promised))
    postings = tuple(Posting(name, Money(minor, currency), source) for name, minor in rows if minor)
    if not postings:
        return None
    return JournalEntry(_reference(move), WALLET, move.account_id, Month.of(move.at, zone), move.at, postings)


def _reference(move: Move) -> str:
    return f"{WALLET}:{move.account_id}:{move.number}"


def gift_entry(gift: Gift, account_id: str, source: str, zone: str, now: datetime) -> JournalEntry:
    """A gift is paid for: it is owed to whoever redeems it."""
    postings = (
        Posting(accounts.STRIPE_CLEARING, gift.amount, source),
        Posting(accounts.GIFTS, -gift.amount, source),
    )
    return JournalEntry(f"{GIFT}:{gift.gift_id}", GIFT, account_id, Month.of(now, zone), now, postings)


def paid_back_entry(paid_back: PaidBack, zone: str, now: datetime, *, failed: bool = False) -> JournalEntry:
    """Money of a top-up goes back: Stripe holds it no more, and we owe it no more; or it did not get there."""
    kind, amount = (NOT_PAID_BACK, -paid_back.amount) if failed else (PAID_BACK, paid_back.amount)
    source = f"wallet-refund:{paid_back.name}"
    postings = (
        Posting(accounts.receivable(paid_back.account_id), amount, source),
        Posting(accounts.STRIPE_CLEARING, -amount, source),
    )
    period = Month.of(now, zone)
    return JournalEntry(f"{kind}:{paid_back.name}", kind, paid_back.account_id, period, now, postings)


def lot_kind_of(gift: Gift) -> LotKind:
    """What a gift is in a wallet: an operator's was paid by nobody, so that it never becomes money."""
    return LotKind.PROMOTION if gift.bought_by is None else LotKind.GIFT
