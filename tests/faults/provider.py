"""A payment provider in memory that may break at each call, and whose webhooks come when somebody asks for them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.billing.credit_model import ProviderPayment, ProviderRefund, Refund
from chalicelib.billing.model import CardSetup, Invoice, ProviderInvoice, SavedCard
from chalicelib.kernel.money import Money
from tests.faults.faults import Faults

DECLINED = "pm-declined"


@dataclass
class Provider:
    """Satisfies billing's `ports.Collector` and `credit_ports.Refunder`. A repeat gets what the first got."""

    faults: Faults
    now: Callable[[], datetime]
    saved: dict[str, Any] = field(default_factory=dict)
    setups: dict[str, SavedCard] = field(default_factory=dict)
    invoices: dict[str, ProviderInvoice] = field(default_factory=dict)
    taken: list[tuple[str, str, int]] = field(default_factory=list)
    webhooks: list[tuple[str, str, str]] = field(default_factory=list)
    given: list[tuple[str, str, int]] = field(default_factory=list)

    def _once(self, key: str, do: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever the call gives
        def keyed() -> Any:  # noqa: ANN401 -- as above
            if key not in self.saved:
                self.saved[key] = do()
            return self.saved[key]

        return self.faults.outside(f"provider {key.partition(':')[0]}", keyed)

    def create_customer(self, account_id: str, _turn: int) -> str:
        return str(self._once(f"customer:{account_id}", lambda: f"cus-{account_id}"))

    def prepare_card(self, account_id: str, provider_customer: str, key: str) -> CardSetup:
        setup_id = f"seti-{account_id}-{key}"
        made: CardSetup = self._once(f"setup:{account_id}:{key}", lambda: CardSetup(setup_id, "secret"))
        self.setups.setdefault(setup_id, SavedCard(account_id, provider_customer, ""))
        return made

    def card_entered(self, setup_id: str, payment_method: str) -> None:
        """What the customer does in the app."""
        self.setups[setup_id] = replace(self.setups[setup_id], payment_method=payment_method)
        self.webhooks.append((f"evt-{setup_id}", "setup_intent.succeeded", setup_id))

    def saved_card(self, setup_id: str) -> SavedCard | None:
        return self.setups.get(setup_id)

    def draft(self, invoice: Invoice, _provider_customer: str) -> str:
        def make() -> str:
            name = f"in-{invoice.invoice_id}-{invoice.attempts}"
            nothing = Money(0, invoice.total.currency)
            self.invoices[name] = ProviderInvoice(
                provider_invoice=name,
                account_id=invoice.account_id,
                month=invoice.month,
                number=invoice.number,
                status="draft",
                total=nothing,
                paid=nothing,
                attempted=False,
                paid_at=None,
                decline_code=None,
            )
            return name

        return str(self._once(f"draft:{invoice.invoice_id}:{invoice.attempts}", make))

    def add_lines(self, name: str, invoice: Invoice) -> Money:
        def add() -> Money:
            total = self.invoices[name].total
            for line in invoice.lines:
                total += line.amount
            self.invoices[name] = replace(self.invoices[name], total=total)
            return total

        added: Money = self._once(f"lines:{name}", add)
        return added

    def discard(self, name: str, _invoice: Invoice) -> None:
        self._once(f"discard:{name}", lambda: self.invoices.pop(name))

    def finalize(self, name: str, _invoice: Invoice) -> None:
        def finalize() -> None:
            self.invoices[name] = replace(self.invoices[name], status="open")

        self._once(f"finalize:{name}", finalize)

    def pay(self, name: str, invoice: Invoice, payment_method: str) -> None:
        def pay() -> None:
            stands = self.invoices[name]
            attempt = f"evt-{name}-{invoice.attempts}-{payment_method}"
            if payment_method == DECLINED:
                self.invoices[name] = replace(stands, attempted=True, decline_code="card_declined")
                self.webhooks.append((attempt, "invoice.payment_failed", name))
                return
            asked = Money(stands.total.minor - stands.credited, stands.total.currency)
            self.invoices[name] = replace(
                stands, status="paid", paid=asked, attempted=True, paid_at=self.now(), decline_code=None
            )
            self.taken.append((name, payment_method, asked.minor))
            self.webhooks.append((attempt, "invoice.paid", name))

        self._once(f"pay:{name}:{invoice.attempts}:{payment_method}", pay)

    def read(self, name: str) -> ProviderInvoice:
        return self.invoices[name]

    def credit(self, name: str, invoice: Invoice, minor: int) -> None:
        def credit() -> None:
            stands = self.invoices[name]
            if stands.status == "open":
                credited = stands.credited + minor
                status = "paid" if credited == stands.total.minor else "open"
                self.invoices[name] = replace(stands, credited=credited, status=status)

        self._once(f"credit:{name}:{invoice.credited}:{minor}", credit)

    def payments(self, name: str) -> list[ProviderPayment]:
        given = sum(minor for _, payment, minor in self.given if payment == name)
        return [ProviderPayment(name, self.invoices[name].paid.minor, given)]

    def refund(self, refund: Refund) -> ProviderRefund:
        def give() -> ProviderRefund:
            self.given.append((refund.refund_id, refund.payment, refund.amount.minor))
            return ProviderRefund(f"re-{refund.refund_id}", refund.account_id, refund.number, "succeeded")

        made: ProviderRefund = self._once(f"refund:{refund.refund_id}", give)
        return made

    def refund_stands(self, provider_refund: str) -> ProviderRefund | None:
        found = self.saved.get(f"refund:{provider_refund.removeprefix('re-')}")
        return found if isinstance(found, ProviderRefund) else None
