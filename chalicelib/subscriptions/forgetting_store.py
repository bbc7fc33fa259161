"""Forget whose an agreement was; that it was made, to what and when, stays."""

from collections.abc import Iterable, Sequence

from pynamodb.expressions.update import Action

from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Change, Remove
from chalicelib.subscriptions.records import AgreementRecord, SignedUpRecord

ERASED = "erased"


class ForgettingStore:
    """What destroys the links of agreements."""

    def forgetting(self, account_id: str, subjects: Iterable[str]) -> Sequence[Write]:
        """The sign-ins' items are removed; the agreement, if there is one, names nobody, and allows nothing."""
        changed = Conflict(account_id=account_id)
        gone = [Remove(SignedUpRecord(pk=f"subject#{each}", sk="agreement"), changed) for each in subjects]
        record = AgreementRecord.find(f"account#{account_id}", "agreement")
        if record is None:
            return gone
        actions: list[Action] = [AgreementRecord.subject.set(ERASED), AgreementRecord.state.set(ERASED)]
        return [Change(record, actions, changed, AgreementRecord.pk.exists()), *gone]
