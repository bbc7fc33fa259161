"""Open a case for a fault, once, and tell the customer what was given back; close it, and put the asset back."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.access.case import LEFT, Case, CaseKind, case_id_of
from chalicelib.access.case_ports import Cases
from chalicelib.access.ending import Ending
from chalicelib.access.errors import UnknownCase
from chalicelib.access.faults import BY_FAULT
from chalicelib.access.model import AccessSession
from chalicelib.access.reading import receipt_of
from chalicelib.access.sharing import views_of
from chalicelib.access.uses import use_of
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.writes import Write
from chalicelib.rating import rate
from chalicelib.rating.fault_credit import FAULT_CREDIT

CREDITED = "fault_credited"


@dataclass(frozen=True, slots=True)
class FaultSeen:
    """That a thing of a session is out of order, when that became known, and the take-out that keeps it away."""

    session_id: str
    asset_id: str
    at: datetime
    take_out_id: str | None = None


def open_fault_case(seen: FaultSeen, *, cases: Cases, parts: Ending) -> Case | None:
    """The case of what was out of order when its session ended, or went on with another asset; opened once."""
    session = parts.sessions.find(seen.session_id)
    if session is None:
        return None
    left = (session.ended_at is None or seen.asset_id != session.asset_id) and seen.asset_id in _left_by(session)
    there = cases.find(case_id_of(CaseKind.FAULT, seen.session_id, seen.asset_id if left else None))
    if there is not None or not (left or session.ended_at):
        return there
    after = "ended_by_fault" if session.ended_by == BY_FAULT else "fault_reported_after_the_end"
    case = Case(
        kind=CaseKind.FAULT,
        partner_id=session.partner_id,
        asset_id=seen.asset_id,
        session_id=session.session_id,
        reason=LEFT if left else after,
        opened_at=seen.at,
        credit=None if left else _credit_of(session, parts),
        take_out_id=seen.take_out_id,
    )
    return parts.commit([*cases.opening(case), *_telling(session, case, parts)], case)


def _left_by(session: AccessSession) -> list[str]:
    return [move.asset_id for move in session.moves]


def case_of(case_id: str, partner_id: str, *, cases: Cases) -> Case:
    """The partner's case, or `UnknownCase`, which another partner's is too."""
    case = cases.find(case_id)
    if case is None or case.partner_id != partner_id:
        raise UnknownCase(case_id=case_id[:128])
    return case


def close_case(case: Case, by: str, note: str, *, cases: Cases, now: datetime) -> tuple[Case, list[Write]]:
    """The closed case with what stores it: nothing, if it was closed before."""
    closed = case.close(now, by, note)
    return closed, [] if closed is case else list(cases.closing(closed))


def _credit_of(session: AccessSession, parts: Ending) -> Money:
    """As it stands on the receipt; of a shared session, on all receipts together, whose lines have it taken off."""
    receipt = receipt_of(session, parts.zone, catalogue=parts.catalogue, sessions=parts.sessions)
    lines = receipt.cost.lines
    if session.parts:
        lines = rate([replace(use_of(session, receipt.record.need, parts.now, catalogue=parts.catalogue), part=None)])
    given_back = (-line.amount for line in lines if line.code == FAULT_CREDIT)
    return total(given_back, receipt.record.currency)


def _telling(session: AccessSession, case: Case, parts: Ending) -> list[Write]:
    """Everybody who takes part is told what all of them together have back."""
    if case.credit is None or not case.credit.minor:
        return []
    said = {"credit": str(case.credit.amount), "currency": case.credit.currency, "case": case.case_id}
    return [parts.sessions.telling(each, CREDITED, case.opened_at, said) for each in views_of(session)]
