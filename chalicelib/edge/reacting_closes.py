"""What the workers do to close a month."""

from collections.abc import Callable, Mapping
from functools import partial

from chalicelib.billing.share_rows import concerned
from chalicelib.edge.queued import Queued
from chalicelib.edge.reacting_reconciliation import reconcile_now
from chalicelib.edge.reacting_settling import have_stated, tell_behind
from chalicelib.edge.settling_accounts import settle_together
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.workers import log_failure
from chalicelib.finance.closing import spread
from chalicelib.finance.parting import do_task
from chalicelib.finance.parts_model import Task
from chalicelib.finance.reconciliation_model import Run
from chalicelib.finance.settling_pages import SettlingPages, settle_again, settle_page
from chalicelib.kernel.time import Month

Facts = Mapping[str, str]


def settling_pages(wired: BackOffice) -> SettlingPages:
    """What settling goes by in a worker."""
    failed, page = partial(log_failure, "close_account"), wired.page()
    together = partial(settle_together, wired=page)
    return SettlingPages(page.close_account, wired.closes, wired.now, wired.commit, failed, together)


def spread_close(facts: Facts, wired: BackOffice) -> None:
    """Send the accounts of a month to be settled; messages of before named the month alone."""
    spread(
        Month.parse(facts["month"]),
        int(facts.get("version", "1")),
        int(facts.get("turn", "0")),
        closes=wired.closes,
        sessions=wired.sessions,
        pages=wired.pages,
        now=wired.now(),
        commit=wired.commit,
    )


def settle_failed(facts: Facts, wired: BackOffice) -> None:
    """Settle an account that could not be, and have the partners' months stated that it concerns."""
    settled = settle_again(Month.parse(facts["month"]), facts["account_id"], settling_pages(wired))
    if settled is not None:
        have_stated(concerned(settled.settlement), wired)
        tell_behind(settled, wired)


def do_queued(sent: Queued, wired: BackOffice) -> None:
    """Settle a page of accounts, do a part of an export, or reconcile a month."""
    if isinstance(sent, Task):
        do_task(sent, wired.parting())
    elif isinstance(sent, Run):
        reconcile_now(sent, wired)
    else:
        settle_page(*sent, settling_pages(wired))


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "finance.again": settle_failed,
    "finance.spread": spread_close,
}
