"""What of an invoice was sent to partners, and a partner's own month; back from either to the bills it is of."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from chalicelib.edge.tracing_beside import Hop
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.billing.model import Invoice
    from chalicelib.billing.partner_statement import PartnerStatement
    from chalicelib.billing.payout_model import Movement
    from chalicelib.edge.wiring_finance import BackOffice

_MOVEMENT = re.compile(r"(payout|transfer|reversal):(?P<partner>.+):(?P<number>[0-9]{1,9})")
_STATED = re.compile(r"statement:(?P<partner>.+):(?P<month>[0-9]{4}-(0[1-9]|1[0-2]))")
_POSTED = re.compile(r"share:(?P<partner>.+):(?P<month>[0-9]{4}-(0[1-9]|1[0-2])):[0-9]{1,6}")
_OF_INVOICE = re.compile(r"invoice:(?P<invoice>.+:[0-9]{4}-[0-9]{2}:[0-9]+?)(:.*)?")
_OF_NOTE = re.compile(r"credit:(?P<note>.+:[0-9]{4}-[0-9]{2}:[cg][0-9]+):.*")
_OF_MONTH = re.compile(r"share:(?P<month>[0-9]{4}-[0-9]{2}):.*")


def transfer_hops(invoices: Iterable[Invoice], wired: BackOffice) -> Iterator[Hop]:
    """Each transfer of a share of these invoices, and how much of it was taken back."""
    for invoice in invoices:
        for partner_id in sorted(invoice.shares):
            numbers = dict.fromkeys(_transfers(partner_id, f"invoice:{invoice.invoice_id}", wired))
            sent = (wired.payouts.movement(partner_id, number) for number in numbers)
            yield from (movement_hop(each) for each in sent if each is not None)


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


def movement_hop(moved: Movement) -> Hop:
    """What was sent, and how much of it was taken back."""
    back = Money(moved.taken_back, moved.amount.currency)
    facts = {"partner": moved.partner_id, "state": str(moved.state), "amount": str(moved.amount)}
    facts |= {"taken_back": str(back), "stripe_transfer": moved.provider_id or ""}
    return Hop(str(moved.kind), movement_source(moved), None, facts)


def movement_source(moved: Movement) -> str:
    """What postings name of it, as its hop does."""
    return f"payout:{moved.movement_id}"


def movement_of(name: str, wired: BackOffice) -> Movement | None:
    """What a partner was sent, or what was taken back."""
    found = _MOVEMENT.fullmatch(name)
    return wired.payouts.movement(found["partner"], int(found["number"])) if found is not None else None


def documents_behind(movement: Movement, wired: BackOffice) -> list[str]:
    """The invoices, credit notes and partner's months whose amounts a movement is of.

    Of what was taken back, those of the transfer that had sent it. What was left over of several has no document.
    """
    if movement.of is not None:
        sent = wired.payouts.movement(movement.partner_id, movement.of)
        return documents_behind(sent, wired) if sent is not None else []
    return list(dict.fromkeys(name for due in movement.dues for name in _behind(movement.partner_id, due.due_id)))


def _behind(partner_id: str, due_id: str) -> Iterator[str]:
    if found := _OF_INVOICE.fullmatch(due_id):
        yield found["invoice"]
    elif found := _OF_NOTE.fullmatch(due_id):
        yield found["note"]
    elif found := _OF_MONTH.fullmatch(due_id):
        yield f"statement:{partner_id}:{found['month']}"


def stated_of(name: str, wired: BackOffice) -> PartnerStatement | None:
    """A partner's month as it was stated last, by its own name or by that of a posting of it."""
    found = _STATED.fullmatch(name) or _POSTED.fullmatch(name)
    return wired.share_rows.statement(found["partner"], Month.parse(found["month"])) if found is not None else None


def stated_hop(stated: PartnerStatement) -> Hop:
    """What a partner has of a month. The bills it is of stand in its proof, by the digests of theirs."""
    partner_id, month = stated.partner_id, stated.month
    facts = {"partner": partner_id, "share": str(Money(stated.total, stated.currency)), "bills": str(stated.bills)}
    link = f"/finance/v1/partners/{partner_id}/statements/{month}"
    return Hop("statement", f"statement:{partner_id}:{month}", link, {**facts, "version": str(stated.version)})


def sent_of(stated: PartnerStatement, wired: BackOffice) -> list[Movement]:
    """The transfers of what a partner's month came to beside what its bills made payable."""
    names = (f"share:{stated.month}:{version}" for version in range(1, stated.version + 1))
    numbers = dict.fromkeys(wired.payouts.transfer_of(stated.partner_id, each) for each in names)
    found = (wired.payouts.movement(stated.partner_id, each) for each in numbers if each is not None)
    return [each for each in found if each is not None]
