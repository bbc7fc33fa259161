"""What stands beside invoices in a trace of wallet money: top-ups, gifts, lots, and what of them went back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.billing.wallet_model import MoveKind
from chalicelib.billing.wallet_reading import lots_of, moves_of
from chalicelib.edge.tracing_beside import Hop
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chalicelib.billing.model import Invoice
    from chalicelib.billing.topping_model import Gift, PaidBack, TopUp
    from chalicelib.billing.wallet_model import Lot
    from chalicelib.edge.wiring_finance import BackOffice

_TOP_UP = re.compile(r"top-up:(?P<account>.+):(?P<id>[0-9a-f]{1,64})")
_GIFT = re.compile(r"gift:(?P<id>[0-9a-z]{1,64})")
_BACK = re.compile(r"(wallet-refund:)?(?P<account>.+):w(?P<number>[0-9]{1,6})")
_PAYMENT = "pi_"


@dataclass(frozen=True, slots=True)
class Ahead:
    """What of an account's wallet is concerned: its lots, and the top-ups, gifts and returns that belong to them."""

    account_id: str
    lots: Sequence[Lot] = ()
    top_ups: Sequence[TopUp] = ()
    gifts: Sequence[Gift] = ()
    backs: Sequence[PaidBack] = ()

    @property
    def sources(self) -> frozenset[str]:
        """What postings name of it."""
        made = {each.source for each in self.lots} | {each.source for each in self.top_ups}
        back = {f"wallet-refund:{each.name}" for each in self.backs}
        return frozenset(made | back | {each.source for each in self.gifts})

    def hops(self) -> Iterator[Hop]:
        """From what was paid, to what is left of it, to what went back."""
        for top_up in self.top_ups:
            facts = {"state": str(top_up.state), "amount": str(top_up.amount), "gift": top_up.gift_id or ""}
            yield Hop("top_up", top_up.source, None, {**facts, "stripe_payment": top_up.payment or ""})
        for gift in self.gifts:
            facts = {"state": str(gift.state), "amount": str(gift.amount), "bought_by": gift.bought_by or ""}
            facts |= {"redeemed_by": gift.redeemed_by or "", "stripe_payment": gift.payment or ""}
            yield Hop("gift", gift.source, None, facts)
        for lot in self.lots:
            facts = {"kind": str(lot.kind), "amount": str(lot.amount), "left": str(_left(lot)), "source": lot.source}
            link = f"/finance/v1/accounts/{self.account_id}/wallet"
            yield Hop("lot", lot.lot_id, link, {**facts, "partner": lot.partner or ""})
        for back in self.backs:
            facts = {"state": str(back.state), "amount": str(back.amount), "lot": back.lot_id}
            facts |= {"stripe_payment": back.payment, "stripe_refund": back.provider_refund or ""}
            yield Hop("refund", back.name, None, facts)


def _left(lot: Lot) -> Money:
    return Money(lot.left, lot.amount.currency)


def named(name: str, wired: BackOffice) -> Ahead | None:
    """What a top-up, its payment, a gift, or money that went back from a wallet belongs to; None of any other name."""
    if name.startswith(_PAYMENT):
        top_up = wired.top_ups.of_payment(name)
        return _of_top_up(top_up, wired) if top_up is not None else None
    if found := _TOP_UP.fullmatch(name):
        top_up = wired.top_ups.top_up(found["account"], found["id"])
        return _of_top_up(top_up, wired) if top_up is not None else None
    if found := _GIFT.fullmatch(name):
        gift = wired.top_ups.gift(found["id"])
        return _of_gift(gift, wired) if gift is not None else None
    if found := _BACK.fullmatch(name):
        backs = wired.wallets.paid_back(found["account"])
        lots = {each.lot_id for each in backs if each.number == int(found["number"])}
        return of_lots(found["account"], lots, wired) if lots else None
    return None


def _of_top_up(top_up: TopUp, wired: BackOffice) -> Ahead:
    wallet = wired.wallets.wallet(top_up.account_id)
    return of_lots(top_up.account_id, lots_of(top_up.payment, wallet), wired, top_up)


def _of_gift(gift: Gift, wired: BackOffice) -> Ahead:
    """In the wallet of who has it; until then, in nobody's."""
    owner = gift.redeemed_by or gift.bought_by or ""
    lots = [each.lot_id for each in wired.wallets.wallet(owner).lots.values() if each.source == gift.source]
    found = of_lots(owner, lots, wired)
    return found if lots else Ahead(owner, gifts=[gift])


def of_invoices(account_id: str, invoices: Iterable[Invoice], wired: BackOffice) -> Ahead:
    """The lots that paid them; nothing is read where none did."""
    names = {name for each in invoices for name, _ in each.from_wallet}
    return of_lots(account_id, names, wired) if names else Ahead(account_id)


def of_lots(account_id: str, names: Iterable[str], wired: BackOffice, top_up: TopUp | None = None) -> Ahead:
    """Lots with what filled them and what went back of them."""
    known, wallet = set(names), wired.wallets.wallet(account_id)
    lots = sorted((each for name, each in wallet.lots.items() if name in known), key=lambda each: each.since)
    payments = sorted({each.payment for each in lots if each.payment is not None})
    top_ups = [each for each in map(wired.top_ups.of_payment, payments) if each is not None]
    if top_up is not None and top_up not in top_ups:
        top_ups.append(top_up)
    gifts = {each.source.partition(":")[2] for each in lots if each.source.startswith("gift:")}
    gifts |= {each.gift_id for each in top_ups if each.gift_id is not None}
    found = [each for each in map(wired.top_ups.gift, sorted(gifts)) if each is not None]
    backs = [each for each in wired.wallets.paid_back(account_id) if each.lot_id in known] if payments else []
    return Ahead(account_id, lots, top_ups, found, backs)


def paid_by(ahead: Ahead, wired: BackOffice) -> list[str]:
    """The invoices that the lots have paid a part of."""
    moves = moves_of(ahead.account_id, [each.lot_id for each in ahead.lots], wired.wallets)
    return sorted({each.about for each in moves if each.kind is MoveKind.USED})
