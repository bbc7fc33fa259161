"""Billing as items.

account#<id>    payer                        the payment side of an account
account#<id>    settled#<month>              what a month came to
account#<id>    was#<month>#<version>        what it had come to, before it was settled again
account#<id>    invoice#<month>#<number>     an invoice
account#<id>    proof#<number>               a link of the account's chain of proofs, with the proof if that is short
account#<id>    proofpart#<number>#<part>    the proof itself, compressed, in parts, if it is long
"""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from chalicelib.billing.model import (
    Invoice,
    InvoiceLine,
    InvoiceState,
    Payer,
    ProofHead,
    Settlement,
)
from chalicelib.billing.paper_items import paper_of, paper_row
from chalicelib.billing.selling_items import sold_of, sold_rows
from chalicelib.billing.sources import stood_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.text import canonical
from chalicelib.kernel.time import Month
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
SETTLED = "settled#"
_WAS = "was#"
_PART_BYTES = 350_000
"""Of a compressed proof: below what an item can hold."""
_SHORT = 4_000
"""Bytes of a compressed proof that stands in its link; a longer one would be read with each page of links."""


class PayerRecord(Record):
    """The payment side of an account."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    provider_customer = UnicodeAttribute()
    payment_method = UnicodeAttribute(null=True)
    failed: Any = UnicodeSetAttribute(null=True)
    version = NumberAttribute()
    days_net = NumberAttribute(null=True)
    method_since = InstantAttribute(null=True)


class SettlementRecord(Record):
    """What a month came to."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    currency = UnicodeAttribute()
    version = NumberAttribute()
    charges: Any = DocumentAttribute()
    adjusted: Any = DocumentAttribute()
    carried_in = NumberAttribute()
    invoiced = NumberAttribute()
    invoices = NumberAttribute()
    parts: Any = DocumentAttribute(null=True)
    parts_adjusted: Any = DocumentAttribute(null=True)
    shares_invoiced: Any = DocumentAttribute(null=True)
    taxes_invoiced: Any = DocumentAttribute(null=True)
    credits = NumberAttribute(null=True)
    sold: Any = DocumentAttribute(null=True)
    proof = NumberAttribute(null=True)
    digest = UnicodeAttribute(null=True)
    stood: Any = DocumentAttribute(null=True)


class InvoiceRecord(Record):
    """An invoice."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    lines: Any = DocumentAttribute()
    total = NumberAttribute()
    currency = UnicodeAttribute()
    issued_at = InstantAttribute()
    state = UnicodeAttribute()
    provider_invoice = UnicodeAttribute(null=True)
    attempts = NumberAttribute()
    paid_at = InstantAttribute(null=True)
    decline_code = UnicodeAttribute(null=True)
    shares: Any = DocumentAttribute(null=True)
    failures = NumberAttribute(null=True)
    retry_at = InstantAttribute(null=True)
    link = UnicodeAttribute(null=True)
    pdf = UnicodeAttribute(null=True)
    credited = NumberAttribute(null=True)
    paper: Any = DocumentAttribute(null=True)
    part_paid = NumberAttribute(null=True)
    claimed = NumberAttribute(null=True)
    from_wallet: Any = DocumentAttribute(null=True)
    back_to_wallet = NumberAttribute(null=True)
    days_net = NumberAttribute(null=True)
    due_at = InstantAttribute(null=True)


class ProofRecord(Record):
    """A link of an account's chain of proofs."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    month = UnicodeAttribute()
    digest = UnicodeAttribute()
    previous = UnicodeAttribute()
    made_at = InstantAttribute()
    proof = BinaryAttribute(legacy_encoding=False, null=True)


class ProofPartRecord(Record):
    """A part of a proof, compressed."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    part = BinaryAttribute(legacy_encoding=False)


def partition(account_id: str) -> str:
    """Where an account's items are."""
    return f"account#{account_id}"


def payer_record(payer: Payer) -> PayerRecord:
    """The item of a payer."""
    return PayerRecord(
        pk=partition(payer.account_id),
        sk="payer",
        provider_customer=payer.provider_customer,
        payment_method=payer.payment_method,
        failed=set(payer.failed) or None,
        version=payer.version,
        days_net=payer.days_net,
        method_since=payer.method_since,
    )


def payer_of(record: PayerRecord) -> Payer:
    """The payer of an item."""
    return Payer(
        account_id=record.pk.removeprefix("account#"),
        provider_customer=record.provider_customer,
        payment_method=record.payment_method,
        failed=frozenset(record.failed or ()),
        version=int(record.version),
        days_net=None if record.days_net is None else int(record.days_net),
        method_since=record.method_since,
    )


def was_key(month: Month, version: int) -> str:
    """The sort key of a version of a settlement that another has followed."""
    return f"{_WAS}{month}#{version:06d}"


def settlement_record(settlement: Settlement, sk: str | None = None) -> SettlementRecord:
    """The item of a settlement; under another key, of a version that another has followed."""
    return SettlementRecord(
        pk=partition(settlement.account_id),
        sk=sk or f"{SETTLED}{settlement.month}",
        currency=settlement.currency,
        version=settlement.version,
        charges=dict(settlement.charges),
        adjusted={month: dict(change) for month, change in settlement.adjusted.items()},
        carried_in=settlement.carried_in,
        invoiced=settlement.invoiced,
        invoices=settlement.invoices,
        parts=dict(settlement.parts) or None,
        parts_adjusted={month: dict(change) for month, change in settlement.parts_adjusted.items()} or None,
        shares_invoiced=dict(settlement.shares_invoiced) or None,
        taxes_invoiced=dict(settlement.taxes_invoiced) or None,
        credits=settlement.credits or None,
        sold=sold_rows(settlement.sold) or None,
        proof=settlement.proof or None,
        digest=settlement.digest or None,
        stood=settlement.stood.document() if settlement.stood else None,
    )


