"""Closing a month, at the finance door: ask for it, follow it, do again what failed, open it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.finance import MonthBody, Note
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery, narrowed, same
from chalicelib.edge.routes import NOTHING, get, post
from chalicelib.finance.closes_model import FailedAccount, FailedState, Progress
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.finance import closing, settling_pages
else:
    closing = lazily("chalicelib.finance.closing")
    settling_pages = lazily("chalicelib.finance.settling_pages")


class CloseQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which version of a close; the newest, unless told."""

    version: Annotated[int, msgspec.Meta(ge=1, le=999_999)] | None = None


class FailedQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """How much of the list, and which: in a state, with the code of a reason."""

    state: FailedState | None = None
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None


class ReopeningBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why a closed month is settled anew; kept with the decision."""

    note: Note


class CloseShown(msgspec.Struct):
    """How far a close is; `invoiced` is in minor units by currency.

    `pages` is null until all accounts are in pages, and `pages_made` are in them by now. A `version` after the first
    restates the month; `opened_by` has decided so, for a `reason`. Each account of a page that is done is done, parked
    or failed. One that failed or was parked is counted as done, with what it comes to, when it is settled again or
    released: so these numbers may change after `closed_at`.
    """

    month: str
    version: int
    state: str
    opened_at: str
    opened_by: str
    reason: str
    closed_at: str | None
    pages: int | None
    pages_made: int
    pages_done: int
    accounts_done: int
    accounts_parked: int
    accounts_failed: int
    invoices: int
    invoiced_minor: dict[str, int]


class FailedAccountShown(msgspec.Struct):
    """An account that could not be settled, with the code of the reason.

    It is tried again (`trying`), waits for somebody (`failed`), or was settled since (`settled`).
    """

    month: str
    account_id: str
    code: str
    state: str
    tries: int
    at: str


def show_progress(progress: Progress) -> CloseShown:
    """How far a close is."""
    close, sums = progress.close, progress.sums
    return CloseShown(
        month=str(close.month),
        version=close.version,
        state=str(close.state),
        opened_at=show_instant(close.opened_at),
        opened_by=close.opened_by,
        reason=close.reason,
        closed_at=show_instant(close.closed_at) if close.closed_at else None,
        pages=close.pages,
        pages_made=close.made if close.pages is None else close.pages,
        pages_done=sums.pages,
        accounts_done=sums.accounts - sums.failed - sums.parked,
        accounts_parked=sums.parked,
        accounts_failed=sums.failed,
        invoices=sums.invoices,
        invoiced_minor=dict(sums.invoiced),
    )


def show_failed(failed: FailedAccount) -> FailedAccountShown:
    """An account that could not be settled."""
    about = str(failed.month), failed.account_id, failed.code, str(failed.state)
    return FailedAccountShown(*about, failed.tries, show_instant(failed.at))


class CloseDesk:
    """Finance closes months."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @post("/v1/closes", takes=MonthBody, shows=show_progress, status=202, needs=ACT)
    def close_month(self, call: Call[Staff, MonthBody]) -> Any:  # noqa: ANN401 -- loaded when it is needed
        """Close a month that is over, without waiting for the timer. One that is closed stays as it is.

        Of one that got stuck, what is not settled is sent to be settled once more.
        """
        month, wired, by = Month.parse(call.body.month), self._wired, call.caller.subject
        zone = wired.settings.zone
        return closing.open_close(month, zone, by=by, closes=wired.closes, now=call.now, commit=call.commit)

    @get("/v1/closes/{month}", query=CloseQuery, shows=show_progress, needs=READ, refuses=NOTHING)
    def close_progress(self, call: Call[Staff, None], month: str) -> Any:  # noqa: ANN401 -- as above
        """How far the close of a month is."""
        return closing.progress(Month.parse(month), call.query.version, closes=self._wired.closes)

    @post(
        "/v1/closes/{month}/reopening",
        takes=ReopeningBody,
        shows=show_progress,
        status=202,
        needs=ACT,
        refuses=NOTHING,
    )
    def reopen(self, call: Call[Staff, ReopeningBody], month: str) -> Any:  # noqa: ANN401 -- as above
        """Settle a closed month anew, as a restatement beside what was closed and exported, which stays.

        Who decided it, when and why is kept.
        """
        decided = Month.parse(month), call.caller.subject, call.body.note
        return closing.reopen(*decided, closes=self._wired.closes, now=call.now, commit=call.commit)

    @get("/v1/closes/{month}/failed", query=FailedQuery, needs=READ, refuses=NOTHING)
    def failed_accounts(self, call: Call[Staff, None], month: str) -> Page[FailedAccountShown]:
        """The accounts that could not be settled in the newest close of a month, each with the reason's code.

        A page may be short, or empty, and have more behind it: `next` says so.
        """
        named, query, closes = Month.parse(month), call.query, self._wired.closes
        return narrowed(
            query,
            lambda limit, after: settling_pages.failed_accounts(named, closes=closes, limit=limit, after=after),
            show_failed,
            lambda each: each.account_id,
            lambda each: same(query, state=each.state, code=each.code),
        )

    @post("/v1/closes/{month}/failed/{account_id}/again", shows=show_failed, status=202, needs=ACT)
    def settle_again(self, call: Call[Staff, None], month: str, account_id: str) -> Any:  # noqa: ANN401 -- as above
        """Settle an account that could not be, now that what was in its way is gone."""
        closes, asked = self._wired.closes, (Month.parse(month), account_id)
        return settling_pages.ask_again(*asked, closes=closes, now=call.now, commit=call.commit)
