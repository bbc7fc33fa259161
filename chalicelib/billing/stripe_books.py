"""Stripe's side of the books: its balance, its invoices, its disputes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from chalicelib.billing.comparison_model import BalanceMove, TheirInvoice
from chalicelib.billing.comparison_ports import Read
from chalicelib.billing.dispute_model import ProviderDispute, Taken
from chalicelib.billing.errors import ProviderShut
from chalicelib.billing.model import ProviderInvoice, SavedCard
from chalicelib.billing.outside_model import OutsideStands
from chalicelib.billing.stripe_calls import StripeCalls, nothing
from chalicelib.billing.stripe_methods import saved_by
from chalicelib.billing.stripe_refunds import stands_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

PAGE = 100
Found = TypeVar("Found")


class StripeBooks:
    """Satisfies `comparison_ports.ProviderBooks`, `dispute_ports.DisputesAtProvider` and `outside_ports`'s."""

    def __init__(self, calls: StripeCalls, read: Callable[[str], ProviderInvoice | None]) -> None:
        self._call, self._read = calls, read

    def dispute(self, dispute_id: str) -> ProviderDispute | None:
        """Re-reads it, with its movements of money."""
        found = _unless_missing(lambda: self._call("disputes", "retrieve", dispute_id))
        if found is None:
            return None
        due_by = found.evidence_details.due_by if found.evidence_details else None
        return ProviderDispute(
            dispute_id=found.id,
            charge=_id(found.charge) or "",
            payment=_id(found.payment_intent),
            status=str(found.status),
            reason=str(found.reason),
            amount=Money(found.amount, found.currency.upper()),
            opened_at=_instant(found.created),
            due_by=_instant(due_by) if due_by else None,
            movements=tuple(_taken(each) for each in found.balance_transactions),
        )

    def outside(self, provider_refund: str) -> OutsideStands | None:
        """Re-reads a refund, whoever made it."""
        found = _unless_missing(lambda: self._call("refunds", "retrieve", provider_refund))
        if found is None:
            return None
        amount, reason = Money(found.amount, found.currency.upper()), getattr(found, "failure_reason", None)
        paid = (_id(found.charge) or "", _id(found.payment_intent))
        return OutsideStands(amount, str(found.status), *paid, ours=stands_of(found) is not None, reason=reason)

    def invoice_paid_by(self, payment: str) -> ProviderInvoice | None:
        """Asks which invoice the intent pays, and re-reads that."""
        wanted = {"type": "payment_intent", "payment_intent": payment}
        found = self._call("invoice_payments", "list", payment=wanted, limit=1).data
        invoice = _id(found[0].invoice) if found else None
        return self._read(invoice) if invoice is not None else None

    def invoice(self, provider_invoice: str) -> ProviderInvoice | None:
        """Re-reads it."""
        return _unless_missing(lambda: self._read(provider_invoice))

    def moves(self, since: datetime, until: datetime, after: str | None) -> Read[BalanceMove]:
        """Balance transactions with what they are of."""
        found = self._page("balance_transactions", since, until, after, expand=["data.source"])
        return Read([_move(each) for each in found.data], found.data[-1].id if found.has_more else None)

    def moves_of(self, source: str) -> Sequence[BalanceMove]:
        """Balance transactions of one thing, whenever they were; none of what Stripe does not know."""
        about: dict[str, Any] = {"source": source, "limit": PAGE, "expand": ["data.source"]}
        wanted = "balance_transactions"
        found = _unless_missing(
            lambda: _read_with_right(wanted, lambda: self._call(wanted, "list", key=None, found=None, **about))
        )
        return [_move(each) for each in found.data] if found is not None else []

    def invoices(self, since: datetime, until: datetime, after: str | None) -> Read[TheirInvoice]:
        """Invoices of all states, drafts too."""
        found = self._page("invoices", since, until, after)
        return Read([_listed(each) for each in found.data], found.data[-1].id if found.has_more else None)

    def setups(self, since: datetime, until: datetime, after: str | None) -> Read[SavedCard]:
        """SetupIntents with what they saved."""
        found = self._page("setup_intents", since, until, after, expand=["data.payment_method"])
        saved = [each for each in map(saved_by, found.data) if each is not None]
        return Read(saved, found.data[-1].id if found.has_more else None)

    def _page(self, what: str, since: datetime, until: datetime, after: str | None, **more: Any) -> Any:  # noqa: ANN401 -- a list of the SDK's
        created = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
        behind: dict[str, object] = {"starting_after": after} if after is not None else {}
        more |= {"created": created, "limit": PAGE, **behind}
        return _read_with_right(what, lambda: self._call(what, "list", key=None, found=None, **more))

    def balance(self) -> Mapping[str, int]:
        """Available and pending together."""
        found = _read_with_right("balance", lambda: self._call("balance", "retrieve"))
        sums: dict[str, int] = {}
        for each in (*found.available, *found.pending):
            currency = each.currency.upper()
            sums[currency] = sums.get(currency, 0) + each.amount
        return {currency: minor for currency, minor in sums.items() if minor}

    def discard_draft(self, provider_invoice: str) -> None:
        """Deletes it; one that is gone, or is a draft no more, is left alone."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        try:
            self._call("invoices", "delete", provider_invoice, key=f"discard:{provider_invoice}")
        except stripe.InvalidRequestError:
            return

    def give_up(self, provider_invoice: str) -> None:
        """Marks it as uncollectible."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        try:
            key = f"giveup:{provider_invoice}"
            self._call("invoices", "mark_uncollectible", provider_invoice, key=key, found=nothing)
        except stripe.InvalidRequestError:
            stands = self._read(provider_invoice)
            if stands is not None and stands.status == "open":
                raise


