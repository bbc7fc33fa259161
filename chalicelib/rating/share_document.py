"""Rules of a share, and what they are applied to, as documents: as they are stored, and as proofs state them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from chalicelib.kernel.quantity import plain, quantity
from chalicelib.rating.figures import Figures
from chalicelib.rating.share import ALL, ShareLine, ShareRule, ShareTier

Document = Mapping[str, Any]


def rule_document(rule: ShareRule) -> dict[str, object]:
    """The rule as JSON-ready values; percentages as text, amounts in minor units."""
    return {
        "currency": rule.currency,
        "tiers": [{"percent": plain(tier.percent), "up_to": tier.up_to} for tier in rule.tiers],
        "per_session": rule.per_session,
        "minimum": rule.minimum,
        "faults_borne": plain(rule.faults_borne),
        "per_fault": rule.per_fault,
        **({} if rule.owed == ALL else {"owed": plain(rule.owed)}),
    }


def rule_from_document(document: Document) -> ShareRule:
    """The rule of a document."""
    return ShareRule(
        currency=document["currency"],
        tiers=tuple(ShareTier(_percent(tier["percent"]), tier["up_to"]) for tier in document["tiers"]),
        per_session=document["per_session"],
        minimum=document["minimum"],
        faults_borne=_percent(document["faults_borne"]),
        per_fault=document["per_fault"],
        owed=_percent(document["owed"]) if "owed" in document else ALL,
    )


def _percent(text: str) -> Decimal:
    return quantity(text)


def figures_document(figures: Figures) -> dict[str, object]:
    """A product's figures, in minor units."""
    return {
        "charged": figures.charged,
        "reduced": figures.reduced,
        "fault_credits": figures.fault_credits,
        "fault_credits_net": figures.fault_credits_net,
        "sessions": figures.sessions,
        "faults": figures.faults,
        "taxes": dict(figures.taxes),
    }


def figures_from_document(document: Document) -> Figures:
    """The figures of a document."""
    return Figures(**document)


def share_line_document(line: ShareLine) -> dict[str, object]:
    """A line of a share."""
    return {"product": line.product, "kind": line.kind, "minor": line.minor, "facts": dict(line.facts)}


def share_line_from_document(document: Document) -> ShareLine:
    """The line of a document."""
    return ShareLine(**document)
