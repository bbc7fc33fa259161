"""Agreements in DynamoDB."""

from datetime import datetime

from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Check, Put
from chalicelib.subscriptions.errors import AlreadyAgreed, NoActiveAgreement
from chalicelib.subscriptions.model import ACTIVE, Agreement
from chalicelib.subscriptions.records import AgreementRecord, SignedUpRecord, agreement_of, agreement_record


class AgreementStore:
    """Satisfies `ports.Agreements`."""

    def find(self, account_id: str) -> Agreement | None:
        """One consistent read."""
        record = AgreementRecord.find(f"account#{account_id}", "agreement")
        return agreement_of(record) if record else None

    def adding(self, agreement: Agreement, now: datetime) -> list[Write]:
        """The agreement, that the sign-in has one, and the word to the worker: all or none."""
        signed_up = SignedUpRecord(pk=f"subject#{agreement.subject}", sk="agreement", account_id=agreement.account_id)
        return [
            Put(signed_up, AlreadyAgreed(), SignedUpRecord.pk.does_not_exist()),
            Put(agreement_record(agreement), AlreadyAgreed(), AgreementRecord.pk.does_not_exist()),
            message("customers.sign_up", agreement.account_id, {"account_id": agreement.account_id}, now),
        ]

    def opening(self, agreement: Agreement) -> Write:
        """The agreement alone: the sign-in has its own."""
        return Put(agreement_record(agreement), AlreadyAgreed(), AgreementRecord.pk.does_not_exist())

    def linking(self, account_id: str, subject: str) -> Write:
        """That the sign-in has one. What it replaces has agreed too, and does not again."""
        signed_up = SignedUpRecord(pk=f"subject#{subject}", sk="agreement", account_id=account_id)
        return Put(signed_up, AlreadyAgreed(), SignedUpRecord.pk.does_not_exist())

    def is_active(self, account_id: str) -> Write:
        """A condition check on the agreement's item."""
        key = (f"account#{account_id}", "agreement")
        return Check(AgreementRecord, key, AgreementRecord.state == ACTIVE, NoActiveAgreement())
