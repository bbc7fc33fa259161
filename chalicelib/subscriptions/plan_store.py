"""Plans and terms in DynamoDB."""

from collections.abc import Sequence
from itertools import islice

from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Check, Put
from chalicelib.subscriptions.errors import PlanMoved, TermsPublished
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.plan_items import (
    NEWEST,
    PlanRecord,
    TermsRecord,
    newest_record,
    plan_of,
    terms_of,
    terms_record,
    version_key,
    version_record,
)
from chalicelib.subscriptions.terms import Terms


class PlanStore:
    """Satisfies `life_ports.PlanVersions` and `life_ports.Publications`."""

    def plan(self, plan_id: str, version: int | None = None) -> Plan | None:
        """One consistent read."""
        key = (NEWEST, plan_id) if version is None else (f"plan#{plan_id}", version_key(version))
        record = PlanRecord.find(*key)
        return plan_of(record) if record else None

    def plans(self, *, limit: int, after: str | None) -> Sequence[Plan]:
        """One query."""
        return [plan_of(each) for each in islice(PlanRecord.listed(NEWEST, limit=limit, after=after), limit)]

    def versions(self, plan_id: str, *, limit: int, after: int | None) -> Sequence[Plan]:
        """One query."""
        behind = None if after is None else version_key(after)
        rows = PlanRecord.listed(f"plan#{plan_id}", limit=limit, after=behind)
        return [plan_of(each) for each in islice(rows, limit)]

    def publishing(self, plan: Plan) -> Sequence[Write]:
        """The newest is replaced if it is the one before; the version itself is new."""
        moved, before = PlanMoved(plan_id=plan.plan_id), plan.version - 1
        as_before = PlanRecord.version == before if before else PlanRecord.pk.does_not_exist()
        return [
            Put(newest_record(plan), moved, as_before),
            Put(version_record(plan), moved, PlanRecord.pk.does_not_exist()),
        ]

    def is_newest(self, plan: Plan) -> Write:
        """A condition check on the newest version's item."""
        moved = PlanMoved(plan_id=plan.plan_id, version=plan.version)
        return Check(PlanRecord, (NEWEST, plan.plan_id), PlanRecord.version == plan.version, moved)

    def terms(self, version: str) -> Terms | None:
        """One consistent read."""
        record = TermsRecord.find(f"terms#{version}", "terms")
        return terms_of(record) if record else None

    def publishing_terms(self, terms: Terms) -> Sequence[Write]:
        """If it is new."""
        published = TermsPublished(version=terms.version)
        return [Put(terms_record(terms), published, TermsRecord.pk.does_not_exist())]
