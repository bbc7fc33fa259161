"""Decisions about payment terms in DynamoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.billing.errors import TermSet
from chalicelib.billing.payment_terms import PaymentTerm
from chalicelib.billing.records import partition
from chalicelib.billing.term_items import TERM, TermRecord, term_of, term_record
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Change, Put


class TermStore:
    """Satisfies `payment_terms.Terms`."""

    def terms(self, account_id: str) -> Sequence[PaymentTerm]:
        """One query."""
        start = TermRecord.sk.startswith(TERM)
        return [term_of(each) for each in TermRecord.listed(partition(account_id), start, backwards=True)]

    def setting(self, term: PaymentTerm) -> Sequence[Write]:
        """Beside those before, with the word to the worker."""
        facts = {"account_id": term.account_id}
        return [
            Put(term_record(term), TermSet(), TermRecord.pk.does_not_exist()),
            message("billing.term", f"{term.account_id}:{term.version}", facts, term.set_at),
        ]

    def looking(self, named: Mapping[str, str], now: datetime) -> Write:
        """A message to the worker."""
        facts = {name: named[name] for name in ("account_id", "month", "number")}
        return message("billing.due_look", ":".join([*facts.values(), format_instant(now)]), facts, now)

    def forgetting(self, account_id: str) -> Sequence[Write]:
        """One query; one write a decision, of which an account has few."""
        rows = TermRecord.listed(partition(account_id), TermRecord.sk.startswith(TERM))
        return [Change(each, [TermRecord.email.remove()], TermSet(), TermRecord.pk.exists()) for each in rows]
