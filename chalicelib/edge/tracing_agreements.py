"""Subscriptions in a trace: from a line of a fee, or a ride at a members' fare, to the plan and what was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.edge.tracing_beside import Hop
from chalicelib.kernel.time import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chalicelib.access.model import AccessSession
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.subscriptions.terms import Acceptance

_PLAN = "plan+"


def fees_in(proofs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """By the id of its use, the subscription of each fee that proofs have."""
    rows = (each for proof in proofs for each in proof.get("uses", ()))
    return {str(each["use_id"]): str(each["held"]["agreement"]) for each in rows if each.get("held")}


def fares_of(sessions: Iterable[AccessSession]) -> set[str]:
    """The subscriptions by which sessions were at a members' fare."""
    agreed = (each.agreed.member_fare for each in sessions if each.agreed is not None)
    return {str(fare[0]) for fare in agreed if fare is not None}


def agreement_hops(account_id: str, names: Iterable[str], wired: BackOffice) -> Iterator[Hop]:
    """Each subscription, then the plans and the terms that were accepted for it, each version once."""
    seen: set[tuple[str, str]] = set()
    for name in sorted(names):
        found = wired.lives.find(account_id, name)
        if found is None:
            continue
        facts = {"account": account_id, "subscribed_at": format_instant(found.subscribed_at)}
        facts |= {"ended_at": format_instant(found.ended_at)} if found.ended_at is not None else {}
        yield Hop("subscription", name, None, facts)
        for accepted in wired.lives.acceptances(account_id, name):
            for hop in _accepted(accepted):
                if (hop.kind, hop.id) not in seen:
                    seen.add((hop.kind, hop.id))
                    yield hop


def _accepted(acceptance: Acceptance) -> Iterator[Hop]:
    plan_id, said = acceptance.plan_id, acceptance.accepted
    version, whose = str(acceptance.plan_version), {"subscription": acceptance.subscription_id}
    link = f"/finance/v1/plans/{plan_id}/versions"
    yield Hop("plan", f"{plan_id}@{version}", link, {**whose, "tariff": f"{_PLAN}{plan_id}", "version": version})
    facts = {"accepted_at": format_instant(acceptance.at), "language": said.language, "sha256": said.digest}
    yield Hop("terms", said.version, f"/finance/v1/terms/{said.version}", {**whose, **facts})
