"""Stripe as the collector. Every POST carries a key made of what it is about: a repeat says the same thing again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.billing.model import CardSetup, Invoice, ProviderInvoice, SavedCard
from chalicelib.billing.stripe_calls import StripeCalls, nothing
from chalicelib.billing.stripe_lines import lines_of, number_of
from chalicelib.billing.stripe_methods import saved_by
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

_INVOICES = "/v1/invoices"
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
        return saved_by(self._call("setup_intents", "retrieve", setup_id, expand=["payment_method"]))

    def draft(self, invoice: Invoice, provider_customer: str) -> str:
        """A draft that does nothing by itself and takes up nothing else of the customer's."""
        days = invoice.days_net
        how: dict[str, Any] = {"collection_method": "charge_automatically"}
        if days is not None:
            how = {"collection_method": "send_invoice", "days_until_due": days}
        known = {"account_id": invoice.account_id, "month": str(invoice.month), "number": str(invoice.number)}
        made = self._call.plain(
            "post",
            _INVOICES,
            key=f"draft:{invoice.invoice_id}:{invoice.attempts}{'' if days is None else f':net{days}'}",
            found=lambda: self._draft_of(provider_customer, known),
            customer=provider_customer,
            currency=invoice.total.currency.lower(),
            auto_advance=False,
            **how,
            pending_invoice_items_behavior="exclude",
            **number_of(invoice),
            metadata=known,
        )
        return str(made["id"])

    def _draft_of(self, provider_customer: str, known: dict[str, str]) -> dict[str, Any] | None:
        """The newest draft that says it is this invoice, or None."""
        wanted: dict[str, Any] = {"customer": provider_customer, "status": "draft", "limit": _MOST_DRAFTS}
        drafts: list[dict[str, Any]] = self._call.plain("get", _INVOICES, **wanted)["data"]
        return next((each for each in drafts if each["metadata"] == known), None)

    def add_lines(self, provider_invoice: str, invoice: Invoice) -> Money:
        """All of them in one call: ours has some two hundred at most, and Stripe takes 250. Its total comes back."""
        key = f"lines:{invoice.invoice_id}:{invoice.attempts}:0"
        path = f"{_INVOICES}/{provider_invoice}/add_lines"
        total = self._call.plain("post", path, key=key, found=nothing, lines=lines_of(invoice))["total"]
        return Money(total, invoice.total.currency)

    def discard(self, provider_invoice: str, invoice: Invoice) -> None:
        """Deletes the draft, which was never owed."""
        self._call("invoices", "delete", provider_invoice, key=f"discard:{invoice.invoice_id}:{invoice.attempts}")

    def finalize(self, provider_invoice: str, invoice: Invoice) -> None:
        """Finalises it without letting Stripe collect on its own."""
        key = f"finalize:{invoice.invoice_id}:{invoice.attempts}"
        path = f"{_INVOICES}/{provider_invoice}/finalize"
        self._call.plain("post", path, key=key, found=nothing, auto_advance=False)

    def pay(self, provider_invoice: str, invoice: Invoice, payment_method: str) -> None:
        """Collects off session. A card that declines, or an invoice that is paid or being paid, is learnt by reading.

        What was sent to its customer is paid by its customer.
        """
        if invoice.due_at is not None:
            return
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        key = f"pay:{invoice.invoice_id}:{invoice.attempts}:{payment_method}"
        try:
            how = {"off_session": True, "payment_method": payment_method}
            self._call.plain("post", f"{_INVOICES}/{provider_invoice}/pay", key=key, found=nothing, **how)
        except stripe.CardError:
            return
        except stripe.InvalidRequestError:
            stands = self.read(provider_invoice)
            if stands is None or not (stands.status == "paid" or stands.under_way):
                raise

    def read(self, provider_invoice: str) -> ProviderInvoice | None:
        """Re-reads the invoice with its payments; one that somebody made at Stripe by hand is none of ours."""
        path, expand = f"{_INVOICES}/{provider_invoice}", ["payments.data.payment.payment_intent"]
        found: dict[str, Any] = self._call.plain("get", path, expand=expand)
        known = found.get("metadata") or {}
        if "account_id" not in known:
            return None
        currency, paid_at = found["currency"].upper(), found["status_transitions"]["paid_at"]
        payments = (found.get("payments") or {}).get("data") or []
        code, advice = _decline(payments)
        return ProviderInvoice(
            provider_invoice=found["id"],
            account_id=known["account_id"],
            month=Month.parse(known["month"]),
            number=int(known["number"]),
            status=str(found["status"]),
            total=Money(found["total"], currency),
            paid=Money(found["amount_paid"], currency),
            attempted=bool(found["attempted"]),
            paid_at=datetime.fromtimestamp(paid_at, UTC) if paid_at else None,
            decline_code=code,
            advice_code=advice,
            link=found.get("hosted_invoice_url"),
            pdf=found.get("invoice_pdf"),
            charges=_charges(payments),
            credited=found["pre_payment_credit_notes_amount"],
            under_way=any(_intent(each).get("status") == "processing" for each in payments),
        )


def _charges(payments: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The payments that paid it."""
    paid = [each["payment"].get("payment_intent") for each in payments if each["status"] == "paid"]
    return tuple(str(each["latest_charge"]) for each in paid if each and each.get("latest_charge"))


def _intent(payment: dict[str, Any]) -> dict[str, Any]:
    return payment["payment"].get("payment_intent") or {}


def _decline(payments: Sequence[dict[str, Any]]) -> tuple[str | None, str | None]:
    """The code and the bank's advice of a payment that failed or waits for the customer."""
    for each in payments:
        intent = _intent(each)
        error = intent.get("last_payment_error")
        if error:
            return str(error.get("decline_code") or error.get("code") or "declined"), error.get("advice_code")
        if intent.get("status") == "requires_action":
            return "authentication_required", None
    return None, None
