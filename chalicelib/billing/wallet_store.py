"""Wallets, top-ups and gifts in DynamoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.billing.errors import GiftRefused, WalletChanged
from chalicelib.billing.records import partition
from chalicelib.billing.topping_model import Gift, PaidBack, TopUp
from chalicelib.billing.wallet_items import (
    BACK,
    GIFT,
    HEAD,
    IN_WALLET,
    MOVE,
    TOP_UP,
    GiftRecord,
    MoveRecord,
    PaidBackRecord,
    ToppedRecord,
    TopUpRecord,
    WalletRecord,
    back_of,
    back_record,
    gift_of,
    gift_record,
    head_record,
    lot_record,
    move_key,
    move_of,
    move_record,
    top_up_of,
    top_up_record,
    topped_record,
    wallet_of,
)
from chalicelib.billing.wallet_model import Lot, Move, Moved, Wallet
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.reads import find_all
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Put

DUE = "billing.wallet_due"
"""What a timer of a wallet's says: it hands the rest to a worker that may do it."""
_Facts = Mapping[str, str]


class WalletStore:
    """Satisfies `wallet_ports.Wallets`."""

    def wallet(self, account_id: str) -> Wallet:
        """One query."""
        start = WalletRecord.sk.startswith(IN_WALLET)
        return wallet_of(account_id, WalletRecord.listed(partition(account_id), start))

    def without_wallet(self, accounts: Sequence[str]) -> Sequence[str]:
        """One consistent batch read: the first lot is stored with the wallet as a whole."""
        heads = find_all([(WalletRecord, partition(each), HEAD) for each in accounts])
        return [each for each, head in zip(accounts, heads, strict=True) if head is None]

    def moving(self, moved: Moved) -> Sequence[Write]:
        """Each item on its version before."""
        account_id = moved.wallet.account_id
        lots = [_lot(account_id, each) for each in moved.lots]
        return [self.saving(moved.wallet), *lots, Put(move_record(moved.move), WalletChanged())]

    def saving(self, wallet: Wallet) -> Write:
        """On the version before."""
        before = WalletRecord.version == wallet.version - 1
        condition = WalletRecord.pk.does_not_exist() if wallet.version == 1 else before
        return Put(head_record(wallet), WalletChanged(), condition)

    def moves(self, account_id: str, *, limit: int, after: int) -> Sequence[Move]:
        """One query."""
        behind, start = move_key(after) if after else None, MoveRecord.sk.startswith(MOVE)
        return [move_of(each) for each in MoveRecord.listed(partition(account_id), start, limit=limit, after=behind)]

    def asking(self, topic: str, key: str, facts: _Facts, now: datetime) -> Write:
        """A message to the worker."""
        return message(topic, key, dict(facts), now)

    def asking_at(self, at: datetime, topic: str, facts: _Facts, now: datetime) -> Write:
        """A timer."""
        return setting(Timer(at, DUE, {**facts, "then": topic}), now)

    def telling(self, account_id: str, about: str, code: str, facts: _Facts, now: datetime) -> Write:
        """A message to the worker."""
        said = {**facts, "account_id": account_id, "about": about, "code": code, "told_at": format_instant(now)}
        return message("dialogue.tell", f"{account_id}:{about}:{code}", said, now)

    def paid_back(self, account_id: str) -> Sequence[PaidBack]:
        """One query."""
        start = PaidBackRecord.sk.startswith(BACK)
        return [back_of(each) for each in PaidBackRecord.listed(partition(account_id), start)]

    def saving_paid_back(self, paid_back: PaidBack, before: PaidBack | None) -> Write:
        """On the state before."""
        fresh = PaidBackRecord.pk.does_not_exist()
        condition = fresh if before is None else PaidBackRecord.state == str(before.state)
        return Put(back_record(paid_back), WalletChanged(), condition)


def _lot(account_id: str, lot: Lot) -> Put:
    fresh = WalletRecord.pk.does_not_exist()
    condition = fresh if lot.version == 1 else WalletRecord.version == lot.version - 1
    return Put(lot_record(account_id, lot), WalletChanged(lot_id=lot.lot_id), condition)


class TopUpStore:
    """Satisfies `wallet_ports.TopUps`."""

    def top_up(self, account_id: str, top_up_id: str) -> TopUp | None:
        """One consistent read."""
        record = TopUpRecord.find(partition(account_id), f"{TOP_UP}#{top_up_id}")
        return top_up_of(record) if record else None

    def of_payment(self, payment: str) -> TopUp | None:
        """Two consistent reads."""
        record = ToppedRecord.find(f"topped#{payment}", TOP_UP)
        return self.top_up(record.account_id, record.top_up_id) if record else None

    def saving(self, top_up: TopUp) -> Sequence[Write]:
        """On the version before."""
        before = TopUpRecord.version == top_up.version - 1
        condition = TopUpRecord.pk.does_not_exist() if top_up.version == 1 else before
        put = Put(top_up_record(top_up), WalletChanged(top_up_id=top_up.top_up_id), condition)
        named = [Put(topped_record(top_up, top_up.payment), WalletChanged())] if top_up.payment else []
        return [put, *named]

    def gift(self, gift_id: str) -> Gift | None:
        """One consistent read."""
        record = GiftRecord.find(f"gift#{gift_id}", GIFT)
        return gift_of(record) if record else None

    def saving_gift(self, gift: Gift) -> Write:
        """On the version before."""
        before = GiftRecord.version == gift.version - 1
        condition = GiftRecord.pk.does_not_exist() if gift.version == 1 else before
        return Put(gift_record(gift), GiftRefused(), condition)
