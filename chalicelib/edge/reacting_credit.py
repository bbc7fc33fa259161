"""What the workers do about credit: it lowers what is owed, and what is left of it goes back. Each may run twice."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from chalicelib.billing.booking_outside import book
from chalicelib.billing.goodwill import give_goodwill
from chalicelib.billing.hold_using import let_go_unneeded
from chalicelib.billing.refunding import give_back
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.wiring_holds import holding_of

Facts = Mapping[str, str]


def give_credit_back(facts: Facts, wired: BackOffice) -> None:
    """Bring an account's open credit to where it belongs."""
    give_back(facts["account_id"], wired.crediting(wired.now(), wired.commit))
    let_go_unneeded(facts["account_id"], holding_of(wired, wired.now()))


def refund_changed(provider_refund: str, wired: BackOffice) -> None:
    """Bring our refund to what Stripe says of it by now."""
    wired.refund_noted(provider_refund, wired.now(), wired.commit)


def write_goodwill(facts: Facts, wired: BackOffice) -> None:
    """Write the credit note of goodwill that an operator asked for."""
    give_goodwill(
        facts["account_id"],
        facts["name"],
        billed=wired.billed,
        issuing=replace(wired.issuing, taxes=wired.taxing()),
        ledger=wired.ledger,
        now=wired.now(),
        commit=wired.commit,
    )


def book_outside(facts: Facts, wired: BackOffice) -> None:
    """Book a refund by hand that finance has decided about."""
    by = wired.booking_outside(wired.now(), wired.commit)
    book(facts["refund_id"], replace(by, issuing=replace(by.issuing, taxes=wired.taxing())))


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "billing.give_back": give_credit_back,
    "billing.goodwill": write_goodwill,
    "billing.outside_refund": book_outside,
}
