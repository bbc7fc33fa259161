"""What payments make payable to partners waits to be sent; what refunds take back is taken back from them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.billing.errors import DueKnown
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.billing.payout_model import Due
from chalicelib.billing.payout_ports import Payouts
from chalicelib.billing.ports import Billed
from chalicelib.kernel.money import Money, shares
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit

Held = Sequence[tuple[str, int]]
"""What holds paid of an invoice: the payment's name at the provider, and how much, in minor units."""


def share_out(
    account_id: str,
    month: Month,
    number: int,
    *,
    billed: Billed,
    held_of: Callable[[Invoice], Held],
    payouts: Payouts,
    now: datetime,
    commit: Commit,
) -> list[Due]:
    """Have the shares of a paid invoice wait for their partners, each once, however often this is said."""
    invoice = billed.invoice(account_id, month, number)
    if invoice is None or invoice.state is not InvoiceState.PAID:
        return []
    dues = dues_of(invoice, held_of(invoice))
    for due in dues:
        with suppress(DueKnown):
            pays = payouts.pay_out(due.partner_id, due.due_id, now)
            commit([*payouts.adding_due(due), pays], due)
    return dues


def dues_of(invoice: Invoice, held: Held = ()) -> list[Due]:
    """The shares of an invoice: from its payments as far as they reach, the rest from what else there is.

    An invoice may come to less than its shares, where it also gives back what somebody else had too much. What holds
    and a card paid together are payments of their own, and no share is more than its own payment.
    """
    gains = {partner_id: minor for partner_id, minor in sorted(invoice.shares.items()) if minor > 0}
    paid = invoice.asks.minor
    within = list(gains.values()) if sum(gains.values()) <= paid else shares(paid, list(gains.values()))
    found, payments = list[Due](), _Payments(paid, held)
    for (partner_id, minor), part in zip(gains.items(), within, strict=True):
        for place, (payment, taken) in enumerate(payments.take(part)):
            found.append(_due(invoice, partner_id, taken, f":{place}" if place else "", payment))
        if minor - part:
            found.append(replace(_due(invoice, partner_id, minor - part, ":rest"), provider_invoice=None))
    wrong = {partner_id: minor for partner_id, minor in sorted(invoice.shares.items()) if minor < 0}
    return [*found, *(replace(_due(invoice, *each, ""), provider_invoice=None) for each in wrong.items())]


class _Payments:
    """What is left of each payment of an invoice: the holds', then what they left to the method."""

    def __init__(self, paid: int, held: Held) -> None:
        rest = max(0, paid - sum(minor for _, minor in held))
        alone = not rest and len(held) <= 1
        self._left: list[tuple[str | None, int]] = [(None, paid)] if alone or not held else [*held, (None, rest)]

    def take(self, minor: int) -> Iterator[tuple[str | None, int]]:
        """From the first that has something left on."""
        while minor and self._left:
            payment, left = self._left.pop(0)
            taken = min(minor, left)
            if taken:
                yield payment, taken
            minor -= taken
            if left > taken:
                self._left.insert(0, (payment, left - taken))


def _due(invoice: Invoice, partner_id: str, minor: int, what: str, payment: str | None = None) -> Due:
    since = invoice.paid_at or invoice.issued_at
    amount = Money(minor, invoice.total.currency)
    named = (partner_id, f"invoice:{invoice.invoice_id}{what}", amount, since, invoice.provider_invoice)
    return Due(*named, payment=payment)
