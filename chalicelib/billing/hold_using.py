"""Holds when their sessions are over: captured up to what is due, with their invoice; what is not needed is let go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chalicelib.billing.credit_model import name_of
from chalicelib.billing.hold_model import Hold, HoldState, to_capture
from chalicelib.billing.hold_watching import mending, telling_released
from chalicelib.billing.holding import Holding, letting_go
from chalicelib.billing.model import Invoice, InvoiceState, ProviderInvoice
from chalicelib.billing.postings import part_payment_entry
from chalicelib.billing.settling import Settled
from chalicelib.billing.taking_ports import Taking
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Outcome, Write
from chalicelib.ledger.ports import Ledger

Due = Callable[[str], int]
"""What a session came to, in minor units."""


@dataclass(frozen=True, slots=True)
class PaidByHolds:
    """A `Commit` for settling: the invoice and what says which holds pay it exist together."""

    held: Sequence[Hold]
    due: Due
    holding: Holding

    def __call__(self, writes: Sequence[Write], outcome: Outcome) -> Outcome:
        """All of it or nothing."""
        invoice = outcome.invoice if isinstance(outcome, Settled) else None
        sessions = outcome.sessions if isinstance(outcome, Settled) else None
        held = [each for each in self.held if sessions is None or each.session_id in sessions]
        more = [] if invoice is None else self._linking(invoice, held)
        return self.holding.commit([*writes, *more], outcome)

    def _linking(self, invoice: Invoice, held: Sequence[Hold]) -> list[Write]:
        """Each hold pays the bill of the seller whose thing its session had."""
        writes: list[Write] = []
        left = invoice.asks
        for hold in held:
            amount = to_capture(hold.amount, self.due(hold.session_id), left)
            if amount:
                linked = hold.for_invoice(invoice.invoice_id, amount)
                writes += [self.holding.holds.changing(linked), self.holding.holds.paying(linked)]
                left -= Money(amount, left.currency)
        return writes


def usable(found: Sequence[Hold]) -> list[Hold]:
    """Those that stand and pay nothing yet."""
    return [each for each in found if each.state is HoldState.HELD and each.invoice_id is None]


def settle_with_holds(
    found: Sequence[Hold], due: Due, settle: Callable[[Commit], Settled], *, holding: Holding
) -> Settled:
    """Settle an account of which these sessions are over, and let go what pays nothing. Safe to repeat.

    A month that is parked keeps its holds as long as their bank does.
    """
    held = usable(found)
    settled = settle(PaidByHolds(held, due, holding))
    if settled.parked is not None:
        return settled
    sessions = {each.session_id for each in found}
    for each in {hold.session_id for hold in held}:
        for hold in usable(holding.holds.of_session(found[0].account_id, each)):
            holding.commit(letting_go(hold, holding), None)
    for session_id in sorted(sessions):
        writes = mending(holding.billed.payer(found[0].account_id), session_id, holding)
        if writes:
            holding.commit(writes, None)
    return settled


@dataclass(frozen=True, slots=True)
class HoldsFirst:
    """Satisfies `taking_ports.Taking`: an invoice's holds are captured and pay it, its payment method pays the rest."""

    collector: Taking
    holding: Holding
    ledger: Ledger
    zone: str

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
        """Make it final."""
        self.collector.finalize(provider_invoice, invoice)

    def pay(self, provider_invoice: str, invoice: Invoice, payment_method: str) -> None:
        """Capture what is held, and collect what that leaves; of a hold that has ended meanwhile, the whole."""
        found = [self._as_it_is(each) for each in self.holding.holds.of_invoice(invoice.account_id, invoice.invoice_id)]
        self._claim(found, invoice)
        left = invoice.asks
        for each in found:
            left -= Money(self._captured(each, left, provider_invoice), left.currency)
        if left.minor > 0:
            self.collector.pay(provider_invoice, invoice, payment_method)

    def read(self, provider_invoice: str) -> ProviderInvoice | None:
        """How it stands."""
        return self.collector.read(provider_invoice)

    def _as_it_is(self, hold: Hold) -> Hold:
        """What is about to be let go may have been taken by a try that broke off: then it pays all the same."""
        if hold.state is not HoldState.RELEASING or hold.intent is None:
            return hold
        stands = self.holding.provider.read(hold.intent)
        if stands is None or stands.status != "succeeded":
            return hold
        return self.holding.commit([self.holding.holds.changing(hold.kept())], hold.kept())

    def _claim(self, found: Sequence[Hold], invoice: Invoice) -> None:
        """Say how much will be captured before any of it is: wherever that breaks off, credit lowers only the rest."""
        left, claimed = invoice.asks, 0
        for each in found:
            held = each.state is HoldState.HELD
            amount = to_capture(each.amount, each.due, left) if held else each.captured
            claimed += amount if held else 0
            left -= Money(amount, left.currency)
        if claimed != invoice.claimed:
            claiming = self.holding.billed.changing_invoice(replace(invoice, claimed=claimed), invoice)
            self.holding.commit([claiming], None)

    def _captured(self, hold: Hold, left: Money, provider_invoice: str) -> int:
        """What it pays of what is left; where that was credited meanwhile, less, or nothing: then it is let go."""
        if hold.state is HoldState.CAPTURED:
            return hold.captured
        if hold.state is not HoldState.HELD:
            return 0
        amount = to_capture(hold.amount, hold.due, left)
        if not amount:
            self.holding.commit(letting_go(hold, self.holding), None)
            return 0
        stands = self.holding.provider.capture(hold, amount)
        if stands.status != "succeeded":
            self.holding.commit([self.holding.holds.changing(hold.expired()), *self._unclaimed(hold, amount)], None)
            return 0
        self.holding.provider.attach(hold, provider_invoice)
        after = hold.taken(stands.captured)
        told = [telling_released(hold, after.captured, self.holding)] if after.captured < hold.amount.minor else []
        part = self._part_paid(after, stands.charge) if after.captured < left.minor else []
        self.holding.commit([self.holding.holds.changing(after), *told, *part], None)
        return after.captured

    def _part_paid(self, hold: Hold, charge: str | None) -> list[Write]:
        """What it paid is posted at once where a rest is owed, which may be paid much later, or given up."""
        billed, now, invoice = self.holding.billed, self.holding.now, self._owed(hold)
        if invoice is None:
            return []
        paid = Money(hold.captured, invoice.total.currency)
        left = max(invoice.claimed - hold.captured, 0)
        after = replace(invoice, part_paid=invoice.part_paid + hold.captured, claimed=left)
        entry = part_payment_entry(invoice, hold.name, paid, Month.of(now, self.zone), now)
        known = [billed.paid_by(invoice, charge)] if charge is not None else []
        return [billed.changing_invoice(after, invoice), *known, *self.ledger.posting(entry)]

    def _unclaimed(self, hold: Hold, amount: int) -> list[Write]:
        """What it was to pay is left to the payment method, and to credit."""
        invoice = self._owed(hold)
        if invoice is None or not invoice.claimed:
            return []
        after = replace(invoice, claimed=max(invoice.claimed - amount, 0))
        return [self.holding.billed.changing_invoice(after, invoice)]

    def _owed(self, hold: Hold) -> Invoice | None:
        month, number = name_of(hold.invoice_id or "")
        invoice = self.holding.billed.invoice(hold.account_id, month, int(number))
        return invoice if invoice is not None and invoice.state in (InvoiceState.DUE, InvoiceState.FAILED) else None


def let_go_unneeded(account_id: str, holding: Holding) -> None:
    """Let go what was kept for invoices that are closed without it, as those are that credit notes close."""
    for hold in holding.holds.of_account(account_id):
        if hold.state is HoldState.HELD and hold.invoice_id is not None:
            month, number = name_of(hold.invoice_id)
            invoice = holding.billed.invoice(account_id, month, int(number))
            if invoice is not None and (invoice.state is InvoiceState.PAID or not invoice.asks.minor):
                holding.commit(letting_go(hold, holding), None)
