"""Wallets, top-ups, gifts and payouts as items of billing's table.

account#<id>      wallet#0               the wallet as a whole: its version guards all of it
account#<id>      wallet#lot#<lot>       a lot
account#<id>      walletmove#<number>    a change of the wallet
account#<id>      walletback#<number>    money of a top-up that goes back
account#<id>      topup#<top-up>         a top-up
topped#<payment>  topup                  whose top-up a payment is
gift#<id>         gift                   a gift
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.credit_model import RefundState
from chalicelib.billing.records import partition
from chalicelib.billing.topping_model import Gift, GiftState, PaidBack, TopUp, TopUpState
from chalicelib.billing.wallet_model import Lot, LotKind, Move, MoveKind, Wallet
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
HEAD, LOT, MOVE, BACK = "wallet#0", "wallet#lot#", "walletmove#", "walletback#"
IN_WALLET = "wallet#"
GIFT, TOP_UP = "gift", "topup"


class WalletRecord(Record):
    """A wallet as a whole, or a lot of it: both are read at once."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    lot: Any = DocumentAttribute(null=True)
    payouts = NumberAttribute(null=True)
    done = NumberAttribute(null=True)
    version = NumberAttribute()


class MoveRecord(Record):
    """A change of a wallet."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    move: Any = DocumentAttribute()


class PaidBackRecord(Record):
    """Money that goes back."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    paid_back: Any = DocumentAttribute()
    state = UnicodeAttribute()


class TopUpRecord(Record):
    """A top-up."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    top_up: Any = DocumentAttribute()
    version = NumberAttribute()


class ToppedRecord(Record):
    """Whose top-up a payment is."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    account_id = UnicodeAttribute()
    top_up_id = UnicodeAttribute()


