"""What the doors read and show of wallets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.kernel.money import Money

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from datetime import datetime

    from chalicelib.billing.topping_model import Gift
    from chalicelib.billing.topping_up import Asked
    from chalicelib.billing.wallet_model import Lot, Move, Wallet

AmountText = Annotated[str, msgspec.Meta(max_length=20)]
PartnerId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class TopUpBody(msgspec.Struct, forbid_unknown_fields=True):
    """How much. `partner` says whose products alone it may pay; needed where nothing goes across partners."""

    amount: AmountText
    partner: PartnerId | None = None


class TopUpShown(msgspec.Struct):
    """A top-up. `asked` becomes `paid` once Stripe has told us; `client_secret` is there where the bank asks for me."""

    top_up_id: str
    amount: Amount
    partner: str | None
    state: str
    client_secret: str | None
    payment_method: str | None


class GiftShown(msgspec.Struct):
    """A gift, good until then once it is paid. `code` is shown this once; who has it can redeem it."""

    gift_id: str
    amount: Amount
    partner: str | None
    valid_until: str
    code: str | None
    client_secret: str | None
    payment_method: str | None


class RedeemBody(msgspec.Struct, forbid_unknown_fields=True):
    """The code of a gift."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class RedeemedShown(msgspec.Struct):
    """What is in the wallet in a moment."""

    amount: Amount
    partner: str | None


class LotShown(msgspec.Struct):
    """Money of one origin, and what is left of it. `partner`: it pays this partner's products alone."""

    lot_id: str
    kind: str
    amount: Amount
    left: Amount
    partner: str | None
    valid_until: str | None


class BalanceShown(msgspec.Struct):
    """What is left of one kind and currency."""

    kind: str
    left: Amount


class WalletShown(msgspec.Struct):
    """What pays the next bills, by kind, and in the order of use; what is `paid` or `credit` can be paid out."""

    balances: list[BalanceShown]
    lots: list[LotShown]


class EntryShown(msgspec.Struct):
    """A change of the wallet. `about` says of what; `lots` how much more or less is in each."""

    number: int
    kind: str
    about: str
    at: str
    amount: Amount
    lots: dict[str, Amount]


class PayoutShown(msgspec.Struct):
    """What is left is on its way in a moment; notices say how much went where. `payout` counts."""

    payout: int


def show_top_up(asked: Asked) -> TopUpShown:
    """What was asked for."""
    found = asked.top_up
    what = (found.top_up_id, show_amount(found.amount), found.partner, str(found.state))
    return TopUpShown(*what, asked.secret, found.payment_method if asked.secret else None)


def show_bought(asked: Asked) -> GiftShown:
    """What was bought, with its code."""
    return _gift(asked.gift, asked.code, asked)


def show_bought_again(asked: Asked) -> GiftShown:
    """What a repeat gets: the code is not kept anywhere."""
    return _gift(asked.gift, None, asked)


def show_given(given: tuple[Gift, str]) -> GiftShown:
    """What an operator gives, with its code."""
    return _gift(given[0], given[1], None)


def show_given_again(given: tuple[Gift, str]) -> GiftShown:
    """What a repeat gets."""
    return _gift(given[0], None, None)


def _gift(gift: Gift | None, code: str | None, asked: Asked | None) -> GiftShown:
    if gift is None:
        raise LookupError("a gift is made before it is shown")
    secret = asked.secret if asked is not None else None
    method = asked.top_up.payment_method if asked is not None and secret else None
    until = show_instant(gift.valid_until)
    return GiftShown(gift.gift_id, show_amount(gift.amount), gift.partner, until, code, secret, method)


def show_redeemed(gift: Gift) -> RedeemedShown:
    """What a code was good for; of whose money it was, nothing."""
    return RedeemedShown(show_amount(gift.amount), gift.partner)


def show_lot(lot: Lot) -> LotShown:
    """A lot."""
    return LotShown(
        lot_id=lot.lot_id,
        kind=str(lot.kind),
        amount=show_amount(lot.amount),
        left=show_amount(Money(lot.left, lot.amount.currency)),
        partner=lot.partner,
        valid_until=show_instant(lot.valid_until) if lot.valid_until else None,
    )


def show_purse(wallet: Wallet, now: datetime) -> WalletShown:
    """What is good, in the order of use."""
    lots = [lot for each in sorted(_currencies(wallet)) for lot in wallet.good(now, each)]
    sums: dict[tuple[str, str], int] = {}
    for each in lots:
        key = (str(each.kind), each.amount.currency)
        sums[key] = sums.get(key, 0) + each.left
    balances = [BalanceShown(kind, show_amount(Money(left, currency))) for (kind, currency), left in sums.items()]
    return WalletShown(balances, [show_lot(each) for each in lots])


def _currencies(wallet: Wallet) -> set[str]:
    return {each.amount.currency for each in wallet.lots.values()}


def show_entry(move: Move) -> EntryShown:
    """A change."""
    lots = {name: show_amount(Money(minor, move.currency)) for name, minor in move.changes.items()}
    what = (move.number, str(move.kind), move.about, show_instant(move.at), show_amount(move.amount))
    return EntryShown(*what, lots)


def show_payout(wallet: Wallet) -> PayoutShown:
    """What was asked for."""
    return PayoutShown(wallet.payouts)
