"""What of an invoice was sent to partners, and back from that to the invoice."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from chalicelib.edge.tracing_beside import Hop
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.billing.model import Invoice
    from chalicelib.billing.payout_model import Movement
    from chalicelib.edge.wiring_finance import BackOffice

_MOVEMENT = re.compile(r"(payout|transfer|reversal):(?P<partner>.+):(?P<number>[0-9]{1,9})")
_INVOICE = re.compile(r"invoice:(?P<invoice>.+:[0-9]{4}-[0-9]{2}:[0-9]+?)(:.*)?")


def transfer_hops(invoices: Iterable[Invoice], wired: BackOffice) -> Iterator[Hop]:
    """Each transfer of a share of these invoices, and how much of it was taken back."""
    for invoice in invoices:
        for partner_id in sorted(invoice.shares):
            numbers = dict.fromkeys(_transfers(partner_id, f"invoice:{invoice.invoice_id}", wired))
            sent = (wired.payouts.movement(partner_id, number) for number in numbers)
            yield from (_hop(each) for each in sent if each is not None)


def _transfers(partner_id: str, due_id: str, wired: BackOffice) -> Iterator[int]:
    """Of several payments a share is several dues, and what no payment gave is one more."""
    for name in (due_id, f"{due_id}:rest"):
        number = wired.payouts.transfer_of(partner_id, name)
        if number is not None:
            yield number
    for place in count(1):
        number = wired.payouts.transfer_of(partner_id, f"{due_id}:{place}")
        if number is None:
            return
        yield number


def _hop(sent: Movement) -> Hop:
    back = Money(sent.taken_back, sent.amount.currency)
    facts = {"partner": sent.partner_id, "state": str(sent.state), "amount": str(sent.amount), "taken_back": str(back)}
    return Hop("transfer", f"payout:{sent.movement_id}", None, {**facts, "stripe_transfer": sent.provider_id or ""})


def invoice_behind(name: str, wired: BackOffice) -> str | None:
    """The invoice of whose share a movement is, or of which the transfer was that it took something back of."""
    found = _MOVEMENT.fullmatch(name)
    movement = wired.payouts.movement(found["partner"], int(found["number"])) if found is not None else None
    if movement is not None and movement.of is not None:
        movement = wired.payouts.movement(movement.partner_id, movement.of)
    named = _INVOICE.fullmatch(movement.dues[0].due_id) if movement is not None else None
    return named["invoice"] if named is not None else None
