"""Cases: what somebody has to see to, opened by the system itself and closed by the partner whose thing it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.money import Money


class CaseState(StrEnum):
    """Whether somebody still has to see to it."""

    OPEN = "open"
    CLOSED = "closed"


class CaseKind(StrEnum):
    """What it is about."""

    FAULT = "fault"


LEFT = "left_as_faulty"
"""The reason where the session went on with another asset."""


@dataclass(frozen=True, slots=True)
class Case:
    """About what happened in a session, or to an asset that nobody had, since when; and how it was closed.

    `credit` is what the customer had back when it was opened, `take_out_id` the take-out that keeps the asset off the
    offers. It names no customer: the session does, to those who may know.
    """

    kind: CaseKind
    partner_id: str
    asset_id: str
    session_id: str | None
    reason: str
    opened_at: datetime
    credit: Money | None
    take_out_id: str | None = None
    state: CaseState = CaseState.OPEN
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str | None = None

    @property
    def case_id(self) -> str:
        """A session has one case of a kind about the asset that it ended on, and one about each that it left.

        Where there is no session, each take-out has one.
        """
        about = self.session_id or self.take_out_id or ""
        return case_id_of(self.kind, about, self.asset_id if self.reason == LEFT else None)

    @property
    def place(self) -> str:
        """Its place in lists: by state, then in order of opening."""
        return f"{self.state}#{self.opened_at:%Y%m%dT%H%M%S.%f}#{self.case_id}"

    def close(self, at: datetime, by: str, note: str) -> "Case":
        """Closed, once. What was closed before stays as it is."""
        if self.state is CaseState.CLOSED:
            return self
        return replace(self, state=CaseState.CLOSED, closed_at=at, closed_by=by, note=note)


def case_id_of(kind: CaseKind, about: str, left: str | None = None) -> str:
    """The id of the case about a session, or the asset that it left, or about a take-out."""
    return f"{kind}-{about}" if left is None else f"{kind}-{about}-{left}"
