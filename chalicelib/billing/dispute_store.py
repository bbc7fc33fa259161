"""Disputes in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.dispute_items import (
    EVIDENCE,
    OF_ACCOUNT,
    DisputeRecord,
    EvidenceRecord,
    account_record,
    dispute_of,
    dispute_partition,
    evidence_of,
    evidence_record,
    list_partition,
    listed_record,
    main_record,
)
from chalicelib.billing.dispute_model import Dispute, DisputeState, Evidence
from chalicelib.billing.errors import DisputeChanged
from chalicelib.billing.records import partition
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put, Remove


class DisputeStore:
    """Satisfies `dispute_ports.Disputes`."""

    def dispute(self, dispute_id: str) -> Dispute | None:
        """One consistent read."""
        record = DisputeRecord.find(dispute_partition(dispute_id), "dispute")
        return dispute_of(record) if record else None

    def listed(self, state: DisputeState | None, *, limit: int, after: str | None) -> Sequence[Dispute]:
        """One query."""
        return [dispute_of(each) for each in DisputeRecord.listed(list_partition(state), limit=limit, after=after)]

    def of_account(self, account_id: str) -> Sequence[Dispute]:
        """One query."""
        own = DisputeRecord.sk.startswith(f"{OF_ACCOUNT}#")
        return [dispute_of(each) for each in DisputeRecord.listed(partition(account_id), own)]

    def saving(self, dispute: Dispute, before: Dispute | None) -> Sequence[Write]:
        """On the version before, under all its keys; off the list of the state that it has left."""
        changed = DisputeChanged(dispute_id=dispute.dispute_id)
        same = DisputeRecord.pk.does_not_exist() if before is None else DisputeRecord.version == before.version
        others = (account_record(dispute), listed_record(dispute, None), listed_record(dispute, dispute.state))
        writes: list[Write] = [Put(main_record(dispute), changed, same), *(Put(each, changed) for each in others)]
        if before is not None and before.state is not dispute.state:
            writes.append(Remove(listed_record(before, before.state), changed))
        return writes

    def evidence(self, dispute_id: str) -> Evidence | None:
        """One consistent read."""
        record = EvidenceRecord.find(dispute_partition(dispute_id), EVIDENCE)
        return evidence_of(record) if record else None

    def asking(self, evidence: Evidence, now: datetime) -> Sequence[Write]:
        """If its number is new, with the word to the worker."""
        changed = DisputeChanged(dispute_id=evidence.dispute_id)
        before = EvidenceRecord.number == evidence.number - 1
        condition = EvidenceRecord.pk.does_not_exist() if evidence.number == 1 else before
        facts = {"dispute_id": evidence.dispute_id}
        said = message("billing.evidence", f"{evidence.dispute_id}:{evidence.number}", facts, now)
        return [Put(evidence_record(evidence), changed, condition), said]

    def evidence_ready(self, evidence: Evidence) -> Write:
        """In place of what was asked for."""
        changed = DisputeChanged(dispute_id=evidence.dispute_id)
        return Put(evidence_record(evidence), changed, EvidenceRecord.number == evidence.number)
