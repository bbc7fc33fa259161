"""What cases need from outside."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.access.case import Case, CaseState
from chalicelib.kernel.writes import Write


class Cases(Protocol):
    """Where cases are kept."""

    def find(self, case_id: str) -> Case | None:
        """The case, or None."""

    def listed(
        self, partner_id: str | None, state: CaseState | None, *, limit: int, after: str | None
    ) -> Sequence[Case]:
        """A page of a partner's cases, or of all, by state and in order of opening; `after` is a case's `place`."""

    def opening(self, case: Case) -> Sequence[Write]:
        """Store a case, unless it is there."""

    def closing(self, case: Case) -> Sequence[Write]:
        """Store that a case is closed, unless it is."""
