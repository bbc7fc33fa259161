"""Wallets put together: what doors ask for, and what workers bring home."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # as in wiring
    from datetime import datetime

    from chalicelib.billing.paying_back import PayingOut
    from chalicelib.billing.topping_up import Asking, Bringing
    from chalicelib.catalogue.ports import Catalogue
    from chalicelib.edge.wiring import Wiring
    from chalicelib.edge.wiring_money import MoneyWiring
    from chalicelib.kernel.writes import Commit


def asking_of(wired: Wiring, now: datetime, commit: Commit) -> Asking:
    """What asks for top-ups, with this door's key of Stripe's."""
    from chalicelib.billing.topping_up import Asking

    across = wired.settings.wallet_across_partners
    return Asking(wired.billed, wired.top_ups, wired.wallets, wired.ahead, across, now, wired.commit, commit)


def check_offers(partner: str | None, catalogue: Catalogue) -> None:
    """What may pay one partner's products alone is for one that has some: no money waits for a name of nobody."""
    from chalicelib.billing.errors import PartnerOffersNothing

    if partner is not None and not catalogue.products(partner, limit=1, after=None):
        raise PartnerOffersNothing(pointer="/partner")


def bringing_of(wired: MoneyWiring, now: datetime, commit: Commit) -> Bringing:
    """What brings top-ups and gifts home."""
    from chalicelib.billing.topping_up import Bringing

    return Bringing(wired.purse, wired.top_ups, wired.ahead, now, commit)


def paying_out_of(wired: MoneyWiring, now: datetime, commit: Commit) -> PayingOut:
    """What pays wallets out."""
    from chalicelib.billing.paying_back import PayingOut

    return PayingOut(wired.purse, wired.issuing.notes, wired.ahead, now, commit)


def top_up_noted(payment: str, wired: MoneyWiring, now: datetime, commit: Commit) -> tuple[str, bool] | None:
    """Whose top-up a payment is, and whether that was news; None of one that is none."""
    from chalicelib.billing.topping_model import TopUpState
    from chalicelib.billing.topping_up import bring

    found = wired.top_ups.of_payment(payment)
    if found is None:
        return None
    if found.state is TopUpState.PAID:
        return found.account_id, False
    stands = wired.ahead.read(payment)
    if stands is not None:
        bring(stands, bringing_of(wired, now, commit))
    return found.account_id, stands is not None and stands.paid
