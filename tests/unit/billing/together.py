"""An account's books in memory beside Stripe's double, through the real SDK: rides, holds, credit, disputes, debts."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.billing import collection_switch as switch
from chalicelib.billing import hold_using, refunding, writing_off
from chalicelib.billing.collecting import collect
from chalicelib.billing.collection_switch import Guarded, Switch, Waiting, collect_unless_stopped
from chalicelib.billing.comparing import Comparing
from chalicelib.billing.crediting import Crediting
from chalicelib.billing.hold_model import Hold
from chalicelib.billing.holding import Holding
from chalicelib.billing.model import Invoice, InvoiceState, Payer
from chalicelib.billing.stripe_books import StripeBooks
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.billing.stripe_holds import StripeHolds
from chalicelib.billing.stripe_refunds import StripeRefunds
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable
from infra.local.stripe_double.trying import SECRET_KEY, Trial
from tests.unit.billing.books import ACCOUNT, MAY, ZONE, Books
from tests.unit.billing.holds import HoldsInMemory
from tests.unit.billing.money import NOW, Account, euro
from tests.unit.billing.test_collection_switch import SwitchesInMemory


@dataclass
class Together(Account):
    """What `Account` has, with the double as its provider; a webhook is read when somebody says `hear`."""

    stripe: Trial = field(kw_only=True)
    holds: HoldsInMemory = field(default_factory=HoldsInMemory)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stripe.clock.at = NOW - timedelta(hours=2)
        calls = StripeCalls(SECRET_KEY, self.stripe.address)
        self.gateway, self.bank, self.refunder = StripeGateway(calls), StripeHolds(calls), StripeRefunds(calls)
        self.provider = StripeBooks(calls, self.gateway.read)  # type: ignore[assignment]
        self.customer = self.gateway.create_customer(ACCOUNT, 1)
        self.card = self.stripe.save_card(self.customer)
        self.billed.payers[ACCOUNT] = Payer(ACCOUNT, self.customer, self.card, version=1)
        self.kept = Books(billed=self.billed, journal=self.journal, notes=self.notes, payouts=self.payouts)
        self.kept.commit, self.rides = self.commit, self.kept.rides
        self.switches = SwitchesInMemory(Switch())
        self.billed.stopped = lambda: self.switches.switch().stopped
        self.minutes = 0

    @property
    def crediting(self) -> Crediting:
        kept = (self.billed, self.notes, self.payouts, self.journal)
        return Crediting(*kept, self.gateway, self.refunder, ZONE, NOW, self.commit)

    @property
    def holding(self) -> Holding:
        return Holding(self.billed, self.holds, self.bank, NOW, self.commit)

    def settle(self, month: Month = MAY, held: int = 0) -> Invoice | None:
        """The month is settled; where something was held for it, that much."""

        def do(commit: Commit) -> object:
            self.kept.commit = commit  # type: ignore[assignment]
            return self.kept.settle(month, NOW - timedelta(hours=2))

        if not held:
            return self.kept.settle(month, NOW - timedelta(hours=2)).invoice
        hold = Hold(ACCOUNT, "ses_1", 1, euro(held), self.customer, self.card, NOW)
        stood = hold.held(self.bank.ask(hold), NOW)
        self.holds.kept["ses_1", 1] = stood
        try:
            settled = hold_using.settle_with_holds(
                [stood],
                lambda _session: held,
                do,  # type: ignore[arg-type]
                holding=self.holding,
            )
        finally:
            self.kept.commit = self.commit
        return settled.invoice

    def collect(self, invoice: Invoice) -> None:
        """As the worker does it; the webhooks come after it."""
        now = self.billed.made[invoice.month, invoice.number]

        def do(collector: Guarded) -> None:
            named = (ACCOUNT, now.month, now.number, now.failures)
            parts = {"billed": self.billed, "credit": self.crediting, "now": NOW, "commit": self.commit}
            after = collect(*named, collector=collector, **parts)
            if after is not None and not after.asks.minor:
                hold_using.let_go_unneeded(ACCOUNT, self.holding)

        collect_unless_stopped(
            Waiting(ACCOUNT, now.month, now.number),
            do,
            billed=self.billed,
            collector=hold_using.HoldsFirst(self.gateway, self.holding, self.journal, ZONE),
            switches=self.switches,
            now=NOW,
            commit=self.commit,
        )
        self.hear()

    def hear(self) -> None:
        """All that webhooks would have read again by now, and the messages that follow from it."""
        for invoice in list(self.billed.made.values()):
            stands = self.gateway.read(invoice.provider_invoice) if invoice.provider_invoice else None
            if stands is not None:
                self.take_note(stands)
        self.give_back()

    def give_back(self) -> None:
        refunding.give_back(ACCOUNT, self.crediting)
        hold_using.let_go_unneeded(ACCOUNT, self.holding)

    def write_off(self, invoice: Invoice) -> Invoice | None:
        parts = {"billed": self.billed, "ledger": self.journal, "now": NOW, "commit": self.commit}
        after = writing_off.write_off(ACCOUNT, invoice.month, invoice.number, zone=ZONE, **parts)
        if after is not None and after.provider_invoice is not None:
            self.provider.give_up(after.provider_invoice)  # type: ignore[attr-defined]
        return after

    def decide(self, *, won: bool) -> None:
        """The bank decides about every dispute."""
        for dispute_id in list(self.disputes.kept):
            self.stripe.double.decide_dispute(dispute_id, won=won)
            self.bring(dispute_id)

    def turn(self, *, stopped: bool) -> None:
        switch.turn(stopped=stopped, by="fred", note="", switches=self.switches, now=NOW, commit=self.commit)

    def released(self) -> None:
        """What waited is collected."""
        turned, page = self.switches.pages.pop()
        switch.go_on(0, turned, page, billed=self.billed, switches=self.switches, now=NOW, commit=self.commit)
        for each in list(self.billed.made.values()):
            if f"collect {each.invoice_id}" in self.billed.told:
                self.collect(each)

    def declines(self, reason: str = "lost_card") -> None:
        """From now on the card does, but for what is held on it."""
        self.stripe.double.change_card(self.card, declines=reason)

    def comparing(self, asked_at: datetime) -> Comparing:
        def refunded(refund: str, commit: Callable[..., object]) -> bool | None:
            stands = self.refunder.refund_stands(refund)
            if stands is None:
                return None
            return refunding.note_refund(stands, replace(self.crediting, commit=commit)) is not None

        found = super().comparing(asked_at)
        stopped = {"stopped": lambda: self.switches.switch().stopped}
        return replace(found, matching=replace(found.matching, note_refund=refunded, **stopped))

    def differ(self) -> dict[str, tuple[str, str]]:
        """A comparison, and that the ledger holds to the cent what Stripe does after it."""
        self.minutes += 1
        at = NOW + timedelta(minutes=self.minutes)
        found = self.compare(at)
        theirs = sum(each["net"] for each in self.stripe.double._store.every("balance_transaction"))
        assert self.journal.sum_of(STRIPE_CLEARING) == theirs
        return found

    def owes(self) -> int:
        return self.journal.sum_of(receivable(ACCOUNT))

    def invoice(self, number: int = 1, month: Month = MAY) -> Invoice:
        return self.billed.made[month, number]

    def payments(self) -> dict[str, int]:
        """What Stripe has of each payment of ours, by how it was made, after what it gave back."""
        kinds = {each["id"]: each["capture_method"] for each in self.stripe.double._store.every("payment_intent")}
        found: dict[str, int] = {}
        for charge in self.stripe.double._store.every("charge"):
            if charge["captured"]:
                how = "hold" if kinds[charge["payment_intent"]] == "manual" else "card"
                given = sum(
                    each["amount"]
                    for each in self.stripe.double._store.every("refund")
                    if each["charge"] == charge["id"] and each["status"] == "succeeded"
                )
                found[how] = found.get(how, 0) + charge["amount_captured"] - given
        return found


PAID, FAILED, WRITTEN_OFF = InvoiceState.PAID, InvoiceState.FAILED, InvoiceState.WRITTEN_OFF
