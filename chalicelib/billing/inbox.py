"""The provider's events: stored once, answered; a worker does the rest by reading again."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.billing.errors import EventKnown
from chalicelib.billing.model import ProviderEvent, ProviderInvoice, SavedCard
from chalicelib.billing.ports import Billed, Collector
from chalicelib.kernel.writes import Commit

OF_INVOICES = frozenset(
    {
        "invoice.paid",
        "invoice.payment_failed",
        "invoice.payment_action_required",
        "invoice.voided",
        "invoice.marked_uncollectible",
    }
)
"""The events after which an invoice is read again."""
OF_REFUNDS = frozenset({"refund.updated", "refund.failed"})
"""Those after which a refund is."""

OF_DISPUTES = "charge.dispute."

OF_HOLDS = frozenset({"payment_intent.canceled", "payment_intent.amount_capturable_updated", "charge.expired"})
"""The events after which a hold is read again."""
OF_TOP_UPS = frozenset({"payment_intent.succeeded", "payment_intent.payment_failed"})
"""Those after which a top-up is, if it is one that the event names."""
OF_SETUPS, OF_METHODS, OF_PARTNERS = "setup_intent.succeeded", "payment_method.automatically_updated", "account.updated"
"""Those after which a saved card, one that its network has renewed, and a partner's account are."""
_DISPUTES = {f"{OF_DISPUTES}{each}" for each in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")}
HEARD = OF_INVOICES | OF_REFUNDS | OF_HOLDS | OF_TOP_UPS | _DISPUTES | {OF_SETUPS, OF_METHODS, OF_PARTNERS}
"""All that the provider is to tell us of."""


def receive(event: ProviderEvent, *, billed: Billed, commit: Commit) -> bool:
    """Keep each provider event once; whether it was new. A redelivery changes nothing."""
    try:
        return commit([billed.add_event_once(event)], outcome=True)
    except EventKnown:
        return False


@dataclass(frozen=True, slots=True)
class Reactions:
    """What is done about what was read again."""

    card_saved: Callable[[SavedCard], object]
    take_note: Callable[[ProviderInvoice], object]
    account_changed: Callable[[str], object]
    dispute_changed: Callable[[str], object]
    refund_changed: Callable[[str], object]
    hold_changed: Callable[[str, str], object] = lambda _kind, _object_id: None
    top_up_changed: Callable[[str], object] = lambda _object_id: None
    method_renewed: Callable[[str], object] = lambda _object_id: None


def handle(event: ProviderEvent, *, collector: Collector, reactions: Reactions) -> None:
    """Read again what the event is about and bring our side to it. Safe to repeat and in any order."""
    if event.kind == OF_SETUPS:
        card = collector.saved_card(event.object_id)
        if card is not None:
            reactions.card_saved(card)
    elif event.kind in OF_HOLDS:
        reactions.hold_changed(event.kind, event.object_id)
    elif (changed := _changed(event.kind, reactions)) is not None:
        changed(event.object_id)
    elif event.kind in OF_INVOICES:
        stands = collector.read(event.object_id)
        if stands is not None:
            reactions.take_note(stands)


def _changed(kind: str, reactions: Reactions) -> Callable[[str], object] | None:
    """What is done about an object that the reaction reads by itself."""
    if kind == OF_PARTNERS:
        return reactions.account_changed
    if kind == OF_METHODS:
        return reactions.method_renewed
    if kind in OF_TOP_UPS:
        return reactions.top_up_changed
    if kind.startswith(OF_DISPUTES):
        return reactions.dispute_changed
    return reactions.refund_changed if kind in OF_REFUNDS else None
