"""Billing in DynamoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pynamodb.expressions.condition import Condition

from chalicelib.billing.errors import (
    EventKnown,
    NotParked,
    PayerChanged,
    PaymentNotInOrder,
    SettlementChanged,
    UnknownInvoice,
)
from chalicelib.billing.fare_caps_items import FareCapsRecord, fare_caps_of, fare_caps_record
from chalicelib.billing.inbox_items import EventRecord, event_record
from chalicelib.billing.index_items import (
    LossRecord,
    NamedRecord,
    charge_partition,
    charge_record,
    issued_record,
    loss_of,
    loss_record,
    lost_partition,
    written_off_record,
)
from chalicelib.billing.loss_model import Loss
from chalicelib.billing.model import (
    FareCaps,
    Invoice,
    InvoiceState,
    Parked,
    Payer,
    PaymentMethod,
    ProofHead,
    ProviderEvent,
    Settlement,
    ToCollect,
)
from chalicelib.billing.parked_items import ParkedRecord, parked_of, parked_records
from chalicelib.billing.records import (
    SETTLED,
    InvoiceRecord,
    PayerRecord,
    ProofPartRecord,
    ProofRecord,
    SettlementRecord,
    invoice_key,
    invoice_of,
    invoice_record,
    partition,
    payer_of,
    payer_record,
    proof_head_of,
    proof_key,
    proof_of,
    proof_part_key,
    proof_records,
    settlement_of,
    settlement_record,
    was_key,
)
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.reads import find_all
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Check, Put

METHOD_DUE, RETRY, DUE = "billing.method_due", "billing.retry", "billing.due"
NARROW = "access.narrow"
_MOST_DIGITS = 4


class BillingStore:
    """Satisfies `ports.Billed`."""

    def payer(self, account_id: str) -> Payer | None:
        """One consistent read."""
        record = PayerRecord.find(partition(account_id), "payer")
        return payer_of(record) if record else None

    def saving_payer(self, payer: Payer) -> Write:
        """On the version before."""
        before = PayerRecord.version == payer.version - 1
        condition = PayerRecord.pk.does_not_exist() if payer.version == 1 else before
        return Put(payer_record(payer), PayerChanged(account_id=payer.account_id), condition)

    def can_pay(self, account_id: str) -> Write:
        """A condition check on the payer's item."""
        can_pay = PayerRecord.payment_method.exists() | PayerRecord.days_net.exists()
        in_order = can_pay & PayerRecord.failed.does_not_exist()
        return Check(PayerRecord, (partition(account_id), "payer"), in_order, PaymentNotInOrder())

    def detaching(self, account_id: str, method_id: str, now: datetime) -> Write:
        """A message to the worker."""
        facts = {"account_id": account_id, "method_id": method_id}
        return message("billing.detach", f"{account_id}:{method_id}", facts, now)

    def watching(self, payer: Payer, expires: Month, zone: str, now: datetime) -> Write:
        """A timer at the beginning of that month."""
        method_id = payer.payment_method or ""
        facts = {"account_id": payer.account_id, "method_id": method_id, "expires": str(expires)}
        return setting(Timer(expires.interval(zone).start, METHOD_DUE, facts), now)

    def looking_at_method(self, account_id: str, method_id: str, expires: Month, now: datetime) -> Write:
        """A message to the worker."""
        facts = {"account_id": account_id, "method_id": method_id, "expires": str(expires)}
        return message("billing.method_expiring", f"{account_id}:{method_id}:{expires}", facts, now)

    def telling_of_method(self, account_id: str, method: PaymentMethod, now: datetime) -> Write:
        """A message to the worker."""
        facts = {"account_id": account_id, "about": method.method_id, "code": "payment_method_expiring"}
        said = {**facts, "expires": str(method.expires), "told_at": format_instant(now)}
        return message("dialogue.tell", f"{method.method_id}:expiring:{method.expires}", said, now)

    def settlements(self, account_id: str) -> Sequence[Settlement]:
        """One query."""
        rows = SettlementRecord.listed(partition(account_id), SettlementRecord.sk.startswith(SETTLED))
        return [settlement_of(each) for each in rows]

    def settlements_named(self, names: Sequence[tuple[str, Month]]) -> Sequence[Settlement]:
        """One consistent batch read."""
        found = find_all([(SettlementRecord, partition(account), f"{SETTLED}{month}") for account, month in names])
        return [settlement_of(each) for each in found if isinstance(each, SettlementRecord)]

    def settled_before(self, settlement: Settlement) -> Settlement | None:
        """One consistent read."""
        key = was_key(settlement.month, settlement.version - 1)
        record = SettlementRecord.find(partition(settlement.account_id), key)
        return settlement_of(record) if record else None

    def saving_settlement(self, settlement: Settlement, before: Settlement | None = None) -> Sequence[Write]:
        """On the version before, which gets an item of its own: no settlement that there was is lost."""
        changed = SettlementChanged(month=str(settlement.month))
        same = SettlementRecord.version == settlement.version - 1
        condition = SettlementRecord.pk.does_not_exist() if settlement.version == 1 else same
        saving = Put(settlement_record(settlement), changed, condition)
        if before is None or not before.version:
            return [saving]
        kept = settlement_record(before, was_key(before.month, before.version))
        return [saving, Put(kept, changed, SettlementRecord.pk.does_not_exist())]

    def invoice(self, account_id: str, month: Month, number: int) -> Invoice | None:
        """One consistent read."""
        record = InvoiceRecord.find(partition(account_id), invoice_key(month, number))
        return invoice_of(record) if record else None

    def to_collect(self, account_id: str, month: Month, number: int) -> ToCollect:
        """One consistent batch read."""
        from chalicelib.billing.control_items import COLLECTION, SWITCH, SwitchRecord  # noqa: PLC0415 -- workers alone

        keys = (InvoiceRecord, invoice_key(month, number)), (PayerRecord, "payer"), (ParkedRecord, f"parked#{month}")
        own = [(kind, partition(account_id), key) for kind, key in keys]
        invoice, payer, held, switch = find_all([*own, (SwitchRecord, COLLECTION, SWITCH)])
        return ToCollect(
            invoice_of(invoice) if isinstance(invoice, InvoiceRecord) else None,
            payer_of(payer) if isinstance(payer, PayerRecord) else None,
            parked_of(held) if isinstance(held, ParkedRecord) else None,
            isinstance(switch, SwitchRecord) and bool(switch.stopped),
        )

    def invoices_named(self, names: Sequence[tuple[str, Month, int]]) -> Sequence[Invoice | None]:
        """One consistent batch read."""
        keys = [
            (InvoiceRecord, partition(account_id), invoice_key(month, number)) for account_id, month, number in names
        ]
        return [invoice_of(each) if isinstance(each, InvoiceRecord) else None for each in find_all(keys)]

    def invoices(
        self, account_id: str, month: Month | None = None, *, limit: int | None = None, after: str | None = None
    ) -> Sequence[Invoice]:
        """One query."""
        start = InvoiceRecord.sk.startswith(f"invoice#{month}#" if month else "invoice#")
        behind = None if after is None else _behind(after)
        rows = InvoiceRecord.listed(partition(account_id), start, limit=limit, after=behind)
        return [invoice_of(each) for each in rows]

    def adding_invoice(self, invoice: Invoice, now: datetime) -> Sequence[Write]:
        """The invoice, if it is new, and the word to the worker, unless it is paid."""
        changed = SettlementChanged(month=str(invoice.month))
        put = Put(invoice_record(invoice), changed, InvoiceRecord.pk.does_not_exist())
        collected = [] if invoice.state is InvoiceState.PAID else [self.collect_again(invoice, now)]
        return [put, Put(issued_record(invoice), changed), *collected]

    def changing_invoice(self, invoice: Invoice, before: Invoice) -> Write:
        """If its state, attempts, credit and what holds paid, or are about to, are still as read."""
        same = (InvoiceRecord.state == str(before.state)) & (InvoiceRecord.attempts == before.attempts)
        sums = (
            (InvoiceRecord.credited, before.credited),
            (InvoiceRecord.part_paid, before.part_paid),
            (InvoiceRecord.claimed, before.claimed),
        )
        for attribute, read in sums:
            same &= attribute == read if read else attribute.does_not_exist()
        return Put(invoice_record(invoice), SettlementChanged(month=str(invoice.month)), same)

    def collect_again(self, invoice: Invoice, now: datetime) -> Write:
        """A message to the worker."""
        facts = {**_named(invoice), "failures": str(invoice.failures)}
        return message("billing.collect", invoice.invoice_id, facts, now)

    def paid_by(self, invoice: Invoice, charge: str) -> Write:
        """Its name is the payment's."""
        return Put(charge_record(invoice, charge), SettlementChanged(month=str(invoice.month)))

    def paid_with(self, charge: str) -> Invoice | None:
        """Two consistent reads."""
        record = NamedRecord.find(charge_partition(charge), "charge")
        return self.invoice(*record.named) if record else None

    def writing_off(self, invoice: Invoice, who: str, note: str, now: datetime) -> Sequence[Write]:
        """The newest one is kept, with the word to the worker."""
        kept = written_off_record(invoice, who, note, now)
        return [Put(kept, SettlementChanged(month=str(invoice.month))), self.giving_up(invoice, now)]

    def giving_up(self, invoice: Invoice, now: datetime) -> Write:
        """A message to the worker."""
        return message("billing.give_up", invoice.invoice_id, _named(invoice), now)

    def losing(self, loss: Loss, zone: str) -> Write:
        """Its entry, which is posted with it, is new."""
        return Put(loss_record(loss, Month.of(loss.at, zone)), SettlementChanged(month=str(Month.of(loss.at, zone))))

    def losses(self, month: Month, *, limit: int, after: str | None) -> Sequence[Loss]:
        """One query."""
        return [loss_of(each) for each in LossRecord.listed(lost_partition(month), limit=limit, after=after)]

    def share_out(self, invoice: Invoice, now: datetime) -> Write:
        """A message to the worker."""
        return message("billing.share_out", invoice.invoice_id, _named(invoice), now)

    def narrowing(self, account_id: str, at: datetime, now: datetime) -> Write:
        """A timer."""
        return setting(Timer(at, NARROW, {"account_id": account_id}), now)

    def retrying(self, invoice: Invoice, now: datetime) -> Write:
        """A timer."""
        return setting(Timer(invoice.retry_at or now, RETRY, _named(invoice)), now)

    def looking_when_due(self, invoice: Invoice, at: datetime, now: datetime) -> Write:
        """A timer."""
        return setting(Timer(at, DUE, _named(invoice)), now)

    def renewing_hold(self, account_id: str, session_id: str, now: datetime) -> Write:
        """A message to the worker; the newest turn is meant."""
        facts = {"account_id": account_id, "session_id": session_id, "turn": "0"}
        return message("billing.hold_look", f"{account_id}:{session_id}:again", facts, now)

    def settle_again(self, account_id: str, month: Month, now: datetime) -> Write:
        """A message to the worker."""
        return message("billing.settle", f"{account_id}:{month}", {"account_id": account_id, "month": str(month)}, now)

    def settle_released(self, parked: Parked, now: datetime) -> Write:
        """A message to the worker, which says how many decisions there are by now."""
        facts = {"account_id": parked.account_id, "month": str(parked.month), "decisions": str(parked.decisions)}
        return message("billing.settle", f"{parked.account_id}:{parked.month}:released", facts, now)

    def telling(self, invoice: Invoice, code: str, facts: dict[str, str], now: datetime) -> Write:
        """A message to the worker."""
        about = {"account_id": invoice.account_id, "about": invoice.invoice_id, "code": code}
        about["told_at"] = format_instant(now)
        return message("dialogue.tell", f"{invoice.invoice_id}:{code}:{invoice.attempts}", {**facts, **about}, now)

    def parked(self, account_id: str, month: Month) -> Parked | None:
        """One consistent read."""
        record = ParkedRecord.find(partition(account_id), f"parked#{month}")
        return parked_of(record) if record else None

    def parked_among(self, accounts: Sequence[str], month: Month) -> Mapping[str, Parked]:
        """One consistent batch read."""
        records = find_all([(ParkedRecord, partition(each), f"parked#{month}") for each in accounts])
        held = [parked_of(each) for each in records if isinstance(each, ParkedRecord)]
        return {each.account_id: each for each in held}

    def all_parked(self, *, limit: int, after: str | None) -> Sequence[Parked]:
        """One query."""
        return [parked_of(each) for each in ParkedRecord.listed("parked", limit=limit, after=after)]

    def parking(self, parked: Parked) -> Sequence[Write]:
        """Both items; a release is written once, the first one stays, until it is parked anew over that very one."""
        there = NotParked(account_id=parked.account_id, month=str(parked.month))
        unreleased: Condition = ParkedRecord.released_at.does_not_exist()
        if parked.released_at is None and parked.earlier:
            unreleased = ParkedRecord.released_at == parked.earlier[-1].released_at
        elif parked.released_at is not None:
            unreleased &= ParkedRecord.parked_at == parked.parked_at
        return [Put(each, there, unreleased) for each in parked_records(parked)]

    def fare_caps(self, month: Month) -> FareCaps | None:
        """One query for the newest that began by then."""
        until = FareCapsRecord.sk.between("since#", f"since#{month}")
        return next(map(fare_caps_of, FareCapsRecord.listed("farecaps", until, limit=1, backwards=True)), None)

    def saving_fare_caps(self, caps: FareCaps) -> Write:
        """The last writer wins."""
        return Put(fare_caps_record(caps), SettlementChanged(month=str(caps.since)))

    def last_proof(self, account_id: str) -> ProofHead | None:
        """One query for the newest."""
        start = ProofRecord.sk.startswith("proof#")
        rows = ProofRecord.listed(partition(account_id), start, limit=1, backwards=True)
        return next(map(proof_head_of, rows), None)

    def proofs(self, account_id: str, *, limit: int, after: int) -> Sequence[ProofHead]:
        """One query."""
        start = ProofRecord.sk.startswith("proof#")
        behind = proof_key(after) if after else None
        rows = ProofRecord.listed(partition(account_id), start, limit=limit, after=behind)
        return [proof_head_of(each) for each in rows]

    def proof(self, account_id: str, number: int) -> Mapping[str, object] | None:
        """One consistent read; of a long one, or one of before, one query besides, or more."""
        link = ProofRecord.find(partition(account_id), proof_key(number))
        if link is not None and link.proof is not None:
            return proof_of(link.proof)
        start = ProofPartRecord.sk.startswith(proof_part_key(number))
        return proof_of(b"".join(each.part for each in ProofPartRecord.listed(partition(account_id), start)))

    def adding_proof(self, head: ProofHead, proof: Mapping[str, object]) -> Sequence[Write]:
        """The link, if its number is free, and the parts of the proof."""
        taken = SettlementChanged(month=str(head.month))
        link, parts = proof_records(head, proof)
        return [Put(link, taken, ProofRecord.pk.does_not_exist()), *(Put(each, taken) for each in parts)]

    def add_event_once(self, event: ProviderEvent) -> Write:
        """If the event is new."""
        return Put(event_record(event), EventKnown(event_id=event.event_id), EventRecord.pk.does_not_exist())


def _named(invoice: Invoice) -> dict[str, str]:
    """The facts by which a message names it."""
    return {"account_id": invoice.account_id, "month": str(invoice.month), "number": str(invoice.number)}


def _behind(invoice_id: str) -> str:
    """The sort key of the invoice of that id."""
    month, _, number = invoice_id.rpartition(":")
    if not (number.isdecimal() and len(number) <= _MOST_DIGITS):
        raise UnknownInvoice(invoice_id=invoice_id[:80])
    return invoice_key(Month.parse(month.rpartition(":")[2]), int(number))
