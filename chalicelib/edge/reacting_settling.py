"""What the workers do to settle accounts between the closes, and to go on once collection is released."""

from collections.abc import Callable, Iterable, Mapping

from chalicelib.billing.collecting import collect
from chalicelib.billing.collection_switch import Guarded, Waiting, collect_unless_stopped, go_on
from chalicelib.billing.hold_using import HoldsFirst, let_go_unneeded
from chalicelib.billing.settling import Settled
from chalicelib.billing.share_rows import concerned
from chalicelib.billing.triggers import is_due
from chalicelib.edge.reacting_holds import holds_of, settle_held
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.wiring_holds import holding_of
from chalicelib.edge.workers import invoice_named
from chalicelib.finance.closes_model import CloseState
from chalicelib.kernel.time import Month

Facts = Mapping[str, str]
_AT_ONCE = 50


def settle_month(facts: Facts, wired: BackOffice) -> None:
    """Settle an account's month once more, and have the partners' months stated again that it concerns.

    Where a session's charge is what has changed, the account's policy says whether it is settled before its close; it
    is, whatever the policy, where something was held for the session: so the hold is used before it ends.
    """
    account_id, month = facts["account_id"], Month.parse(facts["month"])
    held = holds_of(facts, wired)
    if not held and "session_id" in facts and not _is_due(account_id, month, wired):
        return
    settled = settle_held(account_id, month, held, wired) if held else wired.settle(account_id, month)
    _counted(settled, int(facts.get("decisions", "0")), wired)
    have_stated(_closed(settled, wired), wired)


def _counted(settled: Settled, decisions: int, wired: BackOffice) -> None:
    """Have the close know of an account that was parked in it, and finance that its export shows less by now.

    A month that goes on has neither, and is not asked for.
    """
    if settled.settlement.month < Month.of(wired.now(), wired.settings.zone):
        from chalicelib.finance.settling_pages import SettlingPages, count_released  # noqa: PLC0415 -- seldom asked

        count_released(settled, SettlingPages(wired.settle, wired.closes, wired.now, wired.commit), decisions)
        tell_behind(settled, wired)


def tell_behind(settled: Settled, wired: BackOffice) -> None:
    """Tell finance of a month that was settled after its newest export."""
    from chalicelib.finance.exporting import telling_behind  # noqa: PLC0415 -- as above

    of = settled.settlement
    told = telling_behind(of.month, of.account_id, of.stood.at, closes=wired.closes) if of.stood is not None else ()
    if told:
        wired.commit(told, None)


def _is_due(account_id: str, month: Month, wired: BackOffice) -> bool:
    currency, now = wired.settings.currency, wired.now()
    policies, billed = wired.control, wired.billed
    return is_due(account_id, month, currency, policies=policies, billed=billed, used=wired.used, now=now)


def _closed(settled: Settled, wired: BackOffice) -> list[tuple[str, Month]]:
    """The partners' months that it concerns; those of months that go on are stated when they are closed."""
    found = list(concerned(settled.settlement))
    closes = {month: wired.closes.find(month) for month in {month for _, month in found}}
    closed = {month for month, close in closes.items() if close is not None and close.state is CloseState.CLOSED}
    return [each for each in found if each[1] in closed]


def have_stated(months: Iterable[tuple[str, Month]], wired: BackOffice) -> None:
    """Say which partners' months are to be stated, some at a time."""
    said = [wired.share_rows.stating(partner_id, month, wired.now()) for partner_id, month in sorted(set(months))]
    for first in range(0, len(said), _AT_ONCE):
        wired.commit(said[first : first + _AT_ONCE], None)


def collect_invoice(facts: Facts, wired: BackOffice) -> None:
    """Have Stripe collect an invoice; while collection is stopped, it waits."""
    named, now = invoice_named(facts), wired.now()

    def do(collector: Guarded) -> None:
        failures, billed = int(facts["failures"]), wired.billed
        credit = wired.crediting(now, wired.commit)
        after = collect(
            *named, failures, billed=billed, collector=collector, credit=credit, now=now, commit=wired.commit
        )
        if after is not None and not after.asks.minor:
            let_go_unneeded(after.account_id, holding_of(wired, now))

    collect_unless_stopped(
        Waiting(*named),
        do,
        billed=wired.billed,
        collector=HoldsFirst(wired.collector, holding_of(wired, now), wired.ledger, wired.settings.zone),
        switches=wired.control,
        now=now,
        commit=wired.commit,
    )


def collection_goes_on(facts: Facts, wired: BackOffice) -> None:
    """Have a page of what has waited collected."""
    numbers = (int(facts[each]) for each in ("shard", "turn", "page"))
    go_on(*numbers, billed=wired.billed, switches=wired.control, now=wired.now(), commit=wired.commit)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "billing.collect": collect_invoice,
    "billing.go_on": collection_goes_on,
    "billing.settle": settle_month,
}
