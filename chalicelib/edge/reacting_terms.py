"""What the workers do about bills that their customers pay by themselves."""

from collections.abc import Callable, Mapping

from chalicelib.billing.overdue import look_when_due
from chalicelib.billing.payment_terms import carry_out
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.workers import invoice_named

Facts = Mapping[str, str]


def carry_out_term(facts: Facts, wired: BackOffice) -> None:
    """Bring an account to the payment term that was decided for it."""
    carry_out(
        facts["account_id"],
        terms=wired.terms,
        billed=wired.billed,
        collector=wired.collector,
        provider=wired.addresses,
        now=wired.now(),
        commit=wired.commit,
    )


def due(facts: Facts, wired: BackOffice) -> None:
    """Have another worker look at a bill, one that may talk with Stripe."""
    wired.commit([wired.terms.looking(facts, wired.now())], None)


def look_at_due(facts: Facts, wired: BackOffice) -> None:
    """Remind of a bill, or note that it is overdue, or paid."""
    look_when_due(
        *invoice_named(facts),
        billed=wired.billed,
        collector=wired.collector,
        ledger=wired.ledger,
        notes=wired.issuing.notes,
        zone=wired.settings.zone,
        now=wired.now(),
        commit=wired.commit,
    )


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "billing.due": due,
    "billing.due_look": look_at_due,
    "billing.term": carry_out_term,
}
