"""What the workers do about tax that Stripe decides."""

from collections.abc import Callable, Mapping

from chalicelib.billing.tax_recording import record
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import Month

Facts = Mapping[str, str]


def record_tax(facts: Facts, wired: BackOffice) -> None:
    """Have Stripe record what it has split, and what was taken back of that."""
    record(facts["account_id"], facts["name"], wired.recording_taxes(wired.now()))


def settle_due(facts: Facts, wired: BackOffice) -> None:
    """Have another worker settle a month once more, one that may talk with Stripe."""
    wired.commit([wired.billed.settle_again(facts["account_id"], Month.parse(facts["month"]), wired.now())], None)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "billing.record_tax": record_tax,
    "billing.settle_due": settle_due,
}
