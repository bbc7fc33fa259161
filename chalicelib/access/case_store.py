"""Cases in DynamoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.access.case import Case, CaseKind, CaseState
from chalicelib.access.errors import CaseChanged
from chalicelib.access.trace_records import CaseRecord
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Put, Remove

_EVERYBODYS = "cases#"


class CaseStore:
    """Satisfies `case_ports.Cases`."""

    def find(self, case_id: str) -> Case | None:
        """One consistent read."""
        record = CaseRecord.find(f"case#{case_id}", "case")
        return _case_of(record.said) if record else None

    def listed(
        self, partner_id: str | None, state: CaseState | None, *, limit: int, after: str | None
    ) -> Sequence[Case]:
        """One query."""
        pk = _EVERYBODYS if partner_id is None else _partners(partner_id)
        keys = CaseRecord.sk.startswith(f"{state}#") if state else None
        return [_case_of(each.said) for each in CaseRecord.listed(pk, keys, limit=limit, after=after)]

    def opening(self, case: Case) -> Sequence[Write]:
        """The case, and its place in both lists."""
        there = CaseChanged(case_id=case.case_id)
        return [Put(_own(case), there, CaseRecord.pk.does_not_exist()), *(Put(each, there) for each in _in_lists(case))]

    def closing(self, case: Case) -> Sequence[Write]:
        """The case, and its place in both lists: from among the open to among the closed."""
        changed, before = CaseChanged(case_id=case.case_id), replace(case, state=CaseState.OPEN)
        return [
            Put(_own(case), changed, CaseRecord.pk.exists()),
            *(Remove(each, changed, CaseRecord.pk.exists()) for each in _in_lists(before)),
            *(Put(each, changed) for each in _in_lists(case)),
        ]


def _partners(partner_id: str) -> str:
    return f"cases#{partner_id}"


def _own(case: Case) -> CaseRecord:
    return CaseRecord(pk=f"case#{case.case_id}", sk="case", said=_document(case))


def _in_lists(case: Case) -> list[CaseRecord]:
    said = _document(case)
    return [CaseRecord(pk=pk, sk=case.place, said=said) for pk in (_partners(case.partner_id), _EVERYBODYS)]


def _document(case: Case) -> dict[str, object]:
    said: dict[str, object | None] = {
        "kind": str(case.kind),
        "partner": case.partner_id,
        "asset": case.asset_id,
        "session": case.session_id,
        "reason": case.reason,
        "opened_at": format_instant(case.opened_at),
        "credit": case.credit and [case.credit.minor, case.credit.currency],
        "take_out": case.take_out_id,
        "state": str(case.state),
        "closed_at": case.closed_at and format_instant(case.closed_at),
        "closed_by": case.closed_by,
        "note": case.note,
    }
    return {name: value for name, value in said.items() if value is not None}


def _case_of(said: Mapping[str, Any]) -> Case:
    closed_at = said.get("closed_at")
    return Case(
        kind=CaseKind(said["kind"]),
        partner_id=said["partner"],
        asset_id=said["asset"],
        session_id=said.get("session"),
        reason=said["reason"],
        opened_at=parse_instant(said["opened_at"]),
        credit=Money(*said["credit"]) if "credit" in said else None,
        take_out_id=said.get("take_out"),
        state=CaseState(said["state"]),
        closed_at=closed_at and parse_instant(closed_at),
        closed_by=said.get("closed_by"),
        note=said.get("note"),
    )
