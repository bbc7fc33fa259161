"""Forget whose an agreement was; that it was made, to what and when, stays."""

from collections.abc import Sequence

from pynamodb.expressions.update import Action

from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Change, Remove
from chalicelib.subscriptions.records import AgreementRecord, SignedUpRecord

ERASED = "erased"


class ForgettingStore:
    """What destroys the links of agreements."""

    def forgetting(self, account_id: str, subject: str) -> Sequence[Write]:
        """The sign-in's item is removed; the agreement names nobody, and allows nothing."""
        changed = Conflict(account_id=account_id)
        record = AgreementRecord(pk=f"account#{account_id}", sk="agreement")
        actions: list[Action] = [AgreementRecord.subject.set(ERASED), AgreementRecord.state.set(ERASED)]
        return [
            Change(record, actions, changed, AgreementRecord.pk.exists()),
            Remove(SignedUpRecord(pk=f"subject#{subject}", sk="agreement"), changed),
        ]
