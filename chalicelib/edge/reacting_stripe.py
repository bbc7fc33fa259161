"""What the workers do about Stripe's events: what one named is read again, and our side brought to it."""

from chalicelib.billing.cards import card_saved
from chalicelib.billing.collecting import take_note
from chalicelib.billing.inbox import Reactions, handle
from chalicelib.billing.model import ProviderEvent
from chalicelib.edge.reacting_credit import refund_changed
from chalicelib.edge.reacting_disputes import dispute_changed
from chalicelib.edge.reacting_holds import intent_changed
from chalicelib.edge.reacting_partners import partner_account
from chalicelib.edge.reacting_payments import renewed
from chalicelib.edge.reacting_wallet import top_up_changed
from chalicelib.edge.wiring_finance import BackOffice


def provider_event(event: ProviderEvent, wired: BackOffice) -> None:
    """Bring our side to what Stripe says by now about what an event named."""
    reactions = Reactions(
        card_saved=lambda card: card_saved(
            card, billed=wired.billed, zone=wired.settings.zone, now=wired.now(), commit=wired.commit
        ),
        take_note=lambda stands: take_note(
            stands,
            zone=wired.settings.zone,
            billed=wired.billed,
            ledger=wired.ledger,
            notes=wired.issuing.notes,
            now=wired.now(),
            commit=wired.commit,
        ),
        account_changed=lambda provider_account: partner_account(provider_account, wired),
        dispute_changed=lambda dispute_id: dispute_changed(dispute_id, wired),
        refund_changed=lambda provider_refund: refund_changed(provider_refund, wired),
        hold_changed=lambda kind, object_id: intent_changed(kind, object_id, wired),
        top_up_changed=lambda payment: top_up_changed(payment, wired),
        method_renewed=lambda method_id: renewed(method_id, wired),
    )
    handle(event, collector=wired.collector, reactions=reactions)
