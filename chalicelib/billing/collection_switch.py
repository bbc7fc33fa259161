"""One switch stops all collection. What is due waits meanwhile, and is collected once it is released.

An invoice that waits is listed before the switch is read again, and whoever releases turns the switch before the list
is read: so none is left behind, and one that both see is collected once, as any message may come twice.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.billing.errors import AlreadyWaits, CollectionStopped
from chalicelib.billing.model import Invoice, InvoiceState, ProviderInvoice
from chalicelib.billing.ports import Billed
from chalicelib.billing.taking_ports import Taking
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write

AT_ONCE = 40
"""So many invoices are sent on in one transaction: each is two writes of its hundred."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether collection is stopped, since when, by whom and why. `left` waited when it was turned last."""

    stopped: bool = False
    by: str = ""
    note: str = ""
    at: datetime | None = None
    turn: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invoice that is collected once collection goes on."""

    account_id: str
    month: Month
    number: int


class Switches(Protocol):
    """Where the switch is kept, and what waits."""

    def switch(self) -> Switch:
        """As it is, in a consistent read."""

    def turns(self, *, limit: int) -> Sequence[Switch]:
        """How it was turned, the newest turn first."""

    def turning(self, switch: Switch) -> Sequence[Write]:
        """Store it, if the turn before is the stored one; that one stays on record."""

    def spreading(self, switch: Switch) -> Sequence[Write]:
        """Have what waits sent on, shard by shard."""

    def next_page(self, shard: int, turn: int, page: int, now: datetime) -> Write:
        """Have more of a shard sent on."""

    def waits(self, waiting: Waiting, now: datetime) -> Sequence[Write]:
        """Store that it waits, unless it does."""

    def waiting(self, shard: int, *, limit: int) -> Sequence[Waiting]:
        """Some of what waits."""

    def sending_on(self, sent: Sequence[Waiting]) -> Sequence[Write]:
        """They wait no more."""

    def left(self) -> int:
        """How many wait."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """Satisfies `taking_ports.Taking` while collection goes on; once it is stopped, it takes nothing.

    A draft, which nobody owes, goes by what was read with the invoice, as collecting began.
    """

    collector: Taking
    switches: Switches

    def check(self) -> None:
        """Refuse if it is stopped."""
        if self.switches.switch().stopped:
            raise CollectionStopped

    def draft(self, invoice: Invoice, provider_customer: str) -> str:
        """Make a draft."""
        return self.collector.draft(invoice, provider_customer)

    def add_lines(self, provider_invoice: str, invoice: Invoice) -> Money:
        """Add the lines."""
        return self.collector.add_lines(provider_invoice, invoice)

    def discard(self, provider_invoice: str, invoice: Invoice) -> None:
        """Remove a draft."""
        self.collector.discard(provider_invoice, invoice)

    def finalize(self, provider_invoice: str, invoice: Invoice) -> None:
        """Make it final, unless it is stopped by now."""
        self.check()
        self.collector.finalize(provider_invoice, invoice)

    def pay(self, provider_invoice: str, invoice: Invoice, payment_method: str) -> None:
        """Try to collect, unless it is stopped by now."""
        self.check()
        self.collector.pay(provider_invoice, invoice, payment_method)

    def read(self, provider_invoice: str) -> ProviderInvoice | None:
        """How it stands."""
        return self.collector.read(provider_invoice)


def turn(*, stopped: bool, by: str, note: str, switches: Switches, now: datetime, commit: Commit) -> Switch:
    """Stop all collection, or release it and have what is due collected. Turned the same way again it stays."""
    before = switches.switch()
    if before.stopped == stopped:
        return before
    after = Switch(stopped, by, note, now, before.turn + 1, switches.left())
    return commit([*switches.turning(after), *([] if stopped else switches.spreading(after))], after)


def collect_unless_stopped(
    waiting: Waiting,
    collect: Callable[[Guarded], object],
    *,
    billed: Billed,
    collector: Taking,
    switches: Switches,
    now: datetime,
    commit: Commit,
) -> None:
    """Collect an invoice. Where collection is stopped, before that or in its midst, it waits; nothing has failed."""
    try:
        collect(Guarded(collector, switches))
    except CollectionStopped:
        _wait(waiting, billed=billed, switches=switches, now=now, commit=commit)


def _wait(waiting: Waiting, *, billed: Billed, switches: Switches, now: datetime, commit: Commit) -> None:
    invoice = billed.invoice(waiting.account_id, waiting.month, waiting.number)
    if invoice is None or invoice.state is InvoiceState.PAID:
        return
    with suppress(AlreadyWaits):
        commit(switches.waits(waiting, now), None)
    if not switches.switch().stopped:
        commit([*switches.sending_on([waiting]), billed.collect_again(invoice, now)], None)


def go_on(
    shard: int, turned: int, page: int, *, billed: Billed, switches: Switches, now: datetime, commit: Commit
) -> None:
    """Have a page of what waits collected, and then the next, unless it was stopped again."""
    switch = switches.switch()
    if switch.stopped or switch.turn != turned:
        return
    found = switches.waiting(shard, limit=AT_ONCE)
    if not found:
        return
    invoices = [billed.invoice(each.account_id, each.month, each.number) for each in found]
    due = [each for each in invoices if each is not None and each.state is not InvoiceState.PAID]
    again = [billed.collect_again(each, now) for each in due]
    commit([*switches.sending_on(found), *again, switches.next_page(shard, turned, page + 1, now)], None)
