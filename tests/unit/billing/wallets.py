"""Wallets, top-ups and gifts in memory, and a provider that charges cards ahead and gives money back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.billing.credit_model import ProviderRefund
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.crediting import Crediting
from chalicelib.billing.errors import CollectorUnavailable, GiftRefused, RefundRefused, WalletChanged
from chalicelib.billing.model import Payer
from chalicelib.billing.paying_back import GIFT_BACK, PayingOut
from chalicelib.billing.settling import Settled, settle
from chalicelib.billing.topping_model import Gift, PaidBack, ProviderTopUp, TopUp
from chalicelib.billing.topping_up import Asked, Asking, Bringing, Wish, bring, top_up
from chalicelib.billing.wallet import Purse
from chalicelib.billing.wallet_model import Move, Moved, Wallet
from chalicelib.kernel.errors import Conflict, Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import GIFTS, wallet
from tests.unit.billing.books import ACCOUNT, LATER, ZONE, Books
from tests.unit.memory import InMemory, write


class WalletsInMemory:
    """Satisfies `billing.wallet_ports.Wallets`."""

    def __init__(self) -> None:
        self.kept: dict[str, Wallet] = {}
        self.log: list[Move] = []
        self.said: list[tuple[str, Mapping[str, str]]] = []
        self.timers: list[tuple[datetime, str, Mapping[str, str]]] = []
        self.told: list[str] = []
        self.backs: dict[tuple[str, int], PaidBack] = {}

    def wallet(self, account_id: str) -> Wallet:
        return self.kept.get(account_id, Wallet(account_id))

    def moving(self, moved: Moved) -> Sequence[InMemory]:
        return [self.saving(moved.wallet), write(WalletChanged(), lambda: self.log.append(moved.move))]

    def saving(self, wallet: Wallet) -> InMemory:
        name = wallet.account_id
        same = lambda: self.wallet(name).version == wallet.version - 1  # noqa: E731 -- as short as it is
        return write(WalletChanged(), lambda: self.kept.update({name: wallet}), holds=same)

    def asking(self, topic: str, _key: str, facts: Mapping[str, str], _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.said.append((topic, facts)))

    def asking_at(self, at: datetime, topic: str, facts: Mapping[str, str], _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.timers.append((at, topic, facts)))

    def telling(self, account_id: str, _about: str, code: str, facts: Mapping[str, str], _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"{code} {account_id} {facts['amount']}"))

    def paid_back(self, account_id: str) -> list[PaidBack]:
        return [each for key, each in sorted(self.backs.items()) if key[0] == account_id]

    def saving_paid_back(self, paid_back: PaidBack, before: PaidBack | None) -> InMemory:
        key = (paid_back.account_id, paid_back.number)

        def same() -> bool:
            now = self.backs.get(key)
            return (now.state if now else None) == (before.state if before else None)

        return write(WalletChanged(), lambda: self.backs.update({key: paid_back}), holds=same)


class TopUpsInMemory:
    """Satisfies `billing.wallet_ports.TopUps`."""

    def __init__(self) -> None:
        self.kept: dict[str, TopUp] = {}
        self.gifts: dict[str, Gift] = {}

    def top_up(self, _account_id: str, top_up_id: str) -> TopUp | None:
        return self.kept.get(top_up_id)

    def of_payment(self, payment: str) -> TopUp | None:
        return next((each for each in self.kept.values() if each.payment == payment), None)

    def saving(self, top_up: TopUp) -> list[InMemory]:
        name = top_up.top_up_id
        same = lambda: (self.kept[name].version if name in self.kept else 0) == top_up.version - 1  # noqa: E731
        return [write(WalletChanged(), lambda: self.kept.update({name: top_up}), holds=same)]

    def gift(self, gift_id: str) -> Gift | None:
        return self.gifts.get(gift_id)

    def saving_gift(self, gift: Gift) -> InMemory:
        name = gift.gift_id
        same = lambda: (self.gifts[name].version if name in self.gifts else 0) == gift.version - 1  # noqa: E731
        return write(GiftRefused(), lambda: self.gifts.update({name: gift}), holds=same)


@dataclass
class Cards:
    """Satisfies `billing.wallet_ports.AheadProvider`: what cards were charged ahead, and what went back."""

    status: Callable[[], str] = lambda: "succeeded"
    trouble: Callable[[], str] = str
    charged: dict[str, ProviderTopUp] = field(default_factory=dict)
    given: dict[str, dict[int, int]] = field(default_factory=dict)

    def ask(self, top_up: TopUp) -> ProviderTopUp:
        name = f"pi-{top_up.top_up_id}"
        if name not in self.charged:
            status, code, received = self.status(), None, top_up.amount.minor
            if status != "succeeded":
                code, received = status, 0
                status = "requires_payment_method"
            what = (top_up.account_id, top_up.top_up_id, name, status, received, code, "secret")
            self.charged[name] = ProviderTopUp(*what)
        if self.trouble() == "answer lost":
            raise CollectorUnavailable
        return self.charged[name]

    def read(self, payment: str) -> ProviderTopUp | None:
        return self.charged.get(payment)

    def find(self, top_up: TopUp) -> ProviderTopUp | None:
        return self.charged.get(f"pi-{top_up.top_up_id}")

    def pay_back(self, paid_back: PaidBack) -> ProviderRefund:
        if self.trouble() == "refused":
            raise RefundRefused(reason="charge_disputed")
        given = self.given.setdefault(paid_back.payment, {})
        given[paid_back.number] = paid_back.amount.minor
        assert sum(given.values()) <= self.charged[paid_back.payment].received
        if self.trouble() == "answer lost":
            raise CollectorUnavailable
        return ProviderRefund(f"re-{paid_back.number}", paid_back.account_id, paid_back.number, "succeeded")

    def clearing(self) -> int:
        taken = sum(each.received for each in self.charged.values())
        return taken - sum(sum(each.values()) for each in self.given.values())


@dataclass
class WalletBooks(Books):
    """An account's books with its wallet."""

    wallets: WalletsInMemory = field(default_factory=WalletsInMemory)
    top_ups: TopUpsInMemory = field(default_factory=TopUpsInMemory)
    cards: Cards = field(default_factory=Cards)
    across: bool = True

    def __post_init__(self) -> None:
        for name in (ACCOUNT, "acc-2"):
            self.billed.payers[name] = Payer(name, f"cus-{name}", "pm-1", version=1)

    @property
    def purse(self) -> Purse:
        return Purse(self.wallets, self.billed, self.journal, ZONE)

    def asking(self, now: datetime = LATER) -> Asking:
        what = (self.billed, self.top_ups, self.wallets, self.cards, self.across, now)
        return Asking(*what, self.commit, self.commit)

    def bringing(self, now: datetime = LATER) -> Bringing:
        return Bringing(self.purse, self.top_ups, self.cards, now, self.commit)

    def paying_out(self, now: datetime = LATER) -> PayingOut:
        return PayingOut(self.purse, self.notes, self.cards, now, self.commit)

    def topped_up(self, cents: int, key: str, partner: str | None = None, now: datetime = LATER) -> Asked:
        """Asked for and paid."""
        asked = top_up(Wish(ACCOUNT, Money(cents, "EUR"), partner, key), self.asking(now))
        bring(self.cards.charged[asked.top_up.payment or ""], self.bringing(now))
        return asked

    def settle(self, month: Month, now: datetime = LATER, *, leaves: bool = False) -> Settled:
        return settle(
            ACCOUNT,
            month,
            self.rides.currency,
            billed=self.billed,
            used=self.rides,
            ledger=self.journal,
            shared=self.shares,
            issuing=Issuing(self.notes, self.numbers, self.purse, sells=self.sells),
            time_zone_data="2026b",
            now=now,
            commit=self.commit,
            leaves=leaves,
        )

    def with_wallet(self) -> Crediting:
        kept = (self.billed, self.notes, self.payouts, self.journal)
        return Crediting(*kept, self.stripe, self.stripe, ZONE, LATER, self.commit, self.purse)

    def lots(self, account_id: str = ACCOUNT) -> dict[str, int]:
        """By kind, what is left."""
        found: dict[str, int] = {}
        for each in self.wallets.wallet(account_id).lots.values():
            found[str(each.kind)] = found.get(str(each.kind), 0) + each.left
        return {kind: left for kind, left in found.items() if left}

    def gifts_to_give_back(self) -> list[Mapping[str, str]]:
        return [facts for topic, facts in self.wallets.said if topic == GIFT_BACK]

    def agrees(self) -> None:
        """Lots and ledger say the same, nothing is below zero, and gifts are worth what was paid."""
        for name in (ACCOUNT, "acc-2"):
            found = self.wallets.wallet(name)
            assert self.journal.sum_of(wallet(name)) == -found.real()
            for lot in found.lots.values():
                moved = [each.changes.get(lot.lot_id, 0) for each in self.wallets.log if each.account_id == name]
                assert 0 <= lot.left == sum(moved) <= lot.amount.minor
        assert self.journal.sum_of(GIFTS) <= 0


class Openings:
    """Satisfies `billing.method_ports.Openings`."""

    def __init__(self) -> None:
        self.open = False

    def none_open(self, _account_id: str, otherwise: Refusal) -> InMemory:
        return write(otherwise, holds=lambda: not self.open)