def _read_with_right(what: str, read: Callable[[], Any]) -> Any:  # noqa: ANN401 -- what Stripe gives back
    """What is read; `ProviderShut` where trying again would not help: the key may not."""
    import stripe  # noqa: PLC0415 -- as in stripe_calls

    try:
        return read()
    except (stripe.PermissionError, stripe.AuthenticationError) as error:
        raise ProviderShut(operation=what) from error


def _unless_missing(ask: Callable[[], Found]) -> Found | None:
    """What is asked for, or None where Stripe knows nothing of that name."""
    import stripe  # noqa: PLC0415 -- as in stripe_calls

    try:
        return ask()
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            return None
        raise


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _id(found: Any) -> str | None:  # noqa: ANN401 -- an id, or the object
    return found if found is None or isinstance(found, str) else str(found.id)


def _taken(found: Any) -> Taken:  # noqa: ANN401 -- a balance transaction
    return Taken(found.id, Money(found.amount, found.currency.upper()), found.fee, _instant(found.created))


def _move(found: Any) -> BalanceMove:  # noqa: ANN401 -- a balance transaction
    source = found.source
    metadata = getattr(source, "metadata", None)
    return BalanceMove(
        movement_id=found.id,
        kind=str(found.type),
        amount=Money(found.amount, found.currency.upper()),
        fee=found.fee,
        at=_instant(found.created),
        source=_id(source),
        payment=_id(getattr(source, "payment_intent", None)),
        named=metadata.to_dict() if metadata else {},
    )


def _listed(found: Any) -> TheirInvoice:  # noqa: ANN401 -- an invoice
    metadata, moments = found.metadata or {}, found.status_transitions
    ended = [each for each in (moments.paid_at, moments.marked_uncollectible_at, moments.voided_at) if each]
    made = TheirInvoice(
        provider_invoice=found.id,
        status=str(found.status),
        total=Money(found.total, found.currency.upper()),
        attempted=bool(found.attempted),
        created=_instant(found.created),
        ended_at=_instant(max(ended)) if ended else None,
    )
    if "account_id" not in metadata:
        return made
    month, number = Month.parse(metadata["month"]), int(metadata["number"])
    return replace(made, account_id=metadata["account_id"], month=month, number=number)
