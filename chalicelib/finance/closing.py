"""Close a month: open, spread over pages, settle each, finish. Every step may run twice."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.access.ports import Sessions
from chalicelib.billing.settling import Settled
from chalicelib.billing.share_rows import concerned
from chalicelib.finance.closes_model import Close, CloseState, Page, Progress, check_ended, month_to_close, pages_of
from chalicelib.finance.closes_ports import Closes, Pages, Settle
from chalicelib.finance.errors import CloseExists, NotClosed, PageDone
from chalicelib.finance.exporting import next_export
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit

BY_THE_CLOSE = "close"
Failed = Callable[[str, Exception], None]
"""Is told of an account that could not be settled, and why."""


def close_by_timer(zone: str, grace: timedelta, *, closes: Closes, now: datetime, commit: Commit) -> Close | None:
    """Open the close of the month that ended last, once its grace is over and if nobody has."""
    month = month_to_close(now, zone, grace)
    if month is None or closes.find(month) is not None:
        return None
    return open_close(month, zone, closes=closes, now=now, commit=commit)


def open_close(month: Month, zone: str, *, closes: Closes, now: datetime, commit: Commit) -> Close:
    """Begin to close a month that is over. One that is being closed stays as it is."""
    check_ended(month, zone, now)
    known = closes.find(month)
    if known is not None:
        return known
    close = Close(month, now)
    try:
        return commit(closes.opening(close, now), close)
    except CloseExists:
        return closes.find(month) or close


def spread(
    month: Month, *, closes: Closes, sessions: Sessions, pages: Pages, now: datetime, commit: Commit
) -> Close | None:
    """Send every account that is to be billed for the month to be settled, in pages."""
    close = closes.find(month)
    if close is None or close.state is CloseState.CLOSED:
        return close
    found = pages_of(sessions.active_accounts(month))
    if close.state is CloseState.OPENED:
        close = commit([closes.changing(close.spread(len(found)), close)], close.spread(len(found)))
    for number, accounts in enumerate(found):
        pages.send(month, number, accounts)
    return finish_if_done(month, closes=closes, now=now, commit=commit)


def settle_page(
    month: Month,
    number: int,
    accounts: Sequence[str],
    *,
    settle: Settle,
    closes: Closes,
    now: datetime,
    commit: Commit,
    failed: Failed = lambda _account_id, _error: None,
) -> Close | None:
    """Settle each account of a page; the last page finishes the close.

    An account that fails stops none of the others. Its page is not done: it fails with the first such account's error,
    so that it comes again, and those that were settled stay as they are.
    """
    settled = _each_settled(month, accounts, settle, failed)
    sums: Counter[str] = Counter()
    for each in settled:
        sums[each.settlement.currency] += each.settlement.invoiced
    page = Page(
        month=month,
        number=number,
        accounts=len(accounts),
        parked=sum(each.parked is not None for each in settled),
        invoices=sum(each.settlement.invoices for each in settled),
        invoiced=dict(sums),
        shares=frozenset(pair for each in settled for pair in concerned(each.settlement)),
    )
    with suppress(PageDone):
        commit([closes.page_done(page)], page)
    return finish_if_done(month, closes=closes, now=now, commit=commit)


def _each_settled(month: Month, accounts: Sequence[str], settle: Settle, failed: Failed) -> list[Settled]:
    settled, errors = [], []
    for account_id in accounts:
        try:
            settled.append(settle(account_id, month))
        except Exception as error:  # noqa: BLE001 -- whatever it was, the others are billed
            failed(account_id, error)
            errors.append(error)
    if errors:
        raise errors[0]
    return settled


def finish_if_done(month: Month, *, closes: Closes, now: datetime, commit: Commit) -> Close | None:
    """Close the month and ask for its export, once each page is settled."""
    close = closes.find(month)
    if close is None or close.state is not CloseState.SETTLING:
        return close
    if not Progress(close, tuple(closes.pages(month))).done:
        return close
    closed = close.finish(now)
    export = next_export(month, closes.exports(month), BY_THE_CLOSE, now)
    after = [*closes.asking(export, now), closes.telling_closed(month, now)]
    return commit([closes.changing(closed, close), *after], closed)


def progress(month: Month, *, closes: Closes) -> Progress:
    """How far the close of a month is."""
    close = closes.find(month)
    if close is None:
        raise NotClosed(month=str(month))
    return Progress(close, tuple(closes.pages(month)))
