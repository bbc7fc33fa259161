"""Plans and terms as items.

plans             <plan>       the newest version of a plan
plan#<plan>       <version>    each version
terms#<version>   terms        a version of the terms
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.subscriptions.plan import PassTerms, Plan, PlanKind
from chalicelib.subscriptions.terms import Terms

NEWEST = "plans"


class PlanRecord(Record):
    """A version of a plan."""

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    version = NumberAttribute()
    plan: Any = DocumentAttribute()


class TermsRecord(Record):
    """A version of the terms."""

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    texts: Any = DocumentAttribute()
    published_at = InstantAttribute()
    published_by = UnicodeAttribute()


def version_key(version: int) -> str:
    """Of fixed width, so that key order is the order of versions."""
    return f"{version:08d}"


def newest_record(plan: Plan) -> PlanRecord:
    """The item of the newest version."""
    return PlanRecord(pk=NEWEST, sk=plan.plan_id, version=plan.version, plan=_document(plan))


def version_record(plan: Plan) -> PlanRecord:
    """The item of a version."""
    key = f"plan#{plan.plan_id}"
    return PlanRecord(pk=key, sk=version_key(plan.version), version=plan.version, plan=_document(plan))


def _document(plan: Plan) -> dict[str, object]:
    instants = {
        "on_sale_from": plan.on_sale_from,
        "on_sale_until": plan.on_sale_until,
        "published_at": plan.published_at,
    }
    lasts = plan.lasts
    stated = {
        "plan_id": plan.plan_id,
        "kind": str(plan.kind),
        "names": dict(plan.names),
        "terms_version": plan.terms_version,
        "fee": plan.fee,
        "fares": dict(plan.fares),
        "asleep_after_days": plan.asleep_after_days,
        "seats": plan.seats,
        "lasts": lasts and {"days": lasts.days, "until": _text(lasts.until), "uses": lasts.uses},
        "requires": list(plan.requires),
        "for_kinds": sorted(plan.for_kinds),
        "goods": list(plan.goods) or None,
        "published_by": plan.published_by,
        **{name: _text(instant) for name, instant in instants.items()},
    }
    return {name: value for name, value in stated.items() if value is not None}


def _text(instant: Any) -> str | None:  # noqa: ANN401 -- an instant or None
    return None if instant is None else format_instant(instant)


def plan_of(record: PlanRecord) -> Plan:
    """The plan of an item."""
    kept = record.plan
    lasts = kept.get("lasts")
    until = lasts and lasts.get("until")
    instants = {
        name: parse_instant(kept[name]) if name in kept else None
        for name in ("on_sale_from", "on_sale_until", "published_at")
    }
    return Plan(
        plan_id=kept["plan_id"],
        version=int(record.version),
        kind=PlanKind(kept["kind"]),
        names=kept["names"],
        terms_version=kept["terms_version"],
        fee=kept.get("fee"),
        fares=kept["fares"],
        asleep_after_days=kept.get("asleep_after_days"),
        seats=kept.get("seats"),
        lasts=lasts and PassTerms(lasts["days"], parse_instant(until) if until else None, lasts["uses"]),
        requires=tuple(kept["requires"]),
        for_kinds=frozenset(kept["for_kinds"]),
        goods=tuple(kept.get("goods", ())),
        published_by=kept["published_by"],
        **instants,
    )


def terms_record(terms: Terms) -> TermsRecord:
    """The item of a version of the terms."""
    said: Any = {"texts": dict(terms.texts), "published_at": terms.published_at, "published_by": terms.published_by}
    return TermsRecord(pk=f"terms#{terms.version}", sk="terms", **said)


def terms_of(record: TermsRecord) -> Terms:
    """The terms of an item."""
    return Terms(record.pk.removeprefix("terms#"), record.texts, record.published_at, record.published_by)
