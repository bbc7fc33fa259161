"""The operator publishes plans and terms; what was published never changes."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.kernel.languages import CODES
from chalicelib.kernel.writes import Commit
from chalicelib.subscriptions.errors import InvalidPlan, InvalidTerms, TermsPublished, UnknownPlan, UnknownTerms
from chalicelib.subscriptions.life_ports import FaresOnOffer, PlanVersions, Publications
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.plan_checking import MOST_FARES, checked
from chalicelib.subscriptions.ports import Plans
from chalicelib.subscriptions.terms import Terms

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_LONGEST_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Publishing:
    """What publishing needs."""

    plans: PlanVersions
    terms: Publications
    fares: FaresOnOffer
    zone: str
    currency: str
    by: str
    now: datetime
    commit: Commit


def publish_plan(stated: Plan, fee: Mapping[str, object] | None, *, publishing: Publishing) -> Plan:
    """Publish the plan's next version; the newest one with the same rules is left as it is.

    Who has an earlier version keeps it. A kind stays what it is: a pass never becomes a subscription.
    """
    newest = publishing.plans.plan(stated.plan_id)
    version = 1 if newest is None else newest.version + 1
    told = replace(stated, version=version, published_at=publishing.now, published_by=publishing.by)
    if newest is not None and newest.kind is not told.kind:
        raise InvalidPlan(errors=[{"pointer": "/kind", "reason": f"is a {newest.kind} already"}])
    named = publishing.terms.terms(told.terms_version)
    plan = checked(
        told,
        fee=fee,
        fares=publishing.fares.fares([*told.fares][:MOST_FARES]),
        terms=() if named is None else [*named.texts],
        zone=publishing.zone,
        currency=publishing.currency,
    )
    if newest is not None and newest.same_rules(plan):
        return newest
    return publishing.commit(publishing.plans.publishing(plan), plan)


def plan_of(plan_id: str, version: int | None = None, *, plans: Plans) -> Plan:
    """A version of a plan, the newest by default."""
    found = plans.plan(plan_id, version)
    if found is None:
        raise UnknownPlan(plan_id=plan_id[:64], version=version)
    return found


def publish_terms(version: str, texts: Mapping[str, str], *, publishing: Publishing) -> Terms:
    """Publish a version of the terms. The same again changes nothing; another text under it is refused."""
    faults = [*_faults_of_terms(version, texts)]
    if faults:
        raise InvalidTerms(errors=[{"pointer": pointer, "reason": reason} for pointer, reason in faults])
    before = publishing.terms.terms(version)
    if before is not None:
        if before.texts == texts:
            return before
        raise TermsPublished(version=version)
    terms = Terms(version, texts, publishing.now, publishing.by)
    return publishing.commit(publishing.terms.publishing_terms(terms), terms)


def terms_of(version: str, languages: Collection[str], *, terms: Publications) -> tuple[Terms, str]:
    """A version of the terms, and the first of the languages that it is in; of none asked for English, or any."""
    found = terms.terms(version)
    if found is None:
        raise UnknownTerms(version=version[:32])
    wished = languages or ("en", *sorted(found.texts))
    language = next((each for each in wished if each in found.texts), None)
    if language is None:
        raise UnknownTerms(version=version, languages=sorted(found.texts))
    return found, language


def _faults_of_terms(version: str, texts: Mapping[str, str]) -> list[tuple[str, str]]:
    faults = [] if _VERSION.fullmatch(version) else [("", "a version is 1 to 32 letters, digits and ._-")]
    faults += [] if texts else [("/texts", "missing")]
    for language, text in texts.items():
        if language not in CODES:
            faults.append(("/texts", "not_a_language"))
        elif not 1 <= len(text.strip()) <= _LONGEST_TEXT:
            faults.append((f"/texts/{language}", f"not_1_to_{_LONGEST_TEXT}_characters"))
    return faults
