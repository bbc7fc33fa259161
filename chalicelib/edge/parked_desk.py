"""The finance door's routes of what operators decide about a month: bills that wait for them, and caps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.billing.model import FareCaps, Parked
from chalicelib.billing.operating import release, set_fare_caps
from chalicelib.edge import fare_caps, finance
from chalicelib.edge.callers import OPERATE, READ
from chalicelib.edge.paging import Page, narrowed, same
from chalicelib.edge.routes import get, post, put
from chalicelib.kernel.time import Month

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.callers import Staff
    from chalicelib.edge.wiring_finance import BackOffice


class ParkedDesk:
    """Parked accounts, and caps over several products."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @get("/v1/parked", query=finance.ParkedQuery, needs=OPERATE)
    def parked_accounts(self, call: Call[Staff, None]) -> Page[finance.ParkedShown]:
        """Accounts whose month is not billed until somebody has looked at it, or those of a reason, a month, a state.

        A page may be short, or empty, and have more behind it: `next` says so.
        """
        query = call.query
        return narrowed(
            query,
            lambda limit, after: self._wired.billed.all_parked(limit=limit, after=after),
            finance.show_parked,
            lambda each: f"{each.account_id}#{each.month}",
            lambda each: same(query, reason=each.reason, month=str(each.month), released=each.released_at is not None),
        )

    @post(
        "/v1/parked/{account_id}/{month}/release",
        takes=finance.ReleaseBody,
        shows=finance.show_parked,
        needs=OPERATE,
    )
    def release_account(self, call: Call[Staff, finance.ReleaseBody], account_id: str, month: str) -> Parked:
        """Bill an account's month after all; the decision is kept with who took it and why."""
        return release(
            account_id,
            Month.parse(month),
            by=call.caller.subject,
            note=call.body.note,
            billed=self._wired.billed,
            now=call.now,
            commit=call.commit,
        )

    @put(
        "/v1/fare-caps/{month}",
        takes=fare_caps.FareCapsBody,
        shows=fare_caps.show_fare_caps,
        needs=OPERATE,
    )
    def put_fare_caps(self, call: Call[Staff, fare_caps.FareCapsBody], month: str) -> FareCaps:
        """Cap what an account pays for several products together, from a month to come on."""
        caps = fare_caps.fare_caps_of(Month.parse(month), call.body, self._wired.settings.currency)
        return set_fare_caps(
            caps, self._wired.settings.zone, billed=self._wired.billed, now=call.now, commit=call.commit
        )

    @get("/v1/fare-caps/{month}", shows=fare_caps.show_fare_caps, needs=READ)
    def fare_caps_of_month(self, _call: Call[Staff, None], month: str) -> FareCaps | None:
        """The caps over several products that hold in a month."""
        return self._wired.billed.fare_caps(Month.parse(month))
