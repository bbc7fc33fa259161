"""Save a payment method with the provider; no card data comes here."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.errors import PayerGone
from chalicelib.billing.hold_model import HOLD
from chalicelib.billing.model import CardSetup, InvoiceState, Payer, PaymentMethod, SavedCard
from chalicelib.billing.ports import Billed, Collector
from chalicelib.kernel.writes import Commit, Write


def prepare_card(account_id: str, key: str, *, billed: Billed, collector: Collector, commit: Commit) -> CardSetup:
    """Let the app save a card. The provider's customer is made at the first time, and anew if it was deleted there.

    `key` is the caller's idempotency key, so that a repeat gets the same setup.
    """
    payer = billed.payer(account_id)
    if payer is None:
        payer = Payer(account_id, collector.create_customer(account_id, 1), version=1)
        setup = collector.prepare_card(account_id, payer.provider_customer, key)
        return commit([billed.saving_payer(payer)], setup)
    try:
        return commit([], collector.prepare_card(account_id, payer.provider_customer, key))
    except PayerGone:
        again = payer.anew(collector.create_customer(account_id, payer.version + 1))
        setup = collector.prepare_card(account_id, again.provider_customer, key)
        return commit([billed.saving_payer(again)], setup)


def card_saved(card: SavedCard, *, billed: Billed, zone: str, now: datetime, commit: Commit) -> Payer | None:
    """Use the card from now on, and collect with it whatever is unpaid. A repeat changes nothing.

    Nor does a card of a customer who is not, or not any more, the account's at the provider: it could not be charged;
    nor one that was saved before another was saved or chosen, or the last one taken away. Who has no payer never asked
    for a setup, or has left: nothing is kept of them.
    """
    payer = billed.payer(card.account_id)
    if payer is None or payer.provider_customer != card.provider_customer:
        return payer
    if payer.payment_method == card.payment_method or payer.decided_after(card.saved_at):
        return payer
    method = PaymentMethod(card.payment_method, "card", expires=card.expires)
    since = card.saved_at or now
    writes = charge_from_now_on(payer, method, billed=billed, zone=zone, now=now, since=since)
    return commit(writes, payer.with_card(card.payment_method, since))


def card_found(card: SavedCard, commit: Commit, *, billed: Billed, zone: str, now: datetime) -> bool:
    """A card that no webhook told of is used where nothing is charged, or what was saved or chosen before it.

    Whether it was news: where nobody knows which came first, what is charged stays.
    """
    payer = billed.payer(card.account_id)
    if payer is None or payer.provider_customer != card.provider_customer or card.saved_at is None:
        return False
    if payer.payment_method is not None and not payer.decided_before(card.saved_at):
        return False
    then = card_saved(card, billed=billed, zone=zone, now=now, commit=commit)
    return then is not None and then.version > payer.version


def charge_from_now_on(
    payer: Payer, method: PaymentMethod, *, billed: Billed, zone: str, now: datetime, since: datetime | None = None
) -> Sequence[Write]:
    """The method is the payer's default, what is unpaid and what was not held is tried with it, and its end watched."""
    after = payer.with_card(method.method_id, since or now)
    unpaid = [each for each in billed.invoices(payer.account_id) if each.state is not InvoiceState.PAID]
    again = [billed.collect_again(each, now) for each in unpaid]
    watch = [billed.watching(after, method.expires, zone, now)] if method.expires else []
    return [billed.saving_payer(after), *again, *watch, *holding_again(payer, billed, now)]


def holding_again(payer: Payer, billed: Billed, now: datetime) -> Sequence[Write]:
    """Have what could not be held any longer asked for anew."""
    lapsed = sorted(name.removeprefix(HOLD) for name in payer.failed if name.startswith(HOLD))
    return [billed.renewing_hold(payer.account_id, session_id, now) for session_id in lapsed]