def settlement_of(record: SettlementRecord) -> Settlement:
    """The settlement of an item."""
    return Settlement(
        account_id=record.pk.removeprefix("account#"),
        month=Month.parse(record.sk.split("#")[1]),
        currency=record.currency,
        version=int(record.version),
        charges=record.charges,
        adjusted=record.adjusted,
        carried_in=int(record.carried_in),
        invoiced=int(record.invoiced),
        invoices=int(record.invoices),
        parts=record.parts or {},
        parts_adjusted=record.parts_adjusted or {},
        shares_invoiced=record.shares_invoiced or {},
        taxes_invoiced=record.taxes_invoiced or {},
        credits=int(record.credits or 0),
        sold=sold_of(record.sold or {}),
        proof=int(record.proof or 0),
        digest=record.digest or "",
        stood=stood_of(record.stood) if record.stood else None,
    )


def invoice_key(month: Month, number: int) -> str:
    """The sort key of an invoice; fixed width, so that key order is the order of numbers."""
    return f"invoice#{month}#{number:04d}"


def invoice_record(invoice: Invoice) -> InvoiceRecord:
    """The item of an invoice."""
    return InvoiceRecord(
        pk=partition(invoice.account_id),
        sk=invoice_key(invoice.month, invoice.number),
        lines=[[line.about, line.reference, line.amount.minor] for line in invoice.lines],
        total=invoice.total.minor,
        currency=invoice.total.currency,
        issued_at=invoice.issued_at,
        state=str(invoice.state),
        provider_invoice=invoice.provider_invoice,
        attempts=invoice.attempts,
        paid_at=invoice.paid_at,
        decline_code=invoice.decline_code,
        shares=dict(invoice.shares) or None,
        failures=invoice.failures or None,
        retry_at=invoice.retry_at,
        link=invoice.link,
        pdf=invoice.pdf,
        credited=invoice.credited or None,
        paper=paper_row(invoice.paper),
        part_paid=invoice.part_paid or None,
        claimed=invoice.claimed or None,
        from_wallet=[list(each) for each in invoice.from_wallet] or None,
        back_to_wallet=invoice.back_to_wallet or None,
        days_net=invoice.days_net,
        due_at=invoice.due_at,
    )


def invoice_of(record: InvoiceRecord) -> Invoice:
    """The invoice of an item."""
    _, month, number = record.sk.split("#")
    lines = tuple(
        InvoiceLine(about, reference, Money(minor, record.currency)) for about, reference, minor in record.lines
    )
    return Invoice(
        account_id=record.pk.removeprefix("account#"),
        month=Month.parse(month),
        number=int(number),
        lines=lines,
        total=Money(int(record.total), record.currency),
        issued_at=record.issued_at,
        state=InvoiceState(record.state),
        provider_invoice=record.provider_invoice,
        attempts=int(record.attempts),
        paid_at=record.paid_at,
        decline_code=record.decline_code,
        shares=record.shares or {},
        failures=int(record.failures or 0),
        retry_at=record.retry_at,
        link=record.link,
        pdf=record.pdf,
        credited=int(record.credited or 0),
        paper=paper_of(record.paper),
        part_paid=int(record.part_paid or 0),
        claimed=int(record.claimed or 0),
        from_wallet=tuple((name, minor) for name, minor in record.from_wallet or ()),
        back_to_wallet=int(record.back_to_wallet or 0),
        days_net=None if record.days_net is None else int(record.days_net),
        due_at=record.due_at,
    )


def proof_key(number: int) -> str:
    """The sort key of a link; fixed width, so that key order is the order of numbers."""
    return f"proof#{number:06d}"


def proof_part_key(number: int, part: int | None = None) -> str:
    """The sort key of a part of a proof, or what those of all its parts begin with."""
    return f"proofpart#{number:06d}#" + ("" if part is None else f"{part:03d}")


def proof_records(head: ProofHead, proof: Mapping[str, object]) -> tuple[ProofRecord, list[ProofPartRecord]]:
    """The item of a link, and those of the parts of its proof, if that is long."""
    packed, link = zlib.compress(canonical(proof)), _link_record(head)
    if len(packed) <= _SHORT:
        link.proof = packed
        return link, []
    parts = [packed[start : start + _PART_BYTES] for start in range(0, len(packed), _PART_BYTES)]
    return link, [
        ProofPartRecord(pk=partition(head.account_id), sk=proof_part_key(head.number, number), part=part)
        for number, part in enumerate(parts)
    ]


def _link_record(head: ProofHead) -> ProofRecord:
    return ProofRecord(
        pk=partition(head.account_id),
        sk=proof_key(head.number),
        month=str(head.month),
        digest=head.digest,
        previous=head.previous,
        made_at=head.made_at,
    )


def proof_head_of(record: ProofRecord) -> ProofHead:
    """The link of an item."""
    return ProofHead(
        account_id=record.pk.removeprefix("account#"),
        number=int(record.sk.removeprefix("proof#")),
        month=Month.parse(record.month),
        digest=record.digest,
        previous=record.previous,
        made_at=record.made_at,
    )


def proof_of(packed: bytes) -> dict[str, object] | None:
    """The proof; None of nothing."""
    proof: dict[str, object] | None = json.loads(zlib.decompress(packed)) if packed else None
    return proof
