"""Cases at the finance door."""

from chalicelib.edge.call import Call
from chalicelib.edge.callers import READ, Staff
from chalicelib.edge.case_desk import CaseQuery, CaseShown, page_of_cases
from chalicelib.edge.paging import Page
from chalicelib.edge.routes import get
from chalicelib.edge.wiring import Wiring


class FinanceCaseDesk:
    """Finance reads the cases of all partners."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/cases", query=CaseQuery, needs=READ)
    def cases(self, call: Call[Staff, None]) -> Page[CaseShown]:
        """What was opened about all partners' assets, by state and in order of opening."""
        return page_of_cases(self._wired, call.query, None)
