"""Top up a wallet, or pay for a gift: asked for at the door, and nobody's until the provider says that it is paid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.currencies import chargeable
from chalicelib.billing.declining import kind_of
from chalicelib.billing.errors import MethodNeeded, PayerGone, TopUpAmountInvalid, TopUpDeclined, WalletPerPartner
from chalicelib.billing.ports import Billed
from chalicelib.billing.topping_model import (
    GIFT_LASTS,
    TOP_UP_GIVEN_UP,
    Gift,
    GiftCode,
    GiftState,
    ProviderTopUp,
    TopUp,
    TopUpState,
    bounds,
    is_within_bounds,
    name_from,
)
from chalicelib.billing.wallet import Purse
from chalicelib.billing.wallet_model import Lot, LotKind, MoveKind
from chalicelib.billing.wallet_ports import AheadProvider, TopUps, Wallets
from chalicelib.billing.wallet_postings import gift_entry
from chalicelib.kernel.ids import RandomBytes
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.accounts import STRIPE_CLEARING

TOP_UP, GIFT_DUE = "billing.top_up", "billing.gift"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer wants to put in: how much, for one partner's products or all. `key` names the wish."""

    account_id: str
    amount: Money
    partner: str | None
    key: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What asking for top-ups needs. `step` commits what is known before the provider is asked."""

    billed: Billed
    top_ups: TopUps
    wallets: Wallets
    provider: AheadProvider
    across_partners: bool
    now: datetime
    step: Commit
    commit: Commit


@dataclass(frozen=True, slots=True)
class Asked:
    """A top-up as it was asked for; `secret` where the bank asks for its customer, `code` of the gift that it pays."""

    top_up: TopUp
    secret: str | None = None
    gift: Gift | None = None
    code: str | None = None


def top_up(wish: Wish, by: Asking) -> Asked:
    """Charge the default method once. The lot is there once the provider has said that it is paid."""
    wanted = _wanted(wish, by)
    known = by.top_ups.top_up(wanted.account_id, wanted.top_up_id)
    if known is None:
        known = by.step([*by.top_ups.saving(wanted), _looking(wanted, by)], wanted)
    return _charged(known, Asked(known), (), by)


def buy_gift(wish: Wish, random_bytes: RandomBytes, by: Asking) -> Asked:
    """Pay for a gift. Its code is shown this once; asked for again before anybody saw it, it has another."""
    gift_id = name_from("gift", wish.account_id, wish.key)
    wanted = replace(_wanted(wish, by), gift_id=gift_id)
    code = GiftCode.new(gift_id, random_bytes)
    known, gift = by.top_ups.top_up(wanted.account_id, wanted.top_up_id), by.top_ups.gift(gift_id)
    if known is None or gift is None:
        until = by.now + GIFT_LASTS
        gift = Gift(gift_id, code.digest, wish.amount, by.now, until, wish.account_id, partner=wish.partner)
        writes = [*by.top_ups.saving(wanted), by.top_ups.saving_gift(gift), _looking(wanted, by)]
        return _charged(by.step(writes, wanted), Asked(wanted, gift=gift, code=str(code)), (), by)
    gift = gift.recoded(code.digest)
    return _charged(known, Asked(known, gift=gift, code=str(code)), [by.top_ups.saving_gift(gift)], by)


def _wanted(wish: Wish, by: Asking) -> TopUp:
    if not is_within_bounds(wish.amount):
        least, most = bounds(wish.amount.currency)
        nearest = str(chargeable(wish.amount))
        raise TopUpAmountInvalid(pointer="/amount", least=str(least), most=str(most), nearest=nearest)
    if wish.partner is None and not by.across_partners:
        raise WalletPerPartner(pointer="/partner")
    payer = by.billed.payer(wish.account_id)
    if payer is None or payer.payment_method is None:
        raise MethodNeeded
    who = (payer.provider_customer, payer.payment_method, by.now)
    return TopUp(wish.account_id, name_from(wish.account_id, wish.key), wish.amount, *who, partner=wish.partner)


def _looking(top_up: TopUp, by: Asking) -> Write:
    return by.wallets.asking_at(by.now + TOP_UP_GIVEN_UP, TOP_UP, _named(top_up), by.now)


def _named(top_up: TopUp) -> dict[str, str]:
    return {"account_id": top_up.account_id, "top_up_id": top_up.top_up_id}


def _charged(known: TopUp, asked: Asked, writes: Sequence[Write], by: Asking) -> Asked:
    """The provider is asked; what it says is brought home by a worker, who reads it again."""
    if known.state is TopUpState.PAID:
        return by.commit([*writes, _bringing(known, by)], replace(asked, top_up=known))
    if known.state is TopUpState.FAILED:
        raise _declined(known)
    try:
        stands = (by.provider.read(known.payment) if known.payment else None) or by.provider.ask(known)
    except PayerGone:
        stands = ProviderTopUp(known.account_id, known.top_up_id, "", "canceled", 0, "payment_method_unavailable")
    after = known.heard(stands)
    said = [*by.top_ups.saving(after), _bringing(after, by)]
    if stands.declined:
        by.step(said, None)
        raise _declined(after)
    return by.commit([*writes, *said], replace(asked, top_up=after, secret=stands.secret if stands.asks else None))


def _bringing(top_up: TopUp, by: Asking) -> Write:
    return by.wallets.asking(TOP_UP, f"{top_up.account_id}:{top_up.top_up_id}", _named(top_up), by.now)


def _declined(top_up: TopUp) -> TopUpDeclined:
    reason = top_up.decline_code or "unknown"
    return TopUpDeclined(amount=str(top_up.amount), reason=reason, helps=str(kind_of(top_up.decline_code, None)))


@dataclass(frozen=True, slots=True)
class Bringing:
    """What workers bring top-ups and gifts home by."""

    purse: Purse
    top_ups: TopUps
    provider: AheadProvider
    now: datetime
    commit: Commit


def look_at_top_up(account_id: str, top_up_id: str, by: Bringing) -> None:
    """Read again how a top-up stands; one of which no answer came is looked for, and given up if it never got there."""
    found = by.top_ups.top_up(account_id, top_up_id)
    if found is None or found.state is TopUpState.PAID:
        return
    stands = by.provider.read(found.payment) if found.payment else by.provider.find(found)
    if stands is not None:
        bring(stands, by)
    elif found.state is TopUpState.ASKED and found.asked_at + TOP_UP_GIVEN_UP <= by.now:
        by.commit([*by.top_ups.saving(found.failed("no_answer"))], None)


def payment_changed(payment: str, by: Bringing) -> None:
    """The provider has news of a payment; of those that are no top-ups it is not asked."""
    if by.top_ups.of_payment(payment) is not None:
        stands = by.provider.read(payment)
        if stands is not None:
            bring(stands, by)


def bring(stands: ProviderTopUp, by: Bringing) -> None:
    """Bring our side to what the provider says: once paid, the lot or the gift exists, with its posting. Once each."""
    found = by.top_ups.top_up(stands.account_id, stands.top_up_id)
    if found is None or found.state is TopUpState.PAID:
        return
    if stands.paid and stands.received == found.amount.minor:
        paid = found.paid(stands.payment)
        what = _gift(paid, by) if paid.gift_id is not None else _lot(paid, by)
        by.commit([*by.top_ups.saving(paid), *what], None)
    elif stands.declined and found.state is TopUpState.ASKED:
        facts = {"amount": str(found.amount), "reason": stands.decline_code or "unknown"}
        told = by.purse.wallets.telling(found.account_id, found.top_up_id, "wallet_top_up_failed", facts, by.now)
        by.commit([*by.top_ups.saving(found.failed(stands.decline_code)), told], None)


def _lot(paid: TopUp, by: Bringing) -> list[Write]:
    wallet = by.purse.wallets.wallet(paid.account_id)
    what = (LotKind.PAID, paid.amount, paid.amount.minor, paid.source, by.now)
    lot = Lot(f"top-up:{paid.top_up_id}", *what, partner=paid.partner, payment=paid.payment)
    facts = {"amount": str(paid.amount)}
    told = by.purse.wallets.telling(paid.account_id, lot.lot_id, "wallet_topped_up", facts, by.now)
    return [*by.purse.add(wallet, MoveKind.TOPPED_UP, lot, STRIPE_CLEARING), told]


def _gift(paid: TopUp, by: Bringing) -> list[Write]:
    gift = by.top_ups.gift(paid.gift_id or "")
    if gift is None or gift.state is not GiftState.ASKED:
        return []
    good, wallets = gift.paid(paid.payment or ""), by.purse.wallets
    facts = {"amount": str(good.amount), "valid_until": format_instant(good.valid_until)}
    return [
        by.top_ups.saving_gift(good),
        *by.purse.ledger.posting(gift_entry(good, paid.account_id, paid.source, by.purse.zone, by.now)),
        wallets.asking_at(good.valid_until, GIFT_DUE, {"gift_id": good.gift_id}, by.now),
        wallets.telling(paid.account_id, good.gift_id, "wallet_gift_paid", facts, by.now),
    ]
