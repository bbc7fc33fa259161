"""Save a payment method with the provider; no card data comes here."""

from datetime import datetime

from chalicelib.billing.errors import PayerChanged
from chalicelib.billing.model import CardSetup, InvoiceState, Payer, SavedCard
from chalicelib.billing.ports import Billed, Collector
from chalicelib.kernel.writes import Commit, Write


def prepare_card(account_id: str, key: str, *, billed: Billed, collector: Collector, commit: Commit) -> CardSetup:
    """Let the app save a card. The provider's customer is made at the first time and kept.

    `key` is the caller's idempotency key, so that a repeat gets the same setup.
    """
    payer = billed.payer(account_id)
    customer = payer.provider_customer if payer else collector.create_customer(account_id)
    setup = collector.prepare_card(account_id, customer, key)
    first: list[Write] = [] if payer else [billed.saving_payer(Payer(account_id, customer, version=1))]
    return commit(first, setup)


def card_saved(card: SavedCard, *, billed: Billed, now: datetime, commit: Commit) -> Payer:
    """Use the card from now on, and collect with it whatever is unpaid. A repeat changes nothing."""
    payer = billed.payer(card.account_id) or Payer(card.account_id, card.provider_customer)
    if payer.provider_customer != card.provider_customer:
        raise PayerChanged(account_id=card.account_id)
    if payer.payment_method == card.payment_method:
        return payer
    unpaid = [each for each in billed.invoices(card.account_id) if each.state is not InvoiceState.PAID]
    after = payer.with_card(card.payment_method)
    return commit([billed.saving_payer(after), *(billed.collect_again(each, now) for each in unpaid)], after)
