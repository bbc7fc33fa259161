"""Gifts: redeemed once by whoever has the code, who does not learn whose money it was; or their buyers' again."""

from datetime import datetime

from chalicelib.billing.errors import GiftRefused, TopUpAmountInvalid, ValidUntilPast
from chalicelib.billing.topping_model import Gift, GiftCode, GiftState, bounds, is_within_bounds
from chalicelib.billing.topping_up import GIFT_DUE, Bringing
from chalicelib.billing.wallet_model import Lot, LotKind, MoveKind
from chalicelib.billing.wallet_ports import TopUps, Wallets
from chalicelib.billing.wallet_postings import lot_kind_of
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.accounts import GIFTS


def give(
    amount: Money,
    by: str,
    partner: str | None,
    valid_until: datetime,
    *,
    top_ups: TopUps,
    random_bytes: RandomBytes,
    now: datetime,
    commit: Commit,
) -> tuple[Gift, str]:
    """An operator's gift, and its code, which is shown this once. Nobody has paid it: redeemed, it is a promotion."""
    if not is_within_bounds(amount):
        least, most = bounds(amount.currency)
        raise TopUpAmountInvalid(pointer="/amount", least=str(least), most=str(most))
    if valid_until <= now:
        raise ValidUntilPast(pointer="/valid_until")
    gift_id = new_id("g", random_bytes).partition("_")[2]
    code = GiftCode.new(gift_id, random_bytes)
    good = GiftState.GOOD
    gift = Gift(gift_id, code.digest, amount, now, valid_until, by=by, partner=partner, state=good)
    return commit([top_ups.saving_gift(gift)], (gift, str(code)))


def redeem(account_id: str, text: str, *, top_ups: TopUps, wallets: Wallets, now: datetime, commit: Commit) -> Gift:
    """Take what a code is good for; a worker puts it into the wallet. Who took it may say so again, nobody else may.

    One refusal for all that can be wrong: a stranger learns nothing of any code.
    """
    code = GiftCode.parse(text)
    gift = top_ups.gift(code.gift_id)
    if gift is None or not gift.is_opened_by(code.secret):
        raise GiftRefused
    asked = wallets.asking(GIFT_DUE, gift.gift_id, {"gift_id": gift.gift_id}, now)
    if gift.state is GiftState.REDEEMED and gift.redeemed_by == account_id:
        return commit([asked], gift)
    if gift.state is not GiftState.GOOD or gift.valid_until <= now:
        raise GiftRefused
    taken = gift.redeemed(account_id)
    return commit([top_ups.saving_gift(taken), asked], taken)


def look_at_gift(gift_id: str, by: Bringing) -> None:
    """Put a gift that was redeemed into its wallet; end one that nobody redeemed in time. Safe to repeat."""
    gift = by.top_ups.gift(gift_id)
    if gift is None:
        return
    if gift.state is GiftState.REDEEMED:
        _take_in(gift, by)
    elif gift.state is GiftState.GOOD and gift.valid_until <= by.now:
        _end(gift, by)


def call_back(gift_id: str, by: Bringing) -> None:
    """End a gift that nobody has redeemed before its time: what it holds is its buyer's. Safe to repeat."""
    gift = by.top_ups.gift(gift_id)
    if gift is not None and gift.state is GiftState.GOOD:
        _end(gift, by)


def _end(gift: Gift, by: Bringing) -> None:
    returned = _returned(gift, gift.amount.minor, "0", by) if gift.bought_by is not None else []
    by.commit([by.top_ups.saving_gift(gift.ended()), *returned], None)


def _take_in(gift: Gift, by: Bringing) -> None:
    wallets = by.purse.wallets
    wallet, kind = wallets.wallet(gift.redeemed_by or ""), lot_kind_of(gift)
    if f"gift:{gift.gift_id}" in wallet.lots:
        return
    until = gift.valid_until if kind is LotKind.PROMOTION else None
    what = (kind, gift.amount, gift.amount.minor, gift.source, by.now, gift.partner, until)
    lot = Lot(f"gift:{gift.gift_id}", *what)
    told = wallets.telling(wallet.account_id, lot.lot_id, "wallet_credited", {"amount": str(gift.amount)}, by.now)
    by.commit([*by.purse.add(wallet, MoveKind.REDEEMED, lot, GIFTS), told], None)


def give_back_gift(gift_id: str, minor: int, turn: str, by: Bringing) -> None:
    """What is left of a gift whose taker has left is its buyer's again, once for each turn."""
    gift = by.top_ups.gift(gift_id)
    if gift is not None and gift.bought_by is not None:
        writes = _returned(gift, minor, turn, by)
        if writes:
            by.commit(writes, None)


def _returned(gift: Gift, minor: int, turn: str, by: Bringing) -> list[Write]:
    wallets, name = by.purse.wallets, f"gift-back:{gift.gift_id}:{turn}"
    wallet = wallets.wallet(gift.bought_by or "")
    if name in wallet.lots:
        return []
    amount = Money(minor, gift.amount.currency)
    what = (LotKind.PAID, amount, minor, gift.source, by.now, gift.partner, None, gift.payment)
    told = wallets.telling(wallet.account_id, name, "wallet_gift_came_back", {"amount": str(amount)}, by.now)
    return [*by.purse.add(wallet, MoveKind.CAME_BACK, Lot(name, *what), GIFTS), told]