class GiftRecord(Record):
    """A gift."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    gift: Any = DocumentAttribute()
    version = NumberAttribute()


def head_record(wallet: Wallet) -> WalletRecord:
    """The item of a wallet as a whole."""
    pk = partition(wallet.account_id)
    return WalletRecord(pk=pk, sk=HEAD, payouts=wallet.payouts, done=wallet.done, version=wallet.version)


def lot_record(account_id: str, lot: Lot) -> WalletRecord:
    """The item of a lot."""
    row = {
        "kind": str(lot.kind),
        "amount": [lot.amount.minor, lot.amount.currency],
        "left": lot.left,
        "source": lot.source,
        "since": format_instant(lot.since),
        "partner": lot.partner,
        "valid_until": _text(lot.valid_until),
        "payment": lot.payment,
    }
    return WalletRecord(pk=partition(account_id), sk=f"{LOT}{lot.lot_id}", lot=row, version=lot.version)


def wallet_of(account_id: str, records: Iterable[WalletRecord]) -> Wallet:
    """The wallet of its items."""
    head, lots = Wallet(account_id), dict[str, Lot]()
    for each in records:
        if each.sk == HEAD:
            head = Wallet(account_id, {}, int(each.version), int(each.payouts or 0), int(each.done or 0))
        else:
            lot = _lot_of(each)
            lots[lot.lot_id] = lot
    return Wallet(account_id, lots, head.version, head.payouts, head.done)


def _lot_of(record: WalletRecord) -> Lot:
    row: Mapping[str, Any] = record.lot
    return Lot(
        lot_id=record.sk.removeprefix(LOT),
        kind=LotKind(row["kind"]),
        amount=Money(*row["amount"]),
        left=row["left"],
        source=row["source"],
        since=parse_instant(row["since"]),
        partner=row["partner"],
        valid_until=_instant(row["valid_until"]),
        payment=row["payment"],
        version=int(record.version),
    )


def move_key(number: int) -> str:
    """The sort key of a change; fixed width, so that key order is the order of numbers."""
    return f"{MOVE}{number:08d}"


def move_record(move: Move) -> MoveRecord:
    """The item of a change."""
    row = {
        "kind": str(move.kind),
        "about": move.about,
        "at": format_instant(move.at),
        "changes": dict(move.changes),
        "currency": move.currency,
    }
    return MoveRecord(pk=partition(move.account_id), sk=move_key(move.number), move=row)


def move_of(record: MoveRecord) -> Move:
    """The change of an item."""
    row: Mapping[str, Any] = record.move
    account_id, number = record.pk.removeprefix("account#"), int(record.sk.removeprefix(MOVE))
    what = (MoveKind(row["kind"]), row["about"], parse_instant(row["at"]), row["changes"], row["currency"])
    return Move(account_id, number, *what)


def back_record(paid_back: PaidBack) -> PaidBackRecord:
    """The item of money that goes back."""
    row = {
        "lot_id": paid_back.lot_id,
        "payment": paid_back.payment,
        "amount": [paid_back.amount.minor, paid_back.amount.currency],
        "planned_at": format_instant(paid_back.planned_at),
        "provider_refund": paid_back.provider_refund,
        "reason": paid_back.reason,
    }
    sk = f"{BACK}{paid_back.number:06d}"
    return PaidBackRecord(pk=partition(paid_back.account_id), sk=sk, paid_back=row, state=str(paid_back.state))


def back_of(record: PaidBackRecord) -> PaidBack:
    """The money of an item."""
    row: Mapping[str, Any] = record.paid_back
    return PaidBack(
        account_id=record.pk.removeprefix("account#"),
        number=int(record.sk.removeprefix(BACK)),
        lot_id=row["lot_id"],
        payment=row["payment"],
        amount=Money(*row["amount"]),
        planned_at=parse_instant(row["planned_at"]),
        state=RefundState(record.state),
        provider_refund=row["provider_refund"],
        reason=row["reason"],
    )


def top_up_record(top_up: TopUp) -> TopUpRecord:
    """The item of a top-up."""
    row = {
        "amount": [top_up.amount.minor, top_up.amount.currency],
        "provider_customer": top_up.provider_customer,
        "payment_method": top_up.payment_method,
        "asked_at": format_instant(top_up.asked_at),
        "partner": top_up.partner,
        "gift_id": top_up.gift_id,
        "state": str(top_up.state),
        "payment": top_up.payment,
        "decline_code": top_up.decline_code,
    }
    pk, sk = partition(top_up.account_id), f"{TOP_UP}#{top_up.top_up_id}"
    return TopUpRecord(pk=pk, sk=sk, top_up=row, version=top_up.version)


def top_up_of(record: TopUpRecord) -> TopUp:
    """The top-up of an item."""
    row: Mapping[str, Any] = record.top_up
    return TopUp(
        account_id=record.pk.removeprefix("account#"),
        top_up_id=record.sk.removeprefix(f"{TOP_UP}#"),
        amount=Money(*row["amount"]),
        provider_customer=row["provider_customer"],
        payment_method=row["payment_method"],
        asked_at=parse_instant(row["asked_at"]),
        partner=row["partner"],
        gift_id=row["gift_id"],
        state=TopUpState(row["state"]),
        payment=row["payment"],
        decline_code=row["decline_code"],
        version=int(record.version),
    )


def topped_record(top_up: TopUp, payment: str) -> ToppedRecord:
    """The item that says whose a payment is."""
    pk = f"topped#{payment}"
    return ToppedRecord(pk=pk, sk=TOP_UP, account_id=top_up.account_id, top_up_id=top_up.top_up_id)


def gift_record(gift: Gift) -> GiftRecord:
    """The item of a gift."""
    row = {
        "digest": gift.digest,
        "amount": [gift.amount.minor, gift.amount.currency],
        "made_at": format_instant(gift.made_at),
        "valid_until": format_instant(gift.valid_until),
        "bought_by": gift.bought_by,
        "by": gift.by,
        "partner": gift.partner,
        "payment": gift.payment,
        "state": str(gift.state),
        "redeemed_by": gift.redeemed_by,
    }
    return GiftRecord(pk=f"gift#{gift.gift_id}", sk=GIFT, gift=row, version=gift.version)


def gift_of(record: GiftRecord) -> Gift:
    """The gift of an item."""
    row: Mapping[str, Any] = record.gift
    return Gift(
        gift_id=record.pk.removeprefix("gift#"),
        digest=row["digest"],
        amount=Money(*row["amount"]),
        made_at=parse_instant(row["made_at"]),
        valid_until=parse_instant(row["valid_until"]),
        bought_by=row["bought_by"],
        by=row["by"],
        partner=row["partner"],
        payment=row["payment"],
        state=GiftState(row["state"]),
        redeemed_by=row["redeemed_by"],
        version=int(record.version),
    )


def _text(instant: datetime | None) -> str | None:
    return format_instant(instant) if instant is not None else None


def _instant(text: str | None) -> datetime | None:
    return parse_instant(text) if text is not None else None
