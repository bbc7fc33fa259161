"""What the workers do about how accounts pay."""

from collections.abc import Callable, Mapping

from chalicelib.access.narrowing import Narrowing, narrow
from chalicelib.billing.payment_methods import detach_method, method_renewed, tell_expiring
from chalicelib.billing.retrying import retry
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.workers import invoice_named
from chalicelib.kernel.time import Month, parse_instant

Facts = Mapping[str, str]


def detach(facts: Facts, wired: BackOffice) -> None:
    """Have Stripe forget a payment method."""
    detach_method(facts["account_id"], facts["method_id"], billed=wired.billed, methods=wired.payment_methods)


def method_due(facts: Facts, wired: BackOffice) -> None:
    """Have another worker look at a payment method, one that may talk with Stripe."""
    month, now = Month.parse(facts["expires"]), wired.now()
    wired.commit([wired.billed.looking_at_method(facts["account_id"], facts["method_id"], month, now)], None)


def method_expiring(facts: Facts, wired: BackOffice) -> None:
    """Tell an account that what it is charged by ends, unless its bank has renewed it."""
    expires, paying = Month.parse(facts["expires"]), wired.paying(wired.now(), wired.commit)
    tell_expiring(facts["account_id"], facts["method_id"], expires, paying=paying)


def renewed(method_id: str, wired: BackOffice) -> None:
    """Go on with a card that its network has renewed."""
    method_renewed(method_id, paying=wired.paying(wired.now(), wired.commit))


def retry_payment(facts: Facts, wired: BackOffice) -> None:
    """Try a failed payment again."""
    at = parse_instant(facts["at"])
    retry(*invoice_named(facts), at, billed=wired.billed, now=wired.now(), commit=wired.commit)


def narrow_access(facts: Facts, wired: BackOffice) -> None:
    """Have what an account has open end gently, because a payment of it failed."""
    now = wired.now()

    def owes(account_id: str) -> bool:
        payer = wired.billed.payer(account_id)
        return payer is not None and bool(payer.failed)

    parts = Narrowing(wired.ending(now, wired.commit), wired.limits, owes, wired.random_bytes)
    narrow(facts["account_id"], narrowing=parts)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "access.narrow": narrow_access,
    "billing.detach": detach,
    "billing.method_due": method_due,
    "billing.method_expiring": method_expiring,
    "billing.retry": retry_payment,
}
