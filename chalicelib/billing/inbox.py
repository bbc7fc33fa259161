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

OF_DISPUTES = "charge.dispute."


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


def handle(event_id: str, *, billed: Billed, collector: Collector, reactions: Reactions) -> None:
    """Read again what the event is about and bring our side to it. Safe to repeat and in any order."""
    event = billed.event(event_id)
    if event is None:
        return
    if event.kind == "setup_intent.succeeded":
        card = collector.saved_card(event.object_id)
        if card is not None:
            reactions.card_saved(card)
    elif event.kind == "account.updated":
        reactions.account_changed(event.object_id)
    elif event.kind.startswith(OF_DISPUTES):
        reactions.dispute_changed(event.object_id)
    elif event.kind in OF_INVOICES:
        stands = collector.read(event.object_id)
        if stands is not None:
            reactions.take_note(stands)
