"""Close a month: open, spread over pages, settle each, finish. Every step may run twice, and stop anywhere."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.access.ports import Sessions
from chalicelib.finance.closes_model import (
    BY_THE_TIMER,
    PAGE_OF_ACCOUNTS,
    PAGES_A_TURN,
    Close,
    CloseState,
    Progress,
    Sums,
    check_ended,
    is_late,
    month_to_close,
    pages_of,
    summed,
)
from chalicelib.finance.closes_ports import Closes, Pages
from chalicelib.finance.errors import CloseExists, NotClosed, PageExists, StillClosing
from chalicelib.finance.exporting import next_export
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit

BY_THE_CLOSE = "close"
TURNS_AT_ONCE = 5
"""So many turns a worker takes before it leaves the rest to another."""


def close_by_timer(zone: str, grace: timedelta, *, closes: Closes, now: datetime, commit: Commit) -> Close | None:
    """Open the close of the newest month whose grace is over, if nobody has.

    One that was missed is caught up with as long as it is the newest, but by no stage that was set up since: such a
    one has not closed the month before either.
    """
    month = month_to_close(now, zone, grace)
    if closes.find(month) is not None:
        return None
    if is_late(month, now, zone, grace) and closes.find(month.previous) is None:
        return None
    return open_close(month, zone, by=BY_THE_TIMER, closes=closes, now=now, commit=commit).close


def open_close(month: Month, zone: str, *, by: str, closes: Closes, now: datetime, commit: Commit) -> Progress:
    """Begin to close a month that is over. One that is closed stays as it is; what of one got stuck is sent again.

    Either way the answer is how far it is.
    """
    check_ended(month, zone, now)
    known = closes.find(month)
    if known is not None:
        how_far, stuck = _how_far(known, closes), known.state is not CloseState.CLOSED
        return commit([closes.spreading(known, 0, now)], how_far) if stuck else how_far
    close = Close(month, now, opened_by=by)
    try:
        return commit(closes.opening(close, now), Progress(close, Sums()))
    except CloseExists:
        return progress(month, closes=closes)


def reopen(month: Month, by: str, reason: str, *, closes: Closes, now: datetime, commit: Commit) -> Progress:
    """Settle a closed month anew. What was closed and exported stays; this is a version beside it."""
    closed = closes.find(month)
    if closed is None:
        raise NotClosed(month=str(month))
    if closed.state is not CloseState.CLOSED:
        raise StillClosing(month=str(month))
    again = closed.again(by, reason, now)
    return commit(closes.opening(again, now), Progress(again, Sums()))


def spread(
    month: Month,
    version: int,
    turn: int,
    *,
    closes: Closes,
    sessions: Sessions,
    pages: Pages,
    now: datetime,
    commit: Commit,
) -> Close | None:
    """Send every account that is to be billed for the month to be settled, in pages, some turns of them at once.

    The pages of a turn are stored with how far the close is, and sent afterwards. So a turn that comes again sends
    what it sent, but for what is done by now, and one that broke off is gone on with.
    """
    for each in range(turn, turn + TURNS_AT_ONCE):
        close = closes.find(month)
        if close is None or close.version != version or close.state is CloseState.CLOSED:
            return close
        if close.state is CloseState.OPENED and close.turn == each:
            close = _make_pages(close, closes, sessions, commit)
        first = each * PAGES_A_TURN
        for page in closes.unsettled(close, first, first + PAGES_A_TURN - 1):
            pages.send(page)
        if close.state is CloseState.SETTLING and each + 1 >= close.turn:
            return finish_if_done(month, version, closes=closes, now=now, commit=commit)
    onward = closes.find(month)
    return commit([closes.spreading(onward, turn + TURNS_AT_ONCE, now)], onward) if onward is not None else None


def _make_pages(close: Close, closes: Closes, sessions: Sessions, commit: Commit) -> Close:
    most = PAGES_A_TURN * PAGE_OF_ACCOUNTS
    accounts = sessions.active_accounts_after(close.month, limit=most, after=close.after)
    made = pages_of(close, accounts)
    after = close.spread(made, last=len(accounts) < most)
    try:
        return commit([closes.changing(after, close), *map(closes.making, made)], after)
    except (CloseExists, PageExists):
        return closes.find(close.month) or close


def finish_if_done(month: Month, version: int, *, closes: Closes, now: datetime, commit: Commit) -> Close | None:
    """Close the month once every page is settled, and have it exported."""
    close = closes.find(month)
    if close is None or close.version != version or close.state is not CloseState.SETTLING:
        return close
    if not _how_far(close, closes).done:
        return close
    closed = close.finish(now)
    export = next_export(month, closes.exports(month), BY_THE_CLOSE, now)
    export = replace(export, close=close.version, settled_since=close.opened_at)
    after = [*closes.asking(export, now), closes.telling_closed(month, now)]
    with suppress(CloseExists):
        return commit([closes.changing(closed, close), *after], closed)
    return closes.find(month)


def progress(month: Month, version: int | None = None, *, closes: Closes) -> Progress:
    """How far the close of a month is: the newest, or a version of it."""
    close = closes.find(month, version)
    if close is None:
        raise NotClosed(month=str(month))
    return _how_far(close, closes)


def _how_far(close: Close, closes: Closes) -> Progress:
    return Progress(close, summed(closes.sums(close)))
