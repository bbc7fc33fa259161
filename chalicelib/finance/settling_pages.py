"""Settle a page of accounts, and later those of it that could not be settled or were parked. All may run twice."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.settling import Settled
from chalicelib.billing.share_rows import concerned
from chalicelib.finance.closes_model import (
    MOST_TRIES,
    Close,
    FailedAccount,
    FailedState,
    Page,
    ParkedAccount,
    Sent,
    code_of,
)
from chalicelib.finance.closes_ports import Closes, Settle, SettleTogether
from chalicelib.finance.closing import finish_if_done
from chalicelib.finance.errors import AccountSettled, NotClosed, PageDone, SumsChanged, UnknownFailure
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write

_TRIES = 8
"""Pages that end together write the same sums; one of them at a time does."""
Failed = Callable[[str, Exception], None]
"""Is told of an account that could not be settled, and why."""


def _none_together(_accounts: Sequence[str], _month: Month) -> Mapping[str, Settled]:
    return {}


@dataclass(frozen=True, slots=True)
class SettlingPages:
    """What settling goes by; `failed` writes the log.

    `clock` is read anew for each thing that is noted: a page takes seconds, and the export that follows a close shows
    what stood when its last account was settled.
    """

    settle: Settle
    closes: Closes
    clock: Callable[[], datetime]
    commit: Commit
    failed: Failed = lambda _account_id, _error: None
    together: SettleTogether = _none_together


def settle_page(page: Sent, tries: int, by: SettlingPages) -> Close | None:
    """Settle each account of a page; the last page finishes the close.

    An account that fails stops none of the others, and is listed. Its page fails with the first such account's error,
    so that it comes again and those that were settled stay as they are; at the last try it is done without it.
    """
    if not by.closes.is_done(page):
        settled, errors = _each_settled(page, by)
        listed = [_failed(page, account_id, error, tries, by.clock()) for account_id, error in errors.items()]
        if listed and tries < MOST_TRIES:
            by.commit([by.closes.failing(each) for each in listed], None)
            raise next(iter(errors.values()))
        if listed_before := _no_more(page, errors, tries, by):
            by.commit(listed_before, None)  # by itself: with who is parked, one transaction would not hold them
        final = [by.closes.failing(replace(each, state=FailedState.FAILED)) for each in listed]
        done = _page_of(page, settled, len(listed))
        _add(done, [by.closes.page_done(done), *final, *_parked(page, settled, by)], by)
    return finish_if_done(page.month, page.version, closes=by.closes, now=by.clock(), commit=by.commit)


def ask_again(month: Month, account_id: str, *, closes: Closes, now: datetime, commit: Commit) -> FailedAccount:
    """Have an account settled that could not be, now that what was in its way is gone."""
    known = _failed_one(month, account_id, closes)
    if known.state is FailedState.SETTLED:
        return known
    return commit([closes.asking_again(known, now)], known)


def settle_again(month: Month, account_id: str, by: SettlingPages) -> Settled | None:
    """Settle an account that could not be; if it cannot be still, that is listed, with how often it was tried."""
    known = _failed_one(month, account_id, by.closes)
    if known.state is not FailedState.FAILED:
        return None
    try:
        settled = by.settle(account_id, month)
    except Exception as error:  # noqa: BLE001 -- whatever it was, it is listed
        by.failed(account_id, error)
        by.commit([by.closes.failing(replace(known, code=code_of(error), at=by.clock(), tries=known.tries + 1))], None)
        return None
    page = Sent(month, known.page, (account_id,), known.version)
    changed = replace(_page_of(page, [settled], 0), accounts=0, failed=-1)
    after = replace(known, state=FailedState.SETTLED, at=by.clock(), tries=known.tries + 1)
    writes = [by.closes.settled_since(after, FailedState.FAILED), *_parked(page, [settled], by)]
    return settled if _add(changed, writes, by, pages=0) else None


def count_released(settled: Settled, by: SettlingPages, decisions: int = 0) -> bool:
    """Count in the newest close of its month what an account came to since it was parked there, once.

    `decisions` are those about it, if it was released: a page that has seen fewer must not count it as parked any more,
    so they are stored also where no page has counted it yet. Errors: `AccountSettled`, if one does so meanwhile.
    """
    account_id, month = settled.settlement.account_id, settled.settlement.month
    close = by.closes.find(month)
    if close is None:
        return False
    known = by.closes.parked_one(close, account_id)
    if known is None or known.released:
        if decisions > (known.decisions if known is not None else 0):
            mark = ParkedAccount(month, account_id, decisions, released=True, version=close.version)
            by.commit([by.closes.released(mark, known)], None)
        return False
    if settled.parked is not None:
        return False
    page = _page_of(Sent(month, known.page, (account_id,), known.version), [settled], 0)
    invoiced = Counter(page.invoiced)
    invoiced.subtract(known.invoiced)
    since = replace(page, accounts=0, parked=-1, invoices=page.invoices - known.invoices, invoiced=dict(invoiced))
    after = replace(known, released=True, decisions=max(known.decisions, decisions))
    return _add(since, [by.closes.released(after, known)], by, pages=0)


def failed_accounts(
    month: Month, *, closes: Closes, limit: int | None = None, after: str | None = None
) -> Sequence[FailedAccount]:
    """A page of what could not be settled in the newest close of the month."""
    return closes.failed(_close_of(month, closes), limit=limit, after=after)


def _close_of(month: Month, closes: Closes) -> Close:
    close = closes.find(month)
    if close is None:
        raise NotClosed(month=str(month))
    return close


def _failed_one(month: Month, account_id: str, closes: Closes) -> FailedAccount:
    known = closes.failed_one(_close_of(month, closes), account_id)
    if known is None:
        raise UnknownFailure(month=str(month))
    return known


def _each_settled(page: Sent, by: SettlingPages) -> tuple[list[Settled], dict[str, Exception]]:
    settled, errors = dict(by.together(page.accounts, page.month)), dict[str, Exception]()
    for account_id in page.accounts:
        if account_id in settled:
            continue
        try:
            settled[account_id] = _settled(account_id, page.month, by)
        except Exception as error:  # noqa: BLE001 -- whatever it was, the others are billed
            by.failed(account_id, error)
            errors[account_id] = error
    return list(settled.values()), errors


def _settled(account_id: str, month: Month, by: SettlingPages) -> Settled:
    """Once more where it broke off on its way, so that its documents have their numbers before those of who follows."""
    try:
        return by.settle(account_id, month)
    except Refusal:
        raise
    except Exception:  # noqa: BLE001 -- whatever it was, it is said if it comes again
        return by.settle(account_id, month)


def _failed(page: Sent, account_id: str, error: Exception, tries: int, now: datetime) -> FailedAccount:
    return FailedAccount(page.month, account_id, page.number, code_of(error), now, tries, version=page.version)


def _no_more(page: Sent, errors: dict[str, Exception], tries: int, by: SettlingPages) -> list[Write]:
    """What was listed at an earlier try and is settled now. A page that is sent anew counts its tries anew."""
    close = by.closes.find(page.month, page.version)
    if close is None or not by.closes.failed(close, limit=1):
        return []
    known = (by.closes.failed_one(close, each) for each in page.accounts if each not in errors)
    return [
        by.closes.settled_since(
            replace(each, state=FailedState.SETTLED, at=by.clock(), tries=tries), FailedState.TRYING
        )
        for each in known
        if each is not None and each.state is FailedState.TRYING
    ]


def _parked(page: Sent, settled: Sequence[Settled], by: SettlingPages) -> list[Write]:
    """Who of them is parked, with what is counted of them."""
    return [
        by.closes.counted_parked(
            ParkedAccount(
                page.month,
                each.settlement.account_id,
                each.parked.decisions,
                page.number,
                each.settlement.invoices,
                {each.settlement.currency: each.settlement.invoiced},
                version=page.version,
            )
        )
        for each in settled
        if each.parked is not None
    ]


def _page_of(page: Sent, settled: Sequence[Settled], failed: int) -> Page:
    sums: Counter[str] = Counter()
    for each in settled:
        sums[each.settlement.currency] += each.settlement.invoiced
    return Page(
        month=page.month,
        number=page.number,
        accounts=len(page.accounts),
        parked=sum(each.parked is not None for each in settled),
        invoices=sum(each.settlement.invoices for each in settled),
        invoiced=dict(sums),
        shares=frozenset(pair for each in settled for pair in concerned(each.settlement)),
        failed=failed,
        version=page.version,
    )


def _add(page: Page, writes: Sequence[Write], by: SettlingPages, *, pages: int = 1) -> bool:
    """The writes and what they add to the sums, in one; False if another worker has done the same."""
    for attempt in range(_TRIES):
        sums = by.closes.sums_of_part(page.month, page.version, page.number).plus(page, pages)
        try:
            return by.commit([*writes, by.closes.saving_sums(page.month, page.version, page.number, sums)], True)
        except (PageDone, AccountSettled):
            return False
        except SumsChanged:
            if attempt + 1 == _TRIES:
                raise
    return False
