"""Stripe as the collector. Every POST carries a key made of what it is about: a repeat says the same thing again."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.billing.model import CardSetup, Invoice, ProviderInvoice, SavedCard
from chalicelib.billing.stripe_calls import StripeCalls, nothing
from chalicelib.billing.stripe_lines import lines_of, number_of
from chalicelib.billing.stripe_methods import method_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

_LINES_A_CALL = 100
_MOST_DRAFTS = 100


class StripeGateway:
    """Satisfies `ports.Collector`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def create_customer(self, account_id: str, turn: int) -> str:
        """The account's pseudonym is all that Stripe learns from us."""
        key = f"customer:{account_id}:{turn}"
        made = self._call("customers", "create", key=key, found=nothing, metadata={"account_id": account_id})
        return str(made.id)

    def prepare_card(self, account_id: str, provider_customer: str, key: str) -> CardSetup:
        """A SetupIntent for use while the customer is away."""
        setup = self._call(
            "setup_intents",
            "create",
            key=f"setup:{provider_customer}:{key}",
            found=nothing,
            customer=provider_customer,
            usage="off_session",
            metadata={"account_id": account_id},
        )
        return CardSetup(setup.id, setup.client_secret)

    def saved_card(self, setup_id: str) -> SavedCard | None:
        """Re-reads the SetupIntent."""
        setup = self._call("setup_intents", "retrieve", setup_id, expand=["payment_method"])
        if setup.status != "succeeded" or setup.payment_method is None or "account_id" not in (setup.metadata or {}):
            return None
        method = method_of(setup.payment_method)
        return SavedCard(setup.metadata["account_id"], str(setup.customer), method.method_id, method.expires)

    def draft(self, invoice: Invoice, provider_customer: str) -> str:
        """A draft that does nothing by itself and takes up nothing else of the customer's."""
        known = {"account_id": invoice.account_id, "month": str(invoice.month), "number": str(invoice.number)}
        made = self._call(
            "invoices",
            "create",
            key=f"draft:{invoice.invoice_id}:{invoice.attempts}",
            found=lambda: self._draft_of(provider_customer, known),
            customer=provider_customer,
            currency=invoice.total.currency.lower(),
            auto_advance=False,
            collection_method="charge_automatically",
            pending_invoice_items_behavior="exclude",
            **number_of(invoice),
            metadata=known,
        )
        return str(made.id)

    def _draft_of(self, provider_customer: str, known: dict[str, str]) -> Any:  # noqa: ANN401 -- an object of the SDK
        """The newest draft that says it is this invoice, or None."""
        drafts = self._call("invoices", "list", customer=provider_customer, status="draft", limit=_MOST_DRAFTS).data
        return next((each for each in drafts if each.metadata and each.metadata.to_dict() == known), None)

    def add_lines(self, provider_invoice: str, invoice: Invoice) -> Money:
        """In calls of at most 100 lines; Stripe's total comes back with the last."""
        total, wanted = 0, lines_of(invoice)
        for first in range(0, len(wanted), _LINES_A_CALL):
            lines = wanted[first : first + _LINES_A_CALL]
            key = f"lines:{invoice.invoice_id}:{invoice.attempts}:{first}"
            total = self._call("invoices", "add_lines", provider_invoice, key=key, found=nothing, lines=lines).total
        return Money(total, invoice.total.currency)

    def discard(self, provider_invoice: str, invoice: Invoice) -> None:
        """Deletes the draft, which was never owed."""
        self._call("invoices", "delete", provider_invoice, key=f"discard:{invoice.invoice_id}:{invoice.attempts}")

    def finalize(self, provider_invoice: str, invoice: Invoice) -> None:
        """Finalises it without letting Stripe collect on its own."""
        key = f"finalize:{invoice.invoice_id}:{invoice.attempts}"
        self._call("invoices", "finalize_invoice", provider_invoice, key=key, found=nothing, auto_advance=False)

    def pay(self, provider_invoice: str, invoice: Invoice, payment_method: str) -> None:
        """Collects off session. A card that declines, or an invoice that is paid, is learnt by reading."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        key = f"pay:{invoice.invoice_id}:{invoice.attempts}:{payment_method}"
        try:
            how = {"off_session": True, "payment_method": payment_method}
            self._call("invoices", "pay", provider_invoice, key=key, found=nothing, **how)
        except stripe.CardError:
            return
        except stripe.InvalidRequestError:
            stands = self.read(provider_invoice)
            if stands is None or stands.status != "paid":
                raise

    def read(self, provider_invoice: str) -> ProviderInvoice | None:
        """Re-reads the invoice with its payments; one that somebody made at Stripe by hand is none of ours."""
        found = self._call("invoices", "retrieve", provider_invoice, expand=["payments.data.payment.payment_intent"])
        if "account_id" not in (found.metadata or {}):
            return None
        currency = found.currency.upper()
        paid_at = found.status_transitions.paid_at
        code, advice = _decline(found)
        return ProviderInvoice(
            provider_invoice=found.id,
            account_id=found.metadata["account_id"],
            month=Month.parse(found.metadata["month"]),
            number=int(found.metadata["number"]),
            status=str(found.status),
            total=Money(found.total, currency),
            paid=Money(found.amount_paid, currency),
            attempted=bool(found.attempted),
            paid_at=datetime.fromtimestamp(paid_at, UTC) if paid_at else None,
            decline_code=code,
            advice_code=advice,
            link=found.hosted_invoice_url,
            pdf=found.invoice_pdf,
            charges=_charges(found),
            credited=found.pre_payment_credit_notes_amount,
        )


def _charges(found: Any) -> tuple[str, ...]:  # noqa: ANN401 -- an object of the SDK
    """The payments that paid it."""
    paid = [
        each.payment.payment_intent for each in (found.payments.data if found.payments else ()) if each.status == "paid"
    ]
    return tuple(str(each.latest_charge) for each in paid if each is not None and each.latest_charge)


def _decline(found: Any) -> tuple[str | None, str | None]:  # noqa: ANN401 -- an object of the SDK
    """The code and the bank's advice of a payment that failed or waits for the customer."""
    for each in found.payments.data if found.payments else ():
        intent = each.payment.payment_intent
        error = getattr(intent, "last_payment_error", None)
        if error is not None:
            code = getattr(error, "decline_code", None) or getattr(error, "code", None) or "declined"
            return str(code), getattr(error, "advice_code", None)
        if getattr(intent, "status", None) == "requires_action":
            return "authentication_required", None
    return None, None
