"""What wallets, top-ups and gifts need from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.billing.credit_model import ProviderRefund
from chalicelib.billing.topping_model import Gift, PaidBack, ProviderTopUp, TopUp
from chalicelib.billing.wallet_model import Move, Moved, Wallet
from chalicelib.kernel.writes import Write

Facts = Mapping[str, str]


class Wallets(Protocol):
    """Where wallets are kept, and what is said about them."""

    def wallet(self, account_id: str) -> Wallet:
        """The account's wallet; before the first lot, an empty one."""

    def without_wallet(self, accounts: Sequence[str]) -> Sequence[str]:
        """Those of at most 100 accounts whose wallets have never had a lot."""

    def moving(self, moved: Moved) -> Sequence[Write]:
        """Store a change, if wallet and lots are still as they were read: otherwise `WalletChanged`."""

    def saving(self, wallet: Wallet) -> Write:
        """Store what is said of the wallet as a whole, on the same condition."""

    def moves(self, account_id: str, *, limit: int, after: int) -> Sequence[Move]:
        """A page of its changes, by number."""

    def asking(self, topic: str, key: str, facts: Facts, now: datetime) -> Write:
        """Have a worker do something."""

    def asking_at(self, at: datetime, topic: str, facts: Facts, now: datetime) -> Write:
        """Have a worker do it when the instant has come."""

    def telling(self, account_id: str, about: str, code: str, facts: Facts, now: datetime) -> Write:
        """Have the account told."""

    def paid_back(self, account_id: str) -> Sequence[PaidBack]:
        """What of its top-ups went back, or is on its way, by number."""

    def saving_paid_back(self, paid_back: PaidBack, before: PaidBack | None) -> Write:
        """Store it, if it is still as it was read; if that was not at all, if it is new."""


class TopUps(Protocol):
    """Where top-ups and gifts are kept."""

    def top_up(self, account_id: str, top_up_id: str) -> TopUp | None:
        """The top-up, or None."""

    def of_payment(self, payment: str) -> TopUp | None:
        """That of a payment at the provider, or None."""

    def saving(self, top_up: TopUp) -> Sequence[Write]:
        """Store it, if the stored version is the one before its own; found by its payment once that is known."""

    def gift(self, gift_id: str) -> Gift | None:
        """The gift, or None."""

    def saving_gift(self, gift: Gift) -> Write:
        """Store it, if the stored version is the one before its own: otherwise `GiftRefused`."""


class AheadProvider(Protocol):
    """The payment provider. Each call may be repeated: it says the same thing under the same key."""

    def ask(self, top_up: TopUp) -> ProviderTopUp:
        """Charge it, its customer being away; how that went."""

    def read(self, payment: str) -> ProviderTopUp | None:
        """How it stands; None for one that is none of ours."""

    def find(self, top_up: TopUp) -> ProviderTopUp | None:
        """One that was asked for and of which no answer came, or None."""

    def pay_back(self, paid_back: PaidBack) -> ProviderRefund:
        """Give money of a top-up back, once; `RefundRefused` where the provider says no."""
