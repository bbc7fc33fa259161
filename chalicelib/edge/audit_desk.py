"""Who has read what of customers' books, at the finance door, for those who audit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.callers import AUDIT, Staff
from chalicelib.edge.finance import MonthText
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery, narrowed, same
from chalicelib.edge.routes import get
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.finance import audit_model
else:
    audit_model = lazily("chalicelib.finance.audit_model")

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class AuditQuery(PageQuery, forbid_unknown_fields=True):
    """Which month of UTC, this one unless told; whose reads, of what kind, of which account."""

    month: MonthText | None = None
    who: Name | None = None
    kind: Name | None = None
    whose: Name | None = None


class AuditShown(msgspec.Struct):
    """A read. `whose` is `*` of a list, and null where what was asked for belongs to no account."""

    at: str
    who: str
    kind: str
    whose: str | None
    route: str


def show_record(each: audit_model.AuditRecord) -> AuditShown:
    """A read."""
    return AuditShown(show_instant(each.at), each.who, each.kind, each.whose or None, each.route)


class AuditDesk:
    """Auditors read who has read."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @get("/v1/audit", query=AuditQuery, needs=AUDIT)
    def audit(self, call: Call[Staff, None]) -> Page[AuditShown]:
        """Reads of personal data and of customers' books in a month, the newest first.

        A page may be short, or empty, and have more behind it: `next` says so.
        """
        query = call.query
        month = Month.parse(query.month) if query.month is not None else Month.of(call.now, "UTC")

        def read(limit: int, after: str | None) -> Sequence[audit_model.AuditRecord]:
            return self._wired.audits.of_month(month, limit=limit, after=after)

        return narrowed(
            query,
            read,
            show_record,
            audit_model.place_of,
            lambda each: same(query, who=each.who, kind=each.kind, whose=each.whose),
        )
