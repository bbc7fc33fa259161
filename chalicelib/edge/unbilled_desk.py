"""Usage that nobody is billed for, at the finance door."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.callers import READ, Staff
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery
from chalicelib.edge.routes import NOTHING, get
from chalicelib.edge.usage import TotalShown
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from chalicelib.access import unbilled
    from chalicelib.edge.wiring_finance import BackOffice
else:
    unbilled = lazily("chalicelib.access.unbilled")


class UnbilledShown(msgspec.Struct):
    """A session or an asset that was reported on in the month, what that came to, and why it is on no bill."""

    subject: str
    partner_id: str
    why: str
    events: int
    totals: list[TotalShown]


class UnbilledDesk:
    """Finance looks for usage that nobody is billed for."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @get("/v1/unbilled-usage/{month}", query=PageQuery, needs=READ, refuses=NOTHING)
    def unbilled_usage(self, call: Call[Staff, None], month: str) -> Page[UnbilledShown]:
        """All that was reported on in a month is gone through, `limit` subjects a page, and what is billed left out.

        So a page may be empty and have a next one. Now and then a subject is on two pages.
        """
        wired, query, named = self._wired, call.query, Month.parse(month)
        with pointing_at("after"):
            noted = list(islice(wired.heads.noted(named, query.after), query.limit))
        found = unbilled.unbilled(
            [subject for _, subject in noted],
            named,
            call.now,
            wired.settings.zone,
            heads=wired.heads,
            sessions=wired.sessions,
        )
        return Page([_shown(each) for each in found], noted[-1][0] if len(noted) == query.limit else None)


def _shown(each: unbilled.Unbilled) -> UnbilledShown:
    totals = [
        TotalShown(name, each.units.get(name, ""), plain(amount), dict(dimensions))
        for (name, dimensions), amount in sorted(each.amounts.items())
    ]
    return UnbilledShown(each.subject, each.partner_id, str(each.why), each.events, totals)
